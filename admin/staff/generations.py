"""Generations of an office's key: a new one when somebody leaves, and the way back from it to the older ones.

A new generation carries the seed of the one before, sealed to itself: whoever is granted the newest opens every report
of the office. The older one is retired by the worker once a checkpoint covers the newer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from admin.staff.granting import add_grant, granted
from admin.staff.membership import count_members
from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.roles import KEYED, Permission
from crypto import opening
from crypto.errors import WrongKey
from crypto.keys import InnerKey, PublicKey, Purpose, generate_inner
from portal.directory.keys import prove_key, proven_keys, publish_key, retire_key
from portal.directory.models import Office, SealingKey
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import Refused
from portal.kernel.site import site
from portal.kernel.values import Id
from portal.ledger.proofs import latest_checkpoint


def rotate(session: Session, office: Office, key: InnerKey, actor: Actor, now: Utc) -> SealingKey:
    """Make the office a new key, granted to everybody who holds the present one, and to its paper.

    ``key``: the present one. Raises NotAllowed without the permission, Refused while an earlier change still waits for
    its checkpoint, or when *key* is not the newest any more.
    """
    actor.must(Permission.GRANT_KEY, office.id)
    present = in_use(session, office.id)
    if len(present) != 1 or present[0].id != key.public.key_id:
        raise Refused("under_way", "上一次更换还没有完成，通常几秒钟就好。请过一会儿再试。")
    holders = _holders(session, office.id, key.public.key_id)
    proven = proven_keys(session, Purpose.STAFF.value, [one.id for one in holders], site().checkpoint_vkey)
    paper = paper_of(session, office.id)
    highest = session.scalar(
        select(func.max(SealingKey.generation)).where(
            SealingKey.owner_id == office.id, SealingKey.purpose == Purpose.OFFICE.value
        )
    )
    with generate_inner(Purpose.OFFICE) as fresh:
        row = publish_key(session, office.id, fresh.public, actor, now, (highest or 0) + 1)
        session.flush()
        for one in holders:
            if one.id in proven and proven[one.id][0].id == one.key_id:
                add_grant(session, fresh, office.id, proven[one.id][1], one, actor, now)
        if paper is not None:
            add_grant(session, fresh, office.id, paper[1], None, actor, now)
        add_grant(session, key, office.id, fresh.public, None, actor, now)  # the way back
    office.rotate_since = None
    count_members(session, [office.id])
    return row


def paper_of(session: Session, office: Id) -> tuple[SealingKey, PublicKey] | None:
    """The recovery sheets to which the office's next key will be sealed: whoever made them reads from then on."""
    return proven_keys(session, Purpose.OFFICE_RECOVERY.value, [office], site().checkpoint_vkey).get(office)


def retire_covered(session: Session, now: Utc) -> int:
    """Retire each office's older keys once a signed checkpoint covers a newer one; returns how many."""
    signed = latest_checkpoint(session, site().checkpoint_vkey)
    if signed is None:
        return 0
    rows = session.scalars(
        select(SealingKey)
        .where(SealingKey.purpose == Purpose.OFFICE.value, SealingKey.retired_on.is_(None))
        .order_by(SealingKey.owner_id, SealingKey.generation.desc())
    ).all()
    newest: dict[Id, bool] = {}
    retired = 0
    for row in rows:
        if row.owner_id in newest:
            if newest[row.owner_id]:
                retire_key(session, row, SYSTEM, now)
                retired += 1
        else:
            newest[row.owner_id] = prove_key(session, row, signed.checkpoint) is not None
    return retired


def several_in_use() -> Select[int]:
    """A question that costs next to nothing: how many offices have more than one key in use, one of them or none."""
    several = (
        select(SealingKey.owner_id)
        .where(SealingKey.purpose == Purpose.OFFICE.value, SealingKey.retired_on.is_(None))
        .group_by(SealingKey.owner_id)
        .having(func.count() > 1)
        .limit(1)
        .subquery()
    )
    return select(func.count()).select_from(several)


@contextmanager
def generation_of(session: Session, newest: InnerKey, office: Id, key_id: bytes) -> Iterator[InnerKey]:
    """The office's key of the generation *key_id*, reached from the newest one; wiped afterwards unless it is that.

    Raises WrongKey when no way leads there, crypto errors when a link was altered.
    """
    for key in every_generation(session, newest, office):
        if key.public.key_id == key_id:
            yield key
            return
    raise WrongKey("no generation of this office's key leads there")


def every_generation(session: Session, newest: InnerKey, office: Id) -> Iterator[InnerKey]:
    """The office's keys from the newest to the first; each is wiped when the next is asked for.

    Raises crypto errors when a link was altered.
    """
    current = newest
    while True:
        try:
            yield current
            before = _before(session, current, office)
        finally:
            if current is not newest:
                current.wipe()
        if before is None:
            return
        current = before


def in_use(session: Session, office: Id) -> list[SealingKey]:
    """The generations of an office's key that are not retired, newest first."""
    return list(
        session.scalars(
            select(SealingKey)
            .where(
                SealingKey.owner_id == office,
                SealingKey.purpose == Purpose.OFFICE.value,
                SealingKey.retired_on.is_(None),
            )
            .order_by(SealingKey.generation.desc())
        )
    )


def _before(session: Session, key: InnerKey, office: Id) -> InnerKey | None:
    """The generation before *key*, out of the link that was made when *key* was; None for the first."""
    link = session.execute(
        select(KeyGrant.sealed, SealingKey.public)
        .join(SealingKey, SealingKey.id == KeyGrant.key_id)
        .where(
            KeyGrant.holder_key_id == key.public.key_id,
            KeyGrant.staff_id.is_(None),
            SealingKey.purpose == Purpose.OFFICE.value,
            SealingKey.owner_id == office,
        )
    ).first()
    if link is None:
        return None
    return opening.open_grant(link.sealed, key, PublicKey(Purpose.OFFICE, link.public), office.bytes)


def _holders(session: Session, office: Id, key_id: bytes) -> list[Staff]:
    """Who holds an office's key under the own present key, is at work and reads there, by the book: a grant that was
    written by hand opens nothing, and must not become one that does."""
    reads = select(StaffRole.staff_id).where(
        StaffRole.office_id == office, StaffRole.role.in_([role.value for role in KEYED])
    )
    rows = session.scalars(
        select(Staff)
        .join(KeyGrant, (KeyGrant.staff_id == Staff.id) & (KeyGrant.holder_key_id == Staff.key_id))
        .where(KeyGrant.key_id == key_id, Staff.state != "left", Staff.id.in_(reads))
        .order_by(Staff.id)
    )
    told = granted(session, key_id)
    return [one for one in rows if str(one.id) in told]
