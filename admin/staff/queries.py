"""What the staff pages ask about accounts. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, false, null, select, true, union_all
from sqlalchemy.orm import Session

from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.roles import BELOW, KEYED, HeldRole, Role, permissions_of
from portal.directory.models import BoardSeat, Office, SealingKey
from portal.kernel.actors import Actor, ActorKind
from portal.kernel.values import Id

# What every request of the staff site asks is made once: building a statement anew costs more than running it.
_GRANTED = (
    select(KeyGrant.staff_id, SealingKey.owner_id)
    .join(SealingKey, SealingKey.id == KeyGrant.key_id)
    .join(Staff, Staff.id == KeyGrant.staff_id)
    .where(KeyGrant.holder_key_id == Staff.key_id, SealingKey.purpose == "office", SealingKey.retired_on.is_(None))
)


def _above(first: Select[Id | None]) -> Select[Id]:
    """All offices from those that *first* gives upwards; a circle in the data ends the walk."""
    line = first.cte("above", recursive=True)
    further = select(Office.superior_id).join(line, Office.id == line.c.id).where(Office.superior_id.is_not(None))
    return select(line.union(further).c.id)


_own = _GRANTED.where(KeyGrant.staff_id == bindparam("person")).subquery()
_superior = select(Office.superior_id.label("id")).where(Office.superior_id.is_not(None))
_first_above = _superior.join(StaffRole, StaffRole.office_id == Office.id).where(
    StaffRole.staff_id == bindparam("person")
)
_HELD = union_all(
    select(StaffRole.office_id, StaffRole.role, _own.c.owner_id.is_not(None).label("keyed"))
    .outerjoin(_own, _own.c.owner_id == StaffRole.office_id)
    .where(StaffRole.staff_id == bindparam("person")),
    _above(_first_above).add_columns(null(), false()),
).order_by("role")
"""The roles of a person, and without a role the offices above those for which they hold one."""
_held = _HELD.subquery()
_KNOWN = (
    select(Staff.id, Staff.sign_in, Staff.name, Staff.state, _held.c.office_id, _held.c.role, _held.c.keyed)
    .outerjoin(_held, true())
    .where(Staff.id == bindparam("person"))
    .order_by(_held.c.role)
)
"""The account with the same beside it: a line for each, and one for somebody who belongs to no office."""
_ABOVE = _above(_superior.where(Office.id.in_(bindparam("offices", expanding=True))))
_OFFICES = select(Office).where(Office.id.in_(bindparam("ids", expanding=True))).order_by(Office.region, Office.name)


@dataclass(frozen=True, slots=True)
class Account:
    """What every page knows of the person who is signed in."""

    id: Id
    sign_in: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """A line of the staff page: the account, its roles as (office, role), and the offices whose key it holds."""

    staff: Staff
    roles: tuple[HeldRole, ...]
    keyed: frozenset[Id]

    def lacking(self) -> list[Id]:
        """Offices for which this person has a role without effect, because the key is not granted yet."""
        return sorted({held.office for held in self.roles if held.role in KEYED} - self.keyed)


def by_sign_in(session: Session, name: str) -> Staff | None:
    """The account of a sign-in name as typed (case and outer spaces forgiven)."""
    return session.scalar(select(Staff).where(Staff.sign_in == name.strip().lower()))


def offices_where(session: Session, actor: Actor, permission: str) -> Sequence[Office]:
    """The offices for which *actor* holds *permission*, from the top down."""
    return session.scalars(_OFFICES, {"ids": actor.offices_with(permission)}).all()


def roles_of(session: Session, staff_ids: Sequence[Id]) -> dict[Id, list[HeldRole]]:
    """Roles per person."""
    found: dict[Id, list[HeldRole]] = defaultdict(list)
    for row in session.scalars(select(StaffRole).where(StaffRole.staff_id.in_(staff_ids)).order_by(StaffRole.role)):
        found[row.staff_id].append(HeldRole(row.office_id, Role(row.role)))
    return found


def keyed_offices(session: Session, staff_ids: Sequence[Id]) -> dict[Id, set[Id]]:
    """Per person, the offices whose current key is granted to that person's current key."""
    rows = session.execute(_GRANTED.where(KeyGrant.staff_id.in_(staff_ids)))
    found: dict[Id, set[Id]] = defaultdict(set)
    for staff_id, office_id in rows:
        if staff_id is not None:
            found[staff_id].add(office_id)
    return found


