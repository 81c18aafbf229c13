"""Counts of a month from the ledger, with the clear columns of a report where an entry does not say. Reads only.

What is counted stands in the tree below a given size, on a day of the month: the same size always gives the same
entries, and a month that is over receives no more of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from crypto.keys import Purpose
from portal.custody.reasons import REASONS
from portal.directory.models import Office
from portal.kernel.site import site
from portal.kernel.values import Id
from portal.ledger.events import IdentityOpened, KeyPublished, TipMoved, TipReceived
from portal.ledger.models import LedgerEntry, LedgerLeaf
from portal.ledger.queries import published
from portal.mailbox.reasons import Outcome
from portal.rewards.totals import quarter_began, told_between
from portal.statistics.models import RecoveredMonth
from portal.statistics.values import Counted, Days, Group, Month, PaidOut, Recovered
from portal.tips.lapsed import lapsed_between
from portal.tips.models import Clock, Tip
from portal.tips.states import Action
from portal.tips.values import Channel, SubjectType
from portal.workdays.setapart import calendar_of

_BUSY_FIRST = {"city": 0, "county": 1, "province": 2}
"""Where most reports come in stands first: the first cell is the one that hides beside a small one."""

_STEPS = {
    Action.ACCEPT.value: "screened",
    Action.DECLINE.value: "screened",
    Action.FILE.value: "verified",
    Action.NOT_FILE.value: "verified",
    Action.AGREE.value: "verified",
    Action.DECIDE.value: "decided",
    Action.CLOSE.value: "closed",
}


def published_size(session: Session) -> int:
    """How many leaves the newest published checkpoint covers. A figure never names another size: between two of them
    the tree is not padded, and its size would tell how many reports came in since."""
    newest = published(session, site().checkpoint_vkey, 1)
    return newest[0].checkpoint.size if newest else 0


def waiting(session: Session, month: Month, size: int) -> int:
    """Entries of the month that are not below *size* leaves."""
    wanted = select(func.count()).select_from(LedgerEntry)
    wanted = wanted.outerjoin(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
    uncovered = or_(LedgerLeaf.seq.is_(None), LedgerLeaf.seq >= size)
    return session.scalar(wanted.where(LedgerEntry.day.between(month.first, month.last), uncovered)) or 0


def count(session: Session, month: Month, size: int) -> Counted:
    """Everything that is counted of *month* below *size* leaves."""
    where = session, month, size
    return Counted(
        received=received(*where),
        decided=decided(*where),
        opened=opened(*where),
        waited=waited(*where),
        missed=missed(*where),
        recovered=recovered(session, month),
        paid=paid(session, month),
    )


def received(session: Session, month: Month, size: int) -> Group:
    """Reports received, by channel, by whom they are about, and by the office that they went to first."""
    wanted = _entries(TipReceived.kind, month, size).join(Tip, Tip.number == LedgerEntry.subject)
    rows = session.execute(wanted.add_columns(Tip.channel, Tip.subject_type)).all()
    return Group(
        {
            "channel": _table(Channel, (row.channel for row in rows)),
            "subject": _table(SubjectType, (row.subject_type for row in rows)),
            "office": _by_office(session, month, size, (_event(row.payload)["office"] for row in rows)),
        }
    )


def decided(session: Session, month: Month, size: int) -> Group:
    """Decisions on reports, by outcome."""
    events = (_event(payload) for payload in session.scalars(_entries(TipMoved.kind, month, size)))
    return Group({"outcome": _table(Outcome, (one["code"] for one in events if one["action"] == Action.DECIDE.value))})


def opened(session: Session, month: Month, size: int) -> Group:
    """Requests by which an identity or a contact was opened for the first time, by use and reason."""
    until = _placed(IdentityOpened.kind, size).where(LedgerEntry.day <= month.last)
    requests: dict[str, str] = {}
    earlier: set[str] = set()
    for payload, day in session.execute(until.add_columns(LedgerEntry.day)):
        one = _event(payload)
        requests[one["request"]] = f"{one['use']}:{one['reason']}"
        if day < month.first:
            earlier.add(one["request"])
    names = [f"{use.value}:{reason.value}" for use, reasons in REASONS.items() for reason in reasons]
    first = [what for request, what in requests.items() if request not in earlier]
    return Group({"reason": _table(names, first)})


def waited(session: Session, month: Month, size: int) -> dict[str, list[Days]]:
    """Days from reception to each step that was taken."""
    calendar = calendar_of(session)
    wanted = _entries(TipMoved.kind, month, size).join(Tip, Tip.number == LedgerEntry.subject)
    days: dict[str, list[Days]] = {step: [] for step in _STEPS.values()}
    for payload, day, received_on in session.execute(wanted.add_columns(LedgerEntry.day, Tip.received_on)):
        step = _STEPS.get(_event(payload)["action"])
        if step is not None:
            days[step].append(Days((day - received_on).days, calendar.count_workdays(received_on, day)))
    return days


def missed(session: Session, month: Month, size: int) -> Group:
    """Legal clocks whose last day lay in the month and that were not met, by the office that had to.

    As the record stood when the month was over: the ledger does not say that a day passed, but every end, pause,
    extension and new count of a clock has the day on which it was made, and what came later is taken away again.
    """
    known = _placed(TipReceived.kind, size).with_only_columns(LedgerEntry.subject)
    of = (
        Clock.about_office.is_(False),
        Tip.subject_type != SubjectType.OFFICIAL.value,
        Tip.number.in_(known),
    )
    return Group({"office": _by_office(session, month, size, lapsed_between(session, month.first, month.last, *of))})


def recovered(session: Session, month: Month) -> Recovered:
    """What came back to the fund. Only its totals are in clear: the ledger does not have them."""
    row = session.get(RecoveredMonth, str(month))
    return Recovered(0, 0, 0) if row is None else Recovered(row.cases, row.fen, row.largest_fen)


def paid(session: Session, month: Month) -> PaidOut:
    """Rewards that the bank paid in the year, as the page of rewards tells them when the month is over: made of what is
    public already. The day on which the bank's answer came in never changes."""
    here, until = site(), quarter_began(month.last + timedelta(days=1)) - timedelta(days=1)
    since = date(until.year, 1, 1)
    told = told_between(session, here.region, here.smallest_cell, since, until)
    return PaidOut(since, until, told.count, told.fen, here.smallest_cell)


