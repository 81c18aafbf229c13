"""The pages of the second person and of what comes after: list, review, issues, correction, withdrawal."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from admin.staff.roles import Role
from portal.exposures.models import PublishedBatch, PublishedCase
from portal.kernel.actors import Actor
from portal.kernel.clock import today
from portal.kernel.transaction import reading
from portal.kernel.values import Fen
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import DISTRICT, OTHER
from tests.conftest import StandingClock
from tests.exposures.conftest import Docket
from tests.exposures.records import record
from tests.exposures.reviews import Bench, bench
from tests.exposures.test_record_pages import _client

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The verbs behind the pages are tested on both databases."""

LEGAL = {"points": ["final", "personal", "secrets", "minors"], "appeal": "appeal-passed"}
APPROVE = {**LEGAL, "when": "now", "code": "123456", "do": "approve"}
BACK = {"reason": "wording", "words": "请把第二段写短（虚构）。", "do": "send-back"}
WITHDRAW = {"reason": "wrong-fact", "words": "金额不对，先撤下来（虚构）。", "code": "123456"}


@dataclass
class Person:
    """Somebody at the pages of one exposure."""

    at: Bench
    client: FlaskClient

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(self._whole(path))
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path: str, form_at: str | None = None, /, **fields: object) -> TestResponse:
        """Send the form that stands at *form_at* (the same address), with *fields* typed."""
        page = self.get(path if form_at is None else form_at)
        hidden = dict(re.findall(r'name="(csrf_token|seen)"[^>]*value="([^"]*)"', page))
        return self.client.post(self._whole(path), data={**hidden, **fields})

    def _whole(self, path: str) -> str:
        return path if path.startswith("/") else f"/exposures/{self.at.number}/{path}"


@dataclass
class Office:
    at: Bench
    app: Flask
    factors: list[str | None]

    def person(self, actor: Actor) -> Person:
        return Person(self.at, _client(self.at.docket, self.app, actor))

    @property
    def editor(self) -> Person:
        return self.person(self.at.docket.editor)

    @property
    def publisher(self) -> Person:
        return self.person(self.at.docket.publisher)


