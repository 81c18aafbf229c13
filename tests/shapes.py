"""What founding a deployment costs most, spared where a test is about something else: the migrations and the slow hash.

``tests/migrations``, ``tests/crypto`` and ``tests/setup/test_asked.py`` are about them.
"""

from __future__ import annotations

from sqlalchemy import text

from admin.migrations import upgrade
from crypto.kdf import KdfCost, argon2id
from portal.kernel.db import Database
from tests.rows_kept import Rows

_kept: list[Rows] = []


def upgrade_once(database: Database) -> None:
    """For ``admin.migrations.upgrade``: the newest shape of SQLite is made once in a process (a second of CPU) and
    copied into stores that are empty from then on."""
    if database.is_postgresql or _stands(database):
        upgrade(database)
    elif _kept:
        _kept[0].put(database)
    else:
        upgrade(database)
        _kept.append(Rows.of(database))


def _stands(database: Database) -> bool:
    """Whether anything has been made in the main database."""
    with database.engine.connect() as connection:
        return connection.scalar(text("select 1 from sqlite_master limit 1")) is not None


def cheap_argon2id(secret: bytes, salt: bytes, _cost: KdfCost, pepper: bytes | None = None) -> bytes:
    """For ``argon2id``: the least that it allows, whatever cost is asked for and written down."""
    return argon2id(secret, salt, KdfCost(8, 1, 1), pepper)
