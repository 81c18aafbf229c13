"""What the case page shows, gathered from an opened report: rows, clocks, one line of history after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from admin.staff.models import Staff
from admin.tips import wording
from admin.tips.findingwords import changes, rows_of
from admin.tips.merging import duplicates
from admin.tips.reading import OpenRecord, TipView
from admin.tips.transfer import accused_seats
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.mailbox.letters import IN, OpenLetter
from portal.mailbox.notices import words as notice_words
from portal.rewards.claims import trace_from
from portal.tips.deadlines import rule
from portal.tips.findings import Findings
from portal.tips.findings_kept import STATED, Version, asked_in, versions_in
from portal.tips.models import Clock, Tip
from portal.tips.sealing import ReportKeys, open_words
from portal.tips.values import Report
from portal.workdays.setapart import calendar_of

_MERGED = select(Tip).where(Tip.merged_into_id == bindparam("tip")).order_by(Tip.received_on, Tip.id)
_PEOPLE = select(Staff.id, Staff.name).where(Staff.id.in_(bindparam("ids", expanding=True)))
_OFFICES = select(Office.id, Office.name).where(Office.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock as it is drawn: ``kind`` overdue, near or plain while it runs."""

    name: str
    clock: Clock
    words: str
    kind: str
    basis: str
    confidence: str


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """What waits for the head, with its reason. ``own``: this reader proposed it and so cannot approve it."""

    id: Id
    words: str
    code: str
    reason: str = field(repr=False)
    changes: Sequence[tuple[str, str]] = field(repr=False)  # of what a decision found
    by: str
    on: date
    own: bool


