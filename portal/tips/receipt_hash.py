"""From a receipt code to what it opens: the slow hash, in bounded slots, before any transaction."""

from __future__ import annotations

from collections.abc import Iterator

from crypto.receipts import ReceiptCode, ReceiptSecrets, secrets_from, slow_hash
from portal.kernel.site import site
from portal.signin.slots import Slots


def submit_secrets(code: ReceiptCode) -> ReceiptSecrets:
    """The secrets of a code that is about to be used for a new mailbox. Raises Unavailable after 2 s of waiting."""
    here = site()
    with Slots.SUBMIT.held():
        return secrets_from(slow_hash(code, here.receipts, here.receipt_cost), here.receipts)


def candidate_secrets(code: ReceiptCode) -> Iterator[ReceiptSecrets]:
    """The secrets of a code under each pepper that mailboxes may still carry, newest first, after one slow hash."""
    here = site()
    with Slots.SIGN_IN.held():
        slow = slow_hash(code, here.receipts, here.receipt_cost)
    for version in sorted(here.receipts.peppers, reverse=True):
        yield secrets_from(slow, here.receipts, version)
