"""Packages that a bare machine lacks, from wheels in pieces."""

import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from rapt.cli.environment import base_python
from rapt.errors import Misconfigured

from benchmarks.device.packing import PACKAGES, Wanted, spread, wheels_into
from benchmarks.device.parts import NEEDED, install, joined, link_libraries, missing

WHEEL = "tiny_part-1.0-py3-none-any.whl"


def make_wheel(path: Path) -> bytes:
    """Write the smallest wheel that pip takes, and return its bytes."""
    info = "tiny_part-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny_part.py", "ANSWER = 42\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-part\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path.read_bytes()


def test_pieces_of_a_wheel_are_joined_across_folders(tmp_path: Path) -> None:
    """In the order of their numbers, wherever they lie; a whole wheel is taken as it is."""
    data = make_wheel(tmp_path / WHEEL)
    folders = [tmp_path / ".gpu0", tmp_path / ".gpu1"]
    for folder in folders:
        folder.mkdir()
    (folders[1] / f"{WHEEL}.part00").write_bytes(data[:100])
    (folders[0] / f"{WHEEL}.part01").write_bytes(data[100:300])
    (folders[1] / f"{WHEEL}.part02").write_bytes(data[300:])
    (folders[0] / "other-1.0-py3-none-any.whl").write_bytes(b"whole")
    (folders[0] / "notes.txt").write_text("not a wheel")
    (tmp_path / "into").mkdir()
    wheels = joined(folders, tmp_path / "into")
    assert [wheel.name for wheel in wheels] == ["other-1.0-py3-none-any.whl", WHEEL]
    assert wheels[1].read_bytes() == data


def test_nothing_is_installed_where_nothing_came(tmp_path: Path) -> None:
    """An ordinary checkout has no such folders."""
    assert install(tmp_path, tmp_path / "site") == []
    assert not (tmp_path / "site").exists()


def test_a_wheel_in_pieces_can_be_imported(tmp_path: Path, repository: Path) -> None:
    """By a bare interpreter, which has nothing of ours but the checkout, and knows our version."""
    subprocess.run([base_python(), "-m", "venv", tmp_path / "bare"], check=True)
    bare = tmp_path / "bare/bin/python"
    data = make_wheel(tmp_path / WHEEL)
    folder = tmp_path / ".gpu0"
    folder.mkdir()
    for number, start in enumerate(range(0, len(data), 200)):
        (folder / f"{WHEEL}.part{number:02}").write_bytes(data[start : start + 200])
    (tmp_path / "pyproject.toml").write_bytes((repository / "pyproject.toml").read_bytes())
    code = (
        "from pathlib import Path; from benchmarks.device.parts import install;"
        f"install(Path({str(tmp_path)!r}), Path({str(tmp_path / 'site')!r}));"
        "from importlib.metadata import version; assert version('rapt');"
        "import tiny_part; print(tiny_part.ANSWER)"
    )
    done = subprocess.run(
        [bare, "-c", code], capture_output=True, text=True, check=True, cwd=repository
    )
    assert done.stdout.strip() == "42"


def test_what_was_spread_is_joined_again(tmp_path: Path) -> None:
    """No folder is larger than what may travel at once, whatever the wheels' sizes."""
    source, bags = tmp_path / "wheels", tmp_path / "bags"
    source.mkdir()
    wheels = {f"p{size}-1-py3-none-any.whl": bytes([size]) * size for size in (3, 90, 250, 41)}
    for name, data in wheels.items():
        (source / name).write_bytes(data)
    first = bags / ".gpu0"
    first.mkdir(parents=True)
    (first / "model.onnx").write_bytes(b"m" * 60)
    folders = spread(sorted(source.iterdir()), first, piece_bytes=40, folder_bytes=100)
    assert [folder.name for folder in folders] == [
        f".gpu{number}" for number in range(len(folders))
    ]
    assert all(sum(p.stat().st_size for p in folder.iterdir()) <= 100 for folder in folders)
    (tmp_path / "into").mkdir()
    whole = joined(folders, tmp_path / "into")
    assert {path.name: path.read_bytes() for path in whole} == wheels


def test_folders_are_counted_from_nought(tmp_path: Path) -> None:
    """The bench looks for all of them by their number."""
    with pytest.raises(Misconfigured, match="must end in 0"):
        wheels_into(tmp_path / "bag", Wanted("3.12"))


def test_what_travels_is_what_is_needed() -> None:
    """Every package that measuring asks for is packed, or is the machine's own."""
    own = {"numpy", "opencv-python-headless", "onnxruntime-gpu", NEEDED["rapt"]}
    assert {*NEEDED.values()} - own <= {*PACKAGES}
    assert all(version(name) for name in PACKAGES)
    assert missing() == []


def test_a_machine_that_lacks_something_says_what(tmp_path: Path, repository: Path) -> None:
    """In one sentence, and where the steps are; not by a module that is not found."""
    subprocess.run([base_python(), "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    done = subprocess.run(
        [tmp_path / "bare/bin/python", "-m", "benchmarks.gpu"],
        capture_output=True,
        text=True,
        check=False,
        cwd=repository,
        env={"PYTHONPATH": ""},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("this machine lacks ")
    assert "msgspec" in done.stderr
    assert "proto/ on the PYTHONPATH" in done.stderr
    said = done.stderr.strip().rpartition("see ")[2]
    assert (repository / said).is_file()


def test_libraries_of_the_machine_are_shown_to_what_was_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime looks for them beside itself."""
    library = tmp_path / "theirs/nvidia/cudnn/lib/libcudnn.so.9"
    library.parent.mkdir(parents=True)
    library.write_bytes(b"")
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "nowhere"), str(tmp_path / "theirs")])
    link_libraries(site)
    link_libraries(site)
    assert (site / "nvidia/cudnn/lib/libcudnn.so.9").is_file()
