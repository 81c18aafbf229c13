"""Receiving a tip: the one verb behind the form, the staff's other channels and ``mingjing tip submit``.

The slow hash of the receipt code is done by the caller before the transaction starts; what happens here is sealing,
routing, clocks, the record and the receipt letter, all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from crypto.receipts import ReceiptSecrets
from portal.attachments.models import Attachment
from portal.attachments.values import FileEntry
from portal.directory.models import CustodyBoard, Office
from portal.kernel.actors import Actor
from portal.kernel.capability import Capability, present
from portal.kernel.clock import Utc, day_of
from portal.kernel.db import table_of
from portal.kernel.errors import Refused, Unavailable
from portal.kernel.rows import New, insert_rows, new
from portal.kernel.shred import read_shred_key
from portal.kernel.site import site
from portal.kernel.values import Id, TipNumber, new_id, new_tip_number
from portal.ledger.book import append, append_leaf, gathered
from portal.ledger.events import IdentitySealed, TipReceived
from portal.mailbox.letters import OUT, LetterBody, post
from portal.mailbox.models import Mailbox
from portal.mailbox.notices import NoticeKind
from portal.routing.choose import Directory, choose, directory
from portal.routing.values import Routed, RouteQuery
from portal.tips.clocks import new_clock
from portal.tips.models import (
    IdentityRecord,
    IdentityShare,
    Tip,
    TipEvent,
    TipHolding,
    TipKey,
)
from portal.tips.sealing import ReportKeys, body_hash, seal_body, seal_identity
from portal.tips.states import State
from portal.tips.values import AnswerWay, Channel, Identity, KnownAs, Report

RECEIPT_RULE = "HR-12.1"
"""Verify and decide on filing: 15 working days from receipt (Order 5 with Order 4 art. 14)."""

_TIPS = table_of(Tip)
_THERE = select(_TIPS.c.id).where(_TIPS.c.id == bindparam("tip_id"))


@dataclass(frozen=True, slots=True)
class Submission:
    """A report as it is handed in. ``secrets`` come from the receipt code; None where there is no way back by code."""

    tip_id: Id  # fixed when the draft started: its shred key is already stored
    report: Report = field(repr=False)
    known_as: KnownAs
    channel: Channel
    answer_way: AnswerWay
    identity: Identity | None = field(default=None, repr=False)
    contact: Identity | None = field(default=None, repr=False)
    files: tuple[FileEntry, ...] = field(default=(), repr=False)
    secrets: ReceiptSecrets | None = None
    first_use_only: bool = False  # the code is handed over by staff
    grid: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What the reporter is told. ``already``: this very report was here before, nothing was stored now."""

    number: TipNumber
    tip_id: Id
    office_id: Id
    office: str
    board: str
    rule: str
    due_on: date
    provisional: bool
    received_on: date
    already: bool


def receive_tip(
    session: Session,
    submission: Submission,
    actor: Actor,
    now: Utc,
    *,
    settle: Callable[[Received], None] | None = None,
) -> Received:
    """Seal, route, number and record a report; start its clock and write the receipt letter.

    The same submission handed in again answers with what was stored the first time. Whoever settles by other means that
    it is the first time gives ``settle``: it is called once, before anything is stored, and what it raises is raised.
    Raises Unavailable when there is no office or board whose keys can be trusted (nothing is stored), Refused when the
    input breaks a rule.
    """
    if submission.secrets is not None:
        present(session, Capability.MAILBOX, submission.secrets.tag)
    before = find_received(session, submission.tip_id) if settle is None else None
    if before is not None:
        return before
    _check(submission)
    today = day_of(now)
    routed = choose(session, query_of(submission.report, submission.grid), now, site().checkpoint_vkey)
    known = directory(session, now, site().checkpoint_vkey)
    keys = ReportKeys.fresh(submission.tip_id, read_shred_key(submission.tip_id))
    body = seal_body(submission.report, submission.files, keys)
    tip = _new_tip(submission, routed, today, len(body.report))
    clock = new_clock(session, tip, RECEIPT_RULE, today, known.calendar)
    office = known.offices[routed.office_id]
    received = _received(tip, office.name, known.board_names[routed.board_id], already=False)
    if settle is not None:
        settle(received)
    insert_rows(session, tip, clock, body, *_of_the_holder(tip, keys, known))
    _claim_files(session, submission)
    evidence = tuple(keys.evidence_tag(file) for file in submission.files)
    event = TipReceived(TipNumber(tip.number), office.code, str(routed.board_id), tip.rule, body_hash(body), evidence)
    with gathered(session):
        append(session, event, actor, now)
        _seal_people(session, submission, tip, keys.shred_key, actor, now)
        _open_mailbox(session, submission, tip, keys, actor, now)
    return received


def find_received(session: Session, tip_id: Id) -> Received | None:
    """The receipt of a report that is already in the book, or None."""
    if session.scalar(_THERE, {"tip_id": tip_id}) is None:
        return None
    tip = session.get_one(Tip, tip_id)
    office, board = session.get_one(Office, tip.office_id), session.get_one(CustodyBoard, tip.board_id)
    return _received(tip, office.name, board.name, already=True)


def _received(tip: Tip, office: str, board: str, *, already: bool) -> Received:
    if tip.due_on is None:
        raise Unavailable("no_clock", "暂时不能处理，请稍后再试。")
    return Received(
        TipNumber(tip.number),
        tip.id,
        tip.office_id,
        office,
        board,
        tip.rule,
        tip.due_on,
        tip.provisional,
        tip.received_on,
        already,
    )


