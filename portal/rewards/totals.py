"""What was paid in rewards by year and place, as it may be told: the worker makes it, the public site shows it.

Payments are counted up to the end of the last quarter, so that nobody sees a number change when one is paid; one that
was taken back goes out of its year, at the end of the quarter in which that was decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, exists, extract, func, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.directory.regions import regions
from portal.payments.models import Payment
from portal.payments.values import PaymentState
from portal.rewards.choose import NATION
from portal.rewards.claim_models import RewardCase, RewardStep
from portal.rewards.disclosure import Cell, Paid, publish
from portal.rewards.states import RewardAction
from portal.rewards.total_models import RewardTotal

YEARS = 5
"""The year of the last quarter and the four before it: always the same ones, whether anything was paid or not."""

_COLUMNS = ("year", "place", "told", "least", "count_low", "count_high", "fen_low", "fen_high", "counted_to")


def refresh(session: Session, area: str, least: int, today: date) -> int:
    """Make the totals anew for the places below *area* ("" the nation); how many rows, 0 where nothing changed."""
    end = quarter_began(today)
    rows = [row for year, paid in _paid(session, area, end).items() for row in _rows(year, paid, least, end)]
    kept = {_values(row) for row in session.scalars(select(RewardTotal))}
    if kept == {_values(row) for row in rows}:
        return 0
    session.execute(delete(RewardTotal))
    session.expunge_all()
    session.add_all(rows)
    return len(rows)


def told(session: Session) -> list[RewardTotal]:
    """All that is told: the newest year first, its total before its places."""
    return list(session.scalars(select(RewardTotal).order_by(RewardTotal.year.desc(), RewardTotal.place)))


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


def _paid(session: Session, area: str, end: date) -> dict[int, dict[str, Paid]]:
    """What was paid in each of the years, by each place that has an office: those with nothing too."""
    last = (end - timedelta(days=1)).year
    homes = {office: place_of(region, area) for office, region in session.execute(select(Office.id, Office.region))}
    found = {year: dict.fromkeys(homes.values(), Paid(0, 0)) for year in range(last, last - YEARS, -1)}
    year_of = extract("year", Payment.settled_on)
    rows = session.execute(
        select(Payment.office_id, year_of, func.count(), func.sum(Payment.amount_fen))
        .where(Payment.state == PaymentState.PAID.value, Payment.settled_on < end, ~_taken_back(end))
        .group_by(Payment.office_id, year_of)
    )
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for office, year, count, fen in rows:
        here = sums[int(year), homes[office]]
        here[0] += count
        here[1] += int(fen)
    for (year, place), (count, fen) in sums.items():
        if year in found:
            found[year][place] = Paid(count, fen)
    return found


def _taken_back(end: date) -> ColumnElement[bool]:
    """Whether it was decided before *end* to take a payment back (R5)."""
    return exists().where(
        RewardCase.claim_id == Payment.claim_id,
        RewardStep.tip_id == RewardCase.tip_id,
        RewardStep.action == RewardAction.RECOVER.value,
        RewardStep.day < end,
    )


def _rows(year: int, paid: dict[str, Paid], least: int, end: date) -> Iterator[RewardTotal]:
    if not paid:
        return
    made = publish(paid, least)
    for place, cell in {"": made.total, **made.places}.items():
        yield _row(year, place, cell, least, end)


def _row(year: int, place: str, cell: Cell, least: int, end: date) -> RewardTotal:
    count, fen = cell.count, cell.fen
    return RewardTotal(
        year=year,
        place=place,
        told=cell.told.value,
        least=least,
        count_low=count.low if count else None,
        count_high=count.high if count else None,
        fen_low=fen.low if fen else None,
        fen_high=fen.high if fen else None,
        counted_to=end - timedelta(days=1),
    )


def _values(row: RewardTotal) -> tuple[object, ...]:
    return tuple(getattr(row, column) for column in _COLUMNS)
