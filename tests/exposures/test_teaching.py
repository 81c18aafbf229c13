"""A teaching notice on its way: written by one, approved by another, gone with its case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from admin.exposures import displaying, teaching
from admin.exposures.teaching_queries import notice_by
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.exposures.content import CaseContent
from portal.exposures.generating import propose
from portal.exposures.models import PublishedCase, PublishedTeaching, Teaching
from portal.exposures.teaching import Audience, TeachingNotice
from portal.exposures.teaching_states import Display, TeachingState
from portal.exposures.values import ChangeReason, Ownership, SubjectKind, VersionKind
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import now
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import DISTRICT
from tests.exposures.conftest import Docket
from tests.exposures.records import record

HOSPITAL = Audience(SubjectKind.HOSPITAL)
LEAD = "一家医院把一次治疗收了两次钱（虚构）。"
CHECK = ("价格表是不是最新的？", "抽十份病历，次数一样吗？")


@dataclass
class Classroom:
    """A published case of the district, and verbs on its notice for hospitals."""

    docket: Docket
    code: str

    def begin(self, audience: Audience = HOSPITAL, by: Actor | None = None) -> None:
        actor = by or self.docket.editor
        with transaction() as session:
            case = session.scalars(select(PublishedCase).where(PublishedCase.code == self.code)).one()
            teaching.begin(session, case, audience, actor, now())

    def do(self, verb: Any, *args: Any, by: Actor, **named: Any) -> None:
        with transaction() as session:
            permission = next(
                one for one in (Permission.EDIT_EXPOSURE, Permission.PUBLISH_EXPOSURE) if by.offices_with(one)
            )
            _case, row = notice_by(session, self.code, HOSPITAL.slug, by, permission, hold=True)
            verb(session, row, *args, by, now(), **named)

    def write(self, lead: str = LEAD, check: Sequence[str] = CHECK, answered: Sequence[str] = (), **named: Any) -> None:
        self.do(teaching.rewrite, lead, check, answered, by=self.docket.editor, **named)

    def do_submit(self) -> None:
        self.do(teaching.submit, by=self.docket.editor)

    def submitted(self) -> None:
        self.begin()
        self.do_submit()

    def shown(self) -> None:
        self.submitted()
        self.approve()

    def approve(self) -> None:
        self.do(teaching.approve, self.row.version, by=self.docket.publisher)

    def change(self) -> None:
        with transaction() as session:
            case = session.scalars(select(PublishedCase).where(PublishedCase.code == self.code)).one()
            told = (ChangeReason.SLIP.value, "文字有误（虚构）。")
            displaying.change(session, case, invented(ownership=Ownership.PUBLIC), *told, SYSTEM, now())

    def take_down(self) -> None:
        with transaction() as session:
            case = session.scalars(select(PublishedCase).where(PublishedCase.code == self.code)).one()
            told = (VersionKind.WITHDRAW, ChangeReason.WRONG_FACT.value, "事实有误（虚构）。")
            displaying.take_down(session, case, *told, SYSTEM, now())

    @property
    def row(self) -> Teaching:
        with reading() as session:
            return session.scalars(select(Teaching)).one()

    def public(self) -> PublishedTeaching | None:
        with reading() as session:
            return session.scalars(select(PublishedTeaching)).one_or_none()


def invented(**given: Any) -> CaseContent:
    return propose(record(**given), "演示区医疗保障局", invented=True)


def booked() -> list[str]:
    with reading() as session:
        kinds = session.scalars(select(LedgerEntry.kind)).all()
    return [one for one in kinds if one == "teaching-displayed"]


@pytest.fixture
def classroom(docket: Docket) -> Classroom:
    with transaction() as session:
        office = session.scalars(select(Office.id).where(Office.code == DISTRICT)).one()
        case = displaying.show(session, invented(), office, SYSTEM, now())
    return Classroom(docket, case.code)


def refusal(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refused) as refused:
        call(*args, **named)
    return refused.value.code


def test_one_writes_and_another_approves_and_then_the_public_has_it_with_a_line_in_the_book(
    classroom: Classroom,
) -> None:
    classroom.begin()
    classroom.write()
    assert classroom.public() is None
    classroom.do(teaching.submit, by=classroom.docket.editor)
    classroom.do(teaching.approve, 2, by=classroom.docket.publisher)
    shown = classroom.public()
    assert shown is not None
    notice = TeachingNotice.from_json(shown.content)
    assert (notice.happened, notice.check) == (LEAD, CHECK)
    assert (shown.state, shown.sha256, shown.kind, shown.manner) == ("shown", notice.sha256, "hospital", "charging")
    assert booked() == ["teaching-displayed"]


def test_whoever_edits_does_not_approve_and_whoever_publishes_does_not_write(classroom: Classroom) -> None:
    with pytest.raises(NotAllowed):
        classroom.begin(by=classroom.docket.publisher)
    classroom.submitted()
    with pytest.raises(NotAllowed):
        classroom.do(teaching.approve, 1, by=classroom.docket.editor)


def test_nobody_approves_what_they_wrote_whatever_roles_they_hold(classroom: Classroom) -> None:
    classroom.submitted()
    both, office = classroom.docket.editor, classroom.row.office_id
    held = both.permissions[office] | {Permission.PUBLISH_EXPOSURE}
    actor = replace(both, permissions={**both.permissions, office: held})
    assert refusal(classroom.do, teaching.approve, 1, by=actor) == "own_notice"


def test_an_audience_has_one_notice_of_a_case(classroom: Classroom) -> None:
    classroom.begin()
    assert refusal(classroom.begin) == "begun"


def test_an_approval_of_words_that_changed_meanwhile_is_refused(classroom: Classroom) -> None:
    classroom.begin()
    classroom.write()
    classroom.do(teaching.submit, by=classroom.docket.editor)
    assert refusal(classroom.do, teaching.approve, 1, by=classroom.docket.publisher) == "changed"


def test_personal_data_is_refused_before_anything_is_stored(classroom: Classroom) -> None:
    classroom.begin()
    before = classroom.row.content
    assert refusal(classroom.write, lead="请打 13812345678 问一问。") == "personal"
    assert refusal(classroom.write, check=["找钱例问一问。"], known=["钱例"]) == "personal"
    assert classroom.row.content == before


def test_what_the_assistant_doubts_waits_for_an_answer_and_the_answer_is_kept_for_the_approval(
    classroom: Classroom,
) -> None:
    classroom.begin()
    doubtful = ("昨天的账，今天查了吗？",)
    assert refusal(classroom.write, check=doubtful) == "doubts"
    with reading() as session:
        _case, row = notice_by(
            session, classroom.code, HOSPITAL.slug, classroom.docket.editor, Permission.EDIT_EXPOSURE
        )
        proposed = teaching.proposed_of(session, _case, row, now().date())
    notice = TeachingNotice.from_json(row.content)
    keys = [one.key for one in teaching.doubts(replace(notice, check=doubtful), proposed)]
    classroom.write(check=doubtful, answered=keys)
    assert [one.key for one in teaching.answers_of(classroom.row)] == keys
    classroom.do(teaching.submit, by=classroom.docket.editor)
    classroom.do(teaching.approve, 2, by=classroom.docket.publisher)
    assert classroom.row.state == TeachingState.SHOWN


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"lead": " "}, "no_lead"),
        ({"check": ["", " "]}, "no_checks"),
        ({"lead": "长" * 301}, "too_long"),
        ({"check": ["查。"] * 9}, "too_long"),
        ({"check": ["查" * 61]}, "too_long"),
    ],
)
def test_what_does_not_fit_a_poster_is_refused(classroom: Classroom, named: dict[str, Any], code: str) -> None:
    classroom.begin()
    assert refusal(classroom.write, **named) == code


def test_what_is_sent_back_says_why_and_can_be_handed_in_again(classroom: Classroom) -> None:
    classroom.submitted()
    assert refusal(classroom.do, teaching.send_back, " ", by=classroom.docket.publisher) == "no_words"
    classroom.do(teaching.send_back, "开头太长（虚构）。", by=classroom.docket.publisher)
    assert (classroom.row.state, classroom.row.words) == ("drafting", "开头太长（虚构）。")
    classroom.do(teaching.submit, by=classroom.docket.editor)
    assert (classroom.row.state, classroom.row.words) == ("in-review", "")
    with pytest.raises(IllegalMove):
        classroom.write()


def test_a_correction_of_the_case_hides_the_notice_until_it_was_looked_at_and_approved_again(
    classroom: Classroom,
) -> None:
    classroom.shown()
    classroom.change()
    shown = classroom.public()
    assert shown is not None
    assert (shown.state, shown.content, classroom.row.again) == (Display.PAUSED, "", True)
    assert refusal(classroom.do, teaching.submit, by=classroom.docket.editor) == "again"
    classroom.write()
    classroom.do(teaching.submit, by=classroom.docket.editor)
    classroom.do(teaching.approve, 2, by=classroom.docket.publisher)
    shown = classroom.public()
    assert shown is not None and (shown.state, shown.version) == (Display.SHOWN, 2)
    assert len(booked()) == 3


def test_the_notice_goes_with_its_case_words_and_all_and_the_hash_stays(classroom: Classroom) -> None:
    classroom.shown()
    classroom.take_down()
    shown, row = classroom.public(), classroom.row
    assert shown is not None and len(shown.sha256) == 64
    assert (shown.state, shown.content, row.state, row.content) == (Display.ENDED, "", TeachingState.ENDED, "")
    assert booked() == ["teaching-displayed"] * 2
    with pytest.raises(NotFound):
        classroom.write()
    assert refusal(classroom.begin) == "not_on_show"


@pytest.mark.parametrize("who", ["editor", "publisher"])
def test_either_of_the_two_takes_a_notice_back_at_once(classroom: Classroom, who: str) -> None:
    classroom.shown()
    classroom.do(teaching.take_back, by=getattr(classroom.docket, who))
    shown = classroom.public()
    assert shown is not None and (shown.state, shown.content) == (Display.PAUSED, "")
    classroom.write()