@dataclass(frozen=True, slots=True)
class FindingsRow:
    """A version of what a decision found."""

    version: int
    rows: Sequence[tuple[str, str]] = field(repr=False)
    why: str = field(repr=False)
    day: date
    by: str


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """An office that held the report, and for how long."""

    office: str
    from_day: date
    to_day: date | None
    days: int
    workdays: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything beside the view itself."""

    facts: Sequence[tuple[str, Any]] = field(repr=False)
    clocks: Sequence[ClockRow]
    ended: Sequence[ClockRow]
    holdings: Sequence[HoldingRow]
    proposals: Sequence[ProposalRow] = field(repr=False)
    timeline: Sequence[Mapping[str, Any]] = field(repr=False)
    messages: Sequence[Mapping[str, Any]] = field(repr=False)
    records: Sequence[tuple[OpenRecord, str]] = field(repr=False)
    findings: Sequence[FindingsRow]
    duplicates: Sequence[Tip]
    merged: Sequence[Tip]
    main: str
    people: Mapping[Id, str]
    accused_seats: int


def case_page(
    session: Session, view: TipView, keys: ReportKeys, tags: Sequence[bytes], actor: Actor, today: date
) -> CasePage:
    """Gather the page of an opened report for one reader. *tags*: of what it is about, to find others."""
    tip = view.tip
    people, offices = _people(session, view), _offices(session, view)
    rows = [_clock(clock, today) for clock in view.clocks]
    merged = session.scalars(_MERGED, {"tip": tip.id}).all()
    main = session.get(Tip, tip.merged_into_id) if tip.merged_into_id else None
    versions = versions_in(view.facts, keys)
    standing = versions[0].statement.findings if versions else None
    return CasePage(
        facts=_facts(session, view.report),
        clocks=[row for row in rows if row.clock.state in ("running", "paused")],
        ended=[row for row in rows if row.clock.state not in ("running", "paused")],
        holdings=_holdings(session, view, offices, today),
        proposals=_proposals(view, keys, standing, actor, people),
        timeline=_timeline(view, people, offices),
        messages=[_message(letter) for letter in view.letters],
        records=[(record, people.get(record.row.actor_id, "")) for record in view.records],
        findings=[_findings(version, people) for version in versions],
        duplicates=duplicates(session, tip, tags, actor),
        merged=merged,
        main=main.number if main else "",
        people=people,
        accused_seats=accused_seats(session, tip),
    )


def _facts(session: Session, report: Report) -> list[tuple[str, Any]]:
    period = " 至 ".join(str(month) for month in (report.period_from, report.period_to) if month is not None)
    amount = None if report.amount_estimate_fen is None else f"{_yuan(report)} 元"
    accused = None
    if report.against_office:
        accused = session.scalar(select(Office.name).where(Office.code == report.against_office))
    rows = [
        ("举报对象", str(wording.SUBJECTS[report.subject_type])),
        ("名称", report.target),
        ("地址", report.target_address),
        ("主要问题", wording.conduct_words(report.conduct or "")),
        ("发生地区", wording.region_words(report.region or "")),
        ("地点", report.place),
        ("时间", period),
        ("涉及的人", report.persons),
        ("估计金额", amount),
        ("怎么知道的", report.how_known),
        ("以前的反映", report.earlier_reports),
        ("涉及的医保部门", accused),
        ("是否要奖励", "要求奖励" if report.wants_reward else "没有要求奖励"),
        ("未满十四周岁", "是，须有监护人同意" if report.under_14 else None),
    ]
    return [(key, value) for key, value in rows if value]


def _yuan(report: Report) -> str:
    yuan, fen = divmod(report.amount_estimate_fen or 0, 100)
    return f"{yuan:,}.{fen:02d}" if fen else f"{yuan:,}"


def _clock(clock: Clock, today: date) -> ClockRow:
    made = rule(clock.rule, clock.started_on)
    running = clock.state == "running"
    words = wording.due_words(clock.due_on, today) if running else str(wording.CLOCK_STATES[clock.state])
    kind = wording.due_kind(clock.due_on, today) if running else "plain"
    return ClockRow(made.name, clock, words, kind, made.basis, made.confidence)


def _holdings(session: Session, view: TipView, offices: Mapping[Id, str], today: date) -> list[HoldingRow]:
    calendar = calendar_of(session)
    rows = []
    for holding in view.holdings:
        end = holding.to_day or today
        days, workdays = (end - holding.from_day).days, calendar.count_workdays(holding.from_day, end)
        rows.append(HoldingRow(offices[holding.office_id], holding.from_day, holding.to_day, days, workdays))
    return rows


def _findings(version: Version, people: Mapping[Id, str]) -> FindingsRow:
    statement = version.statement
    rows = [(label, words) for label, words in rows_of(statement.findings) if words]
    return FindingsRow(statement.version, rows, statement.why, version.day, people.get(version.by, ""))


def _proposals(
    view: TipView, keys: ReportKeys, standing: Findings | None, actor: Actor, people: Mapping[Id, str]
) -> list[ProposalRow]:
    asked = {one.id: asked_in(view.facts, one.id, keys) for one in view.proposals if one.state == "open"}
    return [
        ProposalRow(
            one.id,
            wording.event_words(one.action),
            wording.code_words(one.code),
            open_words(one.reason, keys, one.id),
            changes(standing, statement.findings) if (statement := asked[one.id]) else (),
            people.get(one.proposed_by, ""),
            one.proposed_on,
            one.proposed_by == actor.id,
        )
        for one in view.proposals
        if one.state == "open"
    ]


def _timeline(view: TipView, people: Mapping[Id, str], offices: Mapping[Id, str]) -> list[dict[str, Any]]:
    entries = []
    for event in reversed(view.events):
        if event.action == STATED:  # comes of the decision or correction beside it, and has a table of its own
            continue
        who = people.get(event.actor_id, "") if event.actor_id else ""
        where = offices.get(event.office_id, "") if event.office_id else ""
        entries.append(
            {
                "title": wording.event_words(event.action),
                "day": event.day,
                "text": " · ".join(part for part in (wording.code_words(event.code), who, where) if part),
                "state": "done",
            }
        )
    return entries


def _message(letter: OpenLetter) -> dict[str, Any]:
    mine = letter.row.direction != IN
    title: str = ""
    paragraphs: tuple[str, ...] = ()
    if letter.body.notice:
        title, paragraphs = notice_words(letter.body.notice, letter.body.params)
        paragraphs += tuple(step.text for step in trace_from(letter.body.params.get("trace", "")))
    text = tuple(part for part in letter.body.text.split("\n") if part.strip())
    return {
        "mine": mine,
        "who": "办理单位" if mine else "举报人",
        "day": letter.row.day,
        "title": title,
        "notice": paragraphs,
        "paragraphs": text,
        "files": letter.body.files,
        "unread": not mine and not letter.row.read_by_office,
    }


def _people(session: Session, view: TipView) -> dict[Id, str]:
    ids = {event.actor_id for event in view.events}
    ids |= {record.row.actor_id for record in view.records}
    ids |= {record.actor_id for record in view.facts}
    ids |= {proposal.proposed_by for proposal in view.proposals}
    return _names(session, _PEOPLE, {*ids, view.tip.assignee_id})


def _offices(session: Session, view: TipView) -> dict[Id, str]:
    """Names of the offices of the history; most reports have only ever been in one."""
    known = {view.office.id: view.office.name}
    passed = {one.office_id for one in view.holdings} | {one.office_id for one in view.events}
    return known | _names(session, _OFFICES, passed - known.keys())


def _names(session: Session, statement: Select[Id, str], ids: Set[Id | None]) -> dict[Id, str]:
    present = [one for one in ids if one is not None]
    return {row[0]: row[1] for row in session.execute(statement, {"ids": present})} if present else {}
