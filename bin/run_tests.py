"""Run the tests on SQLite, then on PostgreSQL, and ask for full coverage of both together.

Started by bin/test. With arguments of your own, coverage is not measured. What fails in the whole suite, where a
browser, a database and the measuring share the processors, is run once more on its own, and must pass then.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from temporary_postgres import temporary_postgres

ROOT = Path(__file__).resolve().parent.parent
TESTS_FAILED, NO_TESTS_COLLECTED = 1, 5


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    failed = []
    with tempfile.TemporaryDirectory(prefix="ipt-tests-") as directory, temporary_postgres() as postgres_url:
        collect_static(Path(directory))
        for name, url in (("SQLite", None), ("PostgreSQL", postgres_url)):
            print(f"\n== Tests on {name} ==", flush=True)
            if run_pytest(arguments, name=name, url=url, directory=Path(directory)):
                failed.append(f"tests on {name}")
        if not arguments and not failed and run_coverage(Path(directory)):
            failed.append("coverage")
    if failed:
        print(f"\nFailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def collect_static(directory: Path) -> None:
    """Pages name static files by their fingerprints, in tests as in production."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, env=environment("static files", None, directory), check=True)


def run_pytest(arguments: list[str], *, name: str, url: str | None, directory: Path) -> int:
    # The threshold is for both databases together, so neither run alone is held to it.
    measure = [] if arguments else ["--cov", "--cov-report=", "--cov-fail-under=0"]
    remember = ["-o", f"cache_dir={directory / f'cache-{name}'}"]
    command = [sys.executable, "-m", "pytest", *remember, *measure]
    settings = environment(name, url, directory)
    code = subprocess.run([*command, "-n", "2", *arguments], env=settings, check=False).returncode
    if code == TESTS_FAILED and not arguments:
        print(f"\n== What failed on {name}, on its own ==", flush=True)
        alone = ["--cov-append", "--last-failed", "--maxfail=1"]
        code = subprocess.run([*command, *alone], env=settings, check=False).returncode
    # A selection may leave nothing to run; a whole suite without a test is a mistake.
    return 0 if arguments and code == NO_TESTS_COLLECTED else code


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
