"""Prepare the demo where something changed since the last start, start the worker, then become the web server.

Started by bin/run. What was done is remembered in var/stamps, so that a second start is quick.
"""

import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HIGHEST_PORT = 65535
FRAMEWORK = "fixtures/ipt-1.0.yaml"

DATABASE_STEPS = (
    ("migrate", "--noinput", "--verbosity", "0"),
    ("createcachetable",),
    ("load_framework", FRAMEWORK, "--publish"),
    ("seed_demo",),
)
DATABASE_SOURCES = ("requirements.txt", "assessments/migrations", "assessments/management", "fixtures")

STATIC_STEPS = (("collectstatic", "--noinput", "--clear", "--verbosity", "0"),)
STATIC_SOURCES = ("requirements.txt", "assessments/static", "ipt/settings.py")

WELCOME = """
IPT competence assessment, demo with made-up people: http://127.0.0.1:{port}

  supervisor@example.org     supervises therapist@example.org
  supervisor2@example.org    supervises therapist2@example.org
  therapist@example.org      therapist2@example.org
  lead@example.org           training lead
  admin@example.org          administrator

Password of each: demo-pass-2026. Only this machine can reach it. Ctrl+C stops it.
"""


def main() -> None:
    port = chosen_port()
    os.chdir(ROOT)
    os.environ.update({"IPT_DEMO": "1", "DEBUG": "0", "PORT": port, "BIND": f"127.0.0.1:{port}"})
    var = Path(os.environ.get("IPT_VAR") or ROOT / "var")
    (var / "stamps").mkdir(parents=True, exist_ok=True)

    prepare(
        DATABASE_STEPS,
        stamp=var / "stamps" / "database",
        fingerprint=fingerprint(DATABASE_SOURCES),
        # Another database server may have lost what the stamp says; only our own file can be looked at.
        made=not os.environ.get("DATABASE_URL") and (var / "ipt.sqlite3").exists(),
    )
    prepare(
        STATIC_STEPS,
        stamp=var / "stamps" / "static",
        fingerprint=fingerprint(STATIC_SOURCES),
        made=(var / "static" / "staticfiles.json").exists(),
    )

    print(WELCOME.format(port=port), flush=True)
    # This process becomes the server, and the worker ends with it, however it ends.
    subprocess.Popen([sys.executable, "manage.py", "work", "--with-parent", str(os.getpid())])
    server = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "ipt.wsgi"]
    os.execv(server[0], server)


def chosen_port() -> str:
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) <= HIGHEST_PORT:
        sys.exit(f"PORT is {port!r}. Set it to a number from 1 to {HIGHEST_PORT}.")
    with socket.socket() as probe:
        # As the server will: a port that a stopped server left in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            sys.exit(
                f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}). "
                f"Stop what uses it, or choose another: make run PORT={int(port) % HIGHEST_PORT + 1}"
            )
    return port


def fingerprint(sources: Iterable[str]) -> str:
    """Changes with any file among the sources."""
    digest = hashlib.sha256()
    for source in sources:
        path = ROOT / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def prepare(steps: Iterable[tuple[str, ...]], *, stamp: Path, fingerprint: str, made: bool) -> None:
    if made and stamp.exists() and stamp.read_text() == fingerprint:
        return
    stamp.unlink(missing_ok=True)
    for step in steps:
        print(f"manage.py {' '.join(step)}", flush=True)
        code = subprocess.run([sys.executable, "manage.py", *step], check=False).returncode
        if code:
            sys.exit(code)
    stamp.write_text(fingerprint)


if __name__ == "__main__":
    main()
