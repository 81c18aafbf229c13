"""Sending a draft: once, however often and from however many windows the button is pressed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crypto.receipts import ReceiptSecrets
from portal.kernel.actors import REPORTER
from portal.kernel.clock import Utc
from portal.kernel.errors import DomainError, Refused
from portal.kernel.transaction import transaction
from portal.tips.codes import check_codes
from portal.tips.drafts import OpenDraft, locked, save, unlocked
from portal.tips.intake import Received, Submission, receive_tip
from portal.tips.journey import JOURNEY, identity_of, keeps_files, known_as_of, report_of
from portal.tips.values import AnswerWay, Channel


def submission_of(draft: OpenDraft, secrets: ReceiptSecrets) -> Submission:
    """What the draft hands in. Raises Refused ("unanswered") while a question is open, and what the values refuse."""
    answers = draft.content.answers
    if JOURNEY.unanswered(answers) is not None:
        raise Refused("unanswered", "还有问题没有回答，请先补上再提交。")
    return Submission(
        tip_id=draft.tip_id,
        report=report_of(answers),
        known_as=known_as_of(answers),
        channel=Channel.WEB,
        answer_way=AnswerWay.CODE,
        identity=identity_of(answers),
        files=tuple(draft.content.files) if keeps_files(answers) else (),
        secrets=secrets,
    )


def send(seen: OpenDraft, secrets: ReceiptSecrets, now: Utc) -> dict[str, Any]:
    """Hand in the draft that this request opened and keep the receipt in it; what it then holds.

    Nobody asks first whether it is as it was seen: keeping the receipt settles that, before anything else is written,
    and holds the draft. Whatever stands in the way (another window was faster, a number was taken, what was seen
    cannot be sent) is settled by the draft as it is then, opened anew and held; one that was sent meanwhile gives its
    receipt. *secrets* are those of the draft's own code, hashed before. Raises what ``receive_tip`` and ``locked``
    raise.
    """
    try:
        with transaction() as session:
            return _hand_in(session, unlocked(session, seen, now), secrets, now)
    except (IntegrityError, DomainError):
        with transaction() as session:
            return _hand_in(session, locked(session, seen, now), secrets, now)


def _hand_in(session: Session, draft: OpenDraft, secrets: ReceiptSecrets, now: Utc) -> dict[str, Any]:
    if draft.content.sent is not None:
        return draft.content.sent

    def keep(received: Received) -> None:
        # The report is sealed to the office now: the draft keeps the receipt and nothing that was written.
        draft.content.answers, draft.content.stamps, draft.content.files = {}, {}, []
        draft.content.sent = receipt_of(received)
        save(session, draft, now)

    submission = submission_of(draft, secrets)
    check_codes(session, submission.report)
    return receipt_of(receive_tip(session, submission, REPORTER, now, settle=keep))


def receipt_of(received: Received) -> dict[str, Any]:
    """What the receipt page says, as the draft keeps it."""
    return {
        "number": received.number,
        "office": received.office,
        "rule": received.rule,
        "due": received.due_on.isoformat(),
        "provisional": received.provisional,
        "received": received.received_on.isoformat(),
    }


def due_of(sent: dict[str, Any]) -> date:
    """The day by which the office has to decide whether to open a case."""
    return date.fromisoformat(sent["due"])
