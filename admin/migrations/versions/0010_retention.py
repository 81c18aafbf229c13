"""Retention: schedules, holds, batches to destroy, tombstones, and a role that proposes what a head approves.

The worker clears away what is sealed: it may delete those rows and still reads none of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ADD, CHANGE, ALL = "INSERT, SELECT", "INSERT, SELECT, UPDATE", "INSERT, SELECT, UPDATE, DELETE"
OWN_TABLES: dict[str, dict[str, str]] = {
    "retention_schedule": {STAFF: ADD, WORKER: "SELECT"},
    "retention_hold": {STAFF: CHANGE, WORKER: "SELECT"},
    "shred_batch": {STAFF: CHANGE, WORKER: "SELECT, UPDATE (state, reason, ended_on)"},
    "shred_item": {STAFF: ADD, WORKER: "SELECT, UPDATE (state, why)"},
}
SHARE = {PUBLIC: "INSERT", STAFF: "INSERT, SELECT, UPDATE (sealed, key_id)"}
RECORD = {PUBLIC: "INSERT, SELECT (id, tip_id, kind, made_on)", STAFF: ADD}
TIP = "INSERT, SELECT, UPDATE (state, due_on, provisional, named, sealed_size, pressured, withdrawn_on)"
MAILBOX = "INSERT, SELECT, UPDATE (tag, pepper_version, public, wrapped_report_key, first_use_only)"
LETTER = "INSERT, SELECT, UPDATE (removed_by_reporter)"
TOLD = "id, tip_id, office_id, use, reason, state, k, asker_role, asked_on, expires_on, opened_on, ended_on"
REQUEST = {PUBLIC: f"SELECT ({TOLD})", STAFF: CHANGE}
ANSWER = {PUBLIC: "SELECT (request_id, tip_id, answer)", STAFF: "INSERT, SELECT, UPDATE (passed)"}

BEFORE: dict[str, dict[str, str]] = {
    "tip": {PUBLIC: TIP, STAFF: CHANGE, WORKER: "SELECT, UPDATE (due_on, provisional)"},
    "tip_body": {PUBLIC: ADD, STAFF: ADD},
    "tip_key": {PUBLIC: "INSERT", STAFF: ALL},
    "tip_event": {PUBLIC: ADD, STAFF: ADD, WORKER: "SELECT"},
    "tip_record": {STAFF: ADD},
    "proposal": {STAFF: CHANGE, WORKER: "SELECT"},
    "mailbox": {PUBLIC: MAILBOX, STAFF: CHANGE, WORKER: "SELECT (id, tip_id, destroyed_on)"},
    "letter": {PUBLIC: LETTER, STAFF: CHANGE},
    "identity_record": RECORD,
    "identity_share": SHARE,
    "identity_request": {**REQUEST, WORKER: "SELECT, UPDATE (state, ended_on, once_public, once_sealed)"},
    "identity_answer": {**ANSWER, WORKER: "SELECT (request_id), UPDATE (passed)"},
}
CLEARS = {
    "tip": "SELECT, UPDATE (due_on, provisional, assignee_id, pressured, duplicate_tag, destroyed_on, destroyed_by)",
    "tip_body": "SELECT (tip_id), DELETE",
    "tip_key": "SELECT (tip_id), DELETE",
    "tip_event": ADD,
    "tip_record": "SELECT (tip_id), DELETE",
    "proposal": "SELECT, UPDATE (reason)",
    "mailbox": "SELECT (id, tip_id, destroyed_on), UPDATE (public, wrapped_report_key, destroyed_on, destroyed_by)",
    "letter": "SELECT (tip_id, direction, read_by_office), DELETE",
    "identity_record": "SELECT (id, tip_id), DELETE",
    "identity_share": "SELECT (record_id), DELETE",
    "identity_request": "SELECT, UPDATE (state, ended_on, once_public, once_sealed), DELETE",
    "identity_answer": "SELECT (request_id, tip_id), UPDATE (passed), DELETE",
}
AFTER = {table: {**lines, WORKER: CLEARS[table]} for table, lines in BEFORE.items()}
GRANTS = {**OWN_TABLES, **AFTER}

ROLES_BEFORE = (
    "intake",
    "handler",
    "head",
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
ROLES_NOW = (*ROLES_BEFORE[:3], "archivist", *ROLES_BEFORE[3:])


def upgrade() -> None:
    op.add_column("tip", sa.Column("destroyed_on", sa.Date(), nullable=True))
    op.add_column("tip", sa.Column("destroyed_by", sa.String(length=24), nullable=True))
    _tables()
    _roles(ROLES_NOW)
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        prefix = context.config.attributes["role_prefix"]
        roles.grant(connection, prefix, GRANTS)
        for table in OWN_TABLES:
            op.execute(f"ALTER TABLE {table} OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    op.execute("DELETE FROM staff_role WHERE role = 'archivist'")
    _roles(ROLES_BEFORE)
    for table in ("shred_item", "shred_batch", "retention_hold", "retention_schedule"):
        op.drop_table(table)
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        roles.grant(connection, context.config.attributes["role_prefix"], BEFORE)
    op.drop_column("tip", "destroyed_by")
    op.drop_column("tip", "destroyed_on")


def _roles(names: tuple[str, ...]) -> None:
    name, allowed = op.f("ck_staff_role_role"), "role in ({})".format(",".join(f"'{one}'" for one in names))
    with op.batch_alter_table("staff_role") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, allowed)


def _tables() -> None:
    op.create_table(
        "retention_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("adopted_on", sa.Date(), nullable=False),
        sa.Column("adopted_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_schedule")),
        sa.UniqueConstraint("version", name=op.f("uq_retention_schedule_version")),
    )
    op.create_index("ix_retention_schedule_in_force_from", "retention_schedule", ["in_force_from"])
    op.create_table(
        "retention_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_retention_hold_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_hold")),
    )
    op.create_index("ix_retention_hold_tip_id", "retention_hold", ["tip_id"])
    op.create_table(
        "shred_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("schedule", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state in ('open','approved','running','done','refused','expired')", name=op.f("ck_shred_batch_state")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_shred_batch_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shred_batch")),
    )
    op.create_index("ix_shred_batch_office_id_proposed_on", "shred_batch", ["office_id", "proposed_on"])
    op.create_index("ix_shred_batch_state", "shred_batch", ["state"])
    op.create_table(
        "shred_item",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("head_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.CheckConstraint("state in ('waiting','cleared','done','left_out')", name=op.f("ck_shred_item_state")),
        sa.ForeignKeyConstraint(["batch_id"], ["shred_batch.id"], name=op.f("fk_shred_item_batch_id_shred_batch")),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_shred_item_tip_id_tip")),
        sa.ForeignKeyConstraint(["head_id"], ["tip.id"], name=op.f("fk_shred_item_head_id_tip")),
        sa.PrimaryKeyConstraint("batch_id", "tip_id", name=op.f("pk_shred_item")),
    )
    op.create_index("ix_shred_item_tip_id", "shred_item", ["tip_id"])
    op.create_index("ix_shred_item_head_id", "shred_item", ["head_id"])
