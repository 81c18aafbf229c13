"""Indexes of rare values hold only the rows that have one.

With a million empty values in them, SQLite (after ANALYZE) took a scan of the table to be the shorter way: 150 ms at
every page of the staff site.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = (
    ("tip", "against_office_id"),
    ("tip", "merged_into_id"),
    ("tip", "duplicate_tag"),
    ("ledger_entry", "actor_id"),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        filled = sa.text(f"{column} is not null")
        op.drop_index(f"ix_{table}_{column}", table)
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=filled, postgresql_where=filled)


def downgrade() -> None:
    for table, column in COLUMNS:
        op.drop_index(f"ix_{table}_{column}", table)
        op.create_index(f"ix_{table}_{column}", table, [column])
