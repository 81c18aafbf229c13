"""What the tables say of reports, as the pure rules ask for it. Reads codes and days only: nothing is opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from portal.custody.models import IdentityRequest
from portal.custody.states import LIVE as LIVE_REQUESTS
from portal.kernel.values import Id
from portal.mailbox.letters import IN
from portal.mailbox.models import Letter
from portal.retention.models import RetentionHold, RetentionSchedule, ShredBatch, ShredItem
from portal.retention.rules import ENDING, judge, received_before, schedule_in_force
from portal.retention.schedule import parse_schedule, shipped_schedule
from portal.retention.states import LIVE, ItemState
from portal.retention.values import Facts, Schedule, Verdict, Wait
from portal.rewards.claim_models import RewardCase
from portal.rewards.states import UNDER_WAY
from portal.tips.models import Clock, Proposal, Tip, TipEvent
from portal.tips.states import FINAL, State

_AT_A_TIME = 200


def schedules(session: Session) -> list[Schedule]:
    """The shipped schedule and every adopted one."""
    adopted = session.scalars(select(RetentionSchedule.terms).order_by(RetentionSchedule.in_force_from))
    return [shipped_schedule(), *map(parse_schedule, adopted)]


def in_force(session: Session, today: date) -> Schedule:
    """The schedule of this day. Raises Refused ("no_schedule") when none is in force."""
    return schedule_in_force(schedules(session), today)


def family_of(session: Session, head: Id, *, lock: bool = False) -> list[Tip]:
    """A report and all that were merged into it, the main one first; locked until the transaction ends if asked."""
    query = select(Tip).where(or_(Tip.id == head, Tip.merged_into_id == head)).order_by(Tip.id)  # always in one order
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return sorted(session.scalars(query), key=lambda tip: tip.id != head)


def verdict_on(session: Session, family: Sequence[Tip], schedule: Schedule, today: date) -> Verdict:
    """Whether a report with all that were merged into it may be destroyed today."""
    found = facts_of(session, family)
    return judge([found[tip.id] for tip in family], schedule, today)


def past_term(
    session: Session, offices: Collection[Id], schedule: Schedule, today: date, own: Collection[Id] = ()
) -> Iterator[Verdict]:
    """Every report of *offices* whose term is over, with those merged into it, the longest here first: those that may
    go, and those that something else keeps. What stands in a live batch is not among them, nor what is about one of
    ``own``: nobody has a hand in destroying a report about an office of theirs."""
    for office in offices:
        for heads in _pages(session, office, schedule, today, own):
            families = _families(session, heads)
            found = facts_of(session, [tip for family in families for tip in family])
            for family in families:
                verdict = judge([found[tip.id] for tip in family], schedule, today)
                if verdict.kept_until is not None and Wait.TERM not in verdict.waits:
                    yield verdict


def _pages(
    session: Session, office: Id, schedule: Schedule, today: date, own: Collection[Id]
) -> Iterator[Sequence[Tip]]:
    limits = {state: received_before(state, schedule, today) for state in FINAL}
    ended = [
        and_(Tip.state == state.value, Tip.received_on < limit) for state, limit in limits.items() if limit is not None
    ]
    taken = select(ShredItem.tip_id).join(ShredBatch).where(ShredBatch.state.in_([state.value for state in LIVE]))
    query = (
        select(Tip)
        .where(Tip.office_id == office, Tip.destroyed_on.is_(None), Tip.merged_into_id.is_(None), or_(*ended))
        .where(Tip.id.not_in(taken), or_(Tip.against_office_id.is_(None), Tip.against_office_id.not_in(own)))
        .order_by(Tip.received_on, Tip.id)
        .limit(_AT_A_TIME)
    )
    after: Tip | None = None
    while True:
        tips = session.scalars(query if after is None else _behind(query, after)).all()
        if not tips:
            return
        yield tips
        after = tips[-1]


def _behind(query: Select[Any], tip: Tip) -> Select[Any]:
    later = and_(Tip.received_on == tip.received_on, Tip.id > tip.id)
    return query.where(or_(Tip.received_on > tip.received_on, later))


def _families(session: Session, heads: Sequence[Tip]) -> list[list[Tip]]:
    merged: dict[Id, list[Tip]] = defaultdict(list)
    for tip in session.scalars(select(Tip).where(Tip.merged_into_id.in_([head.id for head in heads]))):
        if tip.merged_into_id is not None:
            merged[tip.merged_into_id].append(tip)
    return [[head, *sorted(merged[head.id], key=lambda tip: tip.id)] for head in heads]


def facts_of(session: Session, tips: Sequence[Tip]) -> Mapping[Id, Facts]:
    """What decides about each of *tips*."""
    ids = [tip.id for tip in tips]
    waits, ends = _waits(session, ids), _ends(session, ids)
    return {tip.id: _facts(tip, ends.get(tip.id, (None, "")), waits[tip.id]) for tip in tips}


def _facts(tip: Tip, end: tuple[date | None, str], waits: Iterable[Wait]) -> Facts:
    gone = {Wait.GONE} if tip.destroyed_on is not None else set[Wait]()
    return Facts(
        tip.id,
        tip.number,
        tip.office_id,
        State(tip.state),
        end[1],
        tip.withdrawn_on is not None,
        end[0],
        frozenset({*waits, *gone}),
    )


def _ends(session: Session, ids: Sequence[Id]) -> Mapping[Id, tuple[date, str]]:
    """The day and code of the last step that ended each report."""
    steps = select(TipEvent.tip_id, TipEvent.day, TipEvent.code).where(
        TipEvent.tip_id.in_(ids), TipEvent.action.in_(ENDING)
    )
    return {row.tip_id: (row.day, row.code) for row in session.execute(steps.order_by(TipEvent.position))}


def _waits(session: Session, ids: Sequence[Id]) -> Mapping[Id, set[Wait]]:
    """What keeps each report beside its term."""
    live = [state.value for state in LIVE_REQUESTS]
    unread = (Letter.direction == IN, Letter.read_by_office.is_(False))
    found: dict[Id, set[Wait]] = defaultdict(set)
    for wait, query in (
        (Wait.IDENTITY, select(IdentityRequest.tip_id).where(IdentityRequest.state.in_(live))),
        (Wait.PROPOSAL, select(Proposal.tip_id).where(Proposal.state == "open")),
        (Wait.LETTER, select(Letter.tip_id).where(*unread)),
        (Wait.REWARD, select(RewardCase.tip_id).where(RewardCase.state.in_([state.value for state in UNDER_WAY]))),
        (Wait.CLOCK, select(Clock.tip_id).where(Clock.state.in_(("running", "paused")))),
        (Wait.HOLD, select(RetentionHold.tip_id).where(RetentionHold.lifted_on.is_(None))),
    ):
        for tip in session.scalars(query.where(query.selected_columns[0].in_(ids))):
            found[tip].add(wait)
    return found


def items_of(session: Session, batch: Id, *states: ItemState) -> list[ShredItem]:
    """The reports of a batch (in these states), those that go together next to each other, the main one first."""
    query = select(ShredItem).where(ShredItem.batch_id == batch)
    if states:
        query = query.where(ShredItem.state.in_([state.value for state in states]))
    found = session.scalars(query.execution_options(populate_existing=True))
    return sorted(found, key=lambda item: (item.kept_until, item.head_id, item.tip_id != item.head_id, item.tip_id))
