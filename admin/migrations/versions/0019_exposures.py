"""Exposures: the gate and the way of a closed case to the public, circulars inside, and what is published.

The public role reads what is published and nothing of the way there; a case that waits for its day is no row for it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, PUBLIC, STAFF, WORKER

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ADD = "INSERT, SELECT"
INSIDE: dict[str, dict[str, str]] = {
    "exposure": {
        STAFF: f"{ADD}, UPDATE",
        WORKER: "SELECT, UPDATE (state, publish_on, withdraw_by)",
    },
    "exposure_gate": {STAFF: ADD},
    "exposure_draft": {STAFF: ADD, WORKER: "SELECT (id, exposure_id), UPDATE (sealed)"},
    "exposure_step": {STAFF: ADD, WORKER: ADD},
    "circular": {STAFF: ADD, WORKER: "SELECT (id, tip_id), UPDATE (sealed)"},
    "circular_copy": {STAFF: f"{ADD}, UPDATE (key_id, wrapped)", WORKER: "SELECT"},
    "circular_receipt": {STAFF: ADD},
}
SHOWN: dict[str, dict[str, str]] = {
    "published_batch": {PUBLIC: "SELECT", STAFF: f"{ADD}, UPDATE", WORKER: "SELECT, UPDATE (published_on)"},
    "published_case": {PUBLIC: "SELECT", STAFF: f"{ADD}, UPDATE", WORKER: "SELECT, UPDATE"},
    "published_version": {PUBLIC: "SELECT", STAFF: f"{ADD}, UPDATE (content)", WORKER: f"{ADD}, UPDATE (content)"},
    "published_conduct": {PUBLIC: "SELECT", STAFF: f"{ADD}, DELETE", WORKER: f"{ADD}, DELETE"},
    "published_term": {PUBLIC: "SELECT", STAFF: f"{ADD}, DELETE", WORKER: f"{ADD}, DELETE"},
}
GRANTS = {**INSIDE, **SHOWN}
ORDER = (
    "published_batch",
    "published_case",
    "published_conduct",
    "published_term",
    "published_version",
    "circular",
    "exposure",
    "exposure_gate",
    "circular_copy",
    "exposure_draft",
    "exposure_step",
    "circular_receipt",
)
ROLES_BEFORE = (
    *("intake", "handler", "head", "archivist", "custodian", "reward-reviewer", "finance", "payment-keeper"),
    *("editor", "publisher", "supervisor-manager", "fund-accountant", "auditor", "sysadmin"),
)
ROLES_NOW = (*ROLES_BEFORE[:10], "fund-publisher", *ROLES_BEFORE[10:])
STATES = (
    *("drafting", "in-review", "scheduled", "published", "correcting", "correction-in-review"),
    *("withdrawn", "expired", "dropped"),
)
NOT_WAITING = "case_id IN (SELECT id FROM published_case WHERE state <> 'waiting')"
SEEN = {
    "published_batch": "published_on IS NOT NULL",
    "published_case": "state <> 'waiting'",
    "published_version": NOT_WAITING,
    "published_conduct": NOT_WAITING,
    "published_term": NOT_WAITING,
}


def upgrade() -> None:
    _roles(ROLES_NOW)
    _shown()
    _inside()
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    prefix = context.config.attributes["role_prefix"]
    for table, rows in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for kind in (STAFF, WORKER):
            op.execute(f"CREATE POLICY {kind} ON {table} TO {roles.quoted(prefix, kind)} USING (true)")
        op.execute(f"CREATE POLICY public_reads ON {table} FOR SELECT TO {roles.quoted(prefix, PUBLIC)} USING ({rows})")
    roles.grant(connection, prefix, GRANTS)
    for table in GRANTS:
        op.execute(f"ALTER TABLE {table} OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    for table in reversed(ORDER):
        op.drop_table(table)
    op.execute("DELETE FROM staff_role WHERE role = 'fund-publisher'")
    _roles(ROLES_BEFORE)


def _roles(names: tuple[str, ...]) -> None:
    name, allowed = op.f("ck_staff_role_role"), "role in ({})".format(",".join(f"'{one}'" for one in names))
    with op.batch_alter_table("staff_role") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, allowed)


def _shown() -> None:
    op.create_table(
        "published_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("preamble", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_published_batch_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_batch")),
        sa.UniqueConstraint("office_id", "year", "issue", name=op.f("uq_published_batch_office_id_year_issue")),
    )
    op.create_table(
        "published_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting','published','withdrawn','expired')", name=op.f("ck_published_case_state")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["published_batch.id"], name=op.f("fk_published_case_batch_id_published_batch")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_published_case_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_case")),
        sa.UniqueConstraint("code", name=op.f("uq_published_case_code")),
    )
    op.create_index(op.f("ix_published_case_batch_id"), "published_case", ["batch_id"], unique=False)
    op.create_index(
        "ix_published_case_expires_on",
        "published_case",
        ["expires_on"],
        unique=False,
        sqlite_where=sa.text("expires_on is not null"),
        postgresql_where=sa.text("expires_on is not null"),
    )
    op.create_index("ix_published_case_region", "published_case", ["region"], unique=False)
    op.create_index("ix_published_case_state_published_on", "published_case", ["state", "published_on"], unique=False)
    op.create_table(
        "published_conduct",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("conduct", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["published_case.id"], name=op.f("fk_published_conduct_case_id_published_case")
        ),
        sa.PrimaryKeyConstraint("case_id", "conduct", name=op.f("pk_published_conduct")),
    )
    op.create_index(op.f("ix_published_conduct_conduct"), "published_conduct", ["conduct"], unique=False)
    op.create_table(
        "published_term",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["published_case.id"], name=op.f("fk_published_term_case_id_published_case")
        ),
        sa.PrimaryKeyConstraint("case_id", "term", name=op.f("pk_published_term")),
    )
    op.create_index("ix_published_term_term_case_id", "published_term", ["term", "case_id"], unique=False)
    op.create_table(
        "published_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('publish','correct','withdraw','expire')", name=op.f("ck_published_version_kind")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["published_case.id"], name=op.f("fk_published_version_case_id_published_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_version")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_published_version_case_id_version")),
    )


def _inside() -> None:
    op.create_table(
        "circular",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_circular_office_id_office")),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_circular_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circular")),
        sa.UniqueConstraint("number", name=op.f("uq_circular_number")),
    )
    op.create_index(op.f("ix_circular_office_id"), "circular", ["office_id"], unique=False)
    op.create_index(op.f("ix_circular_tip_id"), "circular", ["tip_id"], unique=False)
    op.create_table(
        "exposure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("publish_on", sa.Date(), nullable=True),
        sa.Column("withdraw_by", sa.Date(), nullable=True),
        sa.Column("published_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "state in ({})".format(",".join(f"'{state}'" for state in STATES)),
            name=op.f("ck_exposure_state"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["published_batch.id"], name=op.f("fk_exposure_batch_id_published_batch")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_exposure_office_id_office")),
        sa.ForeignKeyConstraint(
            ["published_id"], ["published_case.id"], name=op.f("fk_exposure_published_id_published_case")
        ),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_exposure_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure")),
        sa.UniqueConstraint("tip_id", name=op.f("uq_exposure_tip_id")),
    )
    op.create_index("ix_exposure_office_id_state", "exposure", ["office_id", "state"], unique=False)
    op.create_index(
        "ix_exposure_publish_on",
        "exposure",
        ["publish_on"],
        unique=False,
        sqlite_where=sa.text("publish_on is not null"),
        postgresql_where=sa.text("publish_on is not null"),
    )
    op.create_table(
        "exposure_gate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("treatment", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.CheckConstraint("treatment in ('publish','circulate','neither')", name=op.f("ck_exposure_gate_treatment")),
        sa.ForeignKeyConstraint(["tip_id"], ["tip.id"], name=op.f("fk_exposure_gate_tip_id_tip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_gate")),
        sa.UniqueConstraint("tip_id", "turn", name=op.f("uq_exposure_gate_tip_id_turn")),
    )
    op.create_table(
        "circular_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("circular_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["circular_id"], ["circular.id"], name=op.f("fk_circular_copy_circular_id_circular")),
        sa.ForeignKeyConstraint(["key_id"], ["sealing_key.id"], name=op.f("fk_circular_copy_key_id_sealing_key")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_circular_copy_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circular_copy")),
        sa.UniqueConstraint("circular_id", "office_id", name=op.f("uq_circular_copy_circular_id_office_id")),
    )
    op.create_index(op.f("ix_circular_copy_key_id"), "circular_copy", ["key_id"], unique=False)
    op.create_index(op.f("ix_circular_copy_office_id"), "circular_copy", ["office_id"], unique=False)
    op.create_table(
        "exposure_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exposure_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["exposure_id"], ["exposure.id"], name=op.f("fk_exposure_draft_exposure_id_exposure")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_draft")),
        sa.UniqueConstraint("exposure_id", "version", name=op.f("uq_exposure_draft_exposure_id_version")),
    )
    op.create_table(
        "exposure_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exposure_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["exposure_id"], ["exposure.id"], name=op.f("fk_exposure_step_exposure_id_exposure")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_step")),
        sa.UniqueConstraint("exposure_id", "position", name=op.f("uq_exposure_step_exposure_id_position")),
    )
    op.create_table(
        "circular_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("copy_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["copy_id"], ["circular_copy.id"], name=op.f("fk_circular_receipt_copy_id_circular_copy")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circular_receipt")),
        sa.UniqueConstraint("copy_id", "staff_id", name=op.f("uq_circular_receipt_copy_id_staff_id")),
    )
