"""A PostgreSQL server of our own, for as long as one block or one command runs.

python bin/temporary_postgres.py COMMAND [ARGUMENT...] runs COMMAND with DATABASE_URL set.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROLE = DATABASE = "ipt"
START_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 30

# fsync stays on: figures and locks should be those of a real server.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """Yield the DATABASE_URL of a fresh server; stop and remove it however the block ends."""
    binaries, account = find_binaries(), unprivileged_account()
    with _stopping_on_signals(), temporary_directory(account) as directory:
        server = Server(binaries=binaries, account=account, directory=directory, port=free_port())
        server.initialise()
        with server.running():
            server.create_database()
            yield server.url


def find_binaries() -> Path:
    """The newest server: Debian keeps each version in a folder that is on nobody's PATH."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if found := sorted(installed, key=lambda path: int(path.parts[-3])):
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    sys.exit("PostgreSQL's server programs were not found. Run: sudo apt-get install -y postgresql")


def unprivileged_account() -> pwd.struct_passwd | None:
    """Whom to be instead of root, as which PostgreSQL refuses to run; None if we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    sys.exit("PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody' to run it.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    binaries: Path
    account: pwd.struct_passwd | None
    directory: Path
    port: int
    # A password, because on a shared machine loopback is open to everyone who is logged in.
    password: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def url(self) -> str:
        return f"postgres://{ROLE}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def initialise(self) -> None:
        password_file = self.directory / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        _give(password_file, self.account)
        access = (f"--username={ROLE}", "--pwfile=password", "--auth=scram-sha-256")
        self._run("initdb", "--pgdata=data", *access, "--encoding=UTF8", "--locale=C")

    @contextmanager
    def running(self) -> Iterator[None]:
        process = self.start()
        try:
            yield
        finally:
            stop(process)

    def start(self) -> "subprocess.Popen[bytes]":
        """Its first process, once it takes connections."""
        settings = {**SETTINGS, "port": str(self.port), "unix_socket_directories": str(self.directory)}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.directory / "log").open("ab") as log:
            process = subprocess.Popen(
                [str(self.binaries / "postgres"), "-D", "data", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl+C is for the command; the server is stopped after it.
                start_new_session=True,
                **self._context(),
            )
        try:
            self._wait_until_ready(process)
        except BaseException:
            stop(process)
            raise
        return process

    def create_database(self) -> None:
        self._run("createdb", f"--maintenance-db={self.url.removesuffix(DATABASE)}postgres", DATABASE)

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        ask = [str(self.binaries / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={self.port}"]
        deadline = time.monotonic() + START_WITHIN_SECONDS
        while subprocess.run(ask, check=False).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (self.directory / "log").read_text(errors="replace")
                sys.exit(f"The temporary PostgreSQL server did not start:\n{log}")
            time.sleep(0.1)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False, **self._context())
        if result.returncode:
            sys.exit(f"{program} failed:\n{result.stdout}{result.stderr}")

    def _context(self) -> dict[str, Any]:
        """Arguments of subprocess that give up root, in a folder that the account may enter."""
        # PG* set for the developer's own server must not reach ours.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        context: dict[str, Any] = {"cwd": self.directory, "env": environment}
        if self.account:
            context |= {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return context


def stop(process: "subprocess.Popen[bytes]") -> None:
    # SIGINT asks for a fast shutdown: sessions are ended, not waited for.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait()


@contextmanager
def temporary_directory(account: pwd.struct_passwd | None) -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="ipt-postgres-"))
    try:
        _give(directory, account)
        yield directory
    finally:
        shutil.rmtree(directory)


def _give(path: Path, account: pwd.struct_passwd | None) -> None:
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """A polite kill must leave the block as an exception does, or the server would stay behind."""

    def leave(number: int, frame: object) -> None:
        sys.exit(128 + number)

    caught = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, leave) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(command: list[str]) -> int:
    if not command:
        sys.exit(__doc__)
    with temporary_postgres() as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
