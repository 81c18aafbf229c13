"""Whole deployments for faults: cheap hashes, real processes. On PostgreSQL each site signs in with its own role.

Founded once in a test process on each kind of database: files and databases are copied from then on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.benches.deployment import CHEAP, COUNTY, KEEPERS, NEWCOMER, Deployment, Urls, make_deployment
from tests.benches.served import PUBLIC, Served, serving
from tests.postgresql_cluster import Cluster

_numbers = count(1)


PARTS = ("main", "shred")


@pytest.fixture(scope="session")
def founded_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """What each test gets a copy of."""
    return _made(tmp_path_factory.mktemp("founded") / "sqlite", None)


@pytest.fixture
def sqlite_deployment(founded_on_sqlite: Deployment, tmp_path: Path) -> Deployment:
    """A deployment of this test alone, on SQLite."""
    return _copied(founded_on_sqlite, tmp_path / "deployment")


@pytest.fixture(scope="session")
def founded_on_postgresql(
    cluster: Cluster, postgresql_template: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Deployment:
    """What each test gets a copy of: its files, and the databases ``fault_0_main`` and ``fault_0_shred``."""
    for part, source in zip(PARTS, postgresql_template, strict=True):
        cluster.create(f"fault_0_{part}", source)
    _log_in_as_roles(cluster)
    logins = ("postgres", "fault_public", "fault_staff")
    urls = [cluster.url(f"fault_0_{part}", user) for user in logins for part in PARTS]
    return _made(tmp_path_factory.mktemp("founded") / "postgresql", Urls(*urls))


@pytest.fixture
def databases(cluster: Cluster, founded_on_postgresql: Deployment) -> Iterator[dict[str, str]]:
    """The names of the main database and the shred store of this test."""
    number = next(_numbers)
    names = {part: f"fault_{number}_{part}" for part in PARTS}
    for part, name in names.items():
        cluster.create(name, f"fault_0_{part}")
    yield names
    for name in names.values():
        cluster.drop(name)


@pytest.fixture
def postgresql_deployment(
    cluster: Cluster, founded_on_postgresql: Deployment, databases: dict[str, str], tmp_path: Path
) -> Deployment:
    """A deployment of this test alone, on PostgreSQL."""
    made = _copied(founded_on_postgresql, tmp_path / "deployment")
    for settings in made.folder.glob("*.toml"):
        text = settings.read_text("utf-8")
        for part, name in databases.items():
            text = text.replace(f"fault_0_{part}", name)
        settings.write_text(text, "utf-8")
    main, shred = (cluster.url(name) for name in databases.values())
    return replace(made, owner_urls=(main, shred, main))


@pytest.fixture(params=["sqlite", "postgresql"])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """A deployment of this test alone, once on each database."""
    made = request.getfixturevalue(f"{request.param}_deployment")
    assert isinstance(made, Deployment)
    return made


@pytest.fixture
def public(deployment: Deployment) -> Iterator[Served]:
    """The public site of that deployment."""
    with serving(PUBLIC, deployment.environment(), deployment.folder / "public.log") as served:
        yield served


def _made(folder: Path, urls: Urls | None) -> Deployment:
    people = (COUNTY, NEWCOMER, *KEEPERS)
    return make_deployment(folder, enrolled=people, receipt_cost=CHEAP, passphrase_cost=CHEAP, urls=urls)


def _copied(founded: Deployment, folder: Path) -> Deployment:
    """With recovery codes of its own: each opens once."""
    shutil.copytree(founded.folder, folder)
    people = {name: replace(person, codes=list(person.codes)) for name, person in founded.people.items()}
    return replace(founded, folder=folder, people=people)


def _log_in_as_roles(cluster: Cluster) -> None:
    """A login for each site, in the role that the migrations made."""
    engine = create_engine(cluster.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = set(connection.scalars(text("SELECT rolname FROM pg_catalog.pg_roles")))
        for kind in ("public", "staff"):
            if f"fault_{kind}" not in known:
                connection.execute(text(f"CREATE ROLE fault_{kind} LOGIN IN ROLE mingjing_{kind}"))
