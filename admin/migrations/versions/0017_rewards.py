"""Rewards of reports: states, what two people proposed and decided, history; notices that the worker posts.

The public role sees the reward of the report whose mailbox it opened, and nothing of what it was computed from. The
worker lets go what is not claimed and follows the bank; it posts notices that say their kind alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ADD = "INSERT, SELECT"
OWN_TABLES: dict[str, dict[str, str]] = {
    "reward_case": {
        PUBLIC: f"{ADD}, UPDATE (state, due_on, claim_until, review_until, reviewed)",
        STAFF: f"{ADD}, UPDATE",
        WORKER: "SELECT, UPDATE (state, due_on, claim_until, review_until, returned, told)",
    },
    "reward_proposal": {
        STAFF: f"{ADD}, UPDATE (state, decided_by, decided_on)",
        WORKER: "SELECT (id, tip_id), UPDATE (record_key, record, words)",
    },
    "reward_step": {PUBLIC: ADD, STAFF: ADD, WORKER: ADD},
}
LETTER = {PUBLIC: "INSERT, SELECT, UPDATE (removed_by_reporter)", STAFF: "INSERT, SELECT, UPDATE"}
CLEARED = "tip_id, direction, read_by_office"
LETTER_BEFORE = {"letter": {**LETTER, WORKER: f"SELECT ({CLEARED}), DELETE"}}
LETTER_NOW = {"letter": {**LETTER, WORKER: f"INSERT, SELECT ({CLEARED}, mailbox_id, position), DELETE"}}
GRANTS = {**OWN_TABLES, **LETTER_NOW}

OWN_TIP = "tip_id = ANY ((SELECT mingjing_own_tips())::uuid[])"
KINDS_BEFORE = ("tip-received", "identity-sealed", "letter-sent", "tip-moved", "payee-sealed")
KINDS_NOW = (*KINDS_BEFORE, "reward-moved")
SAID = "convert_from(payload, 'UTF8')::jsonb"
STATES = (
    *("wished", "review", "proposed", "not_given", "decided", "notified", "figure_review", "refusal_review"),
    *("claimed", "returned", "paid", "forfeited", "waived", "recovering", "recovered"),
)


def upgrade() -> None:
    _case()
    _proposal()
    _step()
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    _public_entries(KINDS_NOW)
    prefix = context.config.attributes["role_prefix"]
    public = roles.quoted(prefix, PUBLIC)
    for table in OWN_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for kind in (STAFF, WORKER):
            op.execute(f"CREATE POLICY {kind} ON {table} TO {roles.quoted(prefix, kind)} USING (true)")
    for table in ("reward_case", "reward_step"):
        op.execute(f"CREATE POLICY public_adds ON {table} FOR INSERT TO {public} WITH CHECK ({OWN_TIP})")
        op.execute(f"CREATE POLICY public_reads ON {table} FOR SELECT TO {public} USING ({OWN_TIP})")
    op.execute(f"CREATE POLICY public_changes ON reward_case FOR UPDATE TO {public} USING ({OWN_TIP})")
    roles.grant(connection, prefix, GRANTS)
    for table in OWN_TABLES:
        op.execute(f"ALTER TABLE {table} OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        _public_entries(KINDS_BEFORE)
        roles.grant(connection, context.config.attributes["role_prefix"], LETTER_BEFORE)
    for table in reversed(OWN_TABLES):
        op.drop_table(table)


def _public_entries(kinds: tuple[str, ...]) -> None:
    """What the public process may write into the book (see 0012)."""
    public = roles.quoted(context.config.attributes["role_prefix"], PUBLIC)
    acts = (
        f"actor_id IS NULL AND kind IN ({', '.join(repr(kind) for kind in kinds)}) "
        f"AND {SAID} ->> 'kind' = kind AND {SAID} ->> 'subject' = subject AND {SAID} ->> 'actor' IS NULL"
    )
    op.execute(f"ALTER POLICY public_adds ON ledger_entry TO {public} WITH CHECK ({acts})")


def _case() -> None:
    op.create_table(
        "reward_case",
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("claim_until", sa.Date(), nullable=True),
        sa.Column("review_until", sa.Date(), nullable=True),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state in ({})".format(",".join(f"'{state}'" for state in STATES)), name=op.f("ck_reward_case_state")
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_reward_case_amount_fen")),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_reward_case_tip_id_tip")),
        sa.PrimaryKeyConstraint("tip_id", name=op.f("pk_reward_case")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_reward_case_claim_id")),
    )
    op.create_index("ix_reward_case_state_claim_until", "reward_case", ["state", "claim_until"])


def _proposal() -> None:
    op.create_table(
        "reward_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("schedule", sa.String(length=40), nullable=False),
        sa.Column("schedule_version", sa.Integer(), nullable=False),
        sa.Column("schedule_sha256", sa.String(length=64), nullable=False),
        sa.Column("schedule_text", sa.Text(), nullable=False),
        sa.Column("record_key", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind in ('give','refuse','recover')", name=op.f("ck_reward_proposal_kind")),
        sa.CheckConstraint("state in ('open','approved','sent_back')", name=op.f("ck_reward_proposal_state")),
        sa.ForeignKeyConstraint(["tip_id"], ["reward_case.tip_id"], name=op.f("fk_reward_proposal_tip_id_reward_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_proposal")),
        sa.UniqueConstraint("tip_id", "turn", name=op.f("uq_reward_proposal_tip_id_turn")),
    )
    op.create_index("ix_reward_proposal_state_kind", "reward_proposal", ["state", "kind"])


def _step() -> None:
    op.create_table(
        "reward_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["tip_id"], ["reward_case.tip_id"], name=op.f("fk_reward_step_tip_id_reward_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_step")),
        sa.UniqueConstraint("tip_id", "position", name=op.f("uq_reward_step_tip_id_position")),
    )
