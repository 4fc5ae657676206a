"""The three pages in a real browser, with a puppet before the camera and a class in the store."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from demo.performance import draw_puppets
from demo.puppet.camera import Camera
from demo.script import Mood
from tests.e2e.browsing import (
    SCREENS,
    Screen,
    browser_with_camera,
    keep_screenshot,
    overflows_sideways,
    page_on,
    serious_violations,
)
from tests.e2e.held import HeldClass
from tests.services import Services

pytestmark = pytest.mark.browser
DESK = SCREENS[0]
CLIP_FRAMES = 90


@pytest.fixture(scope="module")
def browser(
    chromium: str, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Return a browser whose camera sees an attentive puppet."""
    clip = tmp_path_factory.mktemp("camera") / "puppet.mjpeg"
    camera = Camera(draw_puppets(models), index=0)
    clip.write_bytes(
        b"".join(camera.frame(Mood.FOCUSED, number / 30) for number in range(CLIP_FRAMES))
    )
    with browser_with_camera(chromium, clip) as started:
        yield started


def test_student_sees_a_verdict_and_the_wall_shows_the_student(
    browser: Browser, running: Services, lesson: str
) -> None:
    """A camera switched on gives a state with reasons on both pages."""
    student_path = f"/lessons/{lesson}/student?name=Ada%20Lovelace"
    with (
        page_on(browser, running, f"/wall/{lesson}", DESK) as wall,
        page_on(browser, running, student_path, DESK) as student,
    ):
        student.get_by_test_id("camera-toggle").click()
        state = student.get_by_test_id("state-word").first
        expect(state).to_have_text(re.compile("focused"), timeout=30_000)
        expect(student.get_by_test_id("own-tile")).to_be_visible()
        tile = wall.get_by_test_id("wall-tile")
        expect(tile).to_have_count(1)
        expect(tile).to_have_attribute("data-state", "focused", timeout=30_000)
        keep_screenshot(student, "student-live", DESK)
        keep_screenshot(wall, "wall-live", DESK)
        student.get_by_test_id("camera-toggle").click()
        expect(state).to_have_text(re.compile("camera off"))


def test_video_page_draws_the_curves_of_the_class(
    browser: Browser, running: Services, held: HeldClass
) -> None:
    """The lanes and their table say what the heatmap says."""
    with page_on(browser, running, f"/videos/{held.content_id}?name=Ada", DESK) as page:
        for lane in ("lane-attention", "lane-absolute", "lane-unique"):
            expect(page.get_by_test_id(lane)).to_be_visible()
        heatmap = _heatmap(running, held.content_id)
        assert heatmap["unique"] == held.heatmap["unique"]
        assert heatmap["attention"] == held.heatmap["attention"]
        page.get_by_text("Show as table").first.click()
        last = page.get_by_role("row").last
        expect(last).to_contain_text(f"{round(100 * held.heatmap['unique'][-1])} %")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
@pytest.mark.parametrize("name", ["home", "student", "wall", "video"])
def test_page_is_in_order_on_every_screen(
    name: str, screen: Screen, browser: Browser, running: Services, held: HeldClass
) -> None:
    """No serious finding of axe, nothing wider than the window; the picture is kept."""
    path = {
        "home": "/",
        "student": f"/lessons/{held.content_id}/student?name=Ada",
        "wall": f"/wall/{held.content_id}",
        "video": f"/videos/{held.content_id}?name=Ada",
    }[name]
    with page_on(browser, running, path, screen) as page:
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("heading").first).to_be_visible()
        keep_screenshot(page, name, screen)
        assert not overflows_sideways(page)
        assert serious_violations(page) == []


def _heatmap(services: Services, content_id: str) -> dict[str, list[float]]:
    running = services.running
    answer = httpx.get(
        f"{running.gateway_url}/v1/contents/{content_id}/heatmap",
        headers={"authorization": f"Bearer {running.local_token}"},
        timeout=30,
    )
    found: dict[str, list[float]] = answer.raise_for_status().json()
    return found
