"""What each process sees of teaching notices: the public what is approved, the worker what it has to take down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from admin.exposures import displaying, teaching
from portal.directory.models import Office
from portal.exposures.generating import propose
from portal.exposures.models import PublishedTeaching, Teaching
from portal.exposures.teaching import Audience
from portal.exposures.values import ChangeReason, SubjectKind, VersionKind
from portal.kernel.actors import SYSTEM, Actor, ActorKind
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from tests.exposures.records import record
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
HOSPITAL = Audience(SubjectKind.HOSPITAL)


def _person(office: Id, *permissions: str) -> Actor:
    return Actor(ActorKind.STAFF, new_id(), permissions={office: frozenset(permissions)})


def _approved(*, waiting: bool) -> Id:
    """A notice that staff approved; then the case is as one that waits, which nobody may see."""
    with transaction() as session:
        office = session.scalars(select(Office.id)).one()
        case = displaying.show(session, propose(record(), "演示区医疗保障局", invented=True), office, SYSTEM, now())
        row = teaching.begin(session, case, HOSPITAL, _person(office, "edit-exposure"), now())
        teaching.submit(session, row, _person(office, "edit-exposure"), now())
        teaching.approve(session, row, 1, _person(office, "publish-exposure"), now())
        case.state = displaying.WAITING if waiting else case.state
        return case.id


@pytest.fixture
def office(postgresql_database: Database) -> None:
    with transaction() as session:
        session.add(
            Office(id=new_id(), code="demo", name="演示区医疗保障局", kind="bureau", level="county", region="320104")
        )


def _seen() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(PublishedTeaching)) or 0


@pytest.mark.parametrize(("waiting", "rows"), [(False, 1), (True, 0)], ids=["on show", "waiting"])
def test_the_public_reads_what_is_approved_of_a_case_on_show(
    office: None, as_role: AsRole, waiting: bool, rows: int
) -> None:
    as_role("staff")
    _approved(waiting=waiting)
    as_role("public")
    assert _seen() == rows


def test_the_public_reads_no_draft(office: None, as_role: AsRole) -> None:
    as_role("staff")
    _approved(waiting=False)
    as_role("public")
    with pytest.raises(ProgrammingError), reading() as session:
        session.scalar(select(func.count()).select_from(Teaching))


def test_the_worker_ends_the_notices_of_an_expired_case_and_the_public_keeps_no_word(
    office: None, as_role: AsRole
) -> None:
    as_role("staff")
    case_id = _approved(waiting=False)
    as_role("worker")
    with transaction() as session:
        case = displaying.locked_case(session, case_id)
        told = (VersionKind.EXPIRE, ChangeReason.TERM_OVER.value, "")
        displaying.take_down(session, case, *told, SYSTEM, now() + timedelta(days=1))
    as_role("public")
    with reading() as session:
        shown = session.scalars(select(PublishedTeaching)).one()
    assert (shown.state, shown.content, shown.changed_on) == ("ended", "", today() + timedelta(days=1))
