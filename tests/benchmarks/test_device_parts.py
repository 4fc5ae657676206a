"""Packages that a bare machine lacks, from wheels in pieces."""

import subprocess
import zipfile
from pathlib import Path

from rapt.cli.environment import base_python

from benchmarks.device.parts import install, joined

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
    """By a bare interpreter, which has nothing of ours but the checkout."""
    subprocess.run([base_python(), "-m", "venv", tmp_path / "bare"], check=True)
    bare = tmp_path / "bare/bin/python"
    data = make_wheel(tmp_path / WHEEL)
    folder = tmp_path / ".gpu0"
    folder.mkdir()
    for number, start in enumerate(range(0, len(data), 200)):
        (folder / f"{WHEEL}.part{number:02}").write_bytes(data[start : start + 200])
    code = (
        "from pathlib import Path; from benchmarks.device.parts import install;"
        f"install(Path({str(tmp_path)!r}), Path({str(tmp_path / 'site')!r}));"
        "import tiny_part; print(tiny_part.ANSWER)"
    )
    done = subprocess.run(
        [bare, "-c", code], capture_output=True, text=True, check=True, cwd=repository
    )
    assert done.stdout.strip() == "42"
