"""When a report was decided, and after how many days, stands with the report; indexes that alone answer the dashboard.

Counted from the history, every decision and its report had to be looked up: 2.4 s for 60,000 on SQLite. What is taken
over is the last decision of each report.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

LAST = "select max(day) from tip_event where tip_event.tip_id = tip.id and tip_event.action = 'decide'"
MONTH = {"sqlite": "substr(({}), 1, 7)", "postgresql": "to_char(({}), 'YYYY-MM')"}
AFTER = {
    "sqlite": "cast(julianday(({})) - julianday(received_on) as integer)",
    "postgresql": "({}) - received_on",
}
INDEXES = (
    ("ix_tip_decided_after", ["office_id", "decided_month", "decided_after"], "decided_month is not null"),
    ("ix_tip_decided_received", ["office_id", "decided_month", "received_on", "id"], "decided_month is not null"),
    ("ix_tip_dated_region", ["office_id", "region", "due_on"], "due_on is not null"),
    ("ix_tip_undated", ["office_id", "state", "due_on", "region", "assignee_id"], "due_on is null"),
)
CLOCKS = ["office_id", "state", "due_on", "rule"]


def upgrade() -> None:
    op.add_column("tip", sa.Column("decided_month", sa.String(length=7), nullable=True))
    op.add_column("tip", sa.Column("decided_after", sa.Integer(), nullable=True))
    kind = op.get_bind().dialect.name
    op.execute(
        f"update tip set decided_month = {MONTH[kind].format(LAST)}, decided_after = {AFTER[kind].format(LAST)}"
        " where id in (select tip_id from tip_event where action = 'decide')"
    )
    for name, columns, where in INDEXES:
        op.create_index(name, "tip", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_clock_missed", "clock", [*CLOCKS, "tip_id"])
    op.drop_index("ix_clock_office_id_state_due_on_rule", "clock")


def downgrade() -> None:
    op.create_index("ix_clock_office_id_state_due_on_rule", "clock", CLOCKS)
    op.drop_index("ix_clock_missed", "clock")
    for name, _columns, _where in INDEXES:
        op.drop_index(name, "tip")
    op.drop_column("tip", "decided_after")
    op.drop_column("tip", "decided_month")
