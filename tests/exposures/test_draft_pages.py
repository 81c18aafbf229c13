"""The pages of an editor: the list, one draft, its questions, masks, and the way to a second person."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.exposures import withdrawing
from admin.staff.roles import ROLES, Permission, Role
from portal.exposures.drafts import Topic
from portal.exposures.states import ExposureState
from portal.exposures.values import ChangeReason
from portal.kernel.actors import Actor
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import DISTRICT, OTHER
from tests.exposures.conftest import Docket
from tests.exposures.drafts import Desk, desk
from tests.exposures.reviews import Bench

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The verbs behind the pages are tested on both databases."""

TOLD = "我是演示第一医院的夜班会计周例外，他们把空针管摆在桌上反复拍照。"


def client_of(docket: Docket, app: Flask, actor: Actor) -> FlaskClient:
    client = app.test_client()
    docket.world.sign_in(client, actor)
    return client


def fields_of(page: str) -> dict[str, str]:
    """What the form of the draft holds as it is shown."""
    title = re.search(r'name="title"[^>]*value="([^"]*)"', page)
    body = re.search(r'<textarea[^>]*name="body"[^>]*>\s*([^<]*)</textarea>', page)
    hidden = dict(re.findall(r'name="(csrf_token|seen)"[^>]*value="([^"]*)"', page))
    assert title and body and len(hidden) == 2
    return {"title": title[1], "body": body[1].strip(), **hidden}


class Editor:
    """An editor at the page of one draft."""

    def __init__(self, at: Desk, app: Flask, actor: Actor | None = None) -> None:
        self.at, self.client = at, client_of(at.docket, app, actor or at.docket.editor)
        self.path = f"/exposures/{at.number}/draft/"

    def open(self) -> str:
        answer = self.client.get(self.path)
        assert answer.status_code == 200
        return answer.text

    def post(self, **fields: str) -> TestResponse:
        return self.client.post(self.path, data={**fields_of(self.open()), **fields})

    def text(self) -> str:
        kept = self.at.draft()
        assert kept is not None
        return "\n".join((kept.content.title, *kept.content.paragraphs))


@pytest.fixture
def editor(docket: Docket, staff_app: Flask) -> Editor:
    return Editor(desk(docket, words=TOLD), staff_app)


def test_a_draft_begins_with_what_the_record_says_and_is_kept_when_saved(editor: Editor) -> None:
    assert "还没有写" in editor.client.get("/exposures/drafts/").text
    page = editor.open()
    assert "江苏省南京市秦淮区演示第一医院违规收费案" in page
    assert "周例外" not in fields_of(page)["body"]
    assert editor.post(do="save").status_code == 303
    assert editor.at.exposure.version == 1
    assert "第 1 版" in editor.client.get("/exposures/drafts/").text


def test_saving_the_same_text_twice_makes_one_version(editor: Editor) -> None:
    editor.post(do="save")
    assert editor.post(do="save").status_code == 303
    assert editor.at.exposure.version == 1


def test_that_the_report_was_opened_is_on_the_ledger_before_the_page_is_drawn(editor: Editor) -> None:
    def readings() -> int:
        with reading() as session:
            return list(session.scalars(select(LedgerEntry.kind))).count("tip-read")

    before = readings()
    editor.open()
    assert readings() == before + 1


def test_words_of_the_report_are_shown_beside_the_draft_and_kept_nowhere(editor: Editor) -> None:
    body = fields_of(editor.open())["body"] + "\n该院将空针管摆在桌上反复拍照。"
    page = editor.post(body=body, do="save")
    assert page.status_code == 303
    shown = editor.open()
    assert "空针管摆在桌上反复拍照" in shown and "和举报的原话相同" in shown
    kept = editor.at.draft()
    assert kept is not None
    assert any(one.topic is Topic.SHARED for one in kept.questions)
    assert "会计" not in kept.to_json() and "周例外" not in kept.to_json()


def test_a_number_is_masked_by_a_press_and_cannot_be_kept(editor: Editor) -> None:
    body = fields_of(editor.open())["body"] + "\n联系人电话 13900001111（虚构）。"
    assert editor.post(body=body, do="submit").status_code == 422
    assert "这一处不能保留" in editor.open()
    assert editor.post(mask="all").status_code == 303
    assert "13900001111" not in editor.text() and "［电话" in editor.text()


def test_one_piece_is_masked_and_the_others_stay(editor: Editor) -> None:
    body = fields_of(editor.open())["body"] + "\n电话 13900001111、13900002222（虚构）。"
    editor.post(body=body, do="save")
    kept = editor.at.draft()
    assert kept is not None
    first = next(one for one in kept.questions if one.value == "13900001111")
    assert editor.post(mask=first.id).status_code == 303
    assert "13900001111" not in editor.text() and "13900002222" in editor.text()


