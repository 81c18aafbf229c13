"""Adding what came back to the fund to the total of its month, in the transaction that seals it into the report.

The sum of one case is sealed with the report; only totals are ever in clear (docs/decisions/0025).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.kernel.clock import Utc, day_of
from portal.kernel.values import Fen
from portal.statistics.models import RecoveredMonth


def add_recovered(session: Session, before: Fen, after: Fen, now: Utc) -> None:
    """A case said *before* came back (0 for nothing) and says *after* now: the month of *now* gets the difference."""
    if after == before:
        return
    row = _locked(session, f"{day_of(now):%Y-%m}")
    row.cases += not before
    row.fen += after - before
    row.largest_fen = max(row.largest_fen, after - before)
    session.flush()


def _locked(session: Session, month: str) -> RecoveredMonth:
    """The row of the month, made when it is not there, and locked: two cases may end at once."""
    wanted = select(RecoveredMonth).where(RecoveredMonth.month == month).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        try:
            with session.begin_nested():
                session.add(RecoveredMonth(month=month, cases=0, fen=0, largest_fen=0))
                session.flush()
        except IntegrityError:
            pass  # somebody else made it this moment
        found = session.scalars(wanted.execution_options(populate_existing=True)).one()
    return found
