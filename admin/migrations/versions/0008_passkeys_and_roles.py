"""Passkeys as second factors; six more roles, with names longer than sixteen letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER, STAFF

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GRANTS: dict[str, dict[str, str]] = {"passkey": {STAFF: "INSERT, SELECT, UPDATE, DELETE"}}
BEFORE = ("intake", "handler", "head", "custodian", "auditor", "sysadmin")
NOW = (
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


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_passkey_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index("ix_passkey_staff_id", "passkey", ["staff_id"])
    _roles(NOW, length=24)
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        prefix = context.config.attributes["role_prefix"]
        roles.grant(connection, prefix, GRANTS)
        op.execute(f"ALTER TABLE passkey OWNER TO {roles.quoted(prefix, OWNER)}")


def downgrade() -> None:
    known = ",".join(f"'{role}'" for role in BEFORE)
    op.execute(f"DELETE FROM staff_role WHERE role NOT IN ({known})")
    _roles(BEFORE, length=16)
    op.drop_table("passkey")


def _roles(names: tuple[str, ...], length: int) -> None:
    """Which roles there are, and how long a name may be. SQLite makes the table anew for it."""
    name, allowed = op.f("ck_staff_role_role"), "role in ({})".format(",".join(f"'{one}'" for one in names))
    with op.batch_alter_table("staff_role") as table:
        table.drop_constraint(name, type_="check")
        table.alter_column("role", type_=sa.String(length=length), existing_type=sa.String(), existing_nullable=False)
        table.create_check_constraint(name, allowed)
