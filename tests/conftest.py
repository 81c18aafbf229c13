"""What every test may ask for: two databases, a clock that stands still, a browser, a server for it.

A test that takes ``database`` or ``session`` runs twice, on SQLite and on PostgreSQL. The schema is made by the
migrations once a process and copied for each test. A tool that the machine lacks is a skip in one line, and a failure
when ``CI=true``.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import pytest
from sqlalchemy.orm import Session

from admin.config import StaffSettings
from crypto.kdf import KdfCost
from crypto.receipts import SiteSecrets
from crypto.signing import generate_signer
from portal.config import Settings
from portal.kernel import clock as kernel_clock
from portal.kernel.db import Database
from portal.kernel.site import Mode, Site, bind_site
from portal.kernel.transaction import bind
from tests.kept import collect_nothing, collect_seldom, compile_in_shares, keep_collected, keep_compiled
from tests.postgresql_cluster import Cluster, NoPostgreSQL, in_memory, running_cluster
from tests.postgresql_reuse import Reused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask import Flask
    from playwright.sync_api import Browser

CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The headless shell draws with the same engine and takes half the time: it starts no windows of its own."""
PLAYWRIGHTS_OWN = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,HttpsUpgrades,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect"
)
"""What Playwright turns off; who turns off anything else replaces its list."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",
    f"--disable-features=RenderDocument,{PLAYWRIGHTS_OWN}",
    "--js-flags=--no-opt --no-maglev --no-lazy-feedback-allocation --min-semi-space-size=16",
]
"""The last two: a page of a test lives too short for what compilers and collectors do for pages that stay (a quarter of
the time that axe-core takes), and for a frame of its own (a third of the time of going to it)."""

# A busy machine is no fault of an example; a failing one prints how to have it again.
hypothesis.settings.register_profile("mingjing", deadline=None, print_blob=True)
hypothesis.settings.load_profile("mingjing")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--write-routes`` with test_routes.py or test_every_permission.py brings its list up to date."""
    parser.addoption("--write-routes", action="store_true", help="write the lists of routes anew")


def pytest_configure(config: pytest.Config) -> None:
    """Temporary folders in memory where there is room: thousands of copied databases need no disk."""
    collect_seldom()
    memory = in_memory()
    if memory and config.option.basetemp is None and not hasattr(config, "workerinput"):
        config.option.basetemp = tempfile.mkdtemp(prefix="mj-tests-", dir=memory)
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))
    of_a_worker = hasattr(config, "workerinput") and config.option.basetemp
    keep_compiled(Path(config.option.basetemp).parent / "templates" if of_a_worker else None)


def pytest_collection(session: pytest.Session) -> None:
    """Where all tests are run, the processes compile them together."""
    if hasattr(session.config, "workerinput") or not session.config.getoption("numprocesses", None):
        collect_nothing()
    if [Path(one).name for one in session.config.args] == session.config.getini("testpaths"):
        compile_in_shares(session.config.rootpath)


LONG = (
    "tests/browser/test_every_staff_page.py",
    "tests/staff/test_every_permission.py",
    "tests/browser/test_every_page.py",
    "tests/faults/",
    "tests/demo/",
    "tests/custody/test_quorum.py",
    "tests/browser/test_circulars.py",
)
"""What takes ten seconds or more a test begins first: begun last, one process would work while the others wait."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, browser tests last: what fails fast is seen early. A test that drives the browser is marked by
    asking for it."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: (_place(item.nodeid), item.get_closest_marker("browser") is not None))


def _place(nodeid: str) -> int:
    return next((place for place, start in enumerate(LONG) if nodeid.startswith(start)), len(LONG))


def pytest_collection_finish() -> None:
    """Nothing that the tests are made of is garbage before the end."""
    keep_collected()


def lacking(what: str) -> NoReturn:
    """Skip for lack of a tool, or fail where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true and this machine lacks it: {what}", pytrace=False)
    pytest.skip(what)


# --- databases


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running PostgreSQL of this test process alone."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(running_cluster())
        except NoPostgreSQL as error:
            lacking(str(error))
        yield running


@pytest.fixture(scope="session")
def postgresql_template(cluster: Cluster) -> tuple[str, str]:
    """The names of a migrated main database and shred store, to be copied."""
    names = ("template_main", "template_shred")
    database = Database.open(*(cluster.create(name) for name in names))
    _migrate(database)
    database.dispose()
    return names


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the migrated files of the three stores, to be copied."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    database = _open_sqlite(folder)
    _migrate(database)
    database.dispose()  # the last connection folds the write-ahead log into the file
    return folder


def _migrate(database: Database) -> None:
    from admin.migrations import upgrade  # here, so that a test of pure rules does not wait for Alembic

    upgrade(database)


def _open_sqlite(folder: Path) -> Database:
    return Database.open(*(f"sqlite:///{folder / name}.sqlite" for name in ("main", "shred", "sessions")))


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty SQLite database; bound as the one of this process."""
    folder = shutil.copytree(sqlite_template, tmp_path / "database")
    made = _open_sqlite(folder)
    bind(made)
    yield made
    bind(None)
    made.dispose()


@pytest.fixture(scope="session")
def reused(cluster: Cluster, postgresql_template: tuple[str, str]) -> Iterator[Reused]:
    """The PostgreSQL databases of this process, emptied after each test."""
    made = Reused(cluster, postgresql_template)
    yield made
    made.drop()


@pytest.fixture
def postgresql_database(reused: Reused) -> Iterator[Database]:
    """A migrated, empty PostgreSQL database, signed in as the owner; bound as the one of this process."""
    made = reused.database()
    bind(made)
    yield made
    bind(None)
    reused.empty()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated, empty database, once of each kind."""
    made = request.getfixturevalue(f"{request.param}_database")
    assert isinstance(made, Database)
    return made


