"""What the public process may write into the book: the acts of reporters, in nobody's name. Everything else in the book
is believed of staff; a captured public process could otherwise retire every key there is, for good."""

from __future__ import annotations

from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import PUBLIC

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = ("tip-received", "identity-sealed", "letter-sent", "tip-moved")
SAID = "convert_from(payload, 'UTF8')::jsonb"
REPORTERS_ACT = (
    f"actor_id IS NULL AND kind IN ({', '.join(repr(kind) for kind in KINDS)}) "
    f"AND {SAID} ->> 'kind' = kind AND {SAID} ->> 'subject' = subject AND {SAID} ->> 'actor' IS NULL"
)


def upgrade() -> None:
    _allow(REPORTERS_ACT)


def downgrade() -> None:
    _allow("true")


def _allow(entries: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        public = roles.quoted(context.config.attributes["role_prefix"], PUBLIC)
        op.execute(f"ALTER POLICY public_adds ON ledger_entry TO {public} WITH CHECK ({entries})")
