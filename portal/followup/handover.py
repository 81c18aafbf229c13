"""A code that staff handed over is for first use only: its owner changes it for one that nobody else has seen."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crypto.receipts import ReceiptSecrets
from portal.kernel.capability import Capability, present
from portal.kernel.clock import Utc
from portal.kernel.errors import Refused
from portal.ledger.book import append_leaf
from portal.tips.reporter import OwnTip


def take_over(session: Session, mine: OwnTip, secrets: ReceiptSecrets, now: Utc) -> None:
    """Move the mailbox to a new code: new tag, new key, the report key sealed anew. The old code opens nothing more.

    The mailbox must be locked (:func:`portal.followup.visit.locked`). *secrets* are those of the new code, hashed
    before the transaction; its leaf goes into the ledger, so that the new code too finds the report in the published
    list. Raises Refused ("code_in_use") for a mailbox whose code is its owner's own already.
    """
    mailbox = mine.mailbox
    if not mailbox.first_use_only:
        raise Refused("code_in_use", "这份举报的回执码已经换过了，请用新的回执码登录。")
    present(session, Capability.NEW_MAILBOX, secrets.tag)
    public = secrets.mailbox.public
    mailbox.tag = secrets.tag
    mailbox.pepper_version = secrets.version
    mailbox.public = public.raw
    mailbox.wrapped_report_key = mine.keys.wrapped_to(public)
    mailbox.first_use_only = False
    session.flush()
    append_leaf(session, secrets.leaf, now)
