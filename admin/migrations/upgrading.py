"""Bringing a deployment's stores to the newest shape, and back.

The main database has a history (``versions/``). The shred store and the session store have none: one table of keys,
and rows that no restart outlives; they are made when missing, so that neither ever stands in a dump of the main one.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData

from admin.migrations import models, roles
from portal.kernel import shred
from portal.kernel.db import Database, SessionBase

ROLE_PREFIX = "mingjing"


def upgrade(database: Database, revision: str = "head", *, role_prefix: str = ROLE_PREFIX) -> None:
    """Bring all three stores to *revision*. On PostgreSQL roles are named ``<role_prefix>_public`` and so on.

    May be called again at any time. Needs an owner's rights: on PostgreSQL a role that may create roles, or one that
    is a member of the owner role when the roles stand already.
    """
    models.load()
    with database.engine.begin() as connection:
        command.upgrade(configuration(connection, role_prefix), revision)
    _make_store(database.shred, shred.metadata, role_prefix, sessions=False)
    _make_store(database.sessions, SessionBase.metadata, role_prefix, sessions=True)


def downgrade(database: Database, revision: str, *, role_prefix: str = ROLE_PREFIX) -> None:
    """Take the main database back to *revision* ("base": nothing). Shred keys and sessions are left as they are."""
    models.load()
    with database.engine.begin() as connection:
        command.downgrade(configuration(connection, role_prefix), revision)


def configuration(connection: Connection, role_prefix: str = ROLE_PREFIX) -> Config:
    """Alembic's settings for one connection; there is no ini file."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.set_main_option("path_separator", "newline")
    settings.attributes["connection"] = connection
    settings.attributes["role_prefix"] = role_prefix
    return settings


def _make_store(engine: Engine, metadata: MetaData, role_prefix: str, *, sessions: bool) -> None:
    with engine.begin() as connection:
        metadata.create_all(connection)
        if connection.dialect.name == "postgresql":
            roles.make(connection, role_prefix)
            roles.grant(connection, role_prefix, {name: roles.STORES.get(name, {}) for name in metadata.tables})
            if sessions:
                roles.keep_out_of_the_log(connection, list(metadata.tables))
                roles.part_sessions(connection, role_prefix)
