"""A PostgreSQL of a test's own, to be killed, frozen, stopped or starved."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from bin import temporary_postgres
from bin.temporary_postgres import find_binaries, free_port, temporary_directory, unprivileged_account
from tests.browser.stage import Template


@dataclass
class Cluster:
    """The processes of one server, all of them below the first."""

    server: temporary_postgres.Server
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def log(self) -> str:
        return (self.server.directory / "log").read_text(errors="replace")

    def stop(self) -> None:
        temporary_postgres.stop(self.process)

    def start(self) -> None:
        self.process = self.server.start()

    def crash_and_restart(self, *, after: float) -> None:
        """As `pg_ctl -m immediate restart`: no session ends in order, and the start recovers from the log."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        time.sleep(after)
        self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process is stopped as it stands: connections stay open, and nobody answers."""
        # The first process before those that it might start meanwhile.
        self._tell_all(signal.SIGSTOP)
        self._tell_all(signal.SIGSTOP)
        try:
            yield
        finally:
            self._tell_all(signal.SIGCONT)

    def _tell_all(self, number: int) -> None:
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for pid in (first, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


@dataclass(frozen=True)
class Mould:
    """A stopped server that holds the prepared database, to be copied for each test."""

    server: temporary_postgres.Server
    template: Template

    @property
    def size(self) -> int:
        """Of its files, in bytes."""
        return sum(path.stat().st_size for path in (self.server.directory / "data").rglob("*") if path.is_file())

    @contextmanager
    def cast(self, directory: Path) -> Iterator[Cluster]:
        """A running copy in a directory that belongs to the server's account."""
        shutil.copytree(self.server.directory / "data", directory / "data", copy_function=_copy_owned)
        _own_all(directory, self.server.directory)
        server = replace(self.server, directory=directory, port=free_port())
        cluster = Cluster(server, server.start())
        try:
            yield cluster
        finally:
            cluster.stop()


def _copy_owned(source: str, target: str) -> None:
    shutil.copy2(source, target)
    _own(Path(target), Path(source))


def _own_all(directory: Path, like: Path) -> None:
    for path in (directory, directory / "data", *(path for path in (directory / "data").rglob("*") if path.is_dir())):
        _own(path, like)


def _own(path: Path, like: Path) -> None:
    found = like.stat()
    os.chown(path, found.st_uid, found.st_gid)


@contextmanager
def mould(template: Template) -> Iterator[Mould]:
    """Copied from the template of the shared server, so that both hold the same people."""
    account = unprivileged_account()
    with temporary_directory(account) as directory:
        server = temporary_postgres.Server(find_binaries(), account, directory, free_port())
        server.initialise()
        with server.running():
            server.create_database()
            _pour(template.url, server.url)
        yield Mould(server, template)


def _pour(source: str, target: str) -> None:
    """The whole of one database into an empty one of the same version."""
    binaries = find_binaries()
    dump = subprocess.Popen([binaries / "pg_dump", "--no-owner", source], stdout=subprocess.PIPE)
    restore = [binaries / "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", target]
    done = subprocess.run(restore, stdin=dump.stdout, capture_output=True, text=True, check=False)
    if dump.stdout:
        dump.stdout.close()
    if dump.wait() or done.returncode:
        raise RuntimeError(f"{urlsplit(source).path} could not be copied: {done.stderr}")
