"""Making the environment: once, again when something changed, and whole after an interruption."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rapt.cli import environment
from rapt.cli.environment import SetupFailed, prepare, wanted_parts

GOOD_UV = f"""#!/bin/sh
if [ "$1" = --version ]; then echo "uv {environment.UV_VERSION}"; exit; fi
echo "$@" >> "$CALLS"
mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
touch "$UV_PROJECT_ENVIRONMENT/bin/python"
"""
BAD_UV = GOOD_UV + "exit 7\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout that was never set up, on a machine with Node and a good uv."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[project]\n")
    (folder / "uv.lock").write_text("version = 1\n")
    (tmp_path / "bin").mkdir()
    write_uv(folder, GOOD_UV)
    for name, version in (("node", "v22.12.0"), ("npm", "10.0.0")):
        write_program(tmp_path / "bin" / name, f"#!/bin/sh\necho {version}\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(environment, "has_nvidia_driver", lambda: False)
    return folder


def write_program(path: Path, script: str) -> None:
    """Write a script that may be run."""
    path.write_text(script)
    path.chmod(0o755)


def write_uv(checkout: Path, script: str) -> None:
    """Put a uv on the checkout's path."""
    write_program(checkout.parent / "bin/uv", script)


def environ_of(checkout: Path) -> dict[str, str]:
    """Return what the launcher passes on."""
    return {"PATH": f"{checkout.parent / 'bin'}:/usr/bin:/bin", "CALLS": str(checkout / "calls")}


def calls(checkout: Path) -> list[str]:
    """Return what uv was told, call by call."""
    path = checkout / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_the_environment_is_made_once(checkout: Path) -> None:
    """The second launch finds it made."""
    prepare(checkout, ["up"], environ_of(checkout))
    prepare(checkout, ["doctor"], environ_of(checkout))
    assert len(calls(checkout)) == 1
    assert "sync --frozen" in calls(checkout)[0]
    assert "--extra cpu" in calls(checkout)[0]
    assert "dev" not in calls(checkout)[0]


def test_a_changed_lock_makes_it_again(checkout: Path) -> None:
    """After an update of the checkout the environment follows."""
    prepare(checkout, [], environ_of(checkout))
    (checkout / "uv.lock").write_text("version = 1\nrevision = 2\n")
    prepare(checkout, [], environ_of(checkout))
    assert len(calls(checkout)) == 2


def test_a_moved_checkout_makes_it_again(checkout: Path) -> None:
    """Programs of an environment carry its path."""
    prepare(checkout, [], environ_of(checkout))
    moved = checkout.rename(checkout.with_name("moved"))
    prepare(moved, [], environ_of(moved))
    assert len(calls(moved)) == 2


def test_development_tools_come_with_test_and_stay(checkout: Path) -> None:
    """`up` after `test` does not take them away."""
    prepare(checkout, ["test"], environ_of(checkout))
    assert calls(checkout)[-1].endswith("--group dev")
    (checkout / ".venv/bin/pytest").touch()
    prepare(checkout, ["up"], environ_of(checkout))
    assert len(calls(checkout)) == 1


def test_a_failure_is_one_sentence_and_is_tried_again(checkout: Path) -> None:
    """No stamp is left by a step that failed."""
    write_uv(checkout, BAD_UV)
    with pytest.raises(SetupFailed, match=r"uv could not make the environment.*status 7"):
        prepare(checkout, [], environ_of(checkout))
    assert not (checkout / ".setup/environment.json").exists()
    write_uv(checkout, GOOD_UV)
    prepare(checkout, [], environ_of(checkout))
    assert len(calls(checkout)) == 2


def test_a_damaged_stamp_makes_it_again(checkout: Path) -> None:
    """Half a stamp is no stamp."""
    prepare(checkout, [], environ_of(checkout))
    (checkout / ".setup/environment.json").write_text('{"folder":')
    prepare(checkout, [], environ_of(checkout))
    assert len(calls(checkout)) == 2


def test_two_launches_at_once_make_it_once(checkout: Path) -> None:
    """The second waits for the first and finds it made."""
    program = (
        "import sys; from pathlib import Path; from rapt.cli import environment as e;"
        "e.has_nvidia_driver = lambda: False;"
        f"e.prepare(Path({str(checkout)!r}), ['up'], {environ_of(checkout)!r})"
    )
    both = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert len(calls(checkout)) == 1


def test_an_nvidia_driver_asks_for_the_gpu_build(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cpu` and `gpu` exclude each other."""
    monkeypatch.setattr(environment, "has_nvidia_driver", lambda: True)
    extras = wanted_parts(checkout, [])["extras"]
    assert isinstance(extras, list)
    assert "gpu" in extras
    assert "cpu" not in extras


@pytest.mark.parametrize("version", ["v18.20.0", "v20.18.3", "nonsense"])
def test_without_a_good_node_the_environment_brings_one(checkout: Path, version: str) -> None:
    """The wheel's Node builds the web app then."""
    write_program(checkout.parent / "bin/node", f"#!/bin/sh\necho {version}\n")
    extras = wanted_parts(checkout, [])["extras"]
    assert isinstance(extras, list)
    assert "node" in extras


def test_an_old_uv_on_the_path_is_not_used(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may not understand the lock; a private one is fetched."""
    write_uv(checkout, "#!/bin/sh\necho uv 0.4.1\n")
    fetched: list[Path] = []
    monkeypatch.setattr(environment, "fetch_uv", lambda folder, _: fetched.append(folder))
    assert environment.find_uv(checkout, {}) == checkout / ".uv/bin/uv"
    assert fetched == [checkout]


def test_the_stamp_says_what_was_made(checkout: Path) -> None:
    """Equal parts need no second set-up, so the stamp is exactly them."""
    prepare(checkout, [], environ_of(checkout))
    stamp = json.loads((checkout / ".setup/environment.json").read_text())
    assert stamp == wanted_parts(checkout, [])


def test_uv_and_node_trust_whom_the_machine_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the user has set already stays."""
    bundle = tmp_path / "bundle.crt"
    monkeypatch.setattr(environment, "CERTIFICATES", ("/nowhere", str(bundle)))
    assert environment.trusting({}) == {}
    bundle.touch()
    assert environment.trusting({"UV_SYSTEM_CERTS": "false"}) == {
        "UV_SYSTEM_CERTS": "false",
        "NODE_EXTRA_CA_CERTS": str(bundle),
    }


@pytest.mark.parametrize("words", [["up", "--pool", "ray"], ["up", "--pool=ray"]])
def test_ray_comes_with_the_pool_that_needs_it(checkout: Path, words: list[str]) -> None:
    """However the option is written; without it nobody waits for so much."""
    assert "ray" in wanted_parts(checkout, words)["extras"]  # type: ignore[operator]  # a list
    assert "ray" not in wanted_parts(checkout, ["up"])["extras"]  # type: ignore[operator]  # a list
