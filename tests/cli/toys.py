"""Toy services for the supervisor: tiny programs that are ready when their file is there.

Run as a program it supervises three of them, as `./rapt up` does its four:
`python toys.py FOLDER`; each toy writes its process id to FOLDER/NAME.pid and,
when it is told to end, its name as a line of FOLDER/ended.
"""

import asyncio
import os
import sys
from pathlib import Path

from rapt.cli.services import Service
from rapt.cli.supervise import Supervisor

POLITE = """
import os, signal, sys
folder, name = sys.argv[1:]
def end(*_):
    with open(f"{folder}/ended", "a") as file:
        file.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
with open(f"{folder}/{name}.pid.part", "w") as file:
    file.write(str(os.getpid()))
os.rename(f"{folder}/{name}.pid.part", f"{folder}/{name}.pid")
while True:
    signal.pause()
"""
STUBBORN = POLITE.replace("signal.SIGTERM, end", "signal.SIGTERM, signal.SIG_IGN")
BROKEN = "import sys; sys.exit('the toy has no battery')"


def toy(folder: Path, name: str, program: str = POLITE, *, stop_grace_s: float = 10.0) -> Service:
    """Return a service that runs the program."""

    async def is_ready() -> bool:
        return (folder / f"{name}.pid").exists()

    return Service(
        name=name,
        command=(sys.executable, "-c", program, str(folder), name),
        environ=os.environ,
        is_ready=is_ready,
        stop_grace_s=stop_grace_s,
    )


def pid_of(folder: Path, name: str) -> int:
    """Return the process id that a toy wrote."""
    return int((folder / f"{name}.pid").read_text())


def main(folder: Path) -> None:
    """Supervise three toys until a signal comes."""
    services = [toy(folder, name) for name in ("first", "second", "third")]
    supervisor = Supervisor(services, folder / "logs", on_change=lambda _: None)
    asyncio.run(supervisor.run())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
