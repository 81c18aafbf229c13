"""What was paid in rewards by place, as it may be told: the worker makes the years, the public site shows them.

Payments of a year are counted up to the end of the last quarter, so that nobody sees a number change when one is paid.
What was paid stays paid: one that was taken back later is not taken out, or the change would tell of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.directory.regions import regions
from portal.payments.models import Payment
from portal.payments.values import PaymentState
from portal.rewards.choose import NATION
from portal.rewards.disclosure import NOTHING, AtLeast, Paid, at_least, tell
from portal.rewards.total_models import RewardTotal

YEARS = 5
"""The year of the last quarter and the four before it: always the same ones, whether anything was paid or not."""

_COLUMNS = ("year", "place", "least", "count_low", "count_high", "fen_low", "fen_high", "counted_to")


def refresh(session: Session, area: str, least: int, today: date) -> int:
    """Make the totals anew for the places below *area* ("" the nation); how many rows, 0 where nothing changed."""
    end = quarter_began(today)
    rows = list(_rows(session, area, least, end))
    kept = {_values(row) for row in session.scalars(select(RewardTotal))}
    if kept == {_values(row) for row in rows}:
        return 0
    session.execute(delete(RewardTotal))
    session.expunge_all()
    session.add_all(rows)
    return len(rows)


def told(session: Session) -> list[RewardTotal]:
    """All that is told: the newest year first, its places in the order of their codes."""
    return list(session.scalars(select(RewardTotal).order_by(RewardTotal.year.desc(), RewardTotal.place)))


def told_between(session: Session, area: str, least: int, first: date, last: date) -> AtLeast:
    """What was paid at the least from *first* to *last*, in the places that may be told of that time."""
    return at_least(_paid(session, area, first, last).values(), least)


def quarter_began(day: date) -> date:
    """The first day of the quarter of *day*: payments from it on are not counted yet."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def place_of(region: str, area: str) -> str:
    """Where a payer of *region* is counted: the part of *area* that it is in, or *area* itself where it serves all."""
    if region not in regions():
        return NATION
    line = [*(one.code for one in reversed(regions().parents(region))), region]
    if area not in line:
        return line[0]
    below = line[line.index(area) + 1 :]
    return below[0] if below else area


def _paid(session: Session, area: str, first: date, last: date) -> Mapping[str, Paid]:
    """What was paid by each place that has an office: those with nothing too."""
    homes = {office: place_of(region, area) for office, region in session.execute(select(Office.id, Office.region))}
    found: dict[str, Paid] = defaultdict(lambda: NOTHING, dict.fromkeys(homes.values(), NOTHING))
    rows = session.execute(
        select(Payment.office_id, func.count(), func.sum(Payment.amount_fen), func.max(Payment.amount_fen))
        .where(Payment.state == PaymentState.PAID.value, Payment.settled_on.between(first, last))
        .group_by(Payment.office_id)
    )
    for office, count, fen, largest in rows:
        found[homes[office]] += Paid(count, int(fen), largest)
    return found


def _rows(session: Session, area: str, least: int, end: date) -> Iterator[RewardTotal]:
    last = end - timedelta(days=1)
    for year in range(last.year, last.year - YEARS, -1):
        for place, paid in _paid(session, area, date(year, 1, 1), min(last, date(year, 12, 31))).items():
            yield _row(year, place, paid, least, last)


def _row(year: int, place: str, paid: Paid, least: int, counted_to: date) -> RewardTotal:
    cell = tell(paid, least)
    count, fen = cell.count, cell.fen
    return RewardTotal(
        year=year,
        place=place,
        least=least,
        count_low=count.low if count else None,
        count_high=count.high if count else None,
        fen_low=fen.low if fen else None,
        fen_high=fen.high if fen else None,
        counted_to=counted_to,
    )


def _values(row: RewardTotal) -> tuple[object, ...]:
    return tuple(getattr(row, column) for column in _COLUMNS)
