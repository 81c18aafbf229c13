"""Batches of payments, what the bank answered, budgets. What was answered or set is added and never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, STAFF

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

GRANTS: dict[str, dict[str, str]] = {
    "payment_batch": {
        STAFF: "INSERT, SELECT, UPDATE (state, total_fen, size, file_kind, file_sha256, released_on, ended_on)"
    },
    "payment_outcome": {STAFF: "INSERT, SELECT"},
    "payment_budget": {STAFF: "INSERT, SELECT"},
}


def upgrade() -> None:
    _batch()
    _outcome()
    _budget()
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        prefix = context.config.attributes["role_prefix"]
        roles.grant(connection, prefix, GRANTS)
        for table in GRANTS:
            op.execute(f"ALTER TABLE {table} OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table)


def _batch() -> None:
    op.create_table(
        "payment_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("file_kind", sa.String(length=4), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state in ('draft','released','answered','dropped')", name=op.f("ck_payment_batch_state")),
        sa.CheckConstraint("file_kind in ('csv','xlsx','')", name=op.f("ck_payment_batch_file_kind")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_payment_batch_office_id_office")),
        sa.ForeignKeyConstraint(
            ["board_id"], ["custody_board.id"], name=op.f("fk_payment_batch_board_id_custody_board")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_batch_number")),
    )
    op.create_index("ix_payment_batch_board_id", "payment_batch", ["board_id"])
    op.create_index("ix_payment_batch_office_id_made_on", "payment_batch", ["office_id", "made_on"])


def _outcome() -> None:
    op.create_table(
        "payment_outcome",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("result", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.CheckConstraint("result in ('returned','paid')", name=op.f("ck_payment_outcome_result")),
        sa.CheckConstraint(
            "reason in ('account','name','bank','closed','other','')", name=op.f("ck_payment_outcome_reason")
        ),
        sa.CheckConstraint(
            "(result = 'returned') = (reason <> '')", name=op.f("ck_payment_outcome_returned_has_reason")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_outcome_payment_id_payment")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payment_batch.id"], name=op.f("fk_payment_outcome_batch_id_payment_batch")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payment_outcome")),
    )
    op.create_index("ix_payment_outcome_batch_id", "payment_outcome", ["batch_id"])


def _budget() -> None:
    op.create_table(
        "payment_budget",
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_payment_budget_amount_fen")),
        sa.CheckConstraint("reason in ('approved','adjusted','corrected')", name=op.f("ck_payment_budget_reason")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_payment_budget_office_id_office")),
        sa.PrimaryKeyConstraint("office_id", "year", "version", name=op.f("pk_payment_budget")),
    )