def _entries(kind: str, month: Month, size: int) -> Select[Any]:
    return _placed(kind, size).where(LedgerEntry.day.between(month.first, month.last))


def _placed(kind: str, size: int) -> Select[Any]:
    placed = select(LedgerEntry.payload).join(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
    return placed.where(LedgerEntry.kind == kind, LedgerLeaf.seq < size)


def _event(payload: bytes) -> Mapping[str, str]:
    said: Mapping[str, str] = json.loads(payload)["event"]
    return said


def _table(names: Iterable[str], found: Iterable[str]) -> dict[str, int]:
    counts = Counter(found)
    table = {str(name): counts.pop(str(name), 0) for name in names}
    if counts:
        raise ValueError(f"the book has codes that are counted nowhere: {sorted(counts)}")
    return table


def _by_office(session: Session, month: Month, size: int, found: Iterable[str]) -> dict[str, int]:
    return _table(_offices(session, month, size), found)


def _offices(session: Session, month: Month, size: int) -> Sequence[str]:
    """Codes of the offices that had a key by the end of the month: one founded later changes no earlier table."""
    keys = _placed(KeyPublished.kind, size).where(LedgerEntry.day <= month.last).order_by(LedgerLeaf.seq)
    events = (_event(payload) for payload in session.scalars(keys))
    joined = list(dict.fromkeys(Id(one["owner"]) for one in events if one["purpose"] == Purpose.OFFICE.value))
    known = {office.id: office for office in session.scalars(select(Office).where(Office.id.in_(joined)))}
    order = sorted((_BUSY_FIRST.get(known[one].level, len(_BUSY_FIRST)), place) for place, one in enumerate(joined))
    return [known[joined[place]].code for _, place in order]
