"""A real server for a test: a copy of the prepared database behind gunicorn, as in production."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
START_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 10
COMMAND = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "ipt.wsgi"]


@dataclass(frozen=True)
class Template:
    """The prepared database, which nobody opens, and the files and facts that go with it."""

    directory: Path
    url: str

    @property
    def facts(self) -> dict[str, Any]:
        return json.loads((self.directory / "facts.json").read_text())

    def prepare(self) -> None:
        if not self.is_sqlite:
            create_database(self.url, template="template1")
        command = [sys.executable, "-m", "tests.browser.prepare", str(self.directory / "unfinished.json")]
        done = subprocess.run(
            command, cwd=ROOT, env=environment(self.directory, self.url), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"The database for browser tests could not be prepared:\n{done.stdout}{done.stderr}")
        (self.directory / "unfinished.json").rename(self.directory / "facts.json")

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite:")

    @contextmanager
    def copy(self, folder: Path | None = None) -> Iterator[str]:
        """The URL of a database of one's own. Append-only tables cannot be flushed, so each test gets a copy.

        A SQLite file may be put into another folder.
        """
        name = f"ipt_browser_{secrets.token_hex(6)}"
        if self.is_sqlite:
            folder = folder or self.directory
            path = folder / f"{name}.sqlite3"
            shutil.copyfile(self.directory / "template.sqlite3", path)
            yield f"sqlite:///{path}"
            for each in folder.glob(f"{name}.sqlite3*"):
                each.unlink()
            return
        url = renamed(self.url, name)
        create_database(url, template=urlsplit(self.url).path.strip("/"))
        try:
            yield url
        finally:
            drop_database(url)


def template_in(directory: Path) -> Template:
    """On the server that DATABASE_URL names, else a file in the directory."""
    if postgres := os.environ.get("DATABASE_URL"):
        # The name must tell apart two runs on one server.
        return Template(directory, renamed(postgres, f"ipt_template_{directory.stat().st_ino}"))
    return Template(directory, f"sqlite:///{directory / 'template.sqlite3'}")


def renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def create_database(url: str, *, template: str) -> None:
    name = urlsplit(url).path.strip("/")
    _execute(url, sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    _execute(url, statement)


def drop_database(url: str) -> None:
    name = urlsplit(url).path.strip("/")
    _execute(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(renamed(url, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def environment(directory: Path, url: str) -> dict[str, str]:
    """The demo's: like production, but on plain http. Server processes are not measured for coverage."""
    not_ours = ("COV", "PYTHONDONTWRITEBYTECODE", "SECRET_KEY", "ALLOWED_HOSTS", "TRUSTED_PROXY", "WEB_WORKERS")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(not_ours)}
    return inherited | {"IPT_DEMO": "1", "DEBUG": "0", "IPT_VAR": str(directory / "var"), "DATABASE_URL": url}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """gunicorn with two workers, on a port that stays the same over a restart."""

    template: Template
    database_url: str
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    # What stands before the command, and what else it finds in its environment.
    wrapper: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def facts(self) -> dict[str, Any]:
        return self.template.facts

    @property
    def log(self) -> Path:
        return self.template.directory / f"server-{self.port}.log"

    def start(self) -> None:
        variables = environment(self.template.directory, self.database_url) | {"BIND": f"127.0.0.1:{self.port}"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, *COMMAND],
                cwd=ROOT,
                env=variables | self.variables,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_WITHIN_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Politely, then not; its workers with it."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_WITHIN_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    @property
    def workers(self) -> list[int]:
        """The processes that answer, as the kernel knows them. What they start themselves is not among them."""
        pid = self.process.pid if self.process else 0
        with contextlib.suppress(OSError):
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    def kill(self) -> None:
        """The master alone, without a word, as the kernel does when memory runs out."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def reload(self) -> None:
        """New workers, as a deployment asks for them."""
        if self.process is not None:
            self.process.send_signal(signal.SIGHUP)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as response:  # noqa: S310  our own server
                return response.status == 200
        except OSError:
            return False


@contextmanager
def running_server(template: Template) -> Iterator[Server]:
    with template.copy() as url, serving(template, url) as server:
        yield server


@contextmanager
def serving(template: Template, url: str) -> Iterator[Server]:
    server = Server(template, url)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def working(server: Server) -> Iterator[None]:
    """A worker beside the server, on its database."""
    variables = environment(server.template.directory, server.database_url)
    worker = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=ROOT, env=variables)
    try:
        yield
    finally:
        worker.terminate()
        assert worker.wait(60) == 0
