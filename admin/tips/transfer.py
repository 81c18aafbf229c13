"""Giving a report away: to another office of ours, to another authority, or up because it is about ourselves.

``(session, tip, …, actor, now, keys)``: see :mod:`admin.tips.casework`. The report key is sealed to the new office's
key and the old office's sealed key is deleted in the same transaction; the day received never changes, and each
holder's days stay on record. What was merged into a report goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from admin.tips.casework import (
    drop_proposals,
    followers_of,
    history,
    move,
    notify,
    number_of,
    office_name,
    worded,
    write_down,
)
from admin.tips.requests import end_all
from portal.directory.keys import sealing_keys
from portal.directory.models import BoardSeat, Office
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.kernel.site import site
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.ledger.events import TipMoved
from portal.mailbox.notices import NoticeKind
from portal.routing.choose import choose, directory
from portal.routing.rules import Unroutable, barred_by
from portal.routing.values import OfficeInfo, Routed, RouteQuery
from portal.tips.clocks import start_clock, stop_clocks, void_clocks
from portal.tips.models import IdentityRecord, Tip, TipEvent, TipHolding, TipKey
from portal.tips.sealing import ReportKeys
from portal.tips.states import Action
from portal.tips.values import SubjectType

VERIFY, REFERRAL = "HR-12.1", "HR-11.2"

Followers = Mapping[Id, ReportKeys]
"""Keys of the reports merged into the one at hand, by tip id."""


def transfer(
    session: Session,
    tip: Tip,
    to: Id,
    reason: str,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    followers: Followers | None = None,
) -> None:
    """Give the report to another office: its clock starts now, the first receipt stays (HR-9.1, HR-11.1).

    Refused when that office is closed, is this one, is the one the report is about or below it; Unavailable when it
    has no key that the ledger vouches for.
    """
    office = session.get(Office, to)
    if office is None or not office.active or office.id == tip.office_id:
        raise Refused("bad_office", "请选择另一个可以接收举报的单位。")
    _refuse_accused(session, tip, office, now)
    before = office_name(session, tip)
    move(session, tip, Action.TRANSFER, actor, now, office.code, to=office.id)
    write_down(session, tip, "reason", reason, actor, now, keys)
    _hand_over(session, tip, office, "transfer", actor, now, keys)
    start_clock(session, tip, VERIFY, day_of(now))
    params = {"office": before, "to": office.name, "due": str(tip.due_on), "rule": VERIFY}
    notify(session, tip, NoticeKind.TRANSFERRED, params, actor, now, keys)
    _take_along(session, tip, office, "transfer", actor, now, followers or {})


def refer(session: Session, tip: Tip, authority: str, reason: str, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """Send it to the department in charge: written notice and transfer, both (Social Insurance Law art. 82)."""
    name = worded(authority, "移送部门的名称")
    move(session, tip, Action.REFER, actor, now)
    write_down(session, tip, "decision", f"移送：{name}\n{reason.strip()}", actor, now, keys)
    stop_clocks(session, tip, day_of(now))
    drop_proposals(session, tip, now)
    notify(session, tip, NoticeKind.REFERRED, {"to": name, "rule": REFERRAL}, actor, now, keys)


def escalate(
    session: Session,
    tip: Tip,
    reason: str,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    followers: Followers | None = None,
) -> Office:
    """ "This concerns our own office": up to the superior or to discipline inspection, at once.

    From the commit on this office can neither open nor see it. Returns the office that has it now. Who the reporter
    is, said from now on, goes to a board in which the accused office holds no seat; what was sealed before cannot be
    moved, and :func:`accused_seats` tells the new holder of it.
    """
    about, routed = _upward(session, tip, now)
    office = session.get_one(Office, routed.office_id)
    move(session, tip, Action.ESCALATE, actor, now, office.code, to=office.id)
    if reason.strip():
        write_down(session, tip, "reason", reason, actor, now, keys)
    tip.against_office_id, tip.board_id, tip.rule = about, routed.board_id, routed.rule_id
    _hand_over(session, tip, office, "escalation", actor, now, keys)
    start_clock(session, tip, VERIFY, day_of(now))
    params = {"to": office.name, "due": str(tip.due_on), "rule": VERIFY}
    notify(session, tip, NoticeKind.MOVED_UP, params, actor, now, keys)
    for follower in _take_along(session, tip, office, "escalation", actor, now, followers or {}):
        follower.against_office_id, follower.board_id = about, routed.board_id
    return office


def _upward(session: Session, tip: Tip, now: Utc) -> tuple[Id, Routed]:
    """Which office the report is about from now on, and where it goes.

    A report keeps one accused office. One that was about another office already is from now on about the lowest that
    has both under it. Where nobody would be left to take it, it stays about the first, goes past this one, and its
    history keeps it from coming back here. Refused when every way leads to the first.
    """
    known, here, before = _offices(session, now), tip.office_id, tip.against_office_id
    both = {here} if before is None else {here, before}
    covering = [office for office in known.values() if both <= barred_by(office.id, known)]
    for office in sorted(covering, key=lambda one: (len(barred_by(one.id, known)), one.code))[:1]:
        try:
            return office.id, _route_past(session, tip, office.code, now)
        except Unroutable:
            if before is None:
                raise
    routed = _route_past(session, tip, known[here].code, now)
    if before is None or routed.office_id in barred_by(before, known) or known[routed.office_id].readers(before) < 1:
        raise Refused("two_accused", "这份举报还涉及别的医保部门，找不到同时避开两者的单位。请联系纪检监察机构。")
    return before, routed


def _route_past(session: Session, tip: Tip, accused: str, now: Utc) -> Routed:
    query = RouteQuery(
        subject_type=SubjectType(tip.subject_type),
        region=tip.region or None,
        conduct=tip.conduct or None,
        grid=None,
        against_office=accused,
    )
    return choose(session, query, now, site().checkpoint_vkey)


def accused_seats(session: Session, tip: Tip) -> int:
    """How many seats of boards that already hold this reporter's identity belong to the accused office."""
    if tip.against_office_id is None:
        return 0
    boards = select(IdentityRecord.board_id).where(IdentityRecord.tip_id == tip.id)
    seats = session.scalars(
        select(BoardSeat.id).where(BoardSeat.board_id.in_(boards), BoardSeat.holder_office_id == tip.against_office_id)
    )
    return len(seats.all())


