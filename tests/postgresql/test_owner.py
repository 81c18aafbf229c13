"""An installation is done by a login that may make roles and owns the databases: no superuser is needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from admin.migrations import upgrade
from portal.kernel.db import Database
from tests.postgresql_cluster import Cluster

OWNER, PREFIX = "mj_owner_alone", "mj_fresh"


@pytest.fixture
def owned(cluster: Cluster) -> Iterator[Database]:
    """Two empty databases that belong to a login without a superuser's rights."""
    admin = Database.open(cluster.create("owned_main"), cluster.create("owned_shred"))
    with admin.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {OWNER} LOGIN CREATEROLE"))
        for name in ("owned_main", "owned_shred"):
            connection.execute(text(f"ALTER DATABASE {name} OWNER TO {OWNER}"))
    admin.dispose()
    database = Database.open(cluster.url("owned_main", OWNER), cluster.url("owned_shred", OWNER))
    yield database
    database.dispose()
    for name in ("owned_main", "owned_shred"):
        cluster.drop(name)


def test_the_owner_of_the_databases_can_install_and_upgrade(owned: Database) -> None:
    upgrade(owned, role_prefix=PREFIX)
    upgrade(owned, role_prefix=PREFIX)
    with owned.engine.connect() as connection:
        assert connection.scalar(text("SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user"))
        owners = connection.scalars(text("SELECT DISTINCT tableowner FROM pg_tables WHERE tablename = 'tip'")).all()
    assert owners == [f"{PREFIX}_owner"]
