"""What a public transaction shows to PostgreSQL's row security before it may see a mailbox or a draft.

The value is held for this transaction alone (``set_config(…, true)``). SQLite has no row security: there the queries'
own conditions are all there is, and the same queries run on both.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session


class Capability(StrEnum):
    MAILBOX = "mingjing.tag"
    NEW_MAILBOX = "mingjing.new_tag"  # the tag that a mailbox is moved to: a code handed over is for first use only
    DRAFT = "mingjing.draft"


def present(session: Session | Connection, capability: Capability, value: bytes) -> None:
    """Show *value* (a lookup tag) for the rest of this transaction."""
    bound = session.engine if isinstance(session, Connection) else session.get_bind()
    if bound.dialect.name == "postgresql":
        session.execute(
            text("select set_config(:name, :value, true)"), {"name": capability.value, "value": value.hex()}
        )
