"""Whole deployments for faults: cheap hashes, real processes. On PostgreSQL each site signs in with its own role."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.benches.deployment import CHEAP, COUNTY, KEEPERS, NEWCOMER, Deployment, Urls, make_deployment
from tests.benches.served import PUBLIC, Served, serving
from tests.postgresql_cluster import Cluster

_numbers = count(1)


@pytest.fixture
def sqlite_deployment(tmp_path: Path) -> Deployment:
    """A deployment of this test alone, on SQLite."""
    return _made(tmp_path / "deployment", None)


@pytest.fixture
def databases(cluster: Cluster, postgresql_template: tuple[str, str]) -> Iterator[dict[str, str]]:
    """The names of the main database and the shred store of this test, migrated and empty."""
    number = next(_numbers)
    names = {part: f"fault_{number}_{part}" for part in ("main", "shred")}
    for name, source in zip(names.values(), postgresql_template, strict=True):
        cluster.create(name, source)
    yield names
    for name in names.values():
        cluster.drop(name)


@pytest.fixture
def postgresql_deployment(cluster: Cluster, databases: dict[str, str], tmp_path: Path) -> Deployment:
    """A deployment of this test alone, on PostgreSQL."""
    _log_in_as_roles(cluster)
    logins = ("postgres", "fault_public", "fault_staff")
    urls = [cluster.url(name, user) for user in logins for name in databases.values()]
    return _made(tmp_path / "deployment", Urls(*urls))


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


def _log_in_as_roles(cluster: Cluster) -> None:
    """A login for each site, in the role that the migrations made."""
    engine = create_engine(cluster.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = set(connection.scalars(text("SELECT rolname FROM pg_catalog.pg_roles")))
        for kind in ("public", "staff"):
            if f"fault_{kind}" not in known:
                connection.execute(text(f"CREATE ROLE fault_{kind} LOGIN IN ROLE mingjing_{kind}"))
