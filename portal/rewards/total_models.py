"""The table of what is told of rewards that were paid: bands, and nothing else that the public site could read."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base


class RewardTotal(Base):
    """One place in one year. ``least``: the threshold that it was made with.

    Numbers of payments and sums in fen from ``…_low`` on and below ``…_high``; None: not told. ``counted_to``: the last
    day of which payments are in it.
    """

    __tablename__ = "reward_total"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(6), primary_key=True)
    least: Mapped[int]
    count_low: Mapped[int | None]
    count_high: Mapped[int | None]
    fen_low: Mapped[int | None] = mapped_column(BigInteger)
    fen_high: Mapped[int | None] = mapped_column(BigInteger)
    counted_to: Mapped[date]