def _check(submission: Submission) -> None:
    if submission.known_as is KnownAs.NAMED and submission.identity is None:
        raise Refused("identity_missing", "您选择了留下姓名，请填写姓名；也可以改选不留姓名。")
    if submission.answer_way in (AnswerWay.CALLBACK, AnswerWay.LETTER) and submission.contact is None:
        raise Refused("contact_missing", "选择回电或信函答复时，请填写联系方式。")
    if (submission.answer_way is AnswerWay.CODE) != (submission.secrets is not None):
        raise Refused("code_missing", "用回执码答复时才有回执码。")


def query_of(report: Report, grid: str | None = None) -> RouteQuery:
    """What routing asks about a report."""
    return RouteQuery(
        subject_type=report.subject_type,
        region=report.region,
        conduct=report.conduct,
        grid=grid,
        against_office=report.against_office,
    )


def _new_tip(submission: Submission, routed: Routed, today: date, sealed_size: int) -> Tip:
    report = submission.report
    return Tip(
        id=submission.tip_id,
        number=new_tip_number(),
        received_on=today,
        office_id=routed.office_id,
        region=report.region or "",
        subject_type=report.subject_type.value,
        conduct=report.conduct or "",
        channel=submission.channel.value,
        answer_way=submission.answer_way.value,
        named=submission.identity is not None,
        state=State.RECEIVED.value,
        board_id=routed.board_id,
        rule=routed.rule_id,
        against_office_id=routed.against_office_id,
        attachments=len(submission.files),
        sealed_size=sealed_size,
    )


def _of_the_holder(tip: Tip, keys: ReportKeys, known: Directory) -> tuple[New, New, New]:
    """What makes a new report the book's of one office: its key, its days, the first line of the history."""
    public = known.office_keys[tip.office_id]
    day, office = tip.received_on, tip.office_id
    return (
        new(TipKey, tip_id=tip.id, office_id=office, key_id=public.key_id, wrapped=keys.wrapped_to(public)),
        new(TipHolding, tip_id=tip.id, office_id=office, from_day=day, reason="received"),
        new(
            TipEvent,
            tip_id=tip.id,
            position=1,
            day=day,
            action="receive",
            state=tip.state,
            office_id=office,
            code=tip.channel,
        ),
    )


def _claim_files(session: Session, submission: Submission) -> None:
    """Every file named in the manifest must be a finished blob of this very report."""
    if not submission.files:
        return
    wanted = [file.id for file in submission.files]
    found = session.scalars(
        select(Attachment.id).where(
            Attachment.id.in_(wanted), Attachment.record_id == submission.tip_id, Attachment.state == "sealed"
        )
    ).all()
    if set(found) != set(wanted):
        raise Refused("file_gone", "有文件没有保存完整，请回到上传文件的一页重新添加。")


def _seal_people(session: Session, submission: Submission, tip: Tip, shred_key: bytes, actor: Actor, now: Utc) -> None:
    for kind, who in (("identity", submission.identity), ("contact", submission.contact)):
        if who is not None:
            seal_person(session, tip, kind, who, shred_key, actor, now)


def seal_person(
    session: Session, tip: Tip, kind: str, who: Identity, shred_key: bytes, actor: Actor, now: Utc
) -> IdentityRecord:
    """Seal an identity (or contact data) to the tip's custody board and to nobody else."""
    known = directory(session, now, site().checkpoint_vkey)
    board = known.boards[tip.board_id]
    seats = known.board_seats(board.id)
    record_id = new_id()
    sealed = seal_identity(who, [public for _, public in seats], board.k, record_id, shred_key)
    record = IdentityRecord(
        id=record_id,
        tip_id=tip.id,
        board_id=board.id,
        kind=kind,
        k=board.k,
        sealed=sealed.body,
        made_on=day_of(now),
    )
    shares = (
        new(
            IdentityShare,
            record_id=record_id,
            seat_id=seat,
            key_id=share.seat,
            position=share.index,
            sealed=share.sealed,
            digest=share.digest,
        )
        for (seat, _), share in zip(seats, sealed.shares, strict=True)
    )
    insert_rows(session, record, *shares)
    digests = tuple(share.digest.hex() for share in sealed.shares)
    append(session, IdentitySealed(TipNumber(tip.number), kind, str(board.id), digests), actor, now)
    return record


def _open_mailbox(session: Session, submission: Submission, tip: Tip, keys: ReportKeys, actor: Actor, now: Utc) -> None:
    secrets = submission.secrets
    if secrets is None:
        return
    public = secrets.mailbox.public
    mailbox_id = new_id()
    mailbox = new(
        Mailbox,
        id=mailbox_id,
        tag=secrets.tag,
        pepper_version=secrets.version,
        public=public.raw,
        tip_id=tip.id,
        wrapped_report_key=keys.wrapped_to(public),
        first_use_only=submission.first_use_only,
    )
    insert_rows(session, mailbox)
    append_leaf(session, secrets.leaf, now)
    body = LetterBody(notice=NoticeKind.RECEIVED, params={"due": str(tip.due_on), "rule": RECEIPT_RULE})
    post(session, mailbox_id, tip.id, TipNumber(tip.number), OUT, body, keys.letter, actor, now, first=True)
