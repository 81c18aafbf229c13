"""What a member of staff keeps for the own work with the queue."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base
from portal.kernel.values import Id, new_id


class SavedView(Base):
    """A named set of filters of one person. ``query`` is the canonical query string of the queue page."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[Id] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(400))
