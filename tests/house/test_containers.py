"""The images and the compose file say what the processes understand.

No container engine is needed: the files are parsed and compared with the configuration structs.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rapt.cli.settings import REQUIRED, settings_of

PROCESSES = {"gateway": "gateway", "inference": "inference", "analytics": "analytics"}
SERVICES = {
    "gateway": "gateway",
    "inference-cpu": "inference",
    "inference-gpu": "inference",
    "migrate": "analytics",
}
VARIABLE = re.compile(r"\bRAPT_(?:GATEWAY|INFERENCE|ANALYTICS)_[A-Z_]+\b")


@pytest.fixture
def compose(repository: Path) -> dict[str, Any]:  # YAML holds anything
    """Return the compose file as data."""
    loaded: dict[str, Any] = yaml.safe_load((repository / "docker/compose.yaml").read_text())
    return loaded


def dockerfile(repository: Path, process: str) -> str:
    """Return the Dockerfile of a process."""
    return (repository / f"docker/{process}.Dockerfile").read_text()


def known(repository: Path, process: str) -> set[str]:
    """Return the variables that a process understands."""
    return {setting.variable for setting in settings_of(repository, process)}


def set_by_image(repository: Path, process: str) -> set[str]:
    """Return the variables that the image of a process sets."""
    return set(VARIABLE.findall(dockerfile(repository, process)))


@pytest.mark.parametrize("process", PROCESSES)
def test_an_image_sets_only_known_variables(repository: Path, process: str) -> None:
    """A wrong name would stop the process at its start."""
    assert set_by_image(repository, process)
    assert set_by_image(repository, process) <= known(repository, process)


@pytest.mark.parametrize("service", SERVICES)
def test_compose_sets_only_known_variables(
    repository: Path, compose: dict[str, Any], service: str
) -> None:
    """The same for what is set from outside."""
    told = {name for name in compose["services"][service]["environment"] if name.startswith("RAPT")}
    assert told <= known(repository, SERVICES[service])


@pytest.mark.parametrize("service", SERVICES)
def test_compose_and_image_together_set_what_is_required(
    repository: Path, compose: dict[str, Any], service: str
) -> None:
    """Nothing is left for the process to complain about."""
    process = SERVICES[service]
    required = {one.variable for one in settings_of(repository, process) if one.default == REQUIRED}
    told = set(compose["services"][service]["environment"]) | set_by_image(repository, process)
    assert required <= told


@pytest.mark.parametrize("process", [*PROCESSES, "valkey"])
def test_no_image_runs_as_root(repository: Path, process: str) -> None:
    """The last USER decides, and it stands before the command."""
    users = re.findall(r"^USER (\S+)", dockerfile(repository, process), re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}


@pytest.mark.parametrize("process", [*PROCESSES, "valkey"])
def test_every_image_has_a_health_check(repository: Path, process: str) -> None:
    """Of its own service, not only of its process."""
    assert "\nHEALTHCHECK " in dockerfile(repository, process)


@pytest.mark.parametrize("process", PROCESSES)
def test_an_image_holds_only_the_extras_of_its_process(repository: Path, process: str) -> None:
    """No image carries another's weight."""
    last_stage = dockerfile(repository, process).rpartition("\nFROM ")[2]
    copied = set(re.findall(r"^COPY (\w+)/", dockerfile(repository, process), re.MULTILINE))
    assert f'"-m", "{process}", "serve"' in last_stage
    assert copied <= {"proto", "analytics", "web", process}


def test_only_the_gateway_is_reachable_and_only_on_loopback(compose: dict[str, Any]) -> None:
    """Everything else stays inside the compose network."""
    published = {name: one["ports"] for name, one in compose["services"].items() if "ports" in one}
    assert published == {"gateway": ["127.0.0.1:8000:8000"]}


def test_no_password_stands_in_the_compose_file(repository: Path) -> None:
    """Each is a variable without a default, so that starting without one fails."""
    text = (repository / "docker/compose.yaml").read_text()
    variables = set(re.findall(r"\$\{(\w+)(?::\?)\}", text))
    assert len(re.findall(r"\$\{", text)) == len(re.findall(r"\$\{\w+:\?\}", text))
    example = (repository / "docker/example.env").read_text()
    assert variables == set(re.findall(r"^(\w+)=$", example, re.MULTILINE))


def test_addresses_name_services_that_exist(compose: dict[str, Any]) -> None:
    """And the ports that their images listen on."""
    text = yaml.safe_dump(compose)
    hosts = set(re.findall(r"(?:@|\s)(\w+):(8123|6379|50051)\b", text))
    aliases = {"inference": "50051", "clickhouse": "8123", "valkey": "6379"}
    assert dict(hosts) == aliases


def test_long_running_containers_have_nothing_to_gain(compose: dict[str, Any]) -> None:
    """No capability, no new privilege."""
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
