"""`python -m demo` against the real services: what it writes, says and leaves behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rapt.running import read_running

from demo.playing import Kind
from demo.script import Part, make_script
from demo.student import FRAME_MS
from demo.truth import retention, stored_interactions
from tests.services import REPOSITORY, Services
from tests.waiting import is_alive, wait_until

STUDENTS, SECONDS = 3, 20


def demo(*options: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    command = [sys.executable, "-P", "-m", "demo", "--headless", *options]
    return subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=200, check=False
    )


def frames_due(script: Sequence[Part]) -> int:
    """Return how many frames a class sends when the machine has time for it."""
    hides = {Kind.HIDDEN: False, Kind.VISIBLE: True}
    frames = 0
    for part in script:
        for due_ms in range(part.index * 137 % FRAME_MS, part.scenes[-1].to_ms, FRAME_MS):
            said = [hides[d.kind] for d in part.deeds if d.kind in hides and d.at_ms <= due_ms]
            frames += said[-1] if said else True
    return frames


def test_a_class_is_stored_as_it_was_scripted(
    running: Services, models: Path, tmp_path: Path
) -> None:
    """Facts, interactions, sessions and retention are exactly those of the script."""
    out = tmp_path / "out.json"
    size = ("--students", str(STUDENTS), "--seconds", str(SECONDS))
    where = ("--data", str(running.data), "--models", str(models))
    ended = demo(*size, *where, "--json", str(out))
    report = json.loads(out.read_bytes())
    script = make_script(students=STUDENTS, seconds=SECONDS)
    truth = retention(script, SECONDS * 1000)
    assert report["facts_read_back"] == report["facts_written"] > 0
    assert report["interactions_read_back"] == stored_interactions(script)
    assert report["sessions"] == report["heatmap"]["starts"] == STUDENTS
    stored_ms = [round(share * 1000 * STUDENTS) for share in report["heatmap"]["unique"]]
    assert stored_ms == list(truth.unique_ms)
    unseen = 1 - report["verdicts"] / frames_due(script)  # other tests may run beside this one
    assert report["agreement"] >= 0.9 - 2 * unseen
    assert ended.returncode == (1 if "✗" in ended.stderr else 0), ended.stderr


def test_what_is_no_video_is_one_sentence(tmp_path: Path) -> None:
    """Nothing is started for a file that cannot be shown."""
    notes = tmp_path / "notes.txt"
    notes.write_text("no video")
    ended = demo("--video", str(notes), "--data", str(tmp_path / "data"))
    assert ended.returncode == 1
    assert "is not a video" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists()


def test_what_it_started_ends_with_it(models: Path, tmp_path: Path) -> None:
    """SIGTERM in the middle of a class leaves no service behind."""
    data = tmp_path / "data"
    command = [sys.executable, "-P", "-m", "demo", "--headless", "--students", "1"]
    command += ["--seconds", "60", "--port", "0", "--data", str(data), "--models", str(models)]
    with (tmp_path / "words").open("wb") as words:
        child = subprocess.Popen(command, cwd=REPOSITORY, stdout=words, stderr=words)
    try:
        wait_until((data / "run.json").exists, "the services are ready", 120)
        running = read_running(data)
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 128 + signal.SIGINT
    finally:
        child.kill()
        child.wait()
    for pid in (running.pid, *running.pids.values()):
        wait_until(lambda pid=pid: not is_alive(pid), f"process {pid} ends")  # type: ignore[misc] # bound now
    assert os.listdir(data / "logs")  # noqa: PTH208 - only whether there are any
