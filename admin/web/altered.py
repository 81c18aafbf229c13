"""What was sealed and does not open: a plain page, nothing stored, and on record who met it where.

Somebody wrote into the database underneath, or a key is not the one that it should be. Whoever presses cannot mend it;
the auditors can see that it happened.
"""

from __future__ import annotations

import logging

from flask import Flask, request

from admin.web.guard import maybe_staff
from crypto.errors import BadShare, CryptoError
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.errors import Refused
from portal.kernel.transaction import transaction
from portal.ledger.book import append
from portal.ledger.events import SealBroken
from portal.web.errors import answer_to

log = logging.getLogger("mingjing.web")

ALTERED = "它和封存的时候不一样，或者密钥不对。这一步没有办成，已经记录。请报告审计人员。"


def record_broken(error: CryptoError) -> None:
    """Put on record that the person of this request met it, in a transaction of its own."""
    person = maybe_staff()
    giver = error.position if isinstance(error, BadShare) else 0
    number = str((request.view_args or {}).get("number", ""))
    met = SealBroken(number, request.endpoint or "", type(error).__name__, giver)
    with transaction() as session:
        append(session, met, person.actor if person else SYSTEM, now())
    log.error("altered class=%s endpoint=%s", type(error).__name__, request.endpoint)


def init_app(app: Flask) -> None:
    """Answer every error of that kind that a view lets through."""

    @app.errorhandler(CryptoError)
    def altered(error: CryptoError) -> tuple[str, int]:
        record_broken(error)
        return answer_to(Refused("seal_broken", ALTERED))
