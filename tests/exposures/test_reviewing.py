"""A second person reads the draft and publishes, schedules or returns it; nobody approves what they wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from admin.exposures import publishing, reviewing
from admin.exposures.recording import record_case
from admin.staff.models import StaffRole
from admin.staff.roles import ROLES, Role
from admin.upkeep import exposures_that_are_due
from portal.exposures.models import ExposureDraft, ExposureReview, PublishedCase
from portal.exposures.reviews import NEEDED, Point, Return, checked
from portal.kernel.actors import Actor
from portal.kernel.clock import now, today
from portal.kernel.errors import IllegalMove, NotAllowed, Refused
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from portal.tips.sealing import open_words
from tests.admin_tips.world import DISTRICT, OTHER
from tests.conftest import StandingClock
from tests.exposures.conftest import Docket
from tests.exposures.records import record
from tests.exposures.reviews import CHECKED, bench


def _none_is_published() -> bool:
    with reading() as session:
        return session.scalars(select(PublishedCase)).all() == []


def test_an_approval_publishes_the_version_that_was_read_with_its_last_day(docket: Docket) -> None:
    at = bench(docket)
    draft = at.in_review()
    case = at.approve()
    assert (at.exposure.state, case.state, case.published_on) == ("published", "published", today())
    assert case.expires_on == date(2027, 9, 28)
    assert at.shown()[0].content == draft.content.to_json()
    assert at.steps()[-2:] == ["submit", "approve"]
    with reading() as session:
        kinds = session.scalars(select(LedgerEntry.kind)).all()
        review = session.scalars(select(ExposureReview)).one()
    assert "case-displayed" in kinds
    assert (review.decision, review.version, review.made_by, review.made_on) == (
        "approve", at.exposure.version, docket.publisher.id, today(),
    )  # fmt: skip
    assert set(review.checks.split(",")) == set(CHECKED)


def test_without_every_point_of_the_legal_check_nothing_is_published(docket: Docket) -> None:
    at = bench(docket)
    at.in_review()
    with pytest.raises(Refused, match="check_missing"):
        at.decide(publishing.approve, at.exposure.version, CHECKED[1:])
    assert (at.exposure.state, _none_is_published()) == ("in-review", True)


@pytest.mark.parametrize(
    "points",
    [
        NEEDED,
        (*NEEDED, Point.APPEAL_PASSED, Point.APPEAL_NOT_NEEDED),
        (Point.APPEAL_PASSED,),
        (*NEEDED, Point.APPEAL_PASSED, "else"),
    ],
)
def test_of_the_two_points_about_appeal_just_one_is_ticked_and_of_the_others_all(points: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="check_missing"):
        checked(points)


def test_a_draft_that_changed_meanwhile_is_not_approved(docket: Docket) -> None:
    at = bench(docket)
    at.in_review()
    seen = at.exposure.version
    at.decide(reviewing.send_back, seen, Return.WORDING, "请改（虚构）。")
    at.ready()
    at.submit()
    for verb, more in ((publishing.approve, (CHECKED,)), (reviewing.send_back, (Return.OTHER, "再改（虚构）。"))):
        with pytest.raises(Refused, match="draft_changed"):
            at.decide(verb, seen, *more)
    assert _none_is_published()
    assert at.approve().state == "published"


def _other_account(docket: Docket, name: str) -> Actor:
    """A publisher's account of somebody called *name*."""
    from admin.staff.models import Staff

    other = docket.world.new_person(DISTRICT, Role.PUBLISHER)
    with transaction() as session:
        session.get_one(Staff, other.id).name = name
    return replace(other, name=name)


def test_whoever_saved_a_version_approves_none_under_any_account(docket: Docket) -> None:
    at = bench(docket)
    at.in_review()
    with transaction() as session:  # roles changed hands since the first version
        session.scalars(select(StaffRole).where(StaffRole.staff_id == docket.editor.id)).one().role = "publisher"
    office = docket.world.offices[DISTRICT].id
    now_publishes = replace(docket.editor, permissions={office: frozenset(ROLES[Role.PUBLISHER])})
    again = _other_account(docket, docket.editor.name)
    for actor in (now_publishes, again):
        for verb, more in (
            (publishing.approve, (CHECKED,)),
            (publishing.schedule, (CHECKED, today() + timedelta(days=2))),
            (reviewing.send_back, (Return.OTHER, "退回（虚构）。")),
        ):
            with pytest.raises(NotAllowed, match="own_draft"):
                at.decide(verb, at.exposure.version, *more, by=actor)
    assert (at.exposure.state, _none_is_published()) == ("in-review", True)


