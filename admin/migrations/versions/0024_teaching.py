"""Teaching notices: the way inside, and what the public reads. The public role reads nothing of a case that waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

GRANTS: dict[str, dict[str, str]] = {
    "teaching_notice": {
        STAFF: "INSERT, SELECT, UPDATE",
        WORKER: "SELECT (id, case_id, state), UPDATE (state, again, content, answers, words)",
    },
    "published_teaching": {
        PUBLIC: "SELECT",
        STAFF: "INSERT, SELECT, UPDATE",
        WORKER: "SELECT, UPDATE (state, content, changed_on)",
    },
}
SEEN = "case_id IN (SELECT id FROM published_case WHERE state <> 'waiting')"


def upgrade() -> None:
    _inside()
    _shown()
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    prefix = context.config.attributes["role_prefix"]
    op.execute("ALTER TABLE published_teaching ENABLE ROW LEVEL SECURITY")
    for kind in (STAFF, WORKER):
        op.execute(f"CREATE POLICY {kind} ON published_teaching TO {roles.quoted(prefix, kind)} USING (true)")
    public = roles.quoted(prefix, PUBLIC)
    op.execute(f"CREATE POLICY public_reads ON published_teaching FOR SELECT TO {public} USING ({SEEN})")
    roles.grant(connection, prefix, GRANTS)
    for table in GRANTS:
        op.execute(f"ALTER TABLE {table} OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    op.drop_table("published_teaching")
    op.drop_table("teaching_notice")


def _inside() -> None:
    op.create_table(
        "teaching_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.CheckConstraint("state in ('drafting','in-review','shown','ended')", name=op.f("ck_teaching_notice_state")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["published_case.id"], name=op.f("fk_teaching_notice_case_id_published_case")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_teaching_notice_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_notice")),
        sa.UniqueConstraint("case_id", "audience", name=op.f("uq_teaching_notice_case_id_audience")),
    )
    op.create_index("ix_teaching_notice_office_id_state", "teaching_notice", ["office_id", "state"], unique=False)


def _shown() -> None:
    op.create_table(
        "published_teaching",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("ownership", sa.String(length=10), nullable=False),
        sa.Column("size", sa.String(length=10), nullable=False),
        sa.Column("manner", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.CheckConstraint("state in ('shown','paused','ended')", name=op.f("ck_published_teaching_state")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["published_case.id"], name=op.f("fk_published_teaching_case_id_published_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_teaching")),
        sa.UniqueConstraint("case_id", "audience", name=op.f("uq_published_teaching_case_id_audience")),
    )
    op.create_index("ix_published_teaching_state_kind", "published_teaching", ["state", "kind"], unique=False)