def offices_below(session: Session | Connection) -> dict[Id, set[Id]]:
    """For every office, all offices under it."""
    superior = {row.id: row.superior_id for row in session.execute(select(Office.id, Office.superior_id))}
    below: dict[Id, set[Id]] = defaultdict(set)
    for office, first in superior.items():
        above, steps = first, 0
        while above is not None and steps < len(superior):
            below[above].add(office)
            above, steps = superior.get(above), steps + 1
    return below


def offices_above(session: Session, offices: Collection[Id]) -> frozenset[Id]:
    """All offices above any of *offices*; a circle in the data ends the walk."""
    if not offices:
        return frozenset()
    return frozenset(session.scalars(_ABOVE, {"offices": list(offices)}))


def known(connection: Connection, person: Id) -> tuple[Account, Actor] | None:
    """The account with this id and the person as verbs know them, in one statement: it is asked at every page."""
    rows = connection.execute(_KNOWN, {"person": person}).all()
    if not rows:
        return None
    account = Account(*rows[0][:4])
    return account, _actor(connection, account, rows)


def actor_of(session: Session, staff: Staff) -> Actor:
    """The person as verbs know them. One who is not active may do nothing."""
    return _actor(session, staff, session.execute(_HELD, {"person": staff.id}).all())


def _actor(session: Session | Connection, staff: Staff | Account, rows: Sequence[Any]) -> Actor:
    """*rows*: those of ``_HELD``."""
    if staff.state != "active":
        return Actor(ActorKind.STAFF, staff.id, staff.name)
    held = [HeldRole(row.office_id, Role(row.role)) for row in rows if row.role is not None]
    keyed = {row.office_id for row in rows if row.keyed}
    below = offices_below(session) if any(one.role in BELOW for one in held) else {}
    member_of = frozenset(one.office for one in held)
    under = frozenset(row.office_id for row in rows if row.role is None) - {None}
    return Actor(ActorKind.STAFF, staff.id, staff.name, permissions_of(held, keyed, below), member_of, under)


def colleagues(session: Session, offices: Sequence[Id]) -> list[Colleague]:
    """Everybody with a role for one of *offices*, by name."""
    people = session.scalars(
        select(Staff)
        .where(Staff.id.in_(select(StaffRole.staff_id).where(StaffRole.office_id.in_(offices))))
        .order_by(Staff.sign_in)
    ).all()
    ids = [one.id for one in people]
    roles, keyed = roles_of(session, ids), keyed_offices(session, ids)
    return [Colleague(one, tuple(roles[one.id]), frozenset(keyed[one.id])) for one in people]


def seats_held(session: Session, staff_id: Id) -> list[BoardSeat]:
    """The custody seats that a person holds."""
    return list(session.scalars(select(BoardSeat).where(BoardSeat.holder_id == staff_id)))


def same_person(one: Staff, other: Staff) -> bool:
    """The same account or number; where one of them has no number yet, the same name."""
    if one.id == other.id:
        return True
    if one.person_no and other.person_no:
        return one.person_no == other.person_no
    return one.name == other.name


def is_own(session: Session, account: Id, actor: Actor) -> bool:
    """Whether what *account* did is the actor's own: by the same account, or another one of the same person."""
    if account == actor.id:
        return True
    other, me = session.get(Staff, account), session.get(Staff, actor.id) if actor.id else None
    return other is not None and me is not None and same_person(other, me)
