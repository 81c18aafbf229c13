from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import update

from admin.staff.roles import Role
from admin.tips.conversation import ask
from admin.tips.transfer import escalate, transfer
from admin.tips.triage import accept, record_reading
from portal.kernel.clock import now
from portal.kernel.transaction import transaction
from portal.tips.models import Clock, Tip
from portal.tips.states import State
from tests.admin_tips.world import DISTRICT, OTHER, World
from tests.conftest import StandingClock
from tests.followup.conftest import Handed, Visitor, one_database


def read(world: World, number: str, office: str) -> None:
    """What the staff pages do before they show a report."""
    reader = world.person(office, Role.INTAKE)
    with world.at(number, reader) as (session, tip, _keys):
        record_reading(session, tip, reader, now())


def readers(visitor: Visitor) -> str:
    """What the overview says of who has read it."""
    visitor.get("/followup/overview/")
    return visitor.text.partition("谁打开过您的举报")[2].partition("办理过程")[0]


def test_it_names_the_day_by_which_the_office_must_decide_with_weekday_and_law(mine: Handed, inside: Visitor) -> None:
    assert "决定是否立案 最迟 2026年10月23日 星期五" in inside.text
    assert "《医疗保障行政处罚程序暂行规定》第十四条" in inside.text
    assert "超期" not in inside.text


@one_database
def test_a_day_in_a_year_without_a_calendar_is_called_provisional(inside: Visitor) -> None:
    with transaction() as session:
        session.execute(update(Clock).values(provisional=True))
    inside.get("/followup/overview/")
    assert "暂定" in inside.text


def test_what_is_overdue_is_said_aloud(mine: Handed, visitor: Visitor, clock: StandingClock) -> None:
    clock.set(datetime(2026, 10, 23, 15, 59, tzinfo=UTC))
    visitor.sign_in(mine.code)
    assert "超期" not in visitor.text
    clock.set(datetime(2026, 10, 26, 2, 0, tzinfo=UTC))
    visitor.sign_in(mine.code)
    assert "已经超期 3 天" in visitor.text
    assert "可以在“消息”里催问" in visitor.text


@one_database
def test_a_clock_that_would_tell_of_the_police_is_not_shown(mine: Handed, inside: Visitor) -> None:
    with transaction() as session:
        session.execute(update(Clock).values(rule="CR-5"))
    inside.get("/followup/overview/")
    assert "公安" not in inside.text
    assert "现在没有正在计算的期限" in inside.text


@one_database
def test_every_state_is_told_in_words_and_never_names_the_police(inside: Visitor) -> None:
    for state in State:
        with transaction() as session:
            session.execute(update(Tip).values(state=state.value))
        page = inside.get("/followup/overview/")
        assert page.status_code == 200, state
        assert "公安" not in inside.text, state
        assert "police" not in inside.get("/en/followup/overview/").text.lower(), state


def test_it_tells_who_read_it_by_day_and_office_and_nothing_of_the_reporter(
    mine: Handed, inside: Visitor, world: World, clock: StandingClock
) -> None:
    assert "还没有工作人员打开过" in readers(inside)
    read(world, mine.number, DISTRICT)
    read(world, mine.number, DISTRICT)
    clock.advance(minutes=5)
    assert readers(inside).count("2026年9月28日 星期一 演示甲区医疗保障局") == 1
    assert readers(inside).count("2026年") == 1
    assert world.person(DISTRICT, Role.INTAKE).name not in inside.text


def test_the_reading_of_another_report_is_not_shown(
    mine: Handed, hand_in: Callable[..., Handed], inside: Visitor, world: World
) -> None:
    read(world, hand_in().number, DISTRICT)
    assert "还没有工作人员打开过" in readers(inside)


def test_every_office_that_had_it_stays_with_its_days(
    mine: Handed, visitor: Visitor, world: World, clock: StandingClock
) -> None:
    clock.advance(days=3)
    by = world.person(DISTRICT, Role.INTAKE)
    with world.at(mine.number, by) as (session, tip, keys):
        transfer(session, tip, world.offices[OTHER].id, "事发在乙区", by, now(), keys)
    clock.advance(days=2)
    visitor.sign_in(mine.code)
    assert "演示甲区医疗保障局 2026年9月28日 星期一 至 2026年10月1日 星期四，共 3 天" in visitor.text
    assert "演示乙区医疗保障局 现在办理 2026年10月1日 星期四 起，到今天 2 天" in visitor.text
    assert "转给另一个办理单位" in visitor.text
    assert "事发在乙区" not in visitor.text, "what staff write for their file stays there"


def test_steps_are_told_in_words_and_the_latest_notice_stands_on_the_page(
    mine: Handed, visitor: Visitor, world: World
) -> None:
    by = world.person(DISTRICT, Role.INTAKE)
    read(world, mine.number, DISTRICT)
    with world.at(mine.number, by) as (session, tip, keys):
        ask(session, tip, "请问是哪一个院区？", by, now(), keys)
    visitor.sign_in(mine.code)
    assert "向您提问" in visitor.text
    assert "请问是哪一个院区？" in visitor.text
    assert "办理单位想向您了解一些情况" in visitor.text
    assert "等您回复" in visitor.text


def test_accepting_is_told(mine: Handed, visitor: Visitor, world: World) -> None:
    by = world.person(DISTRICT, Role.INTAKE)
    read(world, mine.number, DISTRICT)
    with world.at(mine.number, by) as (session, tip, keys):
        accept(session, tip, by, now(), keys)
    visitor.sign_in(mine.code)
    assert "核查中" in visitor.text
    assert "受理，开始核查" in visitor.text


def test_a_report_that_went_up_tells_the_reporter_so(mine: Handed, visitor: Visitor, world: World) -> None:
    by = world.person(DISTRICT, Role.INTAKE)
    with world.at(mine.number, by) as (session, tip, keys):
        escalate(session, tip, "", by, now(), keys)
    visitor.sign_in(mine.code)
    assert "改由上级单位办理" in visitor.text
    assert "演示甲区医疗保障局" in visitor.text


@one_database
def test_the_copy_shows_everything_that_was_sent(mine: Handed, inside: Visitor) -> None:
    page = inside.get("/followup/sent/")
    for said in (mine.number, "夜里没有病人", "演示第一医院", "秦淮区", "票据 一.txt", "没有留姓名"):
        assert said in page.text
    assert "医院" in inside.text


@one_database
def test_the_pages_speak_english_too(mine: Handed, visitor: Visitor) -> None:
    visitor.get("/en/followup/")
    visitor.post("/en/followup/", {"code": mine.code.grouped})
    assert "We have your report" in visitor.text
    assert "Friday 23 October 2026" in visitor.text
    for path in ("overview", "messages", "sent", "identity", "withdraw", "pressure", "left"):
        page = visitor.get(f"/en/followup/{path}/")
        assert page.status_code == 200
        assert '<html lang="en"' in page.text
