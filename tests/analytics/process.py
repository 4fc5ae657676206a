"""A real store process on a free loopback port."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Self

READY_S = 60
STOP_S = 60


class StoreProcess:
    """`python -m analytics serve` with its own folder; starts again on the same port."""

    def __init__(self, data: Path, **settings: object) -> None:
        self.data = data
        self.port = 0
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.stop()

    def url(self, account: str = "writer") -> str:
        """Return the address with the account's name and password."""
        return f"http://{account}:{account}-secret@127.0.0.1:{self.port}/rapt"

    @property
    def log(self) -> str:
        """Return what it logged, all starts together."""
        return self._log_path.read_text()

    @property
    def pid(self) -> int:
        """Return its process id."""
        assert self._process is not None
        return self._process.pid

    def environment(self) -> dict[str, str]:
        """Return the environment it is started with."""
        ours = {
            "listen": f"127.0.0.1:{self.port}",
            "data": self.data,
            "writer_password": "writer-secret",
            "reader_password": "reader-secret",
            **self._settings,
        }
        plain = {k: v for k, v in os.environ.items() if not k.startswith("RAPT_")}
        return plain | {f"RAPT_ANALYTICS_{k.upper()}": str(v) for k, v in ours.items()}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        before = self.log.count("store_started") if self._log_path.exists() else 0
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "analytics", "serve"], env=self.environment(), stderr=log
            )
        give_up_s = time.monotonic() + READY_S
        while self.log.count("store_started") == before:
            assert self._process.poll() is None, self.log
            assert time.monotonic() < give_up_s, self.log
            time.sleep(0.02)
        ports = re.findall(r'"listen": "127\.0\.0\.1:(\d+)"', self.log)
        self.port = int(ports[-1])
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping") as answer:
            assert answer.read() == b"Ok.\n"

    def stop(self) -> int:
        """Ask it to stop; return its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop it without a warning."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        try:
            process.send_signal(number)
            return process.wait(timeout=STOP_S)
        finally:
            process.kill()
            process.wait()

    @property
    def _log_path(self) -> Path:
        return self.data.with_name(self.data.name + ".log")
