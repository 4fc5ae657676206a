"""`./rapt doctor`: each finding says how to mend it."""

import io
import os
import socket
from pathlib import Path

import pytest
from rapt.cli import doctor
from rapt.cli.doctor import Health, Patient, examine
from rapt.cli.place import Place
from rapt.running import Running, write_running
from rich.console import Console


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """Return a checkout with nothing in it."""
    return Patient(Place(environ=os.environ, repository=tmp_path), tmp_path / "data")


def test_every_finding_that_is_not_well_says_what_to_do(patient: Patient) -> None:
    """An empty checkout has several."""
    findings = [look(patient) for look in doctor.LOOKS]
    unwell = [one for one in findings if one.health is not Health.WELL]
    assert {"Web app", "Models"} <= {one.subject for one in unwell}
    assert [one.subject for one in unwell if not one.mend] == []


def test_a_taken_port_is_noticed(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `up` stumbles over it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(doctor, "GATEWAY_PORT", taken.getsockname()[1])
        finding = doctor.look_at_port(patient)
    assert finding.health is Health.NOTE
    assert "--port" in finding.mend


def test_little_disk_is_noticed(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts need room."""
    monkeypatch.setattr(doctor, "LITTLE_DISK_BYTES", 1 << 62)
    assert doctor.look_at_disk(patient).health is Health.NOTE


def test_a_driver_without_its_runtime_is_noticed(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody plugged in a GPU after the set-up."""
    monkeypatch.setattr(doctor, "has_nvidia_driver", lambda: True)
    finding = doctor.look_at_gpu(patient)
    if "CUDA" in finding.found:
        assert finding.health is Health.WELL
        return
    assert finding.health is Health.NOTE
    assert "GPU build" in finding.mend


def test_nothing_running_is_said(patient: Patient) -> None:
    """A `run.json` of a process that died is nothing."""
    patient.data.mkdir()
    write_running(patient.data, running_as(pid=2**22 + 1))  # above the highest process id of Linux
    shown = io.StringIO()
    examine(patient.place, patient.data, Console(file=shown, width=200))
    assert "Nothing runs with the data folder" in shown.getvalue()


def test_what_runs_is_listed(patient: Patient) -> None:
    """Without the token."""
    patient.data.mkdir()
    write_running(patient.data, running_as(pid=os.getpid()))
    shown = io.StringIO()
    examine(patient.place, patient.data, Console(file=shown, width=200))
    assert "http://127.0.0.1:8000" in shown.getvalue()
    assert "4711" in shown.getvalue()
    assert "sesame" not in shown.getvalue()


def running_as(pid: int) -> Running:
    """Return what `up` would write."""
    return Running(
        pid=pid,
        gateway_url="http://127.0.0.1:8000",
        inference_address="127.0.0.1:50051",
        store_url="http://reader:sesame@127.0.0.1:8123/rapt",
        redis_url="redis://:sesame@127.0.0.1:6379/0",
        local_token="sesame",  # noqa: S106  a test's own
        pids={"gateway": 4711},
    )
