"""Reward schedules that were proposed and adopted here. Both sites and the worker compute with them; staff decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COMPUTED_WITH = "SELECT (name, version, text, sha256, state)"
GRANTS: dict[str, dict[str, str]] = {
    "reward_schedule": {
        PUBLIC: COMPUTED_WITH,
        STAFF: "INSERT, SELECT, UPDATE (state, refusal, decided_by, decided_on)",
        WORKER: COMPUTED_WITH,
    },
}


def upgrade() -> None:
    op.create_table(
        "reward_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("refusal", sa.String(length=300), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state in ('proposed','adopted','refused','withdrawn')", name=op.f("ck_reward_schedule_state")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_reward_schedule_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_schedule")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_reward_schedule_name_version")),
    )
    proposed = sa.text("state = 'proposed'")
    op.create_index(
        "uq_reward_schedule_name_proposed", "reward_schedule", ["name"], unique=True, sqlite_where=proposed,
        postgresql_where=proposed,
    )  # fmt: skip
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        prefix = context.config.attributes["role_prefix"]
        roles.grant(connection, prefix, GRANTS)
        op.execute(f"ALTER TABLE reward_schedule OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    op.drop_table("reward_schedule")
