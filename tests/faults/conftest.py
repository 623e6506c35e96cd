"""Fixtures for the fault table. bin/faults sets FAULT_RUNS; without it only the quick rows run, once each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import (  # noqa: F401  the same stage, under the same names
    FAILED,
    browser,
    draft,
    expected_errors,
    open_as,
    page,
    persistent,
    pytest_runtest_makereport,
    server,
    template,
    visits,
)
from tests.faults.fixtures import cluster, cluster_mould, clustered, disk  # noqa: F401  used by name
from tests.faults.verdict import Verdict

HERE = Path(__file__).parent
ENGINE = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
RUNS = int(os.environ.get("FAULT_RUNS", "0"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(1, max(RUNS, 1) + 1), ids="run{}".format)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A row that is about one database belongs to the tests on that one; the long rows, to bin/faults."""
    elsewhere = [item for item in items if HERE in item.path.parents and not _belongs_here(item)]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


def _belongs_here(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("faults")
    if marker is None:
        return True
    return (RUNS > 0 or _is_quick(item, marker)) and marker.kwargs.get("engine", ENGINE) == ENGINE


def _is_quick(item: pytest.Item, marker: pytest.Mark) -> bool:
    """`quick` is true, or the one case that is."""
    quick = marker.kwargs.get("quick", False)
    return quick is True or (isinstance(quick, str) and quick in item.name)


@pytest.fixture
def verdict(request: pytest.FixtureRequest, seed: int) -> Iterator[Verdict]:
    row, what = request.node.get_closest_marker("faults").args
    case = request.node.name.partition("[")[2].rstrip("]").replace(f"run{seed}", "").strip("-")
    verdict = Verdict(row, what, ENGINE, seed, case)
    yield verdict
    verdict.has_passed = not request.node.stash.get(FAILED, True)
    verdict.write()
