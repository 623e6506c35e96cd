"""gunicorn as in production, and how much processor time it and its database have used."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
START_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 10
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    port: int
    process: "subprocess.Popen[bytes]"

    def cpu_seconds(self, database_url: str) -> float:
        """Used so far by the master, its workers and the database's sessions."""
        with psycopg.connect(database_url) as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetchall()
        sessions = {row[0] for row in rows}
        return sum(_ticks(pid, self.process.pid, sessions) for pid in _pids()) / TICKS


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _ticks(pid: int, group: int, sessions: set[int]) -> int:
    """User and system time of a process if it is one of ours, else 0."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if int(fields[2]) == group or pid in sessions:
            return int(fields[11]) + int(fields[12])
    return 0


@contextmanager
def serving(
    application: str, environment: dict[str, str], *, probe: str, options: Sequence[str] = ()
) -> Iterator[Server]:
    """Two workers on a free port; `probe` is a path that answers 200, `options` are gunicorn's own."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", *options, application]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**environment, "BIND": f"127.0.0.1:{port}"}, start_new_session=True
    )
    try:
        _wait(process, f"http://127.0.0.1:{port}{probe}")
        yield Server(port, process)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_WITHIN_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + START_WITHIN_SECONDS
    while True:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own server
            return
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"The server for {url} did not start.")
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