def test_whoever_wrote_any_of_several_versions_is_refused(docket: Docket) -> None:
    at = bench(docket)
    at.save()
    with transaction() as session:
        assert docket.publisher.id is not None
        session.scalars(select(ExposureDraft)).one().made_by = docket.publisher.id
    at.in_review()
    with pytest.raises(NotAllowed, match="own_draft"):
        at.approve()


def test_an_editor_and_a_publisher_of_another_office_approve_nothing(docket: Docket) -> None:
    at = bench(docket)
    at.in_review()
    for who in (docket.editor, docket.world.person(OTHER, Role.PUBLISHER), docket.handler):
        with pytest.raises(NotAllowed):
            at.approve(by=who)
    assert _none_is_published()


def test_a_draft_goes_back_with_a_reason_and_words_that_stay_sealed(docket: Docket) -> None:
    at = bench(docket)
    at.in_review()
    with pytest.raises(Refused, match="words_missing"):
        at.decide(reviewing.send_back, at.exposure.version, Return.PRIVACY, "  ")
    at.decide(reviewing.send_back, at.exposure.version, Return.PRIVACY, "第二段能看出是谁（虚构）。")
    assert at.exposure.state == "drafting"
    with reading() as session:
        row = session.scalars(select(ExposureReview)).one()
        words = open_words(row.words, docket.world.keys_of(session, docket.world.tip(at.number)), row.id)
    assert (row.decision, row.reason, words) == ("send-back", "privacy", "第二段能看出是谁（虚构）。")


def test_a_record_that_was_corrected_after_the_draft_is_not_published_as_it_was(docket: Docket) -> None:
    at = bench(docket)
    at.in_review()
    docket.world.do(
        at.number, record_case, record(repeated=True, conducts=("inst-38-1",)), by=docket.handler, why="更正（虚构）。"
    )
    with pytest.raises(Refused, match="not_ready"):
        at.approve()


def test_a_case_that_went_to_court_meanwhile_is_barred(docket: Docket) -> None:
    at = bench(docket)
    at.in_review()
    docket.world.do(at.number, record_case, record(pending=True), by=docket.handler, why="起诉（虚构）。")
    with pytest.raises(Refused, match="barred"):
        at.approve()
    assert _none_is_published()


def test_a_scheduled_case_waits_and_the_worker_shows_it_on_its_day(docket: Docket, clock: StandingClock) -> None:
    at = bench(docket)
    at.in_review()
    case = at.schedule(days=3)
    assert (at.exposure.state, case.state) == ("scheduled", "waiting")
    assert case.expires_on == date(2027, 10, 1)
    clock.advance(days=2)
    assert exposures_that_are_due(now()) == 0
    clock.advance(days=1)
    assert exposures_that_are_due(now()) == 1
    assert (at.exposure.state, at.case().state, at.exposure.publish_on) == ("published", "published", None)


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_case_is_not_scheduled_for_today_the_past_or_far_away(docket: Docket, days: int) -> None:
    at = bench(docket)
    at.in_review()
    with pytest.raises(Refused, match="bad_day"):
        at.schedule(days)


def test_what_waits_can_be_taken_back_and_is_not_shown_on_its_day(docket: Docket, clock: StandingClock) -> None:
    at = bench(docket)
    at.in_review()
    at.schedule(days=2)
    at.decide(publishing.unschedule, keyed=False)
    assert (at.exposure.state, at.exposure.published_id) == ("drafting", None)
    clock.advance(days=5)
    assert exposures_that_are_due(now()) == 0
    with reading() as session:
        assert session.scalars(select(PublishedCase.state)).all() == ["waiting"]
    with pytest.raises(IllegalMove):
        at.decide(publishing.unschedule, keyed=False)