def test_a_question_is_answered_with_a_reason_and_then_the_draft_can_be_submitted(editor: Editor) -> None:
    editor.post(do="save")
    kept = editor.at.draft()
    assert kept is not None and kept.questions
    assert editor.post(do="submit").status_code == 422
    answers = {f"keep-{one.id}": "weighed" for one in kept.questions}
    words = {f"words-{one.id}": "看过了（虚构）。" for one in kept.questions}
    assert editor.post(do="submit", **answers).status_code == 422, "a reason in words is asked for"
    assert editor.post(do="submit", **answers, **words).status_code == 303
    assert editor.at.exposure.state == ExposureState.IN_REVIEW
    page = editor.open()
    assert "现在不能改" in page and 'name="body"' not in page


def test_a_submission_that_is_refused_says_how_many_things_are_left_and_keeps_what_was_typed(editor: Editor) -> None:
    answer = editor.post(title="演示第一医院违规收费案（改）", do="submit")
    assert answer.status_code == 422
    assert "不能送审" in answer.text and "演示第一医院违规收费案（改）" in answer.text


def test_an_empty_or_too_long_text_comes_back_at_its_field(editor: Editor) -> None:
    assert "请写标题" in editor.post(title="", do="save").text
    long = "长" * 200_000
    answer = editor.post(body=long, do="save")
    assert answer.status_code in (400, 422) and long in answer.text
    assert editor.at.exposure.version == 0


def test_hostile_text_is_shown_as_text(editor: Editor) -> None:
    editor.post(title='"><script>alert(1)</script>', body="{{ 7*7 }}<img src=x onerror=alert(1)>", do="save")
    page = editor.open()
    assert "<script>alert" not in page and "<img src=x" not in page and "49" not in page.split("{{ 7*7 }}")[0][-20:]


def test_when_somebody_saved_meanwhile_nothing_is_lost_and_both_texts_are_shown(editor: Editor) -> None:
    mine = fields_of(editor.open())
    editor.at.write("别人写的一句（虚构）。")
    body = mine["body"] + "\n我写的一句（虚构）。"
    answer = editor.client.post(editor.path, data={**mine, "body": body, "do": "save"})
    assert answer.status_code == 422
    assert "有人保存了新的一版" in answer.text
    assert "<del>别人</del><ins>我</ins>写的一句（虚构）。" in answer.text
    assert "我写的一句（虚构）。" in fields_of(answer.text)["body"]
    assert editor.at.exposure.version == 1
    again = fields_of(answer.text)
    assert editor.client.post(editor.path, data={**again, "do": "save"}).status_code == 303
    assert "我写的一句（虚构）。" in editor.text() and editor.at.exposure.version == 2


def test_a_seen_version_that_is_no_number_is_refused(editor: Editor) -> None:
    assert editor.post(seen="x", do="save").status_code == 400
    assert editor.post(seen="-1", do="save").status_code == 400
    assert editor.at.exposure.version == 0


def test_only_editors_of_the_office_find_the_page(editor: Editor, staff_app: Flask) -> None:
    docket = editor.at.docket
    for who in (docket.publisher, docket.handler):
        assert client_of(docket, staff_app, who).get(editor.path).status_code == 403
    elsewhere = docket.world.person(OTHER, Role.EDITOR)
    assert client_of(docket, staff_app, elsewhere).get(editor.path).status_code == 404
    assert editor.at.number not in client_of(docket, staff_app, elsewhere).get("/exposures/drafts/").text


def test_a_case_that_the_gate_did_not_open_has_no_draft(docket: Docket, staff_app: Flask) -> None:
    number = docket.closed()
    client = client_of(docket, staff_app, docket.world.person(DISTRICT, Role.EDITOR))
    assert client.get(f"/exposures/{number}/draft/").status_code == 404


def test_a_correction_starts_from_what_is_shown_and_says_why(docket: Docket, staff_app: Flask) -> None:
    number = desk(docket, words=TOLD).number
    bench = Bench(docket, number)
    bench.published()
    office = docket.world.offices[DISTRICT].id
    begun = replace(docket.editor, permissions={office: ROLES[Role.EDITOR] | {Permission.READ_DRAFT}})
    bench.do(withdrawing.correct, ChangeReason.SLIP, "改正错字（虚构）。", by=begun)
    editor = Editor(bench, staff_app)
    page = editor.open()
    assert "起草更正" in page and "改正错字（虚构）。" in page
    assert editor.post(reason="term-over", words="改（虚构）。", do="save").status_code == 400
    assert editor.post(reason="nonsense", words="改（虚构）。", do="save").status_code == 400
    assert editor.post(reason="", words="", do="save").status_code == 303
    assert "更正要写明理由" in editor.post(reason="", words="", do="submit").text
    kept = bench.draft()
    assert kept is not None
    answers = {f"keep-{one.id}": "weighed" for one in kept.questions}
    answers |= {f"words-{one.id}": "看过了（虚构）。" for one in kept.questions}
    private = editor.post(reason="slip", words="去掉了钱例的名字（虚构）。", do="submit", **answers)
    assert private.status_code == 422 and "更正的说明里有不能公开的内容" in private.text
    assert editor.post(reason="slip", words="去掉了一个名字（虚构）。", do="submit", **answers).status_code == 303
    assert bench.exposure.state == ExposureState.CORRECTION_IN_REVIEW