@pytest.fixture
def db(database: Database) -> Database:
    """Short for ``database``."""
    return database


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session on the main database; what a test leaves open is rolled back."""
    with Session(database.engine, expire_on_commit=False) as opened:
        yield opened
        opened.rollback()


@pytest.fixture(scope="session")
def cheap_cost() -> KdfCost:
    """The least that Argon2id allows: for tests that are not about how slow the hash is."""
    return KdfCost(memory_kib=8, iterations=1, lanes=1)


# --- the deployment


@pytest.fixture(scope="session")
def checkpoint_key() -> tuple[str, str]:
    """The key that signs checkpoints of the ledger ``test.example/ledger`` (worker only), and the one that verifies."""
    return generate_signer("test.example/ledger")


@pytest.fixture
def site(tmp_path: Path, checkpoint_key: tuple[str, str], cheap_cost: KdfCost) -> Iterator[Site]:
    """A site of this test alone, with a cheap hash and an empty store for files; bound as the one of this process."""
    made = Site(
        mode=Mode.TEST,
        name="明镜",
        receipts=SiteSecrets(secrets.token_bytes(32), {1: secrets.token_bytes(32)}, 1),
        blob_dir=tmp_path / "blobs",
        checkpoint_vkey=checkpoint_key[1],
        ledger_origin="test.example/ledger",
        receipt_cost=cheap_cost,
        secure_cookies=False,
    )
    made.blob_dir.mkdir()
    bind_site(made)
    yield made
    bind_site(None)


@pytest.fixture
def public_settings(site: Site, database: Database, tmp_path: Path) -> Settings:
    """What the public process of that site would be told, on each kind of database."""
    main, shred, sessions = (
        engine.url.render_as_string(hide_password=False)
        for engine in (database.engine, database.shred, database.sessions)
    )
    folder = tmp_path / "public" / "secrets"  # apart from the staff side's, as in a real deployment
    folder.mkdir(parents=True)
    path = folder.parent / "public.toml"
    path.write_text('mode = "test"\n', "utf-8")  # never parsed here: only searched for private keys
    return Settings(
        path=path,
        site=site,
        database_url=main,
        shred_url=shred,
        sessions_url=sessions,
        secrets_dir=folder,
        secret_key=secrets.token_bytes(32),
        demo_secrets=False,
        testing=True,
    )


@pytest.fixture
def staff_settings(
    public_settings: Settings, cheap_cost: KdfCost, checkpoint_key: tuple[str, str], tmp_path: Path
) -> StaffSettings:
    """What the staff side of that site would be told; the checkpoint key lies where the worker looks for it."""
    folder = tmp_path / "staff" / "secrets"
    folder.mkdir(parents=True)
    signer = folder / "checkpoint-signer"
    signer.write_text(checkpoint_key[0], "ascii")
    return StaffSettings(
        path=folder.parent / "staff.toml",
        shared=public_settings,
        secrets_dir=folder,
        secret_key=secrets.token_bytes(32),
        passphrase_pepper=secrets.token_bytes(32),
        passphrase_cost=cheap_cost,
        signer_path=signer,
        demo_secrets=False,
    )


@pytest.fixture
def public_app(public_settings: Settings, database: Database) -> Flask:
    """The whole public site over the database of this test."""
    from portal.app import create_app

    return create_app(public_settings, database)


@pytest.fixture
def staff_app(staff_settings: StaffSettings, database: Database) -> Flask:
    """The whole staff site over the database of this test."""
    from admin.app import create_app

    return create_app(staff_settings, database)


# --- time


class StandingClock:
    """A clock that moves only when told to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        """Put the clock to *moment*, which must be in UTC."""
        assert moment.tzinfo is UTC
        self.moment = moment

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the clock on."""
        self.moment += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


@pytest.fixture
def clock() -> Iterator[StandingClock]:
    """Monday, 28 September 2026, 10:00 in Beijing: three working days before a week of holidays."""
    standing = StandingClock(datetime(2026, 9, 28, 2, 0, tzinfo=UTC))
    kernel_clock.set_source(standing)
    yield standing
    kernel_clock.set_source(None)


# --- a real browser


@pytest.fixture
def serve() -> Iterator[Callable[[WSGIApplication], str]]:
    """``serve(app)`` answers on a free loopback port until the test ends; it gives the address, no final slash."""
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    servers = []

    def start(application: WSGIApplication) -> str:
        server = make_server("127.0.0.1", 0, application, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The machine's own Chromium; a test opens ``chromium.new_context(viewport=…, java_script_enabled=…)``."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        lacking("Chromium is not installed (Debian 12: apt-get install chromium-headless-shell)")
    from playwright.sync_api import sync_playwright

    from tests.browser.chromium import measured

    if "PYTEST_XDIST_WORKER" in os.environ:
        measured.share(tmp_path_factory.getbasetemp().parent / "measured")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
