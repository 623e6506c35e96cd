"""Run the tests on SQLite, then on PostgreSQL, and ask for full coverage of both together.

Started by bin/test. With arguments of your own, coverage is not measured. Measuring takes half as long again, so on
PostgreSQL it is done only where the product has code for one database. What fails in the whole suite, where a browser,
a database and the measuring share the processors, is run once more on its own, and must pass then.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from temporary_postgres import temporary_postgres

ROOT = Path(__file__).resolve().parent.parent
TESTS_FAILED, NO_TESTS_COLLECTED = 1, 5
# The tests of what only one database has code for.
GUARDS = "tests/test_guards.py"


class Run(NamedTuple):
    """The tests of one database, or some of them; `is_all` unless somebody chose them."""

    name: str
    url: str | None
    selection: list[str]
    is_all: bool
    is_measured: bool


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    failed = []
    with tempfile.TemporaryDirectory(prefix="ipt-tests-") as directory, temporary_postgres() as postgres_url:
        collect_static(Path(directory))
        for run in chosen(arguments, postgres_url) if arguments else whole(postgres_url):
            print(f"\n== Tests on {run.name} ==", flush=True)
            if run_pytest(run, Path(directory)):
                failed.append(f"tests on {run.name}")
        if not arguments and not failed and run_coverage(Path(directory)):
            failed.append("coverage")
    if failed:
        print(f"\nFailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def chosen(arguments: list[str], postgres_url: str) -> list[Run]:
    databases = {"SQLite": None, "PostgreSQL": postgres_url}
    return [Run(name, url, arguments, is_all=False, is_measured=False) for name, url in databases.items()]


def whole(postgres_url: str) -> list[Run]:
    return [
        Run("SQLite", None, [], is_all=True, is_measured=True),
        Run("PostgreSQL", postgres_url, ["--ignore", GUARDS], is_all=True, is_measured=False),
        Run("PostgreSQL: its guards", postgres_url, [GUARDS], is_all=True, is_measured=True),
    ]


def collect_static(directory: Path) -> None:
    """Pages name static files by their fingerprints, in tests as in production."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, env=environment("static files", None, directory), check=True)


def run_pytest(run: Run, directory: Path) -> int:
    # The threshold is for both databases together, so neither run alone is held to it.
    measure = ["--cov", "--cov-report=", "--cov-fail-under=0"] if run.is_measured else []
    remember = ["-o", f"cache_dir={directory / f'cache-{run.name}'}"]
    command = [sys.executable, "-m", "pytest", *remember, *measure]
    settings = environment(run.name, run.url, directory)
    code = subprocess.run([*command, "-n", "2", *run.selection], env=settings, check=False).returncode
    if code == TESTS_FAILED and run.is_all:
        print(f"\n== What failed on {run.name}, on its own ==", flush=True)
        alone = ["--last-failed", "--maxfail=1", *(["--cov-append"] if run.is_measured else []), *run.selection]
        code = subprocess.run([*command, *alone], env=settings, check=False).returncode
    # A selection may leave nothing to run; a whole suite without a test is a mistake.
    return 0 if not run.is_all and code == NO_TESTS_COLLECTED else code


def environment(name: str, url: str | None, directory: Path) -> dict[str, str]:
    """Nothing of the developer's own database, secrets or files reaches the tests."""
    ours = {
        "IPT_DEMO": "1",
        "DEBUG": "0",
        "IPT_VAR": str(directory / "var"),
        "COVERAGE_FILE": str(directory / f"coverage-{name}"),
    }
    not_ours = {
        "DATABASE_URL",
        "SECRET_KEY",
        "SECRET_KEY_FILE",
        "ALLOWED_HOSTS",
        "TRUSTED_PROXY",
        "TRUSTED_PROXY_COUNT",
    }
    inherited = {key: value for key, value in os.environ.items() if key not in not_ours}
    return inherited | ours | ({"DATABASE_URL": url} if url else {})


def run_coverage(directory: Path) -> int:
    print("\n== Coverage on both together ==", flush=True)
    coverage = [sys.executable, "-m", "coverage"]
    measured = sorted(str(path) for path in directory.glob("coverage-*"))
    combined = subprocess.run([*coverage, "combine", "--quiet", *measured], check=False)
    return combined.returncode or subprocess.run([*coverage, "report"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
