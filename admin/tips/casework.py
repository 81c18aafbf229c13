"""What every verb on a report is made of: find and lock it, move it, write it down, tell the reporter.

Verbs live in :mod:`admin.tips.triage`, ``transfer``, ``decisions``, ``proposals``, ``conversation`` and ``merging``.
Each takes ``(session, tip, …, actor, now, keys)``: ``tip`` from :func:`locked` in the same transaction, ``keys`` from
:func:`admin.tips.reading.keys_for`. None commits. Two people who act on one report at once meet at :func:`locked`:
the second waits, and is then told that the report has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips.permitted import PERMISSIONS, PROPOSED, must
from admin.tips.reading import mailbox_of
from portal.attachments.values import FileEntry
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotFound, Refused
from portal.kernel.values import Id, TipNumber, new_id
from portal.ledger.book import append
from portal.ledger.events import RecordWritten, TipMoved
from portal.mailbox.letters import OUT, LetterBody, post
from portal.mailbox.models import Letter
from portal.mailbox.notices import NoticeKind
from portal.tips.models import Proposal, Tip, TipEvent, TipRecord
from portal.tips.sealing import ReportKeys, seal_words
from portal.tips.states import Action, State, next_state
from portal.tips.values import clean_text

WORDS_LIMIT = 8_000
"""Characters of a note, findings, a reason or a letter."""

_FOUND = select(Tip).where(Tip.number == bindparam("number"))
_LOCKED = _FOUND.with_for_update().execution_options(populate_existing=True)


def not_here() -> NotFound:
    """The one answer for a report that is not there and for one that this person may not see."""
    return NotFound("no_tip", "没有找到这份举报。")


def find(session: Session, number: str, actor: Actor, permission: Permission = Permission.READ_TIP) -> Tip:
    """The report with this number, if *actor* may see it: it is held by an office for which they have *permission*,
    and it is not about any office of theirs. NotFound otherwise, whatever the reason; "shredded" once it is destroyed.
    """
    return _not_destroyed(session.scalar(_FOUND, {"number": number}), actor, permission)


def locked(
    session: Session,
    number: str,
    actor: Actor,
    seen: int | None = None,
    permission: Permission = Permission.READ_TIP,
) -> Tip:
    """The same, with the row locked until the transaction ends (SQLite: the whole database is).

    *seen* is the position of the last event that the person had before their eyes; Refused ("changed") when there is
    a later one by now.
    """
    tip = session.scalar(_LOCKED, {"number": number})
    tip = _not_destroyed(tip, actor, permission)
    if seen is not None and last_position(session, tip) != seen:
        raise Refused("changed", "在您办理的时候，这份举报有了新的变化。请先看最新的情况，再决定是否继续。")
    return tip


def tombstone(session: Session, number: str, actor: Actor) -> Tip:
    """The row that is left of a destroyed report, for whoever might have read it. NotFound otherwise."""
    tip = session.scalar(_FOUND, {"number": number})
    if tip is None or tip.destroyed_on is None or not visible(tip, actor, Permission.READ_TIP):
        raise not_here()
    return tip


def _not_destroyed(tip: Tip | None, actor: Actor, permission: Permission) -> Tip:
    if tip is None or not visible(tip, actor, permission):
        raise not_here()
    if tip.destroyed_on is not None:
        raise NotFound("shredded", "这份举报的材料已按规定销毁，不能再打开或者办理。")
    return tip


def visible(tip: Tip, actor: Actor, permission: Permission) -> bool:
    """Whether *actor* may see *tip*: by office, and never when the report is about an office they belong to."""
    if tip.against_office_id is not None and tip.against_office_id in own_offices(actor):
        return False
    return actor.may(permission, tip.office_id)


def own_offices(actor: Actor) -> list[Id]:
    """The offices about which *actor* sees no report: those whose people they are, and all above these.

    Any role for that very office makes one of its people, an auditor's or one that still waits for the key included.
    (What an auditor of a superior office may count below it is not membership.) A report about an office is kept from
    the offices below it (:func:`portal.routing.rules.barred_by`), so also from their people in other offices.
    """
    belonging = (Permission.READ_QUEUE, Permission.READ_TIP, Permission.SEAT)
    working = {office for office, held in actor.permissions.items() if any(one in held for one in belonging)}
    return sorted(working | actor.member_of | actor.under)


def last_position(session: Session, tip: Tip) -> int:
    """The position of the last line of the report's history."""
    return session.scalar(select(func.max(TipEvent.position)).where(TipEvent.tip_id == tip.id)) or 0