class Placed(Protocol):
    """What decides where a report may go: the report itself, or its row in the queue."""

    @property
    def id(self) -> Id: ...
    @property
    def office_id(self) -> Id: ...
    @property
    def against_office_id(self) -> Id | None: ...


def destinations(session: Session, tip: Placed, now: Utc) -> list[OfficeInfo]:
    """The offices that a page offers for a transfer: superior, neighbours and those below, in the order of codes.

    Only those that have a key and people who may read it, and never the office that it is about or one below it.
    """
    known = _offices(session, now)
    here = known[tip.office_id]
    barred = kept_from(session, tip, known)
    near = {here.id, here.superior_id} - {None}
    offered = (
        office
        for office in known.values()
        if office.id != here.id
        and office.active
        and office.has_key
        and office.id not in barred
        and office.readers(tip.against_office_id) > 0
    )
    return sorted((one for one in offered if one.superior_id in near or one.id in near), key=lambda one: one.code)


def _refuse_accused(session: Session, tip: Tip, office: Office, now: Utc) -> None:
    known = _offices(session, now)
    if office.id in kept_from(session, tip, known):
        raise Refused("accused_office", "这份举报涉及该单位或者它的上级单位，不能转给它。")
    if known[office.id].has_key and known[office.id].readers(tip.against_office_id) < 1:
        raise Refused("nobody_there", "该单位能看举报的人都与被举报的单位有关，不能转给它。")


_GIVEN_UP = select(TipEvent.office_id).where(
    TipEvent.tip_id == bindparam("tip"), TipEvent.action == Action.ESCALATE.value
)


def kept_from(session: Session, tip: Placed, known: Mapping[Id, OfficeInfo]) -> frozenset[Id]:
    """The offices that must not get the report: those accused, those that gave it up as their own affair, all below."""
    accused = {tip.against_office_id, *session.scalars(_GIVEN_UP, {"tip": tip.id})}
    return frozenset().union(*(barred_by(one, known) for one in accused))


def _offices(session: Session, now: Utc) -> Mapping[Id, OfficeInfo]:
    return directory(session, now, site().checkpoint_vkey).offices


def _hand_over(
    session: Session, tip: Tip, office: Office, reason: str, actor: Actor, now: Utc, keys: ReportKeys
) -> None:
    """Key, holder, holding days; what belonged to the old office alone is cleared."""
    row, public = sealing_keys(session, "office", [office.id], site().checkpoint_vkey)[office.id]
    session.execute(delete(TipKey).where(TipKey.tip_id == tip.id))
    session.add(TipKey(tip_id=tip.id, office_id=office.id, key_id=row.id, wrapped=keys.wrapped_to(public)))
    today = day_of(now)
    session.execute(
        update(TipHolding).where(TipHolding.tip_id == tip.id, TipHolding.to_day.is_(None)).values(to_day=today)
    )
    session.add(TipHolding(tip_id=tip.id, office_id=office.id, from_day=today, reason=reason))
    void_clocks(session, tip, today)
    drop_proposals(session, tip, now)
    end_all(session, tip, actor, now)
    tip.office_id, tip.assignee_id, tip.duplicate_tag = office.id, None, None
    session.flush()


def _take_along(
    session: Session, tip: Tip, office: Office, reason: str, actor: Actor, now: Utc, followers: Followers
) -> list[Tip]:
    """Reports merged into this one move with it. Refused when the key of one was not brought: it would stay behind."""
    moved = followers_of(session, tip)
    for follower in moved:
        if follower.id not in followers:
            raise Refused("follower_missing", "有刚刚并入的举报，请刷新页面后再移交。")
        _hand_over(session, follower, office, reason, actor, now, followers[follower.id])
        history(session, follower, reason, actor, now, office.code)
        event = TipMoved(number_of(follower), reason, follower.state, follower.state, office.id.hex, office.code)
        append(session, event, actor, now)
    return moved
