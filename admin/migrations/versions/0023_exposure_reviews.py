"""What a publisher decided on a version of a draft: the legal check, or why it was sent back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, STAFF, WORKER

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

GRANTS: dict[str, dict[str, str]] = {
    "exposure_review": {STAFF: "INSERT, SELECT", WORKER: "SELECT (id, exposure_id), UPDATE (words)"},
}


def upgrade() -> None:
    op.create_table(
        "exposure_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exposure_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("checks", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["exposure_id"], ["exposure.id"], name=op.f("fk_exposure_review_exposure_id_exposure")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_review")),
    )
    op.create_index(op.f("ix_exposure_review_exposure_id"), "exposure_review", ["exposure_id"], unique=False)
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    prefix = context.config.attributes["role_prefix"]
    roles.grant(connection, prefix, GRANTS)
    op.execute(f"ALTER TABLE exposure_review OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    op.drop_table("exposure_review")
