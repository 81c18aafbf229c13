"""Reads of the dashboard: clear columns only, no key, and never a report about an office of the reader.

Numbers of reports are counts of the queue itself (:func:`admin.tips.queries.counts`), so that what is behind a number
is what the queue then shows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from admin.dashboard.values import ClockLine, MonthLine, Tile, level, median, months_before
from admin.staff.roles import Permission
from admin.tips import wording
from admin.tips.branches import ACCUSED, Scope, outside_accused, scope_of
from admin.tips.filters import Place
from portal.custody.models import IdentityRequest
from portal.custody.states import LIVE
from portal.disclosures.models import Disclosure
from portal.disclosures.states import DisclosureState
from portal.kernel.actors import Actor
from portal.kernel.errors import NotFound
from portal.tips.deadlines import rules
from portal.tips.models import Clock, Proposal, Tip, TipEvent
from portal.tips.states import OPEN_STATES, Action

MONTHS = 13
MOST_TILES = 60
PAGE = 100
SOON = 6
"""Within how many days from today a clock runs out soon: a week with today in it."""
Columns = list[ColumnElement[bool]]


def scope(session: Session, actor: Actor) -> Scope:
    """Whose queue it is; without the own offices when no report is about one of them, so that an index is enough."""
    found = scope_of(actor)
    return found if session.scalar(ACCUSED, {"own": found.own}) is not None else replace(found, own=())


def clocks(session: Session, seen: Scope, today: date) -> list[ClockLine]:
    """The running clocks of the reports in these queues by rule, in the order of the rules.

    Counted by due day and rule, as the index has them: by rule alone, every clock would have to be sorted.
    """
    wanted = select(Clock.due_on, Clock.rule, func.count()).where(*_clocks_of(seen)).group_by(Clock.due_on, Clock.rule)
    if seen.own:
        wanted = wanted.join(Tip, Tip.id == Clock.tip_id).where(*outside_accused(seen))
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for due, rule, number in session.execute(wanted):
        counted = (True, due < today, today <= due <= today + timedelta(days=SOON))
        found[rule] = [sum_ + number * one for sum_, one in zip(found[rule], counted, strict=True)]
    known = _known(today)
    order = [*(one for one in known if one in found), *sorted(found.keys() - known.keys())]
    return [ClockLine(one, known.get(one, one), *found[one]) for one in order]


def rule_words(rule: str, today: date) -> str:
    """The name of a rule of deadlines; its id when none of that id is in force."""
    return _known(today).get(rule, rule)


def _known(today: date) -> Mapping[str, str]:
    return {rule.id: rule.name for rule in rules(today)}


def which_clocks(which: str, today: date) -> ColumnElement[bool]:
    """The condition of one column of the table. NotFound for a column that there is not."""
    conditions = {
        "running": Clock.state == "running",
        "late": Clock.due_on < today,
        "soon": and_(Clock.due_on >= today, Clock.due_on <= today + timedelta(days=SOON)),
    }
    if which not in conditions:
        raise NotFound("no_list", "没有这个列表。")
    return conditions[which]


def clock_rows(
    session: Session, actor: Actor, rule: str, which: str, today: date, after: Place | None, size: int = PAGE
) -> tuple[Sequence[tuple[Clock, Tip]], Place | None]:
    """The clocks behind one number with their reports, the nearest due day first; and after which the next page goes
    on, None at the end. *rule* "" is every rule."""
    seen = scope_of(actor)
    wanted = (
        select(Clock, Tip)
        .join(Tip, Tip.id == Clock.tip_id)
        .where(*_clocks_of(seen), which_clocks(which, today), *outside_accused(seen))
        .order_by(Clock.due_on, Clock.id)
        .limit(size + 1)
    )
    if rule:
        wanted = wanted.where(Clock.rule == rule)
    if after is not None and after.day is not None:
        wanted = wanted.where(or_(Clock.due_on > after.day, and_(Clock.due_on == after.day, Clock.id > after.id)))
    rows = [(clock, tip) for clock, tip in session.execute(wanted)]
    shown = rows[:size]
    return shown, Place(shown[-1][0].due_on, shown[-1][0].id) if len(rows) > size else None


def _clocks_of(seen: Scope) -> Columns:
    return [Clock.office_id.in_(seen.offices), Clock.state == "running"]


def months(session: Session, seen: Scope, today: date) -> list[MonthLine]:
    """The last thirteen months, this one included and not over: what came in to these queues and what was decided."""
    names = months_before(today, MONTHS)
    first = date.fromisoformat(f"{names[0]}-01")
    came = _received(session, seen, first)
    decided = _decided(session, seen, first)
    most = max(came.values(), default=0)
    return [
        MonthLine(
            name,
            came.get(name, 0),
            sum(decided[name].values()) if name in decided else 0,
            median(decided.get(name, {})),
            level(came.get(name, 0), most, 10),
        )
        for name in names
    ]


def _received(session: Session, seen: Scope, first: date) -> Mapping[str, int]:
    wanted = (
        select(Tip.received_on, func.count())
        .where(Tip.office_id.in_(seen.offices), Tip.received_on >= first, *outside_accused(seen))
        .group_by(Tip.received_on)
    )
    found: dict[str, int] = defaultdict(int)
    for day, number in session.execute(wanted):
        found[f"{day:%Y-%m}"] += number
    return found


def _decided(session: Session, seen: Scope, first: date) -> Mapping[str, Mapping[int, int]]:
    """By month of the decision: how often each number of days from arrival to decision occurred."""
    wanted = (
        select(TipEvent.day, Tip.received_on, func.count())
        .join(Tip, Tip.id == TipEvent.tip_id)
        .where(
            TipEvent.office_id.in_(seen.offices),
            TipEvent.action == Action.DECIDE.value,
            TipEvent.day >= first,
            Tip.office_id.in_(seen.offices),
            *outside_accused(seen),
        )
        .group_by(TipEvent.day, Tip.received_on)
    )
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for day, received, number in session.execute(wanted):
        found[f"{day:%Y-%m}"][(day - received).days] += number
    return found


def tiles(session: Session, seen: Scope) -> list[Tile]:
    """The areas that open reports in these queues come from, those with most first."""
    without_clock = and_(Tip.due_on.is_(None), Tip.state.in_([one.value for one in OPEN_STATES]))
    numbers: Counter[str] = Counter()
    for open_ones in (Tip.due_on.is_not(None), without_clock):  # one index each; joined by "or" there is none
        wanted = select(Tip.region, func.count()).where(
            Tip.office_id.in_(seen.offices), open_ones, Tip.region != "", *outside_accused(seen)
        )
        for region, number in session.execute(wanted.group_by(Tip.region)):
            numbers[region] += number
    rows = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))[:MOST_TILES]
    most = max((number for _region, number in rows), default=0)
    return [
        Tile(region, wording.region_words(region, short=True), number, level(number, most, 5))
        for region, number in rows
    ]


def proposals(session: Session, actor: Actor) -> Sequence[tuple[Proposal, Tip]]:
    """Proposals on reports that wait for the decision of *actor*: never their own, the oldest first."""
    wanted = (
        select(Proposal, Tip)
        .join(Tip, Tip.id == Proposal.tip_id)
        .where(
            Proposal.office_id.in_(actor.offices_with(Permission.APPROVE)),
            Proposal.state == "open",
            Proposal.proposed_by != actor.id,
            Tip.office_id.in_(actor.offices_with(Permission.READ_QUEUE)),
            *outside_accused(scope_of(actor)),
        )
        .order_by(Proposal.proposed_on, Proposal.id)
        .limit(PAGE)
    )
    return [(proposal, tip) for proposal, tip in session.execute(wanted)]


def openings(session: Session, actor: Actor) -> Sequence[tuple[IdentityRequest, Tip]]:
    """Identities that *actor* asked to open, as long as anything can still happen; what ends first on top."""
    wanted = (
        select(IdentityRequest, Tip)
        .join(Tip, Tip.id == IdentityRequest.tip_id)
        .where(
            IdentityRequest.office_id.in_(actor.offices_with(Permission.ASK_IDENTITY)),
            IdentityRequest.asked_by == actor.id,
            IdentityRequest.state.in_([one.value for one in LIVE]),
            Tip.office_id.in_(actor.offices_with(Permission.ASK_IDENTITY)),
            *outside_accused(scope_of(actor)),
        )
        .order_by(IdentityRequest.expires_on, IdentityRequest.id)
        .limit(PAGE)
    )
    return [(request, tip) for request, tip in session.execute(wanted)]


def disclosures(session: Session, actor: Actor) -> int:
    """How many fund accounts wait for *actor*: drafts of their offices, and what somebody else had checked."""
    wanted = select(func.count()).where(
        or_(
            and_(
                Disclosure.office_id.in_(actor.offices_with(Permission.EDIT_DISCLOSURE)),
                Disclosure.state == DisclosureState.DRAFT.value,
            ),
            and_(
                Disclosure.office_id.in_(actor.offices_with(Permission.PUBLISH_DISCLOSURE)),
                Disclosure.state.in_((DisclosureState.CHECKED.value, DisclosureState.APPROVED.value)),
                Disclosure.made_by != actor.id,
            ),
        )
    )
    return session.scalar(wanted) or 0
