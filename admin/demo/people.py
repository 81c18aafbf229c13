"""The demonstration's sign-ins: one passphrase that says what it is, and one-time codes that anyone can compute.

Whoever may read this file could sign in to a demonstration as anyone. A production refuses the secrets that go with
them (``portal.config.weak``), and the accounts are made nowhere else.
"""

from __future__ import annotations

import hashlib

from admin.plan import Plan
from admin.staff import enrolling, factors
from admin.staff.enrolling import Enrolment
from admin.staff.founding import Founder
from admin.staff.models import Staff
from admin.staff.roles import LABELS
from admin.staff.vault import Vault
from crypto.keys import Purpose, generate_inner
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc
from portal.kernel.transaction import transaction
from portal.signin import totp

PASSPHRASE = "demo only never for real reports"


def totp_secret(sign_in: str) -> bytes:
    """The one-time secret of a demonstration account."""
    return hashlib.sha256(f"mingjing demo {sign_in}".encode()).digest()[: totp.SECRET_BYTES]


def enrol(founder: Founder, vault: Vault, now: Utc) -> bytes:
    """The first sign-in, as the page does it, with the demonstration's passphrase and secret; returns the seed."""
    old = vault.unlock(founder.staff.locked_seed, founder.words)
    if old is None:
        raise RuntimeError("the set-up passphrase of a founder does not open")
    with generate_inner(Purpose.STAFF) as key:
        secret = totp_secret(founder.staff.sign_in)
        made = Enrolment(key.seed, PASSPHRASE, secret, tuple(factors.new_codes()))
    locked = vault.lock(made.seed, PASSPHRASE)
    with transaction() as session:
        staff = session.get_one(Staff, founder.staff.id)
        enrolling.finish(session, staff, old, made, locked, 0, SYSTEM, now)
    return made.seed


def sign_ins(plan: Plan, now: Utc) -> str:
    """A table of all sign-ins with the code of this moment."""
    offices = {office.code: office.name for office in plan.offices}
    lines = [f"  passphrase of every demo account: {PASSPHRASE}", "", "  sign-in       code now  who"]
    for member in plan.members:
        code = totp.code_at(totp_secret(member.sign_in), now)
        roles = "、".join(LABELS[role] for role in member.roles)
        lines.append(f"  {member.sign_in:<12}  {code}    {offices[member.office]} {roles}")
    return "\n".join(lines)
