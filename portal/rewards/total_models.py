"""The table of what is told of rewards that were paid: bands, and nothing else that the public site could read."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base
from portal.rewards.disclosure import Told

_TOLD = ",".join(f"'{one.value}'" for one in Told)


class RewardTotal(Base):
    """One place in one year; ``place`` "" is the year's total. ``least``: the threshold that it was made with.

    Numbers of payments and sums in fen from ``…_low`` on and below ``…_high``; None: not told. ``counted_to``: the last
    day of which payments are in it.
    """

    __tablename__ = "reward_total"
    __table_args__ = (CheckConstraint(f"told in ({_TOLD})", name="told"),)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(6), primary_key=True)
    told: Mapped[str] = mapped_column(String(8))
    least: Mapped[int]
    count_low: Mapped[int | None]
    count_high: Mapped[int | None]
    fen_low: Mapped[int | None] = mapped_column(BigInteger)
    fen_high: Mapped[int | None] = mapped_column(BigInteger)
    counted_to: Mapped[date]
