"""Circulars on the evaluation of offices beside those on a case, with a state; letters of reporters by their day.

What was sent before is a circular on a case, sent on the day on which it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import STAFF, WORKER

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

ADD = "INSERT, SELECT"
DECIDED = "UPDATE (state, words, approved_by, sent_on)"
LETTERS, PROPOSED = "ix_letter_day_in", "ix_circular_proposed"
CHECKS = {
    "kind": "kind in ('case','evaluation')",
    "state": "state in ('proposed','sent','returned','dropped')",
    "of_a_report": "(kind = 'case') = (tip_id is not null)",
    "fixed": "kind = 'case' or content <> ''",
    "sent": "state <> 'sent' or sent_on is not null",
    "approved": "kind = 'case' or state <> 'sent' or approved_by is not null",
    "two_people": "approved_by is null or approved_by <> made_by",
}


def upgrade() -> None:
    with _copies_aside(), op.batch_alter_table("circular") as table:
        table.add_column(sa.Column("kind", sa.String(length=10), nullable=False, server_default="case"))
        table.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="sent"))
        table.add_column(sa.Column("period", sa.String(length=8), nullable=False, server_default=""))
        table.add_column(sa.Column("content", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("sha256", sa.String(length=64), nullable=False, server_default=""))
        table.add_column(sa.Column("words", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("approved_by", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("sent_on", sa.Date(), nullable=True))
        table.alter_column("tip_id", existing_type=sa.Uuid(), nullable=True)
    op.execute("UPDATE circular SET sent_on = made_on")
    with _copies_aside(), op.batch_alter_table("circular") as table:
        for name in ("kind", "state", "period", "content", "sha256", "words"):
            table.alter_column(name, server_default=None)
        for name, rule in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_circular_{name}"), rule)
    with _copies_aside(receipts_only=True):
        _sealed_or_not(nullable=True)
    only = sa.text("state = 'proposed' and kind = 'evaluation'")
    op.create_index(
        PROPOSED, "circular", ["office_id", "period"], unique=True, sqlite_where=only, postgresql_where=only
    )
    from_reporters = sa.text("direction = 'in'")
    op.create_index(LETTERS, "letter", ["day"], sqlite_where=from_reporters, postgresql_where=from_reporters)
    _grant({STAFF: f"{ADD}, {DECIDED}", WORKER: "SELECT (id, tip_id), UPDATE (sealed)"})


def downgrade() -> None:
    op.drop_index(LETTERS, "letter")
    op.drop_index(PROPOSED, "circular")
    others = "IN (SELECT id FROM circular WHERE kind <> 'case')"
    copies = f"SELECT id FROM circular_copy WHERE circular_id {others}"
    op.execute(f"DELETE FROM circular_receipt WHERE copy_id IN ({copies})")
    op.execute(f"DELETE FROM circular_copy WHERE circular_id {others}")
    op.execute("DELETE FROM circular WHERE kind <> 'case'")
    with _copies_aside(receipts_only=True):
        _sealed_or_not(nullable=False)
    _grant({STAFF: ADD, WORKER: "SELECT (id, tip_id), UPDATE (sealed)"})
    with _copies_aside(), op.batch_alter_table("circular") as table:
        for name in CHECKS:
            table.drop_constraint(op.f(f"ck_circular_{name}"), type_="check")
        table.alter_column("tip_id", existing_type=sa.Uuid(), nullable=False)
        for name in ("kind", "state", "period", "content", "sha256", "words", "approved_by", "sent_on"):
            table.drop_column(name)


def _sealed_or_not(*, nullable: bool) -> None:
    """Whether a copy may do without a wrapped key."""
    with op.batch_alter_table("circular_copy") as table:
        table.alter_column("key_id", existing_type=sa.LargeBinary(), nullable=nullable)
        table.alter_column("wrapped", existing_type=sa.LargeBinary(), nullable=nullable)
        name = op.f("ck_circular_copy_wrapped")
        if nullable:
            table.create_check_constraint(name, "(key_id is null) = (wrapped is null)")
        else:
            table.drop_constraint(name, type_="check")


def _grant(lines: dict[str, str]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        roles.grant(op.get_bind(), context.config.attributes["role_prefix"], {"circular": lines})


@contextmanager
def _copies_aside(*, receipts_only: bool = False) -> Iterator[None]:
    """SQLite makes a table anew for such a change; the rows that point at it stand aside meanwhile."""
    tables = ("circular_receipt",) if receipts_only else ("circular_receipt", "circular_copy")
    aside = tables if op.get_bind().dialect.name == "sqlite" else ()
    for table in aside:
        op.execute(f"CREATE TEMPORARY TABLE aside_{table} AS SELECT * FROM {table}")
        op.execute(f"DELETE FROM {table}")
    yield
    for table in reversed(aside):
        op.execute(f"INSERT INTO {table} SELECT * FROM aside_{table}")
        op.execute(f"DROP TABLE aside_{table}")
