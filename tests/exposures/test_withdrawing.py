"""What is wrong is corrected past two people or taken down by one; the days for it are counted and said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from admin.exposures import gating, withdrawing
from admin.staff.roles import Role
from portal.exposures.mending import MUST_CORRECT
from portal.exposures.models import ExposureStep, PublishedVersion
from portal.exposures.values import ChangeReason, Treatment
from portal.kernel.clock import today
from portal.kernel.errors import IllegalMove, NotAllowed, Refused
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import OTHER
from tests.conftest import StandingClock
from tests.exposures.conftest import Docket
from tests.exposures.reviews import Bench, bench

WRONG = (ChangeReason.WRONG_FACT, "金额写错了，已经更正（虚构）。")


def _published(docket: Docket) -> Bench:
    at = bench(docket)
    at.published()
    return at


def test_a_correction_goes_past_two_people_while_the_first_version_stays_up(docket: Docket) -> None:
    at = _published(docket)
    first = at.shown()[0].content
    at.do(withdrawing.correct, *WRONG)
    assert (at.exposure.state, at.case().version) == ("correcting", 1)
    draft = at.draft()
    assert draft is not None
    assert (draft.content.to_json(), draft.reason, draft.words) == (first, "wrong-fact", WRONG[1])
    content = replace(draft.content, title="更正后的标题（虚构）")
    at.save(replace(draft, content=content))
    at.submit()
    assert (at.exposure.state, at.case().version) == ("correction-in-review", 1)
    with pytest.raises(NotAllowed):
        at.approve(by=docket.editor)
    case = at.approve()
    assert (at.exposure.state, case.version, case.title) == ("published", 2, "更正后的标题（虚构）")
    second = at.shown()[1]
    assert (second.kind, second.reason, second.words) == ("correct", "wrong-fact", WRONG[1])
    assert at.shown()[0].content == first


def test_a_correction_that_was_dropped_leaves_no_trace_in_the_next_one(docket: Docket) -> None:
    at = _published(docket)
    first = at.shown()[0].content
    at.do(withdrawing.correct, *WRONG)
    draft = at.draft()
    assert draft is not None
    at.save(replace(draft, content=replace(draft.content, title="不要的标题（虚构）")))
    at.decide(withdrawing.drop_correction, by=docket.editor, keyed=False)
    assert (at.exposure.state, at.case().version) == ("published", 1)
    at.do(withdrawing.correct, ChangeReason.SLIP, "错别字（虚构）。")
    again = at.draft()
    assert again is not None
    assert (again.content.to_json(), again.reason) == (first, "slip")


def test_nobody_edits_what_is_published_without_beginning_a_correction(docket: Docket) -> None:
    at = _published(docket)
    with pytest.raises(IllegalMove):
        at.save()
    with pytest.raises(IllegalMove):
        at.submit()


def test_one_publisher_takes_a_case_down_at_once_and_only_hashes_are_left(docket: Docket) -> None:
    at = _published(docket)
    sha256 = at.shown()[0].sha256
    at.decide(withdrawing.withdraw, ChangeReason.DECISION_REVOKED, "处理决定已经撤销（虚构）。")
    assert (at.exposure.state, at.case().state, at.case().title) == ("withdrawn", "withdrawn", "")
    with reading() as session:
        rows = session.scalars(select(PublishedVersion).order_by(PublishedVersion.version)).all()
        assert [(row.kind, row.content, row.sha256) for row in rows] == [
            ("publish", "", sha256),
            ("withdraw", "", sha256),
        ]
        assert rows[1].words == "处理决定已经撤销（虚构）。"
        assert session.scalars(select(LedgerEntry.kind)).all().count("case-displayed") == 2


@pytest.mark.parametrize(
    ("words", "refused"),
    [("", "words_missing"), ("钱例的信息写错了。", "private_words"), ("请打 13912345678 询问。", "private_words")],
)
def test_public_words_name_nobody(docket: Docket, words: str, refused: str) -> None:
    at = _published(docket)
    with pytest.raises(Refused, match=refused):
        at.decide(withdrawing.withdraw, ChangeReason.WRONG_FACT, words)
    with pytest.raises(Refused, match=refused):
        at.do(withdrawing.correct, ChangeReason.WRONG_FACT, words)
    assert at.exposure.state == "published"


def test_the_end_of_the_term_is_no_reason_that_a_person_gives(docket: Docket) -> None:
    at = _published(docket)
    with pytest.raises(Refused, match="bad_reason"):
        at.decide(withdrawing.withdraw, ChangeReason.TERM_OVER, "到期（虚构）。")


def test_from_the_day_it_is_known_three_working_days_are_counted_and_the_first_day_stays(
    docket: Docket, clock: StandingClock
) -> None:
    at = _published(docket)
    assert today() == date(2026, 9, 28)
    at.decide(withdrawing.must_correct, ChangeReason.WRONG_FACT, keyed=False)
    assert at.exposure.withdraw_by == date(2026, 10, 8)
    clock.advance(days=1)
    at.decide(withdrawing.must_correct, ChangeReason.SLIP, by=docket.editor, keyed=False)
    assert at.exposure.withdraw_by == date(2026, 10, 8)
    assert at.exposure.state == "published"
    with reading() as session:
        codes = select(ExposureStep.code).where(ExposureStep.action == MUST_CORRECT)
        assert session.scalars(codes.order_by(ExposureStep.position)).all() == ["wrong-fact", "slip"]
    at.do(withdrawing.correct, *WRONG)
    assert at.exposure.withdraw_by is not None, "beginning to correct ends no clock"
    at.ready()
    at.submit()
    at.approve()
    assert at.exposure.withdraw_by is None


def test_who_may_take_down_and_who_may_correct(docket: Docket) -> None:
    at = _published(docket)
    for who in (docket.editor, docket.world.person(OTHER, Role.PUBLISHER)):
        with pytest.raises(NotAllowed):
            at.decide(withdrawing.withdraw, *WRONG, by=who)
    for who in (docket.publisher, docket.world.person(OTHER, Role.EDITOR)):
        with pytest.raises(NotAllowed):
            at.decide(withdrawing.correct, *WRONG, by=who)


def test_nothing_that_is_not_shown_is_corrected_or_taken_down(docket: Docket) -> None:
    at = bench(docket)
    at.in_review()
    for verb, args in ((withdrawing.withdraw, WRONG), (withdrawing.must_correct, WRONG[:1])):
        with pytest.raises(IllegalMove):
            at.decide(verb, *args, keyed=verb is withdrawing.withdraw)
    with pytest.raises(IllegalMove):
        at.do(withdrawing.correct, *WRONG)


def test_a_draft_is_given_up_and_taken_up_again_as_the_gate_allows(docket: Docket) -> None:
    at = bench(docket)
    at.save()
    at.decide(withdrawing.drop, keyed=False)
    assert at.exposure.state == "dropped"
    docket.judge(at.number, gating.decide, Treatment.CIRCULATE, "gate-light", "轻（虚构）。")
    with pytest.raises(Refused, match="gate_closed"):
        at.decide(withdrawing.take_up, keyed=False)
    docket.judge(at.number, gating.decide, Treatment.PUBLISH, "gate-grave", "重（虚构）。")
    assert at.exposure.state == "drafting"
    at.decide(withdrawing.drop, keyed=False)
    at.decide(withdrawing.take_up, keyed=False)
    assert at.exposure.state == "drafting"
