import re
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ipt import environment

pytestmark = pytest.mark.usefixtures("_unset")


@pytest.fixture
def _unset(monkeypatch):
    for name in ["THING", "THING_FILE"]:
        monkeypatch.delenv(name, raising=False)


def refusal(read, *args, **kwargs):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(*args, **kwargs)
    return str(refused.value)


@pytest.mark.parametrize("written", ["1", "TRUE", " yes ", "on"])
def test_flag_is_on(monkeypatch, written):
    monkeypatch.setenv("THING", written)

    assert environment.flag("THING") is True


@pytest.mark.parametrize("written", ["0", "false", "No", "off", "", "  "])
def test_flag_is_off(monkeypatch, written):
    monkeypatch.setenv("THING", written)

    assert environment.flag("THING", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_flag_unset_is_its_default(default):
    assert environment.flag("THING", default=default) is default


@pytest.mark.parametrize("written", ["2", "perhaps", "-1", "yes please"])
def test_flag_of_nonsense_is_refused(monkeypatch, written):
    monkeypatch.setenv("THING", written)

    assert refusal(environment.flag, "THING") == f"THING is '{written}'. Set it to 1 or 0."


@pytest.mark.parametrize(("written", "number"), [("0", 0), (" 25 ", 25), ("007", 7)])
def test_whole_number_is_read(monkeypatch, written, number):
    monkeypatch.setenv("THING", written)

    assert environment.whole_number("THING", default=3) == number


def test_file_is_where_it_is_said_to_lie(monkeypatch):
    monkeypatch.setenv("THING", " /srv/thing.p12 ")

    assert environment.file("THING") == Path("/srv/thing.p12")


def test_file_need_not_be_configured():
    assert environment.file("THING") is None


def test_whole_number_unset_is_its_default():
    assert environment.whole_number("THING", default=587, at_least=1) == 587


@pytest.mark.parametrize("written", ["", "-1", "1.5", "many", "1e3", "0", "²"])
def test_whole_number_of_nonsense_is_refused(monkeypatch, written):
    monkeypatch.setenv("THING", written)

    assert refusal(environment.whole_number, "THING", default=3, at_least=1) == (
        f"THING is '{written}'. Set it to a whole number of 1 or more."
    )


@pytest.mark.parametrize(
    ("written", "text"), [("hello", "hello"), ("  hello there ", "hello there"), ("  ", "default")]
)
def test_text_is_read(monkeypatch, written, text):
    monkeypatch.setenv("THING", written)

    assert environment.text("THING", default="default") == text


def test_text_unset_is_its_default():
    assert environment.text("THING", default="default") == "default"


@pytest.mark.parametrize(("written", "names"), [("a", ["a"]), ("a, b,,c ,", ["a", "b", "c"])])
def test_names_are_read(monkeypatch, written, names):
    monkeypatch.setenv("THING", written)

    assert environment.names("THING") == names


@pytest.mark.parametrize("default", [[], ["localhost"]])
def test_names_unset_are_their_default(default):
    assert environment.names("THING", default=default) == default


@pytest.mark.parametrize("written", ["", " , "])
def test_names_that_are_compulsory_are_refused_when_empty(monkeypatch, written):
    monkeypatch.setenv("THING", written)

    assert refusal(environment.names, "THING") == (
        "THING is empty. Set it to a comma-separated list, for example example.org."
    )


def test_secret_is_read_from_its_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("THING", "hidden")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "nowhere"))

    assert environment.secret("THING", kept_in=tmp_path / "kept") == "hidden"
    assert not (tmp_path / "kept").exists()


def test_secret_is_read_from_its_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("hidden\n")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))

    assert environment.secret("THING", kept_in=None) == "hidden"


def test_secret_in_an_empty_file_is_refused(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("\n")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))

    assert refusal(environment.secret, "THING", kept_in=None) == f"THING_FILE: {tmp_path / 'secret'} is empty."


def test_secret_in_a_missing_file_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))

    assert refusal(environment.secret, "THING", kept_in=None) == (
        f"THING_FILE: {tmp_path / 'secret'} cannot be read (No such file or directory)."
    )


def test_secret_that_is_nowhere_is_refused():
    assert refusal(environment.secret, "THING", kept_in=None) == (
        "THING is empty. Set THING, or THING_FILE to a file that holds it."
    )


def test_secret_of_the_demo_is_made_once(tmp_path):
    kept_in = tmp_path / "new" / "secret"

    first, second = (environment.secret("THING", kept_in=kept_in) for _ in range(2))

    assert first == second == kept_in.read_text()
    assert re.fullmatch(r"[\w-]{86}", first)


def test_secret_of_the_demo_is_for_its_owner_only(tmp_path):
    environment.secret("THING", kept_in=tmp_path / "secret")

    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
