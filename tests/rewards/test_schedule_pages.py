"""The pages of reward schedules as two people use them: looking, trying out, proposing, a fresh factor, an answer."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.roles import Role
from portal.directory.models import Office, SealingKey
from portal.kernel.boot import forget_boot_secret
from portal.kernel.db import Database
from portal.kernel.site import bind_site
from portal.kernel.transaction import reading, transaction
from portal.rewards.entries import shipped_texts
from portal.rewards.models import RewardSchedule
from portal.rewards.standing import schedules_now
from tests.conftest import StandingClock
from tests.staff.deployment import Deployment, StaffBrowser, said, token

WHY = "按新文件修改（虚构）"
HEBEI = "/rewards/schedules/hebei-2023/"
INPUTS = r'<input class="input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"'


@pytest.fixture
def people(database: Database, tmp_path: Path, clock: StandingClock) -> Iterator[dict[str, StaffBrowser]]:
    """A county with nobody above it, which speaks for every place: a reviewer of rewards and a head, each at an own
    browser; and somebody with neither role."""
    made = Deployment.make(tmp_path / "place", database, "keeper1", "county", "admin", "keeper2")
    with transaction() as session:
        county = session.scalars(select(Office).where(Office.code == "COUNTY")).one()
        county.superior_id = None
        reviewer, head = (
            session.scalars(select(Staff).where(Staff.sign_in == name)).one() for name in ("keeper1", "county")
        )
        session.add(StaffRole(staff_id=reviewer.id, office_id=county.id, role=Role.REWARD_REVIEWER.value))
        session.add(StaffRole(staff_id=head.id, office_id=county.id, role=Role.HEAD.value))
        current = select(SealingKey.id).where(SealingKey.owner_id == county.id, SealingKey.purpose == "office")
        granted = select(KeyGrant).where(KeyGrant.key_id.in_(current), KeyGrant.staff_id == head.id)
        key = session.scalars(granted).one()
        session.add(KeyGrant(staff_id=reviewer.id, key_id=key.key_id, holder_key_id=reviewer.key_id, sealed=key.sealed,
                             made_on=key.made_on))  # fmt: skip
    made.sequence()
    yield {role: made.at_work[name][0] for role, name in
           (("reviewer", "keeper1"), ("head", "county"), ("admin", "admin"))}  # fmt: skip
    bind_site(None)
    forget_boot_secret()


def send(browser: StaffBrowser, path: str, page: str | None = None, **fields: str) -> TestResponse:
    shown = browser.get(page or path)
    assert shown.status_code == 200, (path, shown.status_code)
    return browser.post(path, data={"csrf_token": token(shown.text), **fields})


def fields_of(page: str) -> dict[str, str]:
    """What the form of the page holds, as a browser would send it."""
    found = dict(re.findall(INPUTS, page))
    for name, rest in re.findall(r'<select [^>]*name="(\w+)"(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', rest)
        found[name] = chosen[1] if chosen else ""
    for name, value in re.findall(r'type="radio" id="[^"]*" name="(\w+)" value="([^"]*)" checked', page):
        found[name] = value
    return {name: html.unescape(value) for name, value in found.items()}


def rows() -> list[RewardSchedule]:
    with reading() as session:
        return list(session.scalars(select(RewardSchedule).order_by(RewardSchedule.version)))


def edited(browser: StaffBrowser, path: str = HEBEI, **changed: str) -> TestResponse:
    return send(browser, f"{path}edit/", **{**fields_of(browser.get(f"{path}edit/").text), "why": WHY, **changed})


# --- looking


def test_the_list_says_of_each_what_it_is_and_how_sure_it_is(people: dict[str, StaffBrowser]) -> None:
    page = people["reviewer"].get("/rewards/schedules/").text
    assert page.count('<th scope="row">') >= 42 and "hebei-2023" in page
    for words in ("施行中", "征求意见稿", "没有见到原文", "500 元", "200,000 元", "只有一处来源"):
        assert words in page
    assert people["admin"].get("/rewards/schedules/").status_code == 403


def test_every_schedule_is_shown_in_words(people: dict[str, StaffBrowser]) -> None:
    for name in shipped_texts():
        for path in (f"/rewards/schedules/{name}/", f"/rewards/schedules/{name}/0/try/"):
            answer = people["reviewer"].get(path)
            assert answer.status_code == 200 and name in answer.text, path


def test_a_schedule_that_jumps_is_shown_jumping(people: dict[str, StaffBrowser]) -> None:
    page = people["head"].get("/rewards/schedules/beijing-2023/").text
    assert "↑ 突然升高" in page and "500,000 元：上一档到此为止" in page
    assert "案值 500,000 元处从 10,000 元变为 20,000 元" in page and "polyline" in page
    assert "突然降低" in people["head"].get("/rewards/schedules/nanjing-2019/").text
    assert "没有突然升高或者降低的地方" in people["head"].get(HEBEI).text
    assert "提出修改" not in page


def test_what_is_not_there_is_not_found(people: dict[str, StaffBrowser]) -> None:
    for path in ("nowhere-2026/", "nowhere-2026/0/try/", "hebei-2023/7/", "hebei-2023/7/try/", "new_one/other/"):
        assert people["reviewer"].get(f"/rewards/schedules/{path}").status_code == 404, path


# --- trying out


def test_a_case_is_tried_out_with_its_trace(people: dict[str, StaffBrowser]) -> None:
    page = send(people["head"], f"{HEBEI}0/try/", value="60万", subject="institution", nature="", grade="",
                relation="outsider")  # fmt: skip
    assert "试算结果：12,000 元" in page.text and "600,000 元" in page.text
    missing = send(people["head"], "/rewards/schedules/fujian-2024/0/try/", value="1", subject="institution",
                   nature="", grade="", relation="outsider")  # fmt: skip
    assert missing.status_code == 422 and "请先评定等级" in missing.text


@pytest.mark.parametrize("value", ["", "-1", "1.001", "很多", "99999999999999"])
def test_a_sum_that_is_none_is_refused_beside_its_field(people: dict[str, StaffBrowser], value: str) -> None:
    answer = send(people["head"], f"{HEBEI}0/try/", value=value, subject="institution", nature="", grade="",
                  relation="outsider")  # fmt: skip
    assert answer.status_code == 400 and "请检查下面的内容" in answer.text


def test_a_schedule_that_is_not_in_force_is_tried_out_for_orientation_only(people: dict[str, StaffBrowser]) -> None:
    answer = send(people["head"], "/rewards/schedules/nanjing-2019/0/try/", value="50000", subject="institution",
                  nature="", grade="", relation="outsider")  # fmt: skip
    assert "只供参考" in answer.text and "试算结果：2,000 元" in answer.text


# --- two people


def test_one_edits_in_yuan_and_percent_another_sees_the_difference_and_approves(
    people: dict[str, StaffBrowser],
) -> None:
    answer = edited(people["reviewer"], cap="150000", rate2="2.5")
    assert answer.headers["Location"] == f"{HEBEI}1/", said(answer)
    own = people["reviewer"].get(f"{HEBEI}1/").text
    assert "要由另一个人决定" in own and 'name="answer"' not in own
    page = people["head"].get(f"{HEBEI}1/").text
    assert "200,000 元</td><td>150,000 元" in page and WHY in page and "<del>- " in page and "<ins>+ " in page
    assert "试算" in people["head"].get(f"{HEBEI}1/try/").text
    assert send(people["head"], f"{HEBEI}1/", answer="approve").status_code == 303
    with reading() as session:
        held = schedules_now(session)["hebei-2023"]
    assert held.cap_fen == 15_000_000
    assert [band.base_fen for band in held.tables[0].bands] == [0, 300_000, 1_300_000]  # continuous by itself
    assert "第 1 版" in people["reviewer"].get(HEBEI).text


def test_nothing_is_proposed_where_nothing_was_changed(people: dict[str, StaffBrowser]) -> None:
    answer = edited(people["reviewer"])
    assert answer.status_code == 422 and "没有可以批准的修改" in answer.text and rows() == []


def test_an_answer_asks_for_a_fresh_second_factor(people: dict[str, StaffBrowser]) -> None:
    edited(people["reviewer"], cap="150000")
    people["head"].person = None  # nobody answers for them
    asked = send(people["head"], f"{HEBEI}1/", answer="approve")
    assert 'name="factor" value="given"' in asked.text and "批准奖励标准 hebei-2023 第 1 版" in asked.text
    assert rows()[0].state == "proposed"


def test_a_refusal_says_why(people: dict[str, StaffBrowser]) -> None:
    edited(people["reviewer"], cap="150000")
    assert send(people["head"], f"{HEBEI}1/", answer="refuse").status_code == 400
    assert send(people["head"], f"{HEBEI}1/", answer="refuse", reason="和文件不符（虚构）").status_code == 303
    assert (rows()[0].state, rows()[0].refusal) == ("refused", "和文件不符（虚构）")
    assert "和文件不符" in people["reviewer"].get(f"{HEBEI}1/").text


def test_neither_half_does_the_other_ones(people: dict[str, StaffBrowser]) -> None:
    assert people["head"].get(f"{HEBEI}edit/").status_code == 403
    edited(people["reviewer"], cap="150000")
    forged = {"csrf_token": token(people["reviewer"].get(f"{HEBEI}1/").text), "answer": "approve"}
    assert people["reviewer"].post(f"{HEBEI}1/", data=forged).status_code == 403
    assert people["head"].post(f"{HEBEI}1/withdraw/", data={"csrf_token": token(
        people["head"].get(f"{HEBEI}1/").text)}).status_code == 403  # fmt: skip
    assert rows()[0].state == "proposed"


def test_the_proposer_takes_it_back(people: dict[str, StaffBrowser]) -> None:
    edited(people["reviewer"], cap="150000")
    assert send(people["reviewer"], f"{HEBEI}1/withdraw/", page=f"{HEBEI}1/").status_code == 303
    assert rows()[0].state == "withdrawn" and "已撤回" in people["reviewer"].get(HEBEI).text


# --- forms


@pytest.mark.parametrize("name", ["nanjing-2019", "hebei-2023", "sichuan-2023", "fujian-2024", "hunan-2025"])
def test_the_form_says_what_the_schedule_says(people: dict[str, StaffBrowser], name: str) -> None:
    path = f"/rewards/schedules/{name}/"
    answer = edited(people["reviewer"], path, number="虚构〔2026〕1号")
    assert answer.status_code == 303, said(answer)
    before, after = json.loads(shipped_texts()[name]), json.loads(rows()[0].text)
    assert after == {**before, "document": {**before["document"], "number": "虚构〔2026〕1号"}}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rate1": "101"}, "0 到 100"),
        ({"rate1": ""}, "每一档都要填写比例"),
        ({"upper1": ""}, "最后一档、也只有最后一档"),
        ({"upper2": "100000"}, "从小到大"),
        ({"upper3": "10"}, "最后一档、也只有最后一档"),
        ({"cap": "一百"}, "金额要写准确的数字"),
        ({"cap": "1"}, "floor_fen"),
        ({"effective_from": "昨天"}, "日期要写成"),
        ({"why": ""}, "请写明理由"),
        ({"rate1": "0.000003"}, "整分"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    people: dict[str, StaffBrowser], changed: dict[str, str], words: str
) -> None:
    answer = edited(people["reviewer"], **{"number": "虚构〔2026〕1号", **changed})
    assert answer.status_code in (400, 422) and words in answer.text, said(answer)
    assert "虚构〔2026〕1号" in answer.text and rows() == []


def test_what_no_form_can_say_is_written_as_json_with_the_field_named(people: dict[str, StaffBrowser]) -> None:
    path = "/rewards/schedules/beijing-2023/"
    assert people["reviewer"].get(f"{path}edit/").headers["Location"] == f"{path}text/"
    text = shipped_texts()["beijing-2023"].replace('"0.04"', '"4%"')
    answer = send(people["reviewer"], f"{path}text/", text=text, why=WHY)
    assert (
        answer.status_code == 422
        and "rate" in answer.text
        and html.escape('"4%"') in answer.text.replace("&#34;", "&quot;")
    )
    assert send(people["reviewer"], f"{path}text/", text=text.replace("4%", "0.03"), why=WHY).status_code == 303


def test_a_place_that_has_none_gets_its_own(people: dict[str, StaffBrowser]) -> None:
    path = "/rewards/schedules/new_one/marginal/"
    new = {"name": "nanjing-2026", "region": "320100", "status": "in_force", "effective_from": "2026-10-01", "why": WHY,
           "upper1": "10万", "rate1": "3", "rate2": "1", "floor": "200", "cap": "20万", "inclusive": "y"}  # fmt: skip
    for faulty in ({"name": "南京"}, {"region": "999999"}, {"name": "nanjing-2019"}):
        assert send(people["reviewer"], path, **{**new, **faulty}).status_code in (400, 422), faulty
    answer = send(people["reviewer"], path, **new)
    assert answer.headers["Location"] == "/rewards/schedules/nanjing-2026/1/", said(answer)
    assert "还没有批准过" in people["reviewer"].get("/rewards/schedules/nanjing-2026/").text
    assert send(people["head"], "/rewards/schedules/nanjing-2026/1/", answer="approve").status_code == 303
    assert "施行中" in people["reviewer"].get("/rewards/schedules/nanjing-2026/").text


def test_an_altered_text_is_said_on_every_page_and_can_be_put_right(people: dict[str, StaffBrowser]) -> None:
    edited(people["reviewer"], cap="150000")
    send(people["head"], f"{HEBEI}1/", answer="approve")
    with transaction() as session:
        session.execute(update(RewardSchedule).values(text=shipped_texts()["hebei-2023"]))
    assert "内容和批准时的不一样" in people["reviewer"].get("/rewards/schedules/").text
    assert "内容和批准时的不一样" in people["reviewer"].get(HEBEI).text
    sound = shipped_texts()["hebei-2023"].replace('"cap_fen": 20000000', '"cap_fen": 15000000')
    assert send(people["reviewer"], f"{HEBEI}text/", text=sound, why=WHY).status_code == 303
    assert send(people["head"], f"{HEBEI}2/", answer="approve").status_code == 303
    assert "内容和批准时的不一样" not in people["reviewer"].get("/rewards/schedules/").text
