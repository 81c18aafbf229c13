"""What moved the day of a clock says when it was recorded and which day it was before; whom a clock was about.

A pause or an extension of before has the day from which it counts as the day on which it became known: whether that
day was missed comes out the same.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0032"
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


def downgrade() -> None:
    op.drop_index(MOVED, "clock_change")
    op.drop_index(ORDER, "clock_change")
    op.create_index(OLD, "clock_change", ["clock_id"])
    with op.batch_alter_table("clock_change") as table:
        for name, _kind in COLUMNS:
            table.drop_column(name)
    op.drop_column("clock", "about_office")
