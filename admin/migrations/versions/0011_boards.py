"""Custody boards made on the staff site: which one an office chose, and boards that take nothing new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("office", sa.Column("board_id", sa.Uuid(), nullable=True))
    op.add_column("custody_board", sa.Column("retired_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("custody_board", "retired_on")
    op.drop_column("office", "board_id")
