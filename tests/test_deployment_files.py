"""The container files call what exists, pin what they use and give up root. No container engine is needed."""

import fnmatch
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from assessments.importers.reading import MAX_BYTES
from ipt.middleware import LARGEST_BODY

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
IMAGES = [
    *re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE),
    *(service["image"] for service in COMPOSE["services"].values() if "image" in service),
]


def instructions(word):
    return re.findall(rf"^{word} ((?:.*\\\n)*.*)", DOCKERFILE, re.MULTILINE)


def called_files():
    """Every path in the repository that the image or a service starts or mounts."""
    commands = re.findall(r'"((?:bin|deploy)/[^"]+)"', DOCKERFILE)
    mounts = [
        volume.partition(":")[0].removeprefix("./")
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    served = re.findall(r"(?:manage\.py|deploy/[\w.]+)", (ROOT / "bin/serve").read_text())
    return sorted({*commands, *mounts, *served})


def is_in_image(path):
    """As .dockerignore decides: the last pattern that matches the path or a folder of it."""
    included = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        bare = pattern.removeprefix("!")
        folders = [path, *map(str, Path(path).parents)]
        if any(fnmatch.fnmatch(folder, bare) for folder in folders):
            included = pattern.startswith("!")
    return included


@pytest.mark.parametrize("image", IMAGES)
def test_image_is_pinned_to_a_version(image):
    _, _, tag = image.partition(":")

    assert re.match(r"\d+(\.\d+)*-", tag), f"{image} may change its major version unasked"


def test_image_gives_up_root_before_it_starts():
    assert instructions("USER")[-1] not in {"root", "0"}
    assert DOCKERFILE.rindex("\nUSER ") < DOCKERFILE.rindex("\nCMD ")


def test_image_reports_its_health():
    assert "bin/healthcheck.py" in instructions("HEALTHCHECK")[-1]


def test_image_installs_the_libraries_that_setup_asks_for():
    for_running, _, _ = (ROOT / "bin/setup").read_text().partition('"$wanted" = dev')
    asked = re.findall(r"echo (lib\S+)", for_running)

    assert sorted(re.findall(r"\blib[\w.-]+\b(?!/)", instructions("RUN")[0])) == sorted(asked)


def test_image_keeps_no_secret():
    environment = " ".join([*instructions("ENV"), *instructions("ARG")])

    assert not re.search(r"SECRET|PASSWORD|DATABASE_URL", environment)


@pytest.mark.parametrize("path", called_files())
def test_called_file_exists(path):
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("path", ["bin/serve", "bin/healthcheck.py", "deploy/gunicorn.conf.py", "manage.py"])
def test_called_file_is_in_the_image(path):
    assert is_in_image(path)


@pytest.mark.parametrize("path", [".env", ".git", "var/ipt.sqlite3", "tests/test_layers.py"])
def test_private_or_needless_file_is_not_in_the_image(path):
    assert not is_in_image(path)


def test_scripts_are_executable():
    scripts = [path for path in (ROOT / "bin").iterdir() if path.is_file() and not path.suffix]

    assert [path.name for path in [*scripts, ROOT / ".ci/run"] if not os.access(path, os.X_OK)] == []


def test_example_environment_names_what_compose_reads():
    read = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    named = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert named == read


def test_only_the_proxy_can_be_reached_from_outside():
    reachable = [name for name, service in COMPOSE["services"].items() if "ports" in service]

    assert reachable == ["proxy"]


def test_database_has_no_way_out():
    assert COMPOSE["services"]["db"]["networks"] == ["back"]
    assert COMPOSE["networks"]["back"] == {"internal": True}


def test_proxy_is_trusted_only_behind_the_proxy():
    environment = COMPOSE["services"]["web"]["environment"]

    assert (environment["TRUSTED_PROXY"], environment["TRUSTED_PROXY_COUNT"]) == ("1", "1")
    assert "ports" not in COMPOSE["services"]["web"]


def test_proxy_and_product_refuse_the_same_bodies():
    limit = re.search(r"max_size (\d+)MiB", (ROOT / "deploy/Caddyfile").read_text())

    assert int(limit[1]) * 1024**2 == LARGEST_BODY > MAX_BYTES


def test_serve_refuses_to_start_without_a_database():
    environment = {"PATH": os.environ["PATH"]}

    result = subprocess.run([ROOT / "bin/serve"], env=environment, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stderr) == (
        1,
        "DATABASE_URL is empty. Set it, for example postgres://ipt:password@db/ipt.\n",
    )


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pins_keep_their_extras(name):
    pins = dict(re.findall(r"^([\w-]+)(\[[\w, -]+\])?==", (ROOT / name).read_text(), flags=re.MULTILINE))
    wanted = {"requirements.txt": "whitenoise", "requirements-dev.txt": "coverage"}[name]

    assert pins[wanted]


@pytest.mark.parametrize("path", sorted((ROOT / "assessments").glob("**/*.css")), ids=lambda path: path.name)
def test_style_sheet_closes_every_block_that_it_opens(path):
    rules = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)

    assert rules.count("{") == rules.count("}")
