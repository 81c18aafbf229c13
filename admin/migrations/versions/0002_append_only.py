"""The ledger refuses update, delete, replace and truncate, on both databases.

Triggers stop mistakes; what stops the owner of the database is a published checkpoint.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEYS = {
    "ledger_entry": ("id",),
    "ledger_leaf": ("seq", "entry_id"),
    "ledger_node": ("level, position",),
    "ledger_checkpoint": ("id",),
    "ledger_nonce": ("entry_id",),
}
"""Table -> its unique keys: a row that carries one of them again would be a replacement."""

SHREDDABLE = ("ledger_nonce",)
"""May lose rows (shredding makes a leaf mute) and may not change one."""


def upgrade() -> None:
    for statement in _sqlite_guards() if op.get_bind().dialect.name == "sqlite" else _postgresql_guards():
        op.execute(statement)


def downgrade() -> None:
    for statement in _sqlite_release() if op.get_bind().dialect.name == "sqlite" else _postgresql_release():
        op.execute(statement)


def _sqlite_guards() -> list[str]:
    made = []
    for table, keys in KEYS.items():
        refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
        made.append(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END")
        if table not in SHREDDABLE:
            made.append(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END")
        # INSERT OR REPLACE fires no delete trigger (unless recursive_triggers is set), so the insert itself
        # must refuse.
        # A given rowid is one more key that a replacement could name.
        same = [" AND ".join(f"{column} = NEW.{column}" for column in key.split(", ")) for key in keys]
        clash = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {match})" for match in [*same, "rowid = NEW.rowid"])
        made.append(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {clash} BEGIN {refuse}; END")
    return made


def _sqlite_release() -> list[str]:
    dropped = [f"DROP TRIGGER {table}_no_{what}" for table in KEYS for what in ("update", "replace")]
    return dropped + [f"DROP TRIGGER {table}_no_delete" for table in KEYS if table not in SHREDDABLE]


def _postgresql_guards() -> list[str]:
    made = [
        """CREATE FUNCTION mingjing_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"""
    ]
    for table in KEYS:
        acts = "UPDATE" if table in SHREDDABLE else "UPDATE OR DELETE"
        made.append(
            f"CREATE TRIGGER {table}_append_only BEFORE {acts} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION mingjing_refuse()"
        )
        made.append(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mingjing_refuse()"
        )
    return made


def _postgresql_release() -> list[str]:
    dropped = [f"DROP TRIGGER {table}_{what} ON {table}" for table in KEYS for what in ("append_only", "no_truncate")]
    return [*dropped, "DROP FUNCTION mingjing_refuse()"]
