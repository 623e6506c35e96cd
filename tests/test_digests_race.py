"""Two processes that send at the same moment send each e-mail once."""

import json
import subprocess
import sys

from tests.browser import stage
from tests.mail_server import MailServer
from tests.test_import_killed import empty_database

PEOPLE = 12


def test_two_processes_at_once_send_each_e_mail_once(tmp_path):
    with MailServer() as server, empty_database(tmp_path) as url:
        variables = stage.environment(tmp_path, url)
        variables |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(server.port), "EMAIL_USE_TLS": "0"}
        command = [sys.executable, "-m", "tests.mail_race", str(PEOPLE)]
        done = subprocess.run(command, cwd=stage.ROOT, env=variables, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["codes"], told["kept"], told["waiting"]) == ([0, 0], PEOPLE, 0)
    assert sum(told["sent"]) == PEOPLE
    assert len({message["To"] for message in server.messages}) == len(server.messages) == PEOPLE
