"""Days go by: what waits is shown on its day, what has a term is taken down after it, and neither happens twice."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select

from admin.exposures import displaying
from admin.upkeep import exposures_that_are_due
from portal.exposures.generating import propose
from portal.exposures.models import Exposure, ExposureStep, PublishedCase, PublishedVersion
from portal.exposures.states import ExposureState
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now, today
from portal.kernel.transaction import bind, reading, transaction
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from tests.exposures.records import record
from tests.postgresql.conftest import AsRole, as_role
from tests.retention.conftest import Archive, archive

__all__ = ["archive", "as_role"]
CASE = propose(record(), "演示甲区医疗保障局", invented=True)


def put_up(archive: Archive, *, after: int = 0, term: int | None = None) -> Id:
    """A case with its exposure: shown today or so many days *after*; its last day is *term* days from today."""
    tip, by = archive.world.tip(archive.declined()), archive.head.id
    with transaction() as session:
        day = today() + timedelta(days=after)
        case = displaying.show(session, CASE, archive.office, SYSTEM, now(), publish_on=day)
        case.expires_on = today() + timedelta(days=term) if term is not None else None
        state = ExposureState.SCHEDULED if after else ExposureState.PUBLISHED
        session.add(
            Exposure(
                tip_id=tip.id, office_id=archive.office, state=state.value, version=1, published_id=case.id,
                publish_on=day if after else None, opened_by=by, opened_on=today(),
            )
        )  # fmt: skip
        return case.id


def states(case: Id) -> tuple[str, str, int]:
    """Of the case, of its exposure, and how many steps that has taken."""
    with reading() as session:
        way = session.scalars(select(Exposure).where(Exposure.published_id == case)).one()
        steps = select(func.count()).select_from(ExposureStep).where(ExposureStep.exposure_id == way.id)
        return session.get_one(PublishedCase, case).state, way.state, session.scalar(steps) or 0


def booked(kind: str) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == kind)) or 0


def test_a_case_is_shown_on_its_day_and_not_before(archive: Archive) -> None:
    case = put_up(archive, after=2)
    archive.clock.advance(days=1)
    assert exposures_that_are_due(now()) == 0
    assert states(case) == ("waiting", "scheduled", 0)
    archive.clock.advance(days=1)
    assert exposures_that_are_due(now()) == 1
    assert states(case) == ("published", "published", 1)
    assert exposures_that_are_due(now()) == 0
    assert (booked("case-displayed"), booked("exposure-moved")) == (1, 1)


def test_a_case_is_seen_through_its_last_day_and_gone_on_the_next(archive: Archive) -> None:
    case = put_up(archive, term=3)
    archive.clock.advance(days=3)
    assert exposures_that_are_due(now()) == 0
    archive.clock.advance(days=1)
    assert exposures_that_are_due(now()) == 1
    assert states(case) == ("expired", "expired", 1)
    with reading() as session:
        rows = session.scalars(select(PublishedVersion).order_by(PublishedVersion.version)).all()
        assert [(row.kind, row.content, row.reason) for row in rows] == [
            ("publish", "", ""),
            ("expire", "", "term-over"),
        ]
        assert {row.sha256 for row in rows} == {CASE.sha256}


def test_what_was_given_up_while_it_waited_is_never_shown(archive: Archive) -> None:
    case = put_up(archive, after=2)
    with transaction() as session:
        displaying.forget_waiting(session, displaying.locked_case(session, case))
    archive.clock.advance(days=5)
    assert exposures_that_are_due(now()) == 0
    assert states(case)[0] == "waiting"


def test_two_workers_at_once_show_a_case_once(archive: Archive) -> None:
    case = put_up(archive, after=2)
    archive.clock.advance(days=2)
    done: list[int] = []
    threads = [Thread(target=lambda: done.append(exposures_that_are_due(now()))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1]
    assert states(case) == ("published", "published", 1)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_worker_needs_no_more_than_its_own_rights(archive: Archive, as_role: AsRole) -> None:
    shown, ended = put_up(archive, after=2), put_up(archive, term=1)
    archive.clock.advance(days=2)
    as_role("worker")
    assert exposures_that_are_due(now()) == 2
    bind(archive.world.database)
    assert (states(shown)[0], states(ended)[0]) == ("published", "expired")
