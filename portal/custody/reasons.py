"""For which reasons an identity, or only how to reach its owner, may be asked. Words: ``portal.mailbox.reasons``."""

from __future__ import annotations

from collections.abc import Mapping

from portal.custody.values import Use
from portal.mailbox.reasons import CheckReason, ContactReason, IdentityReason

REASONS: Mapping[Use, type[IdentityReason] | type[ContactReason] | type[CheckReason]] = {
    Use.IDENTITY: IdentityReason,
    Use.CONTACT: ContactReason,
    Use.CHECK: CheckReason,
}


def may_give(use: Use, reason: str) -> bool:
    """Whether *reason* is one of the list for this use."""
    return reason in set(REASONS[use])
