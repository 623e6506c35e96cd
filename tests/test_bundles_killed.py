"""A worker that is killed loses no file and makes none twice, and two at once make each file once."""

import json
import signal
import subprocess
import sys

import pytest

from tests.browser import stage
from tests.test_import_killed import empty_database

THERAPISTS = 5


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    directory = tmp_path_factory.mktemp("bundles")
    with empty_database(directory) as url:
        command = [sys.executable, "-m", "tests.kill_bundles", str(THERAPISTS)]
        variables = stage.environment(directory, url)
        done = subprocess.run(command, cwd=stage.ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_workers_were_killed_in_the_midst(told):
    assert [each["status"] for each in told["killed"]] == [-signal.SIGKILL] * 2
    assert [each["finished"] < THERAPISTS for each in told["killed"]] == [True, True]


def test_what_was_finished_when_it_was_killed_is_stored(told):
    assert [each["finished"] for each in told["killed"]] == [each["stored"] for each in told["killed"]]


def test_no_file_is_lost_and_none_is_there_twice(told):
    assert (told["status"], told["total"], told["finished"], told["stored"]) == (
        "done",
        THERAPISTS + 1,
        THERAPISTS + 1,
        THERAPISTS + 1,
    )
    assert len(set(told["names"])) == THERAPISTS + 1


def test_two_at_once_made_each_missing_file_once(told):
    assert (told["codes"], told["made"]) == ([0, 0], THERAPISTS + 1 - told["killed"][-1]["finished"])
