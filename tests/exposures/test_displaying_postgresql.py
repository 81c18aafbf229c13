"""Staff put a case up, the worker releases and takes down, the public never sees one that waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from admin.exposures import displaying
from portal.directory.models import Office
from portal.exposures.generating import propose
from portal.exposures.models import PublishedCase, PublishedConduct, PublishedTerm, PublishedVersion
from portal.exposures.values import ChangeReason, VersionKind
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.transaction import bind, reading, transaction
from portal.kernel.values import Id, new_id
from tests.exposures.records import record
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
TABLES = (PublishedCase, PublishedVersion, PublishedConduct, PublishedTerm)


@pytest.fixture
def waiting(postgresql_database: Database, as_role: AsRole) -> Iterator[Id]:
    """A case that staff put up for a later day, with the staff's rights."""
    with transaction() as session:
        office = Office(
            id=new_id(), code="demo", name="演示区医疗保障局", kind="bureau", level="county", region="320104"
        )
        session.add(office)
    as_role("staff")
    with transaction() as session:
        content, later = propose(record(), "演示区医疗保障局", invented=True), today() + timedelta(days=3)
        case = displaying.show(session, content, office.id, SYSTEM, now(), publish_on=later)
    yield case.id
    bind(postgresql_database)


def seen() -> list[bool]:
    """Of each table, whether the public sees a row."""
    with reading() as session:
        return [bool(session.scalar(select(func.count()).select_from(table))) for table in TABLES]


def as_worker(as_role: AsRole, case: Id, *, end: bool) -> None:
    as_role("worker")
    with transaction() as session:
        row = displaying.locked_case(session, case)
        if end:
            given = VersionKind.EXPIRE, ChangeReason.TERM_OVER.value, "公开期限已满。"
            displaying.take_down(session, row, *given, SYSTEM, now())
        else:
            displaying.release(session, row, SYSTEM, now())


def test_the_public_sees_no_row_of_a_case_that_waits_and_every_one_once_the_worker_released_it(
    waiting: Id, as_role: AsRole
) -> None:
    as_role("public")
    assert seen() == [False] * 4
    as_worker(as_role, waiting, end=False)
    as_role("public")
    assert seen() == [True] * 4


def test_the_worker_takes_down_what_has_expired_and_the_notice_is_all_that_is_seen(
    waiting: Id, as_role: AsRole
) -> None:
    as_worker(as_role, waiting, end=False)
    as_worker(as_role, waiting, end=True)
    as_role("public")
    assert seen() == [True, True, False, False]
    with reading() as session:
        assert session.scalars(select(PublishedVersion.content).distinct()).all() == [""]
