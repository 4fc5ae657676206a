"""Headless Chromium with a puppet before its camera, and what axe finds on a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.services import REPOSITORY, Services

AXE = REPOSITORY / "web/node_modules/axe-core/axe.min.js"
ARTEFACTS = REPOSITORY / "tests/artefacts"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
WAIT_MS = 30_000


@dataclass(frozen=True, slots=True)
class Screen:
    """What a person holds before them."""

    width: int
    height: int
    theme: str

    @property
    def name(self) -> str:
        """For file names and test ids."""
        return f"{self.width}x{self.height}-{self.theme}"


SCREENS = [
    Screen(width, height, theme)
    for width, height in ((1366, 768), (390, 844))
    for theme in ("light", "dark")
]


@contextmanager
def browser_with_camera(chromium: str, clip: Path) -> Iterator[Browser]:
    """Start Chromium; its camera plays the clip in a loop."""
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={clip}",
    ]
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@contextmanager
def page_on(browser: Browser, services: Services, path: str, screen: Screen) -> Iterator[Page]:
    """Open a page of the web app with the right to use it; fail on any error of its scripts."""
    theme: Any = screen.theme  # a literal of the library
    context = browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        color_scheme=theme,
        reduced_motion="reduce",  # nothing is looked at in the middle of a transition
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    running = services.running
    page.goto(f"{running.gateway_url}{path}#token={running.local_token}")
    yield page
    context.close()
    assert not errors, errors


def serious_violations(page: Page) -> list[str]:
    """Return what axe calls serious or critical, with the places."""
    page.evaluate(AXE.read_text())  # as the page's policy allows no foreign script element
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        f"{violation['id']}: {[node['target'] for node in violation['nodes']]}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]


def keep_screenshot(page: Page, name: str, screen: Screen) -> None:
    """Store what the page looks like beside the tests."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}-{screen.name}.png")


def overflows_sideways(page: Page) -> bool:
    """Tell whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
