"""Indexes for clocks and events of an office by day, which the dashboard and the evaluation count.

They begin with the office, so that those on the office alone are no longer needed.
"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INDEXES = (
    ("clock", ["office_id", "state", "due_on", "rule"]),
    ("tip_event", ["office_id", "action", "day"]),
)


def upgrade() -> None:
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
        op.drop_index(f"ix_{table}_office_id", table)


def downgrade() -> None:
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_office_id", table, ["office_id"])
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
