"""What moved the day of a clock says when it was recorded and which day it was before; whom a clock was about.

A pause or an extension of before has the day from which it counts as the day on which it became known: whether that
day was missed comes out the same. What is told of rewards has no total and no cell that is kept back for another; its
rows are made again by the worker.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.guards import keep_rows
from admin.migrations.roles import PUBLIC, STAFF, WORKER

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

FILLED = """
UPDATE clock_change SET
  position = (SELECT count(*) FROM clock_change AS earlier WHERE earlier.clock_id = clock_change.clock_id
    AND (earlier.from_day < clock_change.from_day
      OR (earlier.from_day = clock_change.from_day AND earlier.id <= clock_change.id))),
  known_on = from_day,
  due_before = CASE WHEN kind = 'extension' THEN from_day
    ELSE (SELECT due_on FROM clock WHERE clock.id = clock_change.clock_id) END
"""
ABOUT = """
UPDATE clock SET about_office = (SELECT tip.against_office_id IS NOT NULL FROM tip WHERE tip.id = clock.tip_id)
"""
ORDER, MOVED, OLD = "uq_clock_change_clock_id_position", "ix_clock_change_due_before", "ix_clock_change_clock_id"
GRANTS: dict[str, dict[str, str]] = {
    "reward_total": {PUBLIC: "SELECT", STAFF: "SELECT", WORKER: "INSERT, SELECT, DELETE"}
}
WORKS = "INSERT, SELECT"
"""Of the worker, who counts clocks again by another calendar and says so."""
COLUMNS = (("position", sa.Integer()), ("known_on", sa.Date()), ("due_before", sa.Date()))


def upgrade() -> None:
    op.add_column("clock", sa.Column("about_office", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(ABOUT)
    for name, kind in COLUMNS:
        op.add_column("clock_change", sa.Column(name, kind, nullable=True))
    op.execute(FILLED)
    with op.batch_alter_table("clock_change") as table:
        for name, kind in COLUMNS:
            table.alter_column(name, existing_type=kind, nullable=False)
    op.drop_index(OLD, "clock_change")
    op.create_index(ORDER, "clock_change", ["clock_id", "position"], unique=True)
    op.create_index(MOVED, "clock_change", ["due_before"])
    _grant_changes(WORKS)
    _totals()


def _grant_changes(worker: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        change = "SELECT, INSERT, UPDATE"
        lines = {PUBLIC: change, STAFF: change, WORKER: worker}
        roles.grant(op.get_bind(), context.config.attributes["role_prefix"], {"clock_change": lines})


def _totals(*more: sa.Column[str] | sa.CheckConstraint) -> None:
    """The table of what is told of rewards, anew and empty."""
    op.drop_table("reward_total")
    op.create_table(
        "reward_total",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        *more,
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("count_low", sa.Integer(), nullable=True),
        sa.Column("count_high", sa.Integer(), nullable=True),
        sa.Column("fen_low", sa.BigInteger(), nullable=True),
        sa.Column("fen_high", sa.BigInteger(), nullable=True),
        sa.Column("counted_to", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("year", "place", name=op.f("pk_reward_total")),
    )
    keep_rows({}, GRANTS)


def downgrade() -> None:
    _totals(
        sa.Column("told", sa.String(length=8), nullable=False),
        sa.CheckConstraint("told in ('told','few','guarded')", name=op.f("ck_reward_total_told")),
    )
    _grant_changes("SELECT")
    op.drop_index(MOVED, "clock_change")
    op.drop_index(ORDER, "clock_change")
    op.create_index(OLD, "clock_change", ["clock_id"])
    with op.batch_alter_table("clock_change") as table:
        for name, _kind in COLUMNS:
            table.drop_column(name)
    op.drop_column("clock", "about_office")
