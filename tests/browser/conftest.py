"""Fixtures for tests in a real browser against a real server. They never touch the Django test database."""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.rating import open_rating
from tests.browser.stage import Server, Template, running_server, template_in

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
FAILURES = Path(__file__).parent / "failures"
# Patient: two workers and their servers may share two busy cores.
PATIENCE = 20_000

expect.set_options(timeout=PATIENCE)

OpenAs = Callable[..., Page]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell the fixtures whether the test failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """One for all workers of a run: whoever comes first makes it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    directory = shared / "browser"
    directory.mkdir(exist_ok=True)
    made = template_in(directory)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "facts.json").exists():
            made.prepare()
    return made


# The event loop of Playwright would forbid Django's database to every later test, so it ends with this package.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def server(template: Template) -> Iterator[Server]:
    """A server with a fresh copy of the database."""
    with running_server(template) as server:
        yield server


@pytest.fixture(scope="module")
def reading_server(template: Template) -> Iterator[Server]:
    """One server for tests that change nothing that another one looks at."""
    with running_server(template) as server:
        yield server


@pytest.fixture
def expected_errors() -> list[str]:
    """A test appends the beginnings of the console errors that it provokes; any other one fails it."""
    return []


@pytest.fixture
def open_as(server: Server, visits: Callable[[Server], OpenAs]) -> OpenAs:
    """open_as("supervisor") is a page of a fresh browser context in which that demo account is signed in."""
    return visits(server)


@pytest.fixture
def visits(
    browser: Browser, request: pytest.FixtureRequest, expected_errors: list[str]
) -> Iterator[Callable[[Server], OpenAs]]:
    servers: list[Server] = []
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def to(server: Server) -> OpenAs:
        servers.append(server)

        def open_as(person: str | None = None, *, javascript: bool = True, **options: object) -> Page:
            options = {"base_url": server.url, "locale": "en-GB", **options}
            context = browser.new_context(java_script_enabled=javascript, **options)
            contexts.append(context)
            context.set_default_timeout(PATIENCE)
            watch(context, complaints)
            if person:
                session = server.facts["sessions"][person]
                context.add_cookies([{"name": "sessionid", "value": session, "url": options["base_url"]}])
            return context.new_page()

        return open_as

    yield to
    has_failed = request.node.stash.get(FAILED, False)
    if has_failed:
        keep_traces(request.node.name, contexts, servers)
    for context in contexts:
        context.close()
    unexpected = [each for each in complaints if not each.startswith(tuple(expected_errors))]
    assert has_failed or unexpected == []


@pytest.fixture
def persistent(browser: Browser, server: Server, tmp_path: Path) -> Iterator[Callable[[str], BrowserContext]]:
    """Starts a browser whose profile outlives it, with an account signed in."""
    started: list[BrowserContext] = []

    def start(person: str) -> BrowserContext:
        context = browser.browser_type.launch_persistent_context(
            str(tmp_path), executable_path=CHROMIUM, args=ARGUMENTS, base_url=server.url
        )
        started.append(context)
        context.set_default_timeout(PATIENCE)
        session = server.facts["sessions"][person]
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        return context

    yield start
    started[-1].close()


@pytest.fixture
def draft(server: Server) -> str:
    """Nothing rated yet: S6 and S7, eight competences each."""
    return str(server.facts["blank"])


@pytest.fixture
def page(open_as: OpenAs, draft: str) -> Page:
    """Its author has it open at S6."""
    page = open_as("supervisor")
    open_rating(page, draft, "S6")
    return page


def watch(context: BrowserContext, complaints: list[str]) -> None:
    """Script errors, console errors, and with them every violation of the content security policy."""

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    context.on("console", listen)
    context.on("weberror", lambda error: complaints.append(str(error.error)))


def keep_traces(name: str, contexts: list[BrowserContext], servers: list[Server]) -> None:
    """Pictures of the open pages, and what the server wrote."""
    FAILURES.mkdir(exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    pages = [page for context in contexts for page in context.pages if not page.is_closed()]
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=FAILURES / f"{stem}-{number}.png", full_page=True)
    for server in servers:
        shutil.copyfile(server.log, FAILURES / f"{stem}.log")
