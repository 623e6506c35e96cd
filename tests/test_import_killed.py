"""A load that is killed leaves all of the framework or nothing of it."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.browser import stage

SEED, TIMES = 20261130, 20


@contextmanager
def empty_database(directory):
    """The URL of a database that nobody else uses, on the server that DATABASE_URL names or in a file."""
    postgres = os.environ.get("DATABASE_URL")
    if not postgres:
        yield f"sqlite:///{directory / 'killed.sqlite3'}"
        return
    url = stage.renamed(postgres, f"ipt_killed_{directory.stat().st_ino}")
    stage.create_database(url, template="template1")
    yield url
    stage.drop_database(url)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    directory = tmp_path_factory.mktemp("killed")
    with empty_database(directory) as url:
        command = [sys.executable, "-m", "tests.kill_imports", str(SEED), str(TIMES)]
        variables = stage.environment(directory, url)
        done = subprocess.run(command, cwd=stage.ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_whole_load_is_five_hundred_competences_and_one_event(told):
    assert told["whole"] == {
        "assessments.Framework": 1,
        "assessments.FrameworkRevision": 1,
        "assessments.Domain": 1,
        "assessments.Activity": 25,
        "assessments.Competence": 500,
        "assessments.AuditEvent": 1,
    }


def test_killed_load_leaves_all_or_nothing(told):
    left = [each["left"] for each in told["found"]]

    assert [each for each in left if each not in ({}, told["whole"])] == []
    assert len(left) == TIMES


def test_loads_were_killed_on_their_way(told):
    """Else the test above says nothing. How many is a matter of the machine, so a quarter is enough."""
    interrupted = [each for each in told["found"] if each["was_killed"] and not each["left"]]

    assert len(interrupted) >= TIMES // 4
