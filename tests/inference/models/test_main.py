"""The command line of the models."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from inference.models.__main__ import cache_folder, main
from inference.models.folder import ModelFolder
from inference.models.manifest import read_manifest
from tests.waiting import is_alive, wait_until

NO_NETWORK = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}


@pytest.fixture
def environ(models: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return an environment whose cache has every source already, and no network."""
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    for name, value in NO_NETWORK.items():
        monkeypatch.setenv(name, value)
    sources = models.portrait("astronaut").parents[1]
    return {"PATH": os.environ["PATH"], "RAPT_CACHE": str(sources.parent), **NO_NETWORK}


def run(*arguments: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "inference.models", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environ)


def test_build_says_what_it_made_and_then_that_all_is_there(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    """Exit code 0 both times; the second is one line."""
    folder = ("--models", str(tmp_path / "models"))
    first = run("build", *folder, environ=environ)
    assert first.returncode == 0, first.stderr
    assert "made face_detector, attention_mesh, reference_face" in first.stdout
    second = run("build", *folder, environ=environ)
    assert (second.returncode, second.stderr) == (0, "")
    assert second.stdout == f"models in {tmp_path / 'models'} are up to date\n"
    assert run("verify", *folder, environ=environ).returncode == 0


def test_nothing_heavy_is_imported_when_all_is_there(
    models: ModelFolder, environ: dict[str, str]
) -> None:
    """The check needs neither a converter, nor a runtime, nor numpy."""
    program = (
        "import sys; from inference.models.__main__ import main; import os;"
        f"code = main(['build', '--models', {str(models.path)!r}], os.environ);"
        "heavy = {'onnx', 'tflite', 'numpy', 'onnxruntime', 'cv2', 'httpx', 'rich'};"
        "print(sorted(heavy & set(sys.modules))); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environ
    )
    assert done.stdout.endswith("are up to date\n[]\n")


def test_list_names_every_model_and_source(models: ModelFolder, environ: dict[str, str]) -> None:
    """In words, and as JSON with states, hashes and licences."""
    words = run("list", "--models", str(models.path), environ=environ).stdout
    as_json = run("list", "--models", str(models.path), "--json", environ=environ).stdout
    rows = json.loads(as_json)
    manifest = read_manifest()
    names = [model.name for model in manifest.models]
    assert [row["name"] for row in rows] == names + [source.name for source in manifest.sources]
    for row in rows:
        assert row["name"] in words
        assert row["state"] == "ready" or row["get"].startswith("./rapt models build --")
        assert row["sha256"] is None or len(row["sha256"]) == 64
        assert row["licence"]


def test_an_option_is_added_kept_and_taken_away(
    full_models: ModelFolder, tmp_path: Path, environ: dict[str, str]
) -> None:
    """Three builds and a list; the second one needs no wish."""
    assert full_models.has("room_detector")
    folder = ("--models", str(tmp_path / "models"))
    first = run("build", *folder, "--with", "room", environ=environ)
    assert first.returncode == 0, first.stderr
    assert "room_detector" in first.stdout.split()[-1]
    (tmp_path / "models" / "room_detector.onnx").write_bytes(b"half")
    verified = run("verify", *folder, environ=environ)
    assert (verified.returncode, "room_detector is damaged" in verified.stderr) == (1, True)
    assert "made room_detector\n" in run("build", *folder, environ=environ).stdout
    assert run("build", *folder, "--without", "room", environ=environ).returncode == 0
    rows = json.loads(run("list", *folder, "--json", environ=environ).stdout)
    states = {row["name"]: row["state"] for row in rows}
    assert (states["room_detector"], states["attention_mesh"]) == ("not fetched", "ready")
    assert "run it again" not in run("verify", *folder, environ=environ).stderr


def test_graphs_for_a_gpu_are_built_when_asked_for(
    tmp_path: Path, environ: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Or where a driver is loaded; the list says how to get them elsewhere."""
    folder = ["--models", str(tmp_path / "models")]
    assert main(["build", *folder, "--variant", "gpu", "--json"], environ) == 0
    assert "attention_mesh.gpu" in json.loads(capfd.readouterr().out)["made"]
    assert main(["verify", *folder], environ) == 0
    assert main(["build", *folder, "--without", "gpu"], environ) == 0
    capfd.readouterr()
    assert main(["list", *folder], environ) == 0
    assert "; ./rapt models build --variant gpu" in capfd.readouterr().out


@pytest.mark.parametrize("option", ["--with", "--without"])
def test_an_unknown_option_is_named(
    environ: dict[str, str], capfd: pytest.CaptureFixture[str], option: str
) -> None:
    """And so are the known ones."""
    assert main(["build", option, "gaze,mood"], environ) == 1
    said = capfd.readouterr().err
    assert "mood" in said
    assert "gaze, expression, room, gpu" in said


def test_verify_of_an_empty_folder_says_what_to_run(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    """Exit code 1 and one sentence."""
    done = run("verify", "--models", str(tmp_path), environ=environ)
    assert done.returncode == 1
    assert done.stderr.endswith("run ./rapt models build\n")
    assert done.stderr.count("\n") == 1
    answer = json.loads(run("verify", "--models", str(tmp_path), "--json", environ=environ).stdout)
    assert answer["ok"] is False
    assert "face_detector is missing" in answer["wrong"]


def test_a_wrong_mirror_is_one_sentence(
    tmp_path: Path, environ: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """The file is named, as text and as JSON; the option wins over the environment."""
    (tmp_path / "face_detection_short_range.tflite").write_bytes(b"something else")
    settings = environ | {"RAPT_CACHE": str(tmp_path / "cache"), "RAPT_MODELS_MIRROR": "/nowhere"}
    folder = ["--models", str(tmp_path / "models"), "--mirror", str(tmp_path)]
    assert main(["build", *folder], settings) == 1
    assert "face_detection_short_range.tflite has sha256" in capfd.readouterr().err
    assert main(["build", *folder, "--json"], settings) == 1
    answer = json.loads(capfd.readouterr().out)
    assert answer["ok"] is False
    assert "face_detection_short_range.tflite" in answer["error"]


def test_a_machine_without_a_network_is_told_once(
    tmp_path: Path, environ: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Without models it cannot go on; with models it can, and says what it lacks."""
    folder = ["--models", str(tmp_path / "models")]
    empty = environ | {"RAPT_CACHE": str(tmp_path / "cache")}
    assert main(["build", *folder], empty) == 1
    assert "could not download mediapipe" in capfd.readouterr().err
    assert main(["build", *folder], environ) == 0
    capfd.readouterr()
    assert main(["build", *folder, "--json"], empty) == 0
    answer = json.loads(capfd.readouterr().out)
    assert (answer["ok"], answer["made"]) == (True, [])
    assert "could not download" in answer["problem"]


def test_a_wrong_setting_is_refused(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing error in a name is not passed over."""
    assert main(["list"], environ | {"RAPT_MODELS_MIROR": "/x"}) == 1
    assert "RAPT_MODELS_MIROR" in capsys.readouterr().err


def test_an_unwritable_folder_is_one_sentence(
    tmp_path: Path, environ: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "models").write_text("not a folder", "utf-8")
    assert main(["build", "--models", str(tmp_path / "models")], environ) == 1
    assert "could not read or write" in capfd.readouterr().err


def test_a_stopped_build_ends_its_download(tmp_path: Path, environ: dict[str, str]) -> None:
    """SIGTERM while pip waits for an index: one sentence, exit code 1, and no pip left."""
    fake = tmp_path / "cache" / "sources" / "pip" / "bin" / "python"
    fake.parent.mkdir(parents=True)
    fake.write_text(
        f'#!/bin/sh\ncase "$*" in *--version*) exit 0;; esac\n'
        f"echo $$ > {tmp_path}/pid\nexec sleep 600\n",
        "utf-8",
    )
    fake.chmod(0o755)
    settings = environ | {"RAPT_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "inference.models", "build", "--models", str(tmp_path / "m")]
    with subprocess.Popen(command, env=settings, stderr=subprocess.PIPE, text=True) as builder:
        pid = tmp_path / "pid"
        wait_until(lambda: pid.exists() and bool(pid.read_text("utf-8")), "pip started")
        builder.send_signal(signal.SIGTERM)
        _, said = builder.communicate(timeout=60)
    assert builder.returncode == 1
    assert "run it again to go on" in said
    wait_until(lambda: not is_alive(int(pid.read_text("utf-8"))), "pip ended")


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"RAPT_CACHE": "/a"}, "/a/sources"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/rapt/sources"),
        ({"RAPT_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a/sources"),
        ({}, f"{Path.home()}/.cache/rapt/sources"),
    ],
)
def test_the_cache_is_the_users(environ: dict[str, str], folder: str) -> None:
    """RAPT_CACHE, then XDG_CACHE_HOME, then the home folder."""
    assert cache_folder(environ) == Path(folder)
