"""Requests to open a sealed identity, and what the seats of the board answered.

The public role sees what the reporter is told of a request about the own report: never a key, a share or the words.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TOLD = "id, tip_id, office_id, use, reason, state, k, asker_role, asked_on, expires_on, opened_on, ended_on"
GRANTS: dict[str, dict[str, str]] = {
    "identity_request": {
        PUBLIC: f"SELECT ({TOLD})",
        STAFF: "INSERT, SELECT, UPDATE",
        WORKER: "SELECT, UPDATE (state, ended_on, once_public, once_sealed)",
    },
    "identity_answer": {
        PUBLIC: "SELECT (request_id, tip_id, answer)",
        STAFF: "INSERT, SELECT, UPDATE (passed)",
        WORKER: "SELECT (request_id), UPDATE (passed)",
    },
}
OWN_TIP = "tip_id = ANY ((SELECT mingjing_own_tips())::uuid[])"


def upgrade() -> None:
    _tables()
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    prefix = context.config.attributes["role_prefix"]
    for table in GRANTS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY public_reads ON {table} FOR SELECT TO {roles.quoted(prefix, PUBLIC)} USING ({OWN_TIP})"
        )
        for kind in (STAFF, WORKER):
            op.execute(f"CREATE POLICY {kind} ON {table} TO {roles.quoted(prefix, kind)} USING (true)")
    roles.grant(connection, prefix, GRANTS)
    for table in GRANTS:
        op.execute(f"ALTER TABLE {table} OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    op.drop_table("identity_answer")
    op.drop_table("identity_request")


def _tables() -> None:
    op.create_table(
        "identity_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("use", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asker_role", sa.String(length=16), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("once_public", sa.LargeBinary(), nullable=True),
        sa.Column("once_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("shown_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state in ('asked','granted','opened','refused','expired','dropped','closed')",
            name=op.f("ck_identity_request_state"),
        ),
        sa.CheckConstraint("use in ('identity','contact')", name=op.f("ck_identity_request_use")),
        *_foreign("identity_request", tip_id="tip", record_id="identity_record", board_id="custody_board",
                  office_id="office"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_request")),
    )  # fmt: skip
    op.create_index("ix_identity_request_tip_id", "identity_request", ["tip_id"])
    op.create_index("ix_identity_request_record_id", "identity_request", ["record_id"])
    op.create_index("ix_identity_request_office_id", "identity_request", ["office_id"])
    op.create_index("ix_identity_request_board_id_state", "identity_request", ["board_id", "state"])
    op.create_index("ix_identity_request_state_expires_on", "identity_request", ["state", "expires_on"])
    op.create_table(
        "identity_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("passed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("answer in ('consent','object')", name=op.f("ck_identity_answer_answer")),
        *_foreign("identity_answer", request_id="identity_request", tip_id="tip", seat_id="board_seat",
                  office_id="office"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_answer")),
        sa.UniqueConstraint("request_id", "seat_id", name=op.f("uq_identity_answer_request_id_seat_id")),
    )  # fmt: skip
    for column in ("tip_id", "seat_id", "office_id"):
        op.create_index(f"ix_identity_answer_{column}", "identity_answer", [column])


def _foreign(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
        for column, other in columns.items()
    ]
