"""The demonstration's monthly bulletins: every month that is over, counted by one person and published by another."""

from __future__ import annotations

from sqlalchemy import select

from admin.demo.casework import Cast
from admin.demo.funds import OFFICE
from admin.staff.roles import Permission
from admin.statistics import making
from admin.statistics.kept import months_without
from portal.directory.models import Office
from portal.kernel.clock import Utc, day_of
from portal.kernel.transaction import transaction


def publish_all(cast: Cast, now: Utc) -> int:
    """Publish all of them, the earliest first; how many months that were. The ledger's tree must be up to date."""
    with transaction() as session:
        office = session.scalars(select(Office.id).where(Office.code == OFFICE)).one()
        _staff, maker = cast.who_may(session, office, Permission.EDIT_BULLETIN)
        _staff, approver = cast.who_may(session, office, Permission.PUBLISH_BULLETIN)
        months = months_without(session, day_of(now))
        for month in reversed(months):
            made = making.generate(session, office, month, None, maker, now)
            making.approve(session, made, made.mark, approver, now)
            making.publish(session, made, made.mark, approver, now)
    return len(months)
