"""Open sessions, counted attempts, open questions to passkeys.

All live in the session store: no dump of the main database holds them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Moment, SessionBase
from portal.kernel.values import Id


class OpenSession(SessionBase):
    """One signed-in browser. ``id`` is SHA-256 of the cookie; what it holds opens only with cookie and boot secret."""

    __tablename__ = "open_session"
    __table_args__ = (CheckConstraint("kind in ('staff','mailbox')", name="kind"),)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    owner_id: Mapped[Id | None] = mapped_column(index=True)  # a member of staff; never a report
    sealed: Mapped[bytes]
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Attempt(SessionBase):
    """Failures counted for one tag (an account, a network, a device), and until when the next try waits."""

    __tablename__ = "attempt"
    tag: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Moment, index=True)
    until: Mapped[datetime] = mapped_column(Moment)


class Challenge(SessionBase):
    """A question put to a passkey that has not been answered yet (:mod:`portal.signin.challenges`)."""

    __tablename__ = "challenge"
    id: Mapped[bytes] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)
