"""The helper of this process that has loaded WeasyPrint once and starts a child for each report; see docs/adr/0016.

It is typeset.py, started with the first report. It ends with this process, after a while without work, or when somebody
kills it; the next report starts another.
"""

import atexit
import fcntl
import os
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Its memory is given back after so many seconds without a report.
IDLE = 900
# Of the server's environment it gets nothing; the tests' measuring of it is no secret.
KEPT = ["COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"]
# A child is killed at once; the helper then tells so, unless it is gone itself.
KILLED_WITHIN = 5.0


class Lost(Exception):
    """The helper is gone, and the child with it. Another try starts a new one."""


@dataclass(frozen=True)
class Helper:
    program: Path
    process: "subprocess.Popen[bytes]"
    control: socket.socket

    def end(self) -> None:
        self.control.close()
        self.process.wait()


_helpers: list[Helper] = []


def run(program: Path, order: list[str], files: list[int], *, timeout: float, folder: Path) -> int:
    """What a child ended with, a signal as a negative number. Raises TimeoutError when it was killed for its slowness.

    `program` is typeset.py; `files` are those of its child: HTML, PDF, complaints, slot; in `folder` the workers of one
    machine take turns.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            helper = _running(program, folder)
            try:
                socket.send_fds(helper.control, ["\0".join(order).encode()], [theirs.fileno(), *files])
            except OSError as error:
                helper.process.wait()
                raise Lost from error
        ours.settimeout(timeout)
        try:
            told = ours.recv(16)
        except TimeoutError:
            ours.shutdown(socket.SHUT_WR)
            ours.settimeout(KILLED_WITHIN)
            with suppress(TimeoutError):
                ours.recv(16)
            raise
    if not told:
        raise Lost
    return int(told)


def stop() -> None:
    """End the helper, if there is one."""
    while _helpers:
        _helpers.pop().end()


def _running(program: Path, folder: Path) -> Helper:
    # Two threads may want the first one at once. The lock is held for as long as starting a program takes.
    with (folder / "press").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _helpers and (_helpers[0].process.poll() is not None or _helpers[0].program != program):
            stop()
        if not _helpers:
            _helpers.append(_started(program))
        return _helpers[0]


def _started(program: Path) -> Helper:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", str(program), str(theirs.fileno()), str(IDLE)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in KEPT if name in os.environ},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    return Helper(program, process, ours)


def _forget() -> None:
    """In a forked process: the helper is its parent's."""
    while _helpers:
        helper = _helpers.pop()
        helper.control.close()
        helper.process.returncode = 0  # or it would be waited for


atexit.register(stop)
os.register_at_fork(after_in_child=_forget)
