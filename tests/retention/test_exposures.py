"""When a report is destroyed, every word on the way to the public goes with it; what was published stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from admin.exposures import displaying
from portal.exposures.generating import propose
from portal.exposures.models import (
    Circular,
    Exposure,
    ExposureDraft,
    ExposureGate,
    ExposureReview,
    PublishedCase,
    PublishedVersion,
)
from portal.exposures.values import Treatment
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now, today
from portal.kernel.transaction import bind, reading, transaction
from portal.kernel.values import Id
from tests.exposures.records import record
from tests.postgresql.conftest import AsRole, as_role
from tests.retention.conftest import Archive

__all__ = ["as_role"]
CASE = propose(record(), "演示甲区医疗保障局", invented=True)


@pytest.fixture
def exposed(archive: Archive) -> Iterator[str]:
    """A report with a reason at the gate, a draft, a circular, and a case before the public."""
    number = archive.declined()
    tip, by = archive.world.tip(number), archive.head.id
    assert by is not None
    office, day = archive.office, today()
    with transaction() as session:
        case = displaying.show(session, CASE, office, SYSTEM, now())
        session.add(ExposureGate(tip_id=tip.id, turn=1, treatment=Treatment.PUBLISH.value, rule="fraud", words=b"why",
                                 decided_by=by, decided_on=day))  # fmt: skip
        session.add(
            Circular(
                number="T-1",
                kind="case",
                state="sent",
                tip_id=tip.id,
                office_id=office,
                sealed=b"told",
                made_by=by,
                made_on=day,
                sent_on=day,
            )
        )
        way = Exposure(tip_id=tip.id, office_id=office, state="published", version=1, published_id=case.id,
                       opened_by=by, opened_on=day)  # fmt: skip
        session.add(way)
        session.flush()
        session.add(ExposureDraft(exposure_id=way.id, version=1, sealed=b"draft", made_by=by, made_on=day))
        session.add(ExposureReview(exposure_id=way.id, version=1, decision="send-back", reason="other", words=b"back",
                                   made_by=by, made_on=day))  # fmt: skip
    archive.later()
    yield number
    bind(archive.world.database)


def sealed_of(tip: Id) -> set[bytes]:
    with reading() as session:
        way = select(Exposure.id).where(Exposure.tip_id == tip)
        draft = session.scalars(select(ExposureDraft.sealed).where(ExposureDraft.exposure_id.in_(way))).one()
        reason = session.scalars(select(ExposureGate.words).where(ExposureGate.tip_id == tip)).one()
        back = session.scalars(select(ExposureReview.words).where(ExposureReview.exposure_id.in_(way))).one()
        return {draft, back, reason, session.scalars(select(Circular.sealed).where(Circular.tip_id == tip)).one()}


def test_drafts_reasons_and_circulars_go_with_the_report_and_the_published_case_stays(
    archive: Archive, exposed: str
) -> None:
    tip = archive.world.tip(exposed).id
    assert sealed_of(tip) == {b"draft", b"back", b"why", b"told"}
    archive.destroy_all_due()
    assert sealed_of(tip) == {b""}
    with reading() as session:
        case = session.scalars(select(PublishedCase)).one()
        assert (case.state, case.title) == ("published", CASE.title)
        assert session.scalars(select(PublishedVersion.content)).one() == CASE.to_json()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_worker_empties_them_with_its_own_rights(archive: Archive, exposed: str, as_role: AsRole) -> None:
    archive.approved()
    archive.place()
    as_role("worker")
    assert archive.shred() == 1
    bind(archive.world.database)
    assert sealed_of(archive.world.tip(exposed).id) == {b""}
