"""Databases that a test may break, because nobody else uses them. conftest.py hands them to the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bin.temporary_postgres import temporary_directory, unprivileged_account
from tests.browser.stage import Server, Template, serving
from tests.faults.cluster import Cluster, Mould, mould
from tests.faults.disks import Disk, small_disk


@pytest.fixture(scope="session")
def cluster_mould(template: Template) -> Iterator[Mould]:
    with mould(template) as made:
        yield made


@pytest.fixture
def cluster(cluster_mould: Mould) -> Iterator[Cluster]:
    """A PostgreSQL that only this test uses, with the prepared database."""
    with temporary_directory(unprivileged_account()) as directory, cluster_mould.cast(directory) as running:
        yield running


@pytest.fixture
def clustered(template: Template, cluster: Cluster) -> Iterator[Server]:
    """A web server on it."""
    with serving(template, cluster.url) as server:
        yield server


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk for a SQLite file, with some room beside it."""
    with small_disk(tmp_path / "disk", megabytes=32) as mounted:
        yield mounted
