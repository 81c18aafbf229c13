"""Keys pass on: who is appointed to a seat, whose person an account is, shares that are sealed anew, and the office
whose key has to change because somebody left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import PUBLIC, STAFF, WORKER

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE: roles.Grants = {
    "identity_share": {PUBLIC: "INSERT", STAFF: "INSERT, SELECT"},
    "sealing_key": {PUBLIC: "SELECT", STAFF: "INSERT, SELECT, UPDATE", WORKER: "SELECT"},
}
AFTER: roles.Grants = {
    "identity_share": {PUBLIC: "INSERT", STAFF: "INSERT, SELECT, UPDATE (sealed, key_id)"},
    "sealing_key": {PUBLIC: "SELECT", STAFF: "INSERT, SELECT, UPDATE", WORKER: "SELECT, UPDATE (retired_on)"},
}


def upgrade() -> None:
    op.add_column("board_seat", sa.Column("next_holder_id", sa.Uuid(), nullable=True))
    op.create_index("ix_board_seat_next_holder_id", "board_seat", ["next_holder_id"])
    op.add_column("staff", sa.Column("person_no", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("office", sa.Column("rotate_since", sa.Date(), nullable=True))
    _grant(AFTER)


def downgrade() -> None:
    _grant(BEFORE)
    op.drop_column("office", "rotate_since")
    op.drop_column("staff", "person_no")
    op.drop_index("ix_board_seat_next_holder_id", "board_seat")
    op.drop_column("board_seat", "next_holder_id")


def _grant(grants: roles.Grants) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        roles.grant(connection, context.config.attributes["role_prefix"], grants)
