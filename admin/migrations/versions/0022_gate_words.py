"""The worker may empty the reason of a gate: it goes with the report that is destroyed."""

from __future__ import annotations

from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import STAFF, WORKER

revision = "0022"
down_revision = "0019"
branch_labels = None
depends_on = None

ADD = "INSERT, SELECT"
AFTER: dict[str, dict[str, str]] = {"exposure_gate": {STAFF: ADD, WORKER: "SELECT (id, tip_id), UPDATE (words)"}}
BEFORE: dict[str, dict[str, str]] = {"exposure_gate": {STAFF: ADD}}


def upgrade() -> None:
    _grant(AFTER)


def downgrade() -> None:
    _grant(BEFORE)


def _grant(grants: dict[str, dict[str, str]]) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        roles.grant(connection, context.config.attributes["role_prefix"], grants)
