"""The helper that sets pages: whoever of the three processes dies, the next report is made, and nothing is left."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from assessments.exceptions import RenderingFailed
from assessments.reports import pdf, press

SHORT = "<html lang='en'><head><title>x</title></head><body><p>One.</p></body></html>"
LONG = SHORT.replace("<p>One.</p>", "<p>One and another.</p>" * 4000)
ID = "00" * 32
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    """Own places for setting pages, and a helper that no other test has used, ended and waited for."""
    monkeypatch.setattr(pdf.tempfile, "tempdir", str(tmp_path))
    press.stop()
    yield
    press.stop()


def set_short(**limits):
    return pdf.set_pages(SHORT, identifier=ID, **limits)


def helper():
    return press._helpers[0].process.pid


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(found, seconds=20):
    """The first answer that is not empty."""
    deadline = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return answer


def is_gone(pid):
    """No process, or one that only waits to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


class Rendering(threading.Thread):
    """A long report in another thread, whose child is at work when this is made."""

    def __init__(self):
        super().__init__()
        self.made = self.failed = None
        set_short()  # the helper has loaded everything
        self.helper = helper()
        self.start()
        [self.child] = until(lambda: children(self.helper))
        # It has closed what is not its own, so it is about to begin.
        until(lambda: len(os.listdir(f"/proc/{self.child}/fd")) == 5)

    def run(self):
        try:
            self.made = pdf.set_pages(LONG, identifier=ID)
        except RenderingFailed as failure:
            self.failed = str(failure)


def test_helper_stays_for_the_next_report():
    first = set_short()
    pid = helper()

    assert set_short() == first
    assert helper() == pid


def test_helper_that_was_killed_is_started_anew():
    first = set_short()
    os.kill(helper(), signal.SIGKILL)

    assert set_short() == first


def test_helper_that_hears_nothing_is_started_anew(caplog):
    first = set_short()
    press._helpers[0].control.shutdown(2)

    assert set_short() == first
    assert "another is started" in caplog.text


def test_helper_killed_at_work_takes_its_child_along_and_the_report_is_made():
    rendering = Rendering()

    os.kill(rendering.helper, signal.SIGKILL)
    rendering.join()

    assert is_gone(rendering.child)
    assert helper() != rendering.helper
    assert rendering.made.startswith(b"%PDF")


def test_helper_that_never_starts_is_told_in_words(tmp_path, monkeypatch):
    program = tmp_path / "broken.py"
    program.write_text("raise SystemExit(1)")
    monkeypatch.setattr(pdf, "CHILD", program)

    with pytest.raises(RenderingFailed, match="could not be made"):
        set_short()


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGXCPU])
def test_child_that_was_killed_is_told_in_words(fate, caplog):
    rendering = Rendering()

    os.kill(rendering.child, fate)
    rendering.join()

    assert rendering.failed == pdf.BROKEN
    assert f"typesetting ended with {-fate}" in caplog.text
    assert helper() == rendering.helper
    assert set_short().startswith(b"%PDF")


def test_child_that_takes_too_long_is_killed():
    set_short()

    with pytest.raises(RenderingFailed, match="too long"):
        pdf.set_pages(LONG, identifier=ID, timeout=0.2)

    assert children(helper()) == []
    assert set_short().startswith(b"%PDF")


def test_child_has_limits_no_environment_and_only_its_files():
    rendering = Rendering()
    limits = Path(f"/proc/{rendering.child}/limits")

    until(lambda: "1073741824" in limits.read_text())
    told = [" ".join(line.split()[:5]) for line in limits.read_text().splitlines()]
    environment = Path(f"/proc/{rendering.child}/environ").read_bytes().split(b"\0")
    group = os.getpgid(rendering.child)
    files = {os.readlink(f"/proc/{rendering.child}/fd/{number}") for number in "012"}
    rendering.join()

    assert {"Max address space 1073741824 1073741824", "Max cpu time 60 60"} <= set(told)
    assert {name.split(b"=")[0].decode() for name in environment} - {""} <= set(press.KEPT)
    assert group == rendering.child
    assert all(file.endswith("(deleted)") for file in files)


def test_reports_made_at_once_share_a_helper():
    rendering = Rendering()

    made = set_short()
    is_first_at_work = rendering.is_alive()
    rendering.join()

    assert (is_first_at_work, helper()) == (True, rendering.helper)
    assert made.startswith(b"%PDF")
    assert rendering.made.startswith(b"%PDF")


def test_place_is_free_when_the_child_is_done_and_not_before():
    rendering = Rendering()

    with pdf._slot(0), pytest.raises(RenderingFailed, match="Other reports"):
        set_short(patience=0)
    rendering.join()

    with pdf._slot(0), pdf._slot(0):
        pass


def test_child_that_prints_leaves_the_file_alone(tmp_path, monkeypatch):
    noisy = tmp_path / "noisy.py"
    program = pdf.CHILD
    noisy.write_text(
        f"import os, sys; sys.path.insert(0, {str(program.parent)!r}); import typeset, socket\n"
        "made = typeset.typeset\n"
        "def typeset_loudly(*args):\n"
        "    os.write(1, b'noise'); print('noise')\n"
        "    return made(*args)\n"
        "typeset.typeset = typeset_loudly\n"
        "typeset.Press(socket.socket(fileno=int(sys.argv[1]))).run(float(sys.argv[2]))\n"
    )
    first = set_short()
    monkeypatch.setattr(pdf, "CHILD", noisy)

    assert set_short() == first


def test_everything_ends_with_the_process_that_asked(tmp_path):
    """A web worker that is killed while a report is being made leaves neither helper nor child, and no place taken."""
    program = tmp_path / "asker.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import django, tempfile
            django.setup()
            from assessments.reports import pdf, press
            tempfile.tempdir = {str(tmp_path)!r}
            pdf.set_pages({SHORT!r}, identifier="00" * 32)
            print(press._helpers[0].process.pid, flush=True)
            pdf.set_pages({LONG!r}, identifier="00" * 32)
            """
        )
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "ipt.settings"}
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, env=environment) as asker:
        pid = int(asker.stdout.readline())
        [child] = until(lambda: children(pid))
        asker.kill()

    assert until(lambda: is_gone(pid))
    assert until(lambda: is_gone(child))
    with pdf._slot(5), pdf._slot(5):
        pass


def test_forked_process_has_a_helper_of_its_own():
    """What happens in the child of a fork, done here: it lets go of its parent's helper, which ends with the parent."""
    set_short()
    pid = helper()

    press._forget()

    assert press._helpers == []
    assert os.waitpid(pid, 0)[1] == 0


def test_helper_gives_its_memory_back_when_nobody_asks(monkeypatch):
    monkeypatch.setattr(press, "IDLE", 0.1)
    first = set_short()

    press._helpers[0].process.wait(20)

    assert set_short() == first
