"""Open sessions and counted attempts. Both live in the session store: no dump of the main database holds them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, DateTime, String, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import SessionBase
from portal.kernel.values import Id


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


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
