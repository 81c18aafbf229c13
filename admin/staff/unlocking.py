"""From a person's seed to the keys that were granted to them, and what a session keeps of it.

The payload of a staff session is one byte of stage and the seed; while somebody enrols, the secrets of the enrolment
follow as JSON. It is sealed by ``portal.signin.sessions`` and never written in clear.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from admin.staff.models import KeyGrant, Staff
from admin.staff.queries import Account
from crypto import opening
from crypto.keys import InnerKey, PublicKey, Purpose
from portal.directory.models import SealingKey
from portal.kernel.values import Id

SEED_SIZE = 32
FULL, ENROLLING = b"F", b"E"
_GRANT = (
    select(KeyGrant.sealed, SealingKey.public, SealingKey.id)
    .join(SealingKey, SealingKey.id == KeyGrant.key_id)
    .where(
        KeyGrant.staff_id == bindparam("staff"),
        KeyGrant.holder_key_id == bindparam("holder"),
        SealingKey.purpose == bindparam("purpose"),
        SealingKey.owner_id == bindparam("owner"),
        SealingKey.retired_on.is_(None),
    )
    .order_by(SealingKey.generation.desc())
)


def full_payload(seed: bytes) -> bytes:
    """The payload of a session that is signed in for good."""
    return FULL + seed


def enrolling_payload(seed: bytes, secrets: bytes = b"") -> bytes:
    """The payload of a session that may do nothing but enrol."""
    return ENROLLING + seed + secrets


def seed_of(payload: bytes) -> bytes:
    """The person's seed."""
    return payload[1 : 1 + SEED_SIZE]


def is_enrolling(payload: bytes) -> bool:
    """Whether this session may do nothing but enrol."""
    return payload[:1] != FULL


def enrolment_of(payload: bytes) -> bytes:
    """The secrets of the enrolment, or b""."""
    return payload[1 + SEED_SIZE :]


def open_granted(
    session: Session,
    staff: Staff | Account,
    own: InnerKey,
    purpose: Purpose,
    owner: Id,
    key_id: bytes | None = None,
) -> InnerKey | None:
    """The current key of an office or seat, or its generation *key_id*, that was granted to *staff*; else None.

    Raises crypto errors when a grant was altered or holds another key than it names.
    """
    holder = {"staff": staff.id, "holder": own.public.key_id}
    rows = session.execute(_GRANT, {**holder, "purpose": purpose.value, "owner": owner})
    found = next((row for row in rows if key_id in (None, row.id)), None)
    if found is None:
        return None
    return opening.open_grant(found.sealed, own, PublicKey(purpose, found.public), owner.bytes)
