"""How many people can open an office's reports: what routing reads to pass an office over that nobody is left in.

Every verb that gives or takes a grant counts again in its own transaction; after the commit the process forgets its
reading of the directory (``portal.routing.choose.forget``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.queries import offices_above
from admin.staff.roles import ROLES, Permission
from portal.directory.models import Office, SealingKey
from portal.kernel.values import Id

_FOUNDERS = [role.value for role, held in ROLES.items() if Permission.FOUND_KEY in held]


def count_members(session: Session, offices: Iterable[Id]) -> None:
    """Write into each office who holds its current key with their own current key: how many, and how many of them see
    no report about which other office.

    One of the first people counts from set-up on: the key waits for the first sign-in under the set-up passphrase.
    """
    wanted = sorted(set(offices))
    session.flush()
    # Two colleagues who leave at the same moment must not each count the other: the later one waits here.
    rows = session.scalars(select(Office).where(Office.id.in_(wanted)).order_by(Office.id).with_for_update()).all()
    holders = _holders(session, wanted)
    excluded = kept_from(session, {person for people in holders.values() for person in people})
    for office in rows:
        people = holders.get(office.id, set())
        counted = Counter(about for person in people for about in excluded[person] if about != office.id)
        office.members, office.shared = len(people), {about.hex: count for about, count in sorted(counted.items())}
    session.flush()


def count_all(session: Session) -> None:
    """Count again everywhere, after an office came under another."""
    count_members(session, session.scalars(select(Office.id)).all())


def offices_opened_by(session: Session, staff_id: Id) -> list[Id]:
    """The offices of whose keys, of any generation, this person holds a grant."""
    return list(
        session.scalars(
            select(SealingKey.owner_id)
            .join(KeyGrant, KeyGrant.key_id == SealingKey.id)
            .where(KeyGrant.staff_id == staff_id, SealingKey.purpose == "office")
            .distinct()
        )
    )


def offices_to_found(session: Session, staff: Staff) -> list[Office]:
    """Offices that never had a key, where this person, enrolled, has a role that may found it."""
    if staff.must_change or staff.state == "left":
        return []
    own = select(StaffRole.office_id).where(StaffRole.staff_id == staff.id, StaffRole.role.in_(_FOUNDERS))
    ever = exists().where(SealingKey.purpose == "office", SealingKey.owner_id == Office.id)
    return list(session.scalars(select(Office).where(Office.id.in_(own), ~ever).order_by(Office.code)))


def _holders(session: Session, offices: list[Id]) -> Mapping[Id, set[Id]]:
    rows = session.execute(
        select(SealingKey.owner_id, Staff.id)
        .join(KeyGrant, KeyGrant.key_id == SealingKey.id)
        .join(Staff, (Staff.id == KeyGrant.staff_id) & (Staff.key_id == KeyGrant.holder_key_id))
        .where(
            SealingKey.purpose == "office",
            SealingKey.owner_id.in_(offices),
            SealingKey.retired_on.is_(None),
            Staff.state != "left",
        )
    )
    found: dict[Id, set[Id]] = defaultdict(set)
    for office, person in rows:
        found[office].add(person)
    return found


def kept_from(session: Session, people: set[Id]) -> Mapping[Id, frozenset[Id]]:
    """Per person, the offices about which they see no report, whatever office they read in: where they have any role,
    and all above (``admin.tips.casework.own_offices``)."""
    served: dict[Id, set[Id]] = defaultdict(set)
    for person, office in session.execute(
        select(StaffRole.staff_id, StaffRole.office_id).where(StaffRole.staff_id.in_(people)).distinct()
    ):
        served[person].add(office)
    return {person: frozenset(served[person]) | offices_above(session, served[person]) for person in people}
