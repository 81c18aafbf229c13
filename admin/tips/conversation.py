"""Writing with the reporter: questions, letters, and what was read.

``(session, tip, …, actor, now, keys)``: see :mod:`admin.tips.casework`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips.casework import history, move, notify, number_of, worded
from admin.tips.permitted import must
from admin.tips.reading import mailbox_of
from portal.attachments.register import attach
from portal.attachments.upload import Taken
from portal.attachments.values import FileEntry
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.mailbox.letters import IN, OUT, LetterBody, post, refuse_codes
from portal.mailbox.models import Letter
from portal.mailbox.notices import NoticeKind
from portal.tips.clocks import rule_for
from portal.tips.deadlines import deadline
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys
from portal.tips.states import Action
from portal.workdays.setapart import calendar_of

WITH_FILES = frozenset({Action.ASK.value, "letter"})
"""Acts whose letter may carry files."""

ANSWER_RULE = "S2d"
"""How long a reporter is given to answer: a policy of ours, 10 working days; the office's own clock runs on."""


def ask(
    session: Session, tip: Tip, text: str, actor: Actor, now: Utc, keys: ReportKeys, files: Sequence[Taken] = ()
) -> Letter:
    """Ask the reporter for something (补充材料). Refused where no letter can reach them. *files* are durable."""
    words = _letter_words(session, tip, text)
    move(session, tip, Action.ASK, actor, now)
    today = day_of(now)
    by = deadline(rule_for(session, tip.region, ANSWER_RULE, today), today, calendar_of(session)).due
    entries = _attached(session, tip, files, now)
    letter = notify(session, tip, NoticeKind.QUESTION, {"due": str(by)}, actor, now, keys, text=words, files=entries)
    if letter is None:
        raise _no_way()
    return letter


def write(
    session: Session, tip: Tip, text: str, actor: Actor, now: Utc, keys: ReportKeys, files: Sequence[Taken] = ()
) -> Letter:
    """A letter to the reporter that asks for nothing. *files* are durable."""
    must(actor, tip.office_id, Permission.TRIAGE, Permission.HANDLE)
    words = _letter_words(session, tip, text)
    mailbox = mailbox_of(session, tip)
    if mailbox is None:
        raise _no_way()
    body = LetterBody(text=words, files=_attached(session, tip, files, now))
    letter = post(session, mailbox.id, tip.id, number_of(tip), OUT, body, keys.letter, actor, now)
    history(session, tip, "letter", actor, now)
    return letter


def mark_read(session: Session, tip: Tip) -> None:
    """The letters of the reporter have been before the office's eyes."""
    session.execute(
        update(Letter)
        .where(Letter.tip_id == tip.id, Letter.direction == IN, Letter.read_by_office.is_(False))
        .values(read_by_office=True)
    )


def _attached(session: Session, tip: Tip, files: Sequence[Taken], now: Utc) -> tuple[FileEntry, ...]:
    """Name the blobs in the report's rows; returns what the letter says of them."""
    for one in files:
        attach(session, tip.id, one, now)
    return tuple(one.entry for one in files)


def _letter_words(session: Session, tip: Tip, text: str) -> str:
    if mailbox_of(session, tip) is None:
        raise _no_way()
    words = worded(text, "要写给举报人的话")
    refuse_codes(words)
    return words


def _no_way() -> Refused:
    return Refused("no_mailbox", "这位举报人没有回执码，信送不到。请按登记的方式回电或者回信，并记录结果。")
