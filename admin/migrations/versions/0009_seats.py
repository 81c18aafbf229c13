"""Seats pass on: who is appointed to hold one next, whose person an account is, and shares that are sealed anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import PUBLIC, STAFF

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SHARES = "identity_share"
BEFORE, AFTER = (
    {SHARES: {PUBLIC: "INSERT", STAFF: staff}}
    for staff in ("INSERT, SELECT", "INSERT, SELECT, UPDATE (sealed, key_id)")
)


def upgrade() -> None:
    op.add_column("board_seat", sa.Column("next_holder_id", sa.Uuid(), nullable=True))
    op.create_index("ix_board_seat_next_holder_id", "board_seat", ["next_holder_id"])
    op.add_column("staff", sa.Column("person_no", sa.String(length=40), nullable=False, server_default=""))
    _grant(AFTER)


def downgrade() -> None:
    _grant(BEFORE)
    op.drop_column("staff", "person_no")
    op.drop_index("ix_board_seat_next_holder_id", "board_seat")
    op.drop_column("board_seat", "next_holder_id")


def _grant(grants: roles.Grants) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        roles.grant(connection, context.config.attributes["role_prefix"], grants)
