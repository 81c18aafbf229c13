"""The public record: cosignatures of witnesses, and how many entries of each kind a published checkpoint covers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLE = "ledger_cosignature"
GRANTS: dict[str, dict[str, str]] = {TABLE: {PUBLIC: "SELECT", STAFF: "SELECT", WORKER: "INSERT, SELECT"}}
KEYS = ("id = NEW.id", "checkpoint_id = NEW.checkpoint_id AND witness = NEW.witness", "rowid = NEW.rowid")


def upgrade() -> None:
    op.add_column("ledger_checkpoint", sa.Column("counts", sa.JSON(), nullable=True))
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("checkpoint_id", sa.Uuid(), nullable=False),
        sa.Column("witness", sa.String(length=200), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["ledger_checkpoint.id"], name=op.f(f"fk_{TABLE}_checkpoint_id_ledger_checkpoint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("checkpoint_id", "witness", name=op.f(f"uq_{TABLE}_checkpoint_id_witness")),
    )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _guard_sqlite()
        return
    op.execute(
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION mingjing_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION mingjing_refuse()"
    )
    prefix = context.config.attributes["role_prefix"]
    roles.grant(connection, prefix, GRANTS)
    op.execute(f"ALTER TABLE {TABLE} OWNER TO {roles.quoted(prefix, OWNER)}")


def _guard_sqlite() -> None:
    refuse = f"SELECT RAISE(ABORT, '{TABLE} is append-only')"
    for act in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {TABLE}_no_{act} BEFORE {act} ON {TABLE} BEGIN {refuse}; END")
    clash = " OR ".join(f"EXISTS (SELECT 1 FROM {TABLE} WHERE {key})" for key in KEYS)
    op.execute(f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} WHEN {clash} BEGIN {refuse}; END")


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_column("ledger_checkpoint", "counts")
