"""What a reporter may do with the own report, opened with the key that the receipt code gives and with nothing else.

Each verb takes the :class:`OwnTip` that :func:`open_own` gave in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, func, select
from sqlalchemy.orm import Session

from crypto import own
from crypto.keys import OwnKey
from portal.attachments.values import FileEntry
from portal.directory.models import Office
from portal.kernel.actors import REPORTER
from portal.kernel.capability import Capability, present
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotFound, Refused
from portal.kernel.rows import columns, looked_at
from portal.kernel.shred import read_shred_key
from portal.kernel.values import Id, TipNumber
from portal.ledger.book import append
from portal.ledger.events import TipMoved
from portal.mailbox.letters import IN, OUT, LetterBody, OpenLetter, post, read_letters
from portal.mailbox.models import Letter, Mailbox
from portal.mailbox.notices import NoticeKind
from portal.tips.intake import seal_person
from portal.tips.models import Clock, IdentityRecord, Tip, TipBody, TipEvent
from portal.tips.sealing import REPORT_KEY, ReportKeys, open_body
from portal.tips.states import Action, State, actions_from, next_state
from portal.tips.values import Identity, Report

# Made once: building a statement anew for each page costs more than running it.
_TIP: BindParameter[Id] = bindparam("tip")
_DOOR = select(Mailbox.public, Mailbox.first_use_only, Mailbox.destroyed_on, Mailbox.destroyed_by).where(
    Mailbox.tag == bindparam("of")
)
_OWN = select(Mailbox, Tip).join(Tip, Tip.id == Mailbox.tip_id).where(Mailbox.tag == bindparam("of"))
_BODY = (
    select(TipBody, Office)
    .join(Tip, Tip.id == TipBody.tip_id)
    .join(Office, Office.id == Tip.office_id)
    .where(TipBody.tip_id == _TIP)
)
_CLOCK, _EVENT = columns(Clock), columns(TipEvent)
_CLOCKS = select(*_CLOCK).where(_CLOCK.tip_id == _TIP).order_by(_CLOCK.due_on)
_EVENTS = select(*_EVENT).where(_EVENT.tip_id == _TIP).order_by(_EVENT.position)
_IDENTITY_DAY = select(func.max(IdentityRecord.made_on)).where(
    IdentityRecord.tip_id == _TIP, IdentityRecord.kind == "identity"
)


@dataclass(frozen=True, slots=True)
class OwnTip:
    """A report, its mailbox and its keys, in the hands of the person who made it."""

    tip: Tip
    mailbox: Mailbox
    keys: ReportKeys = field(repr=False)

    @property
    def number(self) -> TipNumber:
        return TipNumber(self.tip.number)


@dataclass(frozen=True, slots=True)
class OwnView:
    """Everything the follow-up pages show."""

    tip: Tip
    office: Office
    report: Report = field(repr=False)
    files: tuple[FileEntry, ...] = field(repr=False)
    letters: tuple[OpenLetter, ...] = field(repr=False)
    clocks: tuple[Clock, ...]
    events: tuple[TipEvent, ...]
    identity_on: date | None  # the day who-I-am was sealed; None: not said


class Door(NamedTuple):
    """What a mailbox says before it is opened."""

    public: bytes
    first_use_only: bool
    destroyed_on: date | None
    destroyed_by: str


def find_mailbox(session: Session | Connection, tag: bytes) -> Door:
    """The mailbox of a lookup tag. NotFound when there is none; the caller answers every failure alike."""
    present(session, Capability.MAILBOX, tag)
    found = session.execute(_DOOR, {"of": tag}).one_or_none()
    if found is None:
        raise _none()
    return Door(*found)


def _none() -> NotFound:
    return NotFound("no_mailbox", "没有找到。请核对回执码。")


def open_own(session: Session, tag: bytes, key: OwnKey) -> OwnTip:
    """The report behind a mailbox. NotFound ("shredded") when it was destroyed, crypto errors when it was changed."""
    present(session, Capability.MAILBOX, tag)
    found = session.execute(_OWN, {"of": tag}).one_or_none()
    if found is None:
        raise _none()
    mailbox, tip = found
    if mailbox.destroyed_on is not None:
        raise NotFound("shredded", "这份材料已按规定销毁。")
    report_key = own.unwrap(mailbox.wrapped_report_key, key, REPORT_KEY, mailbox.tip_id.bytes)
    keys = ReportKeys(mailbox.tip_id, report_key, read_shred_key(mailbox.tip_id))
    return OwnTip(tip, mailbox, keys)


def view(session: Session, mine: OwnTip) -> OwnView:
    """All that the reporter sees, opened."""
    tip = mine.tip
    body, office = session.execute(_BODY, {"tip": tip.id}).one()
    report, files = open_body(body, mine.keys)
    return OwnView(
        tip,
        office,
        report,
        files,
        tuple(read_letters(session, mine.mailbox.id, mine.keys.letter)),
        looked_at(session, Clock, _CLOCKS, {"tip": tip.id}),
        looked_at(session, TipEvent, _EVENTS, {"tip": tip.id}),
        _identity_day(session, tip.id) if tip.named else None,
    )


def _identity_day(session: Session, tip_id: Id) -> date | None:
    return session.scalar(_IDENTITY_DAY, {"tip": tip_id})


def reply(session: Session, mine: OwnTip, text: str, files: tuple[FileEntry, ...], now: Utc) -> Letter:
    """Write to the office. When it had asked for something, the answer moves the tip on."""
    if not text.strip() and not files:
        raise Refused("empty_message", "请写几句话，或者添加文件。")
    letter = _post(session, mine, IN, LetterBody(text=text, files=files), now)
    if Action.ANSWER in actions_from(State(mine.tip.state)):
        _move(session, mine, Action.ANSWER, now)
    return letter


def add_identity(session: Session, mine: OwnTip, identity: Identity, now: Utc) -> None:
    """Say who I am, later: sealed to the custody board like at the start. Once; it cannot be read back, even by me."""
    if _identity_day(session, mine.tip.id) is not None:
        raise Refused("identity_there", "您已经留过姓名，不能重复填写。需要更正请写信给办理单位。")
    seal_person(session, mine.tip, "identity", identity, mine.keys.shred_key, REPORTER, now)
    mine.tip.named = True
    _event(session, mine, "add_identity", now)
    _notice(session, mine, NoticeKind.IDENTITY_SEALED, now)


def withdraw(session: Session, mine: OwnTip, now: Utc) -> None:
    """Withdraw the report. The office may go on by itself; before the decision no reward is paid (RW-5.3)."""
    if mine.tip.withdrawn_on is not None:
        raise Refused("withdrawn", "这份举报已经撤回。")
    mine.tip.withdrawn_on = day_of(now)
    _event(session, mine, "withdraw", now)
    _notice(session, mine, NoticeKind.WITHDRAWN, now)


def report_pressure(session: Session, mine: OwnTip, text: str, now: Utc) -> None:
    """Somebody leans on the reporter: the superior office is alerted; the words go into the conversation."""
    mine.tip.pressured = True
    if text.strip():
        _post(session, mine, IN, LetterBody(text=text), now)
    _event(session, mine, "pressure", now)
    _notice(session, mine, NoticeKind.PRESSURE_REPORTED, now)


def remove_letter(session: Session, mine: OwnTip, position: int) -> None:
    """Take a letter that was read out of the reporter's own view. The office's copy stays: it is part of the file."""
    letter = session.scalar(select(Letter).where(Letter.mailbox_id == mine.mailbox.id, Letter.position == position))
    if letter is None:
        raise NotFound("no_letter", "没有这封信。")
    letter.removed_by_reporter = True


def _post(session: Session, mine: OwnTip, direction: str, body: LetterBody, now: Utc) -> Letter:
    return post(session, mine.mailbox.id, mine.tip.id, mine.number, direction, body, mine.keys.letter, REPORTER, now)


def _notice(session: Session, mine: OwnTip, kind: NoticeKind, now: Utc) -> None:
    _post(session, mine, OUT, LetterBody(notice=kind), now)


def _move(session: Session, mine: OwnTip, action: Action, now: Utc) -> None:
    before = mine.tip.state
    mine.tip.state = next_state(State(before), action).value
    _event(session, mine, action.value, now, before)


def _event(session: Session, mine: OwnTip, action: str, now: Utc, before: str = "") -> None:
    """One line of history and one entry of the ledger for what the reporter did."""
    tip = mine.tip
    last = session.scalar(select(func.max(TipEvent.position)).where(TipEvent.tip_id == tip.id)) or 0
    session.add(TipEvent(tip_id=tip.id, position=last + 1, day=day_of(now), action=action, state=tip.state))
    moved = TipMoved(mine.number, action, before or tip.state, tip.state, str(tip.office_id))
    append(session, moved, REPORTER, now)
