"""What is told of rewards that were paid: the worker makes it from the payments, the public site reads only this."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

GRANTS: dict[str, dict[str, str]] = {
    "reward_total": {PUBLIC: "SELECT", STAFF: "SELECT", WORKER: "INSERT, SELECT, DELETE"}
}


def upgrade() -> None:
    op.create_table(
        "reward_total",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("told", sa.String(length=8), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("count_low", sa.Integer(), nullable=True),
        sa.Column("count_high", sa.Integer(), nullable=True),
        sa.Column("fen_low", sa.BigInteger(), nullable=True),
        sa.Column("fen_high", sa.BigInteger(), nullable=True),
        sa.Column("counted_to", sa.Date(), nullable=False),
        sa.CheckConstraint("told in ('told','few','guarded')", name=op.f("ck_reward_total_told")),
        sa.PrimaryKeyConstraint("year", "place", name=op.f("pk_reward_total")),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        prefix = context.config.attributes["role_prefix"]
        roles.grant(connection, prefix, GRANTS)
        op.execute(f"ALTER TABLE reward_total OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    op.drop_table("reward_total")