def move(
    session: Session, tip: Tip, action: Action, actor: Actor, now: Utc, code: str = "", to: Id | None = None
) -> None:
    """Make a move of the state table: state, history, ledger. IllegalMove or NotAllowed when it is not to be made.

    *to* is the office that holds the report afterwards, when it is another one.

    For a move that needed a proposal the head's APPROVE stands in for the proposer's permission.
    """
    must(actor, tip.office_id, *PERMISSIONS.get(action, ()), *_APPROVAL.get(action, ()))
    before = State(tip.state)
    tip.state = next_state(before, action).value
    if action is Action.DECIDE:
        day = day_of(now)
        tip.decided_month, tip.decided_after = f"{day:%Y-%m}", (day - tip.received_on).days
    history(session, tip, action.value, actor, now, code)
    holder = to or tip.office_id
    append(session, TipMoved(number_of(tip), action.value, before.value, tip.state, holder.hex, code), actor, now)


_APPROVAL = dict.fromkeys(PROPOSED, (Permission.APPROVE,))


def history(session: Session, tip: Tip, action: str, actor: Actor, now: Utc, code: str = "") -> None:
    """One line of the report's history, in codes."""
    session.add(
        TipEvent(
            tip_id=tip.id,
            position=last_position(session, tip) + 1,
            day=day_of(now),
            action=action,
            state=tip.state,
            office_id=tip.office_id,
            actor_id=actor.id,
            code=code,
        )
    )
    session.flush()  # the position is taken from here on: a second writer meets the unique constraint


def write_down(session: Session, tip: Tip, kind: str, text: str, actor: Actor, now: Utc, keys: ReportKeys) -> TipRecord:
    """Seal words of staff into the file and bind them on the ledger. Refused when empty, too long or not text."""
    words = worded(text)
    record_id = new_id()
    sealed = seal_words(words, keys, record_id)
    record = TipRecord(id=record_id, tip_id=tip.id, kind=kind, day=day_of(now), actor_id=_person(actor), sealed=sealed)
    session.add(record)
    append(session, RecordWritten(number_of(tip), kind, hashlib.sha256(sealed).hexdigest()), actor, now)
    return record


def worded(text: str, label: str = "内容") -> str:
    """Clean words of staff. Refused ("words_missing") when there are none."""
    words = clean_text(text, WORDS_LIMIT, label)
    if not words:
        raise Refused("words_missing", f"请填写{label}。")
    return words


def notify(
    session: Session,
    tip: Tip,
    kind: NoticeKind,
    params: Mapping[str, str],
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    text: str = "",
    files: tuple[FileEntry, ...] = (),
) -> Letter | None:
    """Put a notice into the reporter's mailbox. None where the answer does not go back by code."""
    mailbox = mailbox_of(session, tip)
    if mailbox is None or mailbox.destroyed_on is not None:
        return None
    body = LetterBody(text=text, notice=kind.value, params=params, files=files)
    return post(session, mailbox.id, tip.id, number_of(tip), OUT, body, keys.letter, actor, now)


def drop_proposals(session: Session, tip: Tip, now: Utc) -> None:
    """What was proposed for a state that is no more cannot be approved later."""
    open_ones = select(Proposal).where(Proposal.tip_id == tip.id, Proposal.state == "open")
    for proposal in session.scalars(open_ones):
        proposal.state, proposal.decided_on = "dropped", day_of(now)


def followers_of(session: Session, tip: Tip) -> list[Tip]:
    """The reports merged into this one, locked, in the order in which they came in."""
    return list(
        session.scalars(
            select(Tip)
            .where(Tip.merged_into_id == tip.id)
            .order_by(Tip.received_on, Tip.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def number_of(tip: Tip) -> TipNumber:
    return TipNumber(tip.number)


def office_name(session: Session, tip: Tip) -> str:
    """The name of the office that holds the report."""
    return session.get_one(Office, tip.office_id).name


def _person(actor: Actor) -> Id:
    if actor.id is None:
        raise Refused("no_person", "只有工作人员本人可以写入记录。")
    return actor.id