@pytest.fixture
def office(docket: Docket, staff_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A draft that waits; second factors are written down and taken."""
    factors: list[str | None] = []
    for name in ("review_views", "issue_views"):
        monkeypatch.setattr(f"admin.exposures.{name}.take_factor", factors.append)
    at = bench(docket)
    at.in_review()
    return Office(at, staff_app, factors)


def _published() -> int:
    with reading() as session:
        found = select(func.count()).select_from(PublishedCase).where(PublishedCase.state == "published")
        return session.scalar(found) or 0


def _kinds() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(LedgerEntry.kind)))


def test_what_waits_is_on_the_list_of_whoever_has_to_act(office: Office) -> None:
    number = office.at.number
    listed = office.publisher.get("/exposures/")
    assert number in listed and "等审批" in listed and "公布 2026-" in listed
    assert number not in office.editor.get("/exposures/")
    assert number in office.editor.get("/exposures/?show=open")
    stranger = office.person(office.at.docket.world.person(OTHER, Role.PUBLISHER))
    assert number not in stranger.get("/exposures/?show=all")


def test_the_approver_sees_text_difference_masks_questions_and_history_and_the_reading_is_recorded(
    office: Office,
) -> None:
    before = _kinds().count("case-read")
    page = office.publisher.get("review/")
    assert "演示第一医院违规收费案" in page
    assert "与案件记录写成的文字的差别" in page and "遮盖了什么" in page and "提醒和编辑的答复" in page
    assert "看过了（虚构）。" in page, "the answers of the editor"
    assert "送审" in page
    assert "虚构住院" not in page, "not a word of the report"
    assert _kinds().count("case-read") == before + 1


def test_an_approval_with_legal_check_and_second_factor_publishes(office: Office) -> None:
    answer = office.publisher.post("review/", **APPROVE)
    assert answer.status_code == 303, answer.text
    assert (office.at.exposure.state, _published(), office.factors) == ("published", 1, ["123456"])
    page = office.publisher.get("")
    assert "公众现在看到的" in page and "案例编号" in page and "公开到" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"points": ["final", "personal", "secrets"]}, "法制审核还没有做完"),
        ({"points": []}, "法制审核还没有做完"),
        ({"appeal": ""}, "请选择复议和诉讼的情况"),
        ({"when": ""}, "请选择什么时候公布"),
        ({"when": "later", "publish_on": "明天"}, "公布的日子请写成"),
        ({"when": "later", "publish_on": "2026-09-28"}, "明天以后、一年以内"),
        ({"code": ""}, "请输入验证器现在显示的六位数字"),
        ({"seen": "1"}, "草稿有了新的一版"),
    ],
)
def test_an_approval_that_lacks_something_publishes_nothing(
    office: Office, changed: dict[str, object], said: str
) -> None:
    answer = office.publisher.post("review/", **{**APPROVE, **changed})
    assert answer.status_code in (400, 422)
    assert said in answer.text
    assert (office.at.exposure.state, _published()) == ("in-review", 0)


def test_a_wrong_second_factor_publishes_nothing(docket: Docket, staff_app: Flask) -> None:
    at = bench(docket)
    at.in_review()
    answer = Person(at, _client(docket, staff_app, docket.publisher)).post("review/", **APPROVE)
    assert answer.status_code == 422
    assert "验证码不对" in answer.text
    assert (at.exposure.state, _published()) == ("in-review", 0)


def test_a_draft_that_was_saved_while_it_was_read_is_refused_in_words(office: Office) -> None:
    publisher, at = office.publisher, office.at
    page = publisher.get("review/")
    hidden = dict(re.findall(r'name="(csrf_token|seen)"[^>]*value="([^"]*)"', page))
    publisher.post("review/", **BACK)
    at.ready()
    at.submit()
    answer = publisher.client.post(f"/exposures/{at.number}/review/", data={**hidden, **APPROVE})
    assert answer.status_code == 422
    assert "草稿有了新的一版" in answer.text
    assert f'name="seen" type="hidden" value="{at.exposure.version}"' in answer.text
    assert 'value="final" checked' not in answer.text, "the new version is checked anew"
    assert _published() == 0


def test_sent_back_the_editor_finds_reason_and_words(office: Office) -> None:
    assert office.publisher.post("review/", **{**BACK, "words": ""}).status_code == 400
    assert office.publisher.post("review/", **BACK).status_code == 303
    assert office.at.exposure.state == "drafting"
    assert "文字要改" in office.editor.get("") and "请把第二段写短（虚构）。" in office.editor.get("draft/")
    assert office.at.number in office.editor.get("/exposures/")
    assert office.factors == []


def test_whoever_saved_a_version_approves_nothing_by_a_handmade_request_either(
    docket: Docket, staff_app: Flask
) -> None:
    at = bench(docket)
    at.in_review()
    editor = Person(at, _client(docket, staff_app, docket.editor))
    token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', editor.get("draft/"))
    assert token is not None
    sent = {**APPROVE, "csrf_token": token[1], "seen": str(at.exposure.version)}
    for path in ("review/", "withdraw/", "moves/drop/"):
        assert editor.client.post(f"/exposures/{at.number}/{path}", data=sent).status_code == 403
    assert (at.exposure.state, _published()) == ("in-review", 0)


def test_somebody_who_wrote_and_became_publisher_reads_and_has_no_form(office: Office) -> None:
    at, docket = office.at, office.at.docket
    both = docket.world.new_person(DISTRICT, Role.PUBLISHER)
    with_writing = Actor(both.kind, both.id, both.name, {**docket.editor.permissions})
    office.publisher.post("review/", **BACK)
    kept = at.draft()
    assert kept is not None
    at.save(kept, by=with_writing)
    at.submit()
    theirs = office.person(both)
    page = theirs.get("review/")
    assert "要由另一位审批人办理" in page and 'value="approve"' not in page
    token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', page)
    assert token is not None
    sent = {**APPROVE, "csrf_token": token[1], "seen": str(at.exposure.version)}
    answer = theirs.client.post(f"/exposures/{at.number}/review/", data=sent)
    assert "您写的一版" in answer.text and answer.status_code == 422
    assert (at.exposure.state, _published()) == ("in-review", 0)


def test_another_office_finds_nothing(office: Office) -> None:
    stranger = office.person(office.at.docket.world.person(OTHER, Role.PUBLISHER))
    for path in ("", "review/", "withdraw/"):
        stranger.get(path, 404)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', stranger.get("/exposures/issues/"))
    assert token is not None
    sent = {**APPROVE, "csrf_token": token[1], "seen": str(office.at.exposure.version)}
    for path in ("review/", "withdraw/", "moves/drop/", "must-correct/"):
        answer = stranger.client.post(f"/exposures/{office.at.number}/{path}", data={**sent, "reason": "wrong-fact"})
        assert answer.status_code == 404, path
    assert office.at.exposure.state == "in-review"


def test_a_later_day_waits_can_be_taken_back_and_is_dropped_and_taken_up(office: Office) -> None:
    publisher = office.publisher
    publisher.post("review/", **{**APPROVE, "when": "later", "publish_on": "2026-10-08"})
    assert office.at.exposure.state == "scheduled"
    assert "2026年10月8日" in publisher.get("")
    for name, state in (("unschedule", "drafting"), ("drop", "dropped"), ("take-up", "drafting")):
        assert publisher.post(f"moves/{name}/", "").status_code == 303, name
        assert office.at.exposure.state == state
    assert publisher.post("moves/publish/", "").status_code == 404
    assert _published() == 0


def test_a_correction_goes_past_both_people_and_its_words_before_the_public(office: Office) -> None:
    office.publisher.post("review/", **APPROVE)
    wrong = {"reason": "wrong-fact", "words": "电话 13900001111（虚构）。"}
    refused = office.editor.post("correct/", **wrong)
    assert refused.status_code == 422 and "不能公开的内容（电话" in refused.text
    begun = office.editor.post("correct/", **{**wrong, "words": "金额写错了（虚构）。"})
    assert begun.headers["Location"].endswith(f"/exposures/{office.at.number}/draft/")
    assert "放弃更正" in office.editor.get("")
    office.at.ready()
    office.at.submit()
    page = office.publisher.get("review/")
    assert "告诉公众为什么更正" in page and "金额写错了（虚构）。" in page and "以后公布" not in page
    assert office.publisher.post("review/", **APPROVE).status_code == 303
    assert office.at.case().version == 2


def test_an_editor_stops_correcting(office: Office) -> None:
    office.publisher.post("review/", **APPROVE)
    office.editor.post("correct/", reason="wrong-fact", words="金额写错了（虚构）。")
    assert office.editor.post("drop-correction/", "").status_code == 303
    assert office.at.exposure.state == "published" and office.at.case().version == 1


def test_what_is_known_to_be_wrong_has_three_days_and_then_is_overdue(office: Office, clock: StandingClock) -> None:
    office.publisher.post("review/", **APPROVE)
    assert office.at.number not in office.editor.get("/exposures/")
    assert office.editor.post("must-correct/", "", reason="").status_code == 422
    assert office.editor.post("must-correct/", "", reason="wrong-fact").status_code == 303
    last = office.at.exposure.withdraw_by
    assert last is not None and last > today()
    assert "最迟" in office.editor.get("") and "已逾期" not in office.editor.get("/exposures/")
    assert office.at.number in office.publisher.get("/exposures/")
    clock.advance(days=(last - today()).days + 1)
    assert "已逾期" in office.editor.get("") and "已逾期" in office.editor.get("/exposures/")


def test_one_publisher_takes_a_case_down_with_reason_words_and_second_factor(office: Office) -> None:
    office.publisher.post("review/", **APPROVE)
    for lacking in ({"code": ""}, {"reason": ""}, {"words": ""}, {"reason": "term-over"}):
        assert office.publisher.post("withdraw/", **{**WITHDRAW, **lacking}).status_code == 400, lacking
    private = office.publisher.post("withdraw/", **{**WITHDRAW, "words": "请打 13900001111（虚构）。"})
    assert private.status_code == 422
    assert office.at.exposure.state == "published"
    assert office.publisher.post("withdraw/", **WITHDRAW).status_code == 303
    assert (office.at.exposure.state, office.at.shown()[0].content) == ("withdrawn", "")
    assert "已经结束" in office.publisher.get("")
    assert office.publisher.post("withdraw/", **WITHDRAW).status_code == 422, "a second press says so"


def _issue(office: Office) -> str:
    fields = {"office": office.at.docket.world.offices[DISTRICT].id.hex, "title": "曝光台（虚构）", "preamble": ""}
    made = office.publisher.post("/exposures/issues/", **fields)
    assert made.status_code == 303, made.text
    return made.headers["Location"]


def test_cases_of_an_issue_are_published_together_in_the_typed_order(office: Office) -> None:
    place, publisher = _issue(office), office.publisher
    with reading() as session:
        issue = session.scalars(select(PublishedBatch.id)).one()
    second = bench(office.at.docket)
    second.in_review()
    benches = (office.at, second)
    for at in benches:
        one = Person(at, publisher.client)
        assert one.post("review/", **{**APPROVE, "when": issue.hex}).status_code == 303
    page = publisher.get(place)
    assert all(at.number in page for at in benches) and _published() == 0
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    order = {f"place-{at.exposure.id.hex}": str(9 - n) for n, at in enumerate(benches)}
    short = publisher.post(place, do="publish", code="1", **{**order, "seen": second.exposure.id.hex})
    assert short.status_code == 422 and "有了变化" in short.text
    answer = publisher.post(place, do="publish", code="1", seen=seen[1].replace("&amp;", "&"), **order)
    assert answer.status_code == 303, answer.text
    assert [second.case().position, office.at.case().position] == [1, 2]
    assert "已公布" in publisher.get(place)
    again = publisher.client.get(place).text
    assert "一起公布" not in again


def test_an_issue_has_a_number_of_its_own_and_no_private_words(office: Office) -> None:
    place = _issue(office)
    assert "2026年第1期" in office.publisher.get(place)
    _issue(office)
    assert "2026年第2期" in office.publisher.get("/exposures/issues/")
    refused = office.publisher.post(place, title="曝光台（虚构）", preamble="请打 13900001111（虚构）。", do="words")
    assert refused.status_code == 422
    empty = office.publisher.post(place, do="publish", code="1", seen="")
    assert empty.status_code in (404, 422)
    stranger = office.person(office.at.docket.world.person(OTHER, Role.PUBLISHER))
    stranger.get(place, 404)


def test_a_record_that_was_corrected_after_the_draft_is_refused_at_approval(office: Office) -> None:
    changed = replace(record().amounts, recovered_fen=Fen(0))
    office.at.docket.recorded(replace(record(), amounts=changed), why="金额写错了（虚构）。", number=office.at.number)
    answer = office.publisher.post("review/", **APPROVE)
    assert answer.status_code == 422
    assert "案件记录在这一版以后更正过" in answer.text
    assert (office.at.exposure.state, _published()) == ("in-review", 0)
