"""What came back to the fund, by month: one row a month, with nothing in it that leads to a report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from admin.migrations.guards import keep_rows
from admin.migrations.roles import STAFF

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

GRANTS: dict[str, dict[str, str]] = {"recovered_month": {STAFF: "INSERT, SELECT, UPDATE"}}


def upgrade() -> None:
    op.create_table(
        "recovered_month",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("largest_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cases >= 0 and largest_fen >= 0", name=op.f("ck_recovered_month_counts")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_recovered_month")),
    )
    keep_rows({}, GRANTS)


def downgrade() -> None:
    op.drop_table("recovered_month")
