"""Payments and their sealed payees, boards that open them, the release of a batch, and the role that holds the seats.

The public process seals a payee and can read back nothing of it. The worker destroys what it cannot read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

GRANTS: dict[str, dict[str, str]] = {
    "payment": {
        PUBLIC: "INSERT",
        STAFF: "INSERT, SELECT, UPDATE (state, batch_id, settled_on)",
        WORKER: "SELECT, UPDATE (state, shredded_on)",
    },
    "payee_record": {PUBLIC: "INSERT", STAFF: "INSERT, SELECT", WORKER: "SELECT (payment_id), DELETE"},
    "payee_share": {
        PUBLIC: "INSERT",
        STAFF: "INSERT, SELECT, UPDATE (sealed, key_id)",
        WORKER: "SELECT (payment_id), DELETE",
    },
    "payment_release": {
        STAFF: "INSERT, SELECT, UPDATE (state, ended_on, once_public, once_sealed)",
        WORKER: "SELECT, UPDATE (state, ended_on, once_public, once_sealed)",
    },
    "payment_answer": {STAFF: "INSERT, SELECT", WORKER: "SELECT (id, release_id)"},
    "passed_payee_share": {STAFF: "INSERT, SELECT, DELETE", WORKER: "SELECT (id, answer_id, payment_id), DELETE"},
}

KINDS_BEFORE = ("tip-received", "identity-sealed", "letter-sent", "tip-moved")
KINDS_NOW = (*KINDS_BEFORE, "payee-sealed")
SAID = "convert_from(payload, 'UTF8')::jsonb"

ROLES_BEFORE = (
    "intake",
    "handler",
    "head",
    "archivist",
    "custodian",
    "reward-reviewer",
    "finance",
    "editor",
    "publisher",
    "supervisor-manager",
    "fund-accountant",
    "auditor",
    "sysadmin",
)
ROLES_NOW = (*ROLES_BEFORE[:7], "payment-keeper", *ROLES_BEFORE[7:])


def upgrade() -> None:
    op.execute(
        "ALTER TABLE custody_board ADD COLUMN purpose VARCHAR(10) DEFAULT 'identity' NOT NULL "
        "CONSTRAINT ck_custody_board_purpose CHECK (purpose in ('identity','payment'))"
    )
    _tables()
    _roles(ROLES_NOW)
    _public_entries(KINDS_NOW)
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        prefix = context.config.attributes["role_prefix"]
        roles.grant(connection, prefix, GRANTS)
        for table in GRANTS:
            op.execute(f"ALTER TABLE {table} OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    _public_entries(KINDS_BEFORE)
    op.execute("DELETE FROM staff_role WHERE role = 'payment-keeper'")
    _roles(ROLES_BEFORE)
    for table in reversed(GRANTS):
        op.drop_table(table)
    op.drop_column("custody_board", "purpose")


def _public_entries(kinds: tuple[str, ...]) -> None:
    """What the public process may write into the book (see 0012)."""
    if op.get_bind().dialect.name != "postgresql":
        return
    public = roles.quoted(context.config.attributes["role_prefix"], PUBLIC)
    acts = (
        f"actor_id IS NULL AND kind IN ({', '.join(repr(kind) for kind in kinds)}) "
        f"AND {SAID} ->> 'kind' = kind AND {SAID} ->> 'subject' = subject AND {SAID} ->> 'actor' IS NULL"
    )
    op.execute(f"ALTER POLICY public_adds ON ledger_entry TO {public} WITH CHECK ({acts})")


def _roles(names: tuple[str, ...]) -> None:
    name, allowed = op.f("ck_staff_role_role"), "role in ({})".format(",".join(f"'{one}'" for one in names))
    with op.batch_alter_table("staff_role") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, allowed)


def _tables() -> None:
    _payment()
    op.create_table(
        "payee_record",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        *_foreign("payee_record", payment_id="payment.id"),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payee_record")),
    )
    op.create_table(
        "payee_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *_foreign("payee_share", payment_id="payee_record.payment_id", seat_id="board_seat.id",
                  key_id="sealing_key.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_share")),
        sa.UniqueConstraint("payment_id", "position", name=op.f("uq_payee_share_payment_id_position")),
    )  # fmt: skip
    _indexes("payee_share", "seat_id", "key_id")
    _release()
    op.create_table(
        "passed_payee_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("passed", sa.LargeBinary(), nullable=False),
        *_foreign("passed_payee_share", answer_id="payment_answer.id", payment_id="payment.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passed_payee_share")),
        sa.UniqueConstraint("answer_id", "payment_id", name=op.f("uq_passed_payee_share_answer_id_payment_id")),
    )
    _indexes("passed_payee_share", "payment_id")


def _payment() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("shredded_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state in ('sealed','in_batch','paid','returned','shredded')", name=op.f("ck_payment_state")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payment_amount_fen")),
        *_foreign("payment", office_id="office.id", board_id="custody_board.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_number")),
    )
    _indexes("payment", "claim_id", "board_id", "batch_id")
    op.create_index("ix_payment_office_id_state", "payment", ["office_id", "state"])
    op.create_index("ix_payment_state_settled_on", "payment", ["state", "settled_on"])
    live = sa.text("state in ('sealed','in_batch','paid')")
    op.create_index(
        "uq_payment_claim_id_live", "payment", ["claim_id"], unique=True, sqlite_where=live, postgresql_where=live
    )


def _release() -> None:
    op.create_table(
        "payment_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("prepared_by", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("once_public", sa.LargeBinary(), nullable=True),
        sa.Column("once_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state in ('asked','granted','released','refused','expired','dropped')",
            name=op.f("ck_payment_release_state"),
        ),
        *_foreign("payment_release", board_id="custody_board.id", office_id="office.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_release")),
    )
    _indexes("payment_release", "batch_id", "office_id")
    op.create_index("ix_payment_release_board_id_state", "payment_release", ["board_id", "state"])
    op.create_index("ix_payment_release_state_expires_on", "payment_release", ["state", "expires_on"])
    op.create_table(
        "payment_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("answer in ('consent','object')", name=op.f("ck_payment_answer_answer")),
        *_foreign("payment_answer", release_id="payment_release.id", seat_id="board_seat.id", office_id="office.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_answer")),
        sa.UniqueConstraint("release_id", "seat_id", name=op.f("uq_payment_answer_release_id_seat_id")),
    )
    _indexes("payment_answer", "seat_id", "office_id")


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _foreign(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}_{other.split('.')[0]}"))
        for column, other in columns.items()
    ]
