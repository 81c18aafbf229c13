"""An editor writes a draft from the case record, answers what it raises, and brings it before a second person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from admin.exposures import drafting
from admin.staff.roles import ROLES, Role
from portal.exposures.drafts import Answer, Draft, Keep, Question, Topic
from portal.exposures.models import ExposureDraft, ExposureStep
from portal.exposures.readiness import hindrances
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import DISTRICT, OTHER
from tests.exposures.conftest import Docket
from tests.exposures.drafts import Desk, desk
from tests.exposures.records import record

TOLD = "我是演示第一医院唯一的夜班会计周例外，电话 13900001111，2026年3月5日看见他们把空针管摆在桌上拍照。"


def _told(docket: Docket) -> Desk:
    return desk(docket, words=TOLD)


def test_a_draft_is_kept_version_upon_version_and_read_again(docket: Docket) -> None:
    at = desk(docket)
    assert at.draft() is None
    first = at.save()
    assert at.exposure.version == 1
    second = at.write("以上内容为演示（虚构）。")
    assert at.exposure.version == 2
    assert second.content.paragraphs == (*first.content.paragraphs, "以上内容为演示（虚构）。")
    with reading() as session:
        kinds = session.scalars(select(LedgerEntry.kind)).all()
        steps = session.scalars(select(ExposureStep.action).order_by(ExposureStep.position)).all()
        sealed = session.scalars(select(ExposureDraft.sealed)).all()
    assert steps == ["open", "save", "save"]
    assert kinds.count("record-written") >= 2
    assert all("演示第一医院".encode() not in one for one in sealed)


def test_the_facts_are_those_of_the_record_whatever_a_draft_says(docket: Docket) -> None:
    at = desk(docket)
    draft = at.proposed()
    kept = at.save(replace(draft, content=replace(draft.content, region="110101", institution="别的医院", results=())))
    assert kept.content == draft.content


def test_nothing_of_the_report_goes_into_a_draft(docket: Docket) -> None:
    kept = _told(docket).save()
    text = kept.to_json()
    assert not any(piece in text for piece in ("周例外", "13900001111", "空针管", "夜班会计"))


def test_what_the_reporter_wrote_is_found_when_an_editor_writes_it_again(docket: Docket) -> None:
    at = _told(docket)
    kept = at.write("据周例外反映，有人把空针管摆在桌上拍照，可致电 13900001111。")
    found = {(one.topic, one.kind): one for one in kept.questions}
    assert found[Topic.MASK, "name"].value == "周例外"
    assert found[Topic.MASK, "phone"].value == "13900001111"
    shared = found[Topic.SHARED, ""]
    assert (shared.count, shared.value) == (2, "")
    assert shared.characters >= len("把空针管摆在桌上拍照")


def test_a_draft_with_something_unanswered_is_not_submitted(docket: Docket) -> None:
    at = _told(docket)
    kept = at.write("有人把空针管摆在桌上拍照。")
    assert kept.unanswered
    with pytest.raises(Refused, match="not_ready"):
        at.submit()
    at.ready()
    at.submit()
    assert at.exposure.state == "in-review"


def test_a_reason_keeps_a_guess_and_never_a_number_nor_somebody_of_the_record(docket: Docket) -> None:
    at = desk(docket)
    kept = at.write("联系人钱例，电话 13900002222。")
    asked = {one.value: one for one in kept.questions if one.topic is Topic.MASK}
    assert set(asked) == {"钱例", "13900002222"}
    answers = tuple(Answer(one, Keep.NEEDED, "一定要写（虚构）。") for one in kept.questions)
    again = at.save(replace(kept, answers=answers))
    assert {one.value for one in again.unanswered} == {"钱例", "13900002222"}
    assert {one.code for one in hindrances(replace(again, answers=answers), record())} == {"hard"}
    with pytest.raises(Refused, match="not_ready"):
        at.submit()


def test_an_answer_without_words_is_none_and_one_to_another_question_does_not_count(docket: Docket) -> None:
    at = _told(docket)
    kept = at.write("有人把空针管摆在桌上拍照。")
    shared = next(one for one in kept.questions if one.topic is Topic.SHARED)
    fewer = Question(Topic.SHARED, "", count=shared.count, characters=shared.characters - 1)
    for answer in (Answer(shared, Keep.USUAL, " "), Answer(fewer, Keep.USUAL, "常用（虚构）。")):
        assert at.save(replace(kept, answers=(answer,))).answers == ()
    assert at.save(replace(kept, answers=(Answer(shared, Keep.USUAL, "常用（虚构）。"),))).answer_to(shared)


def test_a_sum_that_is_not_in_the_record_is_asked_about(docket: Docket) -> None:
    kept = desk(docket).write("涉及医保基金5万元，罚款100,000元，另有 300.50 元。")
    assert [one.value for one in kept.questions if one.topic is Topic.SUM] == ["300.50 元"]


def test_somebody_saved_meanwhile(docket: Docket) -> None:
    at = desk(docket)
    seen = at.exposure.version
    at.save()
    other = docket.world.new_person(DISTRICT, Role.EDITOR)
    with pytest.raises(Refused, match="changed") as refused:
        at.save(seen=seen, by=other)
    assert "有人保存了新的一版" in refused.value.message
    with pytest.raises(Refused, match="changed"):
        at.submit(seen=seen)
    assert at.exposure.version == 1


def test_a_submitted_draft_is_not_written_in(docket: Docket) -> None:
    at = desk(docket)
    kept = at.in_review()
    assert hindrances(kept, record()) == (), "whoever approves finds nothing in the way either"
    with pytest.raises(IllegalMove):
        at.save()
    with pytest.raises(IllegalMove):
        at.submit()


def test_a_record_that_was_corrected_is_taken_over_with_the_next_version(docket: Docket) -> None:
    at = desk(docket)
    kept = at.ready()
    changed = record(repeated=True, institution="演示第一医院", other_basis="《演示协议》第八条")
    docket.recorded(changed, "补上协议（虚构）。", at.number)
    assert {one.code for one in hindrances(kept, changed)} == {"record"}
    with pytest.raises(Refused, match="not_ready"):
        at.submit()
    at.ready()
    at.submit()


@pytest.mark.parametrize("role", [Role.HANDLER, Role.PUBLISHER, Role.HEAD, Role.INTAKE])
def test_only_an_editor_writes(docket: Docket, role: Role) -> None:
    at = desk(docket)
    with pytest.raises((NotAllowed, NotFound)):
        at.save(by=docket.world.person(DISTRICT, role))


def test_an_editor_of_another_office_finds_no_case(docket: Docket) -> None:
    at = desk(docket)
    with pytest.raises(NotFound):
        at.save(by=docket.world.person(OTHER, Role.EDITOR))


def test_whoever_wrote_the_record_does_not_write_the_draft(docket: Docket) -> None:
    at = desk(docket)
    handler, office = docket.handler, docket.world.offices[DISTRICT].id
    both = replace(handler, permissions={office: frozenset(ROLES[Role.EDITOR] | ROLES[Role.HANDLER])})
    with pytest.raises(Refused, match="own_record"):
        at.save(by=both)


def test_texts_that_are_too_long_or_empty_are_refused_in_words(docket: Docket) -> None:
    at = desk(docket)
    start = at.proposed()

    def wrong(**given: object) -> str:
        with pytest.raises(Refused) as refused:
            at.save(replace(start, content=replace(start.content, **given)))  # type: ignore[arg-type]
        return refused.value.code

    assert wrong(paragraphs=("长" * 200_000,)) == "too_long"
    assert wrong(paragraphs=(" ", "\n")) == "text_missing"
    assert wrong(title=" ") == "title_missing"
    assert wrong(title="题" * (drafting.TITLE_LIMIT + 1)) == "too_long"
    assert at.exposure.version == 0


def test_hostile_text_is_kept_as_text(docket: Docket) -> None:
    at = desk(docket)
    hostile = "<script>alert(1)</script> {{ 7*7 }} \u202e反转\u0000 \U0001f600 1\u200b39 0000 2222"
    kept = at.write(hostile)
    assert kept.content.paragraphs[-1].startswith("<script>alert(1)</script> {{ 7*7 }}")
    assert "\u202e" not in kept.content.paragraphs[-1]
    assert [one.kind for one in kept.questions if one.topic is Topic.MASK] == ["phone"]


def test_a_draft_comes_back_from_its_text() -> None:
    question = Question(Topic.SHARED, "", count=2, characters=19)
    from portal.exposures.generating import propose

    whole = Draft(
        content=propose(record(), "演示甲区医疗保障局"),
        questions=(question, Question(Topic.CAUTION, "role", "唯一的会计")),
        answers=(Answer(question, Keep.USUAL, "常用（虚构）。"),),
        reason="slip",
        words="改正错字（虚构）。",
    )
    assert Draft.from_json(whole.to_json()) == whole
    for broken in ("[]", "{}", whole.to_json().replace('"v":1', '"v":2'), whole.to_json().replace('"reason"', '"r"')):
        with pytest.raises((ValueError, KeyError, TypeError)):
            Draft.from_json(broken)
