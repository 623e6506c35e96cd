"""Each run reads the settings afresh, in a process of its own, from an environment that holds nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {"SECRET_KEY": "k" * 30 + "0123456789-abcdefghij-klmnopq", "ALLOWED_HOSTS": "example.org"}


@pytest.fixture
def run(tmp_path):
    def run_with(*command, **environment):
        kept = {"PATH": os.environ["PATH"], "IPT_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ipt.settings"}
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False
        )

    return run_with


@pytest.fixture
def told(run):
    """What a few lines of Python print as JSON, with Django set up."""

    def tell(lines, **environment):
        done = run("-c", f"import json, django\ndjango.setup()\n{lines}", **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return tell


@pytest.fixture
def settings_of(told):
    def read(*names, **environment):
        lines = "from django.conf import settings\n"
        return told(f"{lines}print(json.dumps([getattr(settings, name) for name in {list(names)}]))", **environment)

    return read


def test_production_passes_the_deployment_check(run):
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is empty. Set SECRET_KEY, or SECRET_KEY_FILE to a file that holds it."),
        ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE: /nowhere cannot be read"),
        ({"ALLOWED_HOSTS": " "}, "ALLOWED_HOSTS is empty. Set it to a comma-separated list, for example example.org."),
        ({"IPT_DEMO": "perhaps"}, "IPT_DEMO is 'perhaps'. Set it to 1 or 0."),
        ({"DEBUG": "maybe"}, "DEBUG is 'maybe'. Set it to 1 or 0."),
        ({"TRUSTED_PROXY": "nginx"}, "TRUSTED_PROXY is 'nginx'. Set it to 1 or 0."),
        ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT is '-1'. Set it to a whole number of 0 or more."),
        ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT is 'smtp'. Set it to a whole number of 1 or more."),
    ],
)
def test_setting_that_makes_no_sense_stops_the_start(run, changes, sentence):
    done = run("manage.py", "check", **PRODUCTION | changes)

    assert done.returncode != 0
    assert sentence in done.stderr.strip().splitlines()[-1]


def test_secret_key_is_read_from_a_file(settings_of, tmp_path):
    (tmp_path / "key").write_text("from-a-file\n")

    assert settings_of("SECRET_KEY", SECRET_KEY_FILE=str(tmp_path / "key"), ALLOWED_HOSTS="example.org") == [
        "from-a-file"
    ]


def test_production_speaks_https_only(settings_of):
    names = [
        *("DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY"),
        *("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS"),
    ]

    assert settings_of(*names, **PRODUCTION) == [
        *(False, True, True, True, True),
        *("__Host-sessionid", "__Host-csrftoken", 31_536_000, ["example.org"]),
    ]


def test_demo_speaks_plain_http_on_loopback(settings_of):
    names = ["DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME", "ALLOWED_HOSTS"]

    assert settings_of(*names, IPT_DEMO="1") == [False, False, False, "sessionid", ["127.0.0.1", "localhost"]]


def test_proxy_is_trusted_only_when_told(settings_of):
    trusted, untrusted = (
        settings_of("SECURE_PROXY_SSL_HEADER", **PRODUCTION, TRUSTED_PROXY=flag) for flag in ["1", "0"]
    )

    assert (trusted, untrusted) == ([["HTTP_X_FORWARDED_PROTO", "https"]], [None])


@pytest.mark.parametrize(
    ("environment", "count"),
    [
        ({}, 0),
        ({"TRUSTED_PROXY": "1"}, 1),
        ({"TRUSTED_PROXY_COUNT": "2"}, 2),
        ({"TRUSTED_PROXY": "1", "TRUSTED_PROXY_COUNT": "2"}, 2),
    ],
)
def test_address_of_a_client_is_read_behind_the_proxies_that_are_told(settings_of, environment, count):
    assert settings_of("ALLAUTH_TRUSTED_PROXY_COUNT", **PRODUCTION, **environment) == [count]


@pytest.mark.parametrize(("host", "backend"), [("", "console"), ("mail.example.org", "smtp")])
def test_mail_goes_to_the_server_that_is_named(settings_of, host, backend):
    assert settings_of("EMAIL_BACKEND", **PRODUCTION, EMAIL_HOST=host) == [
        f"django.core.mail.backends.{backend}.EmailBackend"
    ]


@pytest.mark.parametrize(
    ("environment", "site"),
    [
        (PRODUCTION, "https://example.org"),
        (PRODUCTION | {"ALLOWED_HOSTS": ".example.org,other.example"}, "https://example.org"),
        (PRODUCTION | {"SITE_URL": "https://ipt.example.org/"}, "https://ipt.example.org"),
        ({"IPT_DEMO": "1"}, "http://127.0.0.1:8000"),
        ({"IPT_DEMO": "1", "PORT": "8001"}, "http://127.0.0.1:8001"),
    ],
)
def test_links_in_e_mails_lead_to_the_site(settings_of, environment, site):
    assert settings_of("SITE_URL", **environment) == [site]


def test_database_url_selects_postgresql(settings_of):
    databases = settings_of("DATABASES", **PRODUCTION, DATABASE_URL="postgres://ipt:pass@db.example.org/ipt")[0]

    assert (databases["default"]["ENGINE"], "transaction_mode" in databases["default"]["OPTIONS"]) == (
        "django.db.backends.postgresql",
        False,
    )


def test_database_url_adds_to_the_options_of_postgresql(settings_of):
    url = "postgres://ipt:pass@db.example.org/ipt?sslmode=require&prepare_threshold=9"
    databases = settings_of("DATABASES", **PRODUCTION, DATABASE_URL=url)[0]

    options = {"server_side_binding": True, "prepare_threshold": 9, "sslmode": "require"}
    assert databases["default"]["OPTIONS"] == options


def test_sqlite_keeps_what_it_acknowledged(told):
    lines = """\
from django.db import connection
names = ["journal_mode", "synchronous", "foreign_keys"]
with connection.cursor() as cursor:
    print(json.dumps({name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names}))
"""
    assert told(lines, **PRODUCTION) == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_sqlite_transaction_takes_the_write_lock_at_once(told):
    lines = """\
import sqlite3
from django.db import connection, transaction
with transaction.atomic():
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        print(json.dumps(str(error)))
"""
    assert told(lines, **PRODUCTION) == "database is locked"


def test_sqlite_file_lies_in_the_folder_for_changing_files(settings_of, tmp_path):
    databases = settings_of("DATABASES", **PRODUCTION)[0]

    assert databases["default"]["NAME"] == str(tmp_path / "ipt.sqlite3")
