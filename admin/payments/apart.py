"""Who is kept away from payees: a payment must not meet a report in one head."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from admin.staff.models import Staff, StaffRole
from admin.staff.queries import same_person
from admin.staff.roles import ROLES, Permission, Role
from portal.kernel.values import Id

APART = frozenset({Permission.READ_TIP, Permission.REVIEW_REWARD})
"""Whoever may do any of these, anywhere, holds no seat of a payment board, asks for no release and answers none."""


def works_on_it(session: Session, staff: Staff, office: Id | None = None) -> bool:
    """Whether the person, under any account at work, may open reports or decide rewards anywhere, or prepare payments
    of *office*."""
    apart, paying = ([role.value for role in Role if ROLES[role] & kept] for kept in (APART, {Permission.PAY_REWARD}))
    held = select(StaffRole.staff_id).where(
        or_(StaffRole.role.in_(apart), StaffRole.role.in_(paying) & (StaffRole.office_id == office))
    )
    others = session.scalars(select(Staff).where(Staff.state != "left", Staff.id.in_(held)))
    return any(same_person(staff, other) for other in others)
