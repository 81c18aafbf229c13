"""The staff site as people use it: from the queue through a case to a decision."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from admin.staff.roles import Role
from admin.tips import triage
from portal.kernel.actors import Actor
from portal.kernel.transaction import reading
from portal.kernel.values import new_id
from portal.ledger.models import LedgerEntry
from portal.tips.models import Tip
from portal.tips.states import State
from tests.admin_tips.world import DISTRICT, OTHER, World

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def as_person(world: World, staff_app: Flask) -> SignIn:
    """A browser in which this person is signed in."""

    def sign_in(actor: Actor) -> FlaskClient:
        client = staff_app.test_client()
        world.sign_in(client, actor)
        return client

    return sign_in


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def _do(client: FlaskClient, number: str, slug: str, **fields: str) -> tuple[int, str]:
    """Open the form of an act and send it."""
    address = f"/tips/{number}/{slug}/"
    page = client.get(address).get_data(as_text=True)
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    answer = client.post(address, data={"csrf_token": _token(page), "seen": seen[1], **fields})
    return answer.status_code, answer.get_data(as_text=True)


def _entries(kind: str, number: str) -> int:
    with reading() as session:
        found = select(func.count()).where(LedgerEntry.kind == kind, LedgerEntry.subject == number)
        return session.scalar(found) or 0


def test_a_report_goes_from_the_queue_to_a_filed_case_through_three_people(world: World, as_person: SignIn) -> None:
    number = world.report(words="病人没有住院，却结算了七天。", named=True)
    intake, handler, head = (as_person(world.person(DISTRICT, role)) for role in (Role.INTAKE, Role.HANDLER, Role.HEAD))
    assert number in intake.get("/").get_data(as_text=True)
    case = intake.get(f"/tips/{number}/").get_data(as_text=True)
    assert "病人没有住院，却结算了七天。" in case
    assert "演示第一医院" in case
    assert _do(intake, number, "accept")[0] == 302
    assert _do(handler, number, "record_findings", text="核对了病历。")[0] == 302
    assert _do(handler, number, "file", text="事实清楚。")[0] == 302
    waiting = head.get(f"/tips/{number}/").get_data(as_text=True)
    assert "事实清楚。" in waiting
    action = re.search(r'action="(/tips/[^"]+/approve/)"', waiting)
    assert action is not None
    head.post(action[1], data={"csrf_token": _token(waiting)})
    assert world.tip(number).state == State.FILED
    assert "filed" in world.notices(number)


def test_opening_is_recorded_each_time_and_by_whom(world: World, as_person: SignIn) -> None:
    number = world.report()
    client = as_person(world.person(DISTRICT, Role.INTAKE))
    client.get(f"/tips/{number}/")
    client.get(f"/tips/{number}/")
    assert _entries("tip-read", number) == 2


def test_a_reading_that_cannot_be_recorded_shows_nothing(
    world: World, as_person: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = world.report(words="这句话不该出现。")
    client = as_person(world.person(DISTRICT, Role.INTAKE))

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(triage, "record_reading", broken)
    client.application.testing = False
    answer = client.get(f"/tips/{number}/")
    assert answer.status_code == 500
    assert "这句话不该出现" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("address", ["/tips/{}/", "/tips/{}/print/", "/tips/{}/accept/", "/tips/MJ-2222-2222/"])
def test_a_report_of_another_office_and_one_that_does_not_exist_look_alike(
    world: World, as_person: SignIn, address: str
) -> None:
    number = world.report(region="320105")
    client = as_person(world.person(DISTRICT, Role.INTAKE))
    answer = client.get(address.format(number))
    assert answer.status_code == 404
    assert number not in client.get("/").get_data(as_text=True)
    assert f"/tips/{number}/" not in client.get(f"/?q={number}").get_data(as_text=True)


def test_a_stranger_is_sent_to_the_sign_in_page(staff_app: Flask, world: World) -> None:
    number = world.report()
    for address in ("/", f"/tips/{number}/", "/record/", "/print/"):
        answer = staff_app.test_client().get(address)
        assert answer.status_code == 302
        assert "/sign-in/" in answer.headers["Location"]


def test_the_second_of_two_officers_is_told_that_something_changed(world: World, as_person: SignIn) -> None:
    number = world.report()
    one, two = (as_person(world.new_person(DISTRICT, Role.INTAKE)) for _ in range(2))
    one.get(f"/tips/{number}/")
    page = two.get(f"/tips/{number}/decline/").get_data(as_text=True)
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    assert _do(one, number, "accept")[0] == 302
    fields = {"csrf_token": _token(page), "seen": seen[1], "reason": "no_facts", "text": "没有写明白"}
    answer = two.post(f"/tips/{number}/decline/", data=fields)
    assert "有了新的变化" in answer.get_data(as_text=True)
    assert "没有写明白" in answer.get_data(as_text=True)  # what was typed is still there
    assert world.tip(number).state == State.VERIFYING


def test_our_own_office_is_accused_and_the_report_is_gone_from_every_page(world: World, as_person: SignIn) -> None:
    number = world.report()
    client = as_person(world.person(DISTRICT, Role.INTAKE))
    client.get(f"/tips/{number}/")
    status, _ = _do(client, number, "escalate")
    assert status == 302
    assert client.get(f"/tips/{number}/").status_code == 404
    assert number not in client.get("/?show=all").get_data(as_text=True)


def test_several_reports_are_assigned_at_once_and_what_fails_is_named(world: World, as_person: SignIn) -> None:
    mine, foreign = [world.report() for _ in range(3)], world.report(region="320105")
    handler = world.person(DISTRICT, Role.HANDLER)
    client = as_person(world.person(DISTRICT, Role.INTAKE))
    page = client.get("/").get_data(as_text=True)
    assert handler.id is not None
    answer = client.post(
        "/several/",
        data={
            "csrf_token": _token(page),
            "number": [*mine, foreign],
            "what": "assign",
            "person": handler.id.hex,
        },
    ).get_data(as_text=True)
    assert "办好 3 份" in answer
    assert foreign in answer
    assert {world.tip(number).assignee_id for number in mine} == {handler.id}
    assert world.tip(foreign).assignee_id is None


def test_several_reports_are_transferred_at_once(world: World, as_person: SignIn) -> None:
    numbers = [world.report() for _ in range(2)]
    client = as_person(world.person(DISTRICT, Role.INTAKE))
    for number in numbers:
        client.get(f"/tips/{number}/")
    page = client.get("/").get_data(as_text=True)
    to = world.offices[OTHER].id
    data = {"csrf_token": _token(page), "number": numbers, "what": "transfer", "office": to.hex, "reason": "发生在乙区"}
    assert "办好 2 份" in client.post("/several/", data=data).get_data(as_text=True)
    assert {world.tip(number).office_id for number in numbers} == {to}


def test_a_view_is_saved_for_one_person_alone(world: World, as_person: SignIn) -> None:
    one, two = (as_person(world.new_person(DISTRICT, Role.INTAKE)) for _ in range(2))
    page = one.get("/?overdue=1").get_data(as_text=True)
    answer = one.post("/views/?overdue=1", data={"csrf_token": _token(page), "name": "要催的"})
    assert answer.status_code == 302
    assert "要催的" in one.get("/").get_data(as_text=True)
    assert "要催的" not in two.get("/").get_data(as_text=True)


@pytest.mark.parametrize("typed", ["MJ {a} {b}", "mj-{a}-{b}", "{a}{b}"])
def test_the_search_opens_a_report_by_its_number_however_it_is_typed(
    world: World, as_person: SignIn, typed: str
) -> None:
    number = world.report()
    _, a, b = number.split("-")
    answer = as_person(world.person(DISTRICT, Role.INTAKE)).get("/", query_string={"q": typed.format(a=a, b=b)})
    assert answer.headers["Location"].endswith(f"/tips/{number}/")


def test_the_search_lists_the_reports_of_a_day(world: World, as_person: SignIn) -> None:
    number = world.report()
    client = as_person(world.person(DISTRICT, Role.INTAKE))
    assert number in client.get("/?q=2026年9月28日", follow_redirects=True).get_data(as_text=True)
    assert number not in client.get("/?q=2026-09-27", follow_redirects=True).get_data(as_text=True)


def test_a_print_carries_the_name_of_the_reader_and_is_recorded(world: World, as_person: SignIn) -> None:
    number = world.report()
    reader = world.person(DISTRICT, Role.INTAKE)
    client = as_person(reader)
    assert reader.name in client.get("/print/").get_data(as_text=True)
    assert reader.name in client.get(f"/tips/{number}/print/").get_data(as_text=True)
    with reading() as session:
        kinds = session.scalars(select(LedgerEntry.kind).where(LedgerEntry.kind == "print-made")).all()
    assert len(kinds) == 2


def test_duplicates_are_shown_from_the_second_first_reading_on(world: World, as_person: SignIn) -> None:
    first, second = world.report(), world.report()
    client = as_person(world.person(DISTRICT, Role.INTAKE))
    assert second not in client.get(f"/tips/{first}/").get_data(as_text=True)
    assert first in client.get(f"/tips/{second}/").get_data(as_text=True)


def test_the_buttons_are_what_the_table_allows_this_person(world: World, as_person: SignIn) -> None:
    number = world.report()
    client = as_person(world.person(DISTRICT, Role.INTAKE))
    page = client.get(f"/tips/{number}/").get_data(as_text=True)
    offered = set(re.findall(rf'href="/tips/{number}/(\w+)/"', page)) - {"print"}
    assert offered == {
        "accept",
        "ask",
        "decline",
        "redirect",
        "merge",
        "transfer",
        "refer",
        "assign",
        "note",
        "letter",
        "escalate",
    }


# --- other channels


def _record(world: World, client: FlaskClient, **fields: str) -> tuple[int, str]:
    page = client.get("/record/").get_data(as_text=True)
    drawn = re.search(r'id="record" action="([^"]+)"', page)
    assert drawn is not None
    address = fields.pop("address", drawn[1])
    given = {
        "csrf_token": _token(page),
        "do": "record",
        "channel": "12393",
        "words": "来电人说某诊所空刷医保卡。",
        "subject_type": "institution",
        "region": "320104",
        "known_as": "no_name",
        "answer_way": "code",
        "conduct": "",
        "relation": "public",
        **fields,
    }
    answer = client.post(address, data=given)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_telephone_call_is_written_down_and_the_code_is_shown_once(world: World, as_person: SignIn) -> None:
    client = as_person(world.person(DISTRICT, Role.HANDLER))
    status, page = _record(world, client)
    assert status == 200
    number = re.search(r"MJ-\w{4}-\w{4}", page)
    assert number is not None
    assert len(re.findall(r"<span>\d{4}</span>", page)) == 6
    tip = world.tip(number[0])
    assert (tip.channel, tip.region) == ("12393", "320104")


def test_who_called_is_sealed_and_the_recorder_cannot_read_it_afterwards(world: World, as_person: SignIn) -> None:
    client = as_person(world.person(DISTRICT, Role.HANDLER))
    fields = {"known_as": "named", "name": "测试人乙", "phone": "13900000009", "answer_way": "callback"}
    _, page = _record(world, client, **fields)
    number = re.search(r"MJ-\w{4}-\w{4}", page)
    assert number is not None
    assert not re.findall(r"<span>\d{4}</span>", page)
    case = client.get(f"/tips/{number[0]}/").get_data(as_text=True)
    assert "测试人乙" not in case
    assert "13900000009" not in case
    assert world.tip(number[0]).named


def test_pressing_twice_records_one_report_and_shows_no_second_code(world: World, as_person: SignIn) -> None:
    client = as_person(world.person(DISTRICT, Role.HANDLER))
    address = f"/record/{new_id()}/"
    _record(world, client, address=address)
    _, again = _record(world, client, address=address)
    assert not re.findall(r"<span>\d{4}</span>", again)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Tip)) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"words": ""}, {"period_from": "2026-13"}, {"period_from": "2031-01"}, {"amount": "很多"}, {"region": "火星"},
     {"answer_way": "callback"}, {"known_as": "named"}, {"conduct": "made-up"}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    world: World, as_person: SignIn, wrong: dict[str, str]
) -> None:
    client = as_person(world.person(DISTRICT, Role.HANDLER))
    status, page = _record(world, client, target="演示诊所甲乙丙", **wrong)
    assert status == 422
    assert "error-summary" in page
    assert "演示诊所甲乙丙" in page
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Tip)) == 0
