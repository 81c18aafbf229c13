"""A circular on the evaluation: proposed, sent by a second person, signed for; and who tries otherwise. On each
database."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from admin.evaluation import circularqueries, circulating
from admin.evaluation.queries import table_of
from admin.exposures import circularqueries as readers
from admin.exposures.delivering import find, sign
from admin.staff.roles import Role
from crypto.errors import Tampered
from portal.directory.models import Office
from portal.exposures.circular_sheets import EvaluationSheet, sha256_of
from portal.exposures.models import Circular, CircularCopy, CircularReceipt
from portal.kernel.actors import Actor
from portal.kernel.clock import now, today
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.transaction import bind, reading, transaction
from portal.kernel.values import new_id
from portal.routing.choose import forget
from portal.statistics.evaluation import Period, version_for
from tests.admin_tips.world import CITY, DISCIPLINE, DISTRICT, OTHER, PROVINCE
from tests.dashboard.test_dashboard import fill
from tests.evaluation.told import QUARTER, Teller, booked, both, signs, text_for
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]


def reader(teller: Teller, office: str) -> Actor:
    return teller.world.person(office, Role.HANDLER)


def rewritten(teller: Teller, number: str) -> str:
    """The text with better points for somebody, written into the database underneath, fingerprint and all."""
    text = teller.row(number).content.replace("得分", "得  分", 1)
    with transaction() as session:
        changed = {"content": text, "sha256": sha256_of(text)}
        session.execute(update(Circular).where(Circular.number == number).values(changed))
    return text


def test_what_the_second_person_sent_is_read_by_the_chosen_offices_and_is_the_computed_table(teller: Teller) -> None:
    number = teller.sent(DISTRICT, words="请在月底前报告改进措施。")
    sheet = text_for(number, reader(teller, DISTRICT))
    with reading() as session:
        lines = table_of(session, teller.office, QUARTER, version_for(QUARTER), today())
    assert [row[-1] for row in sheet.rows] == [str(one.evaluation.total or "不评") for one in lines]
    assert {row[1] for row in sheet.rows} == {one.office.name for one in lines}
    assert "请在月底前报告改进措施。" in sheet.paragraphs
    with pytest.raises(NotFound):
        text_for(number, reader(teller, OTHER))
    assert booked(number) == ["circular-moved", "circular-moved", "circular-read"]


def test_nobody_finds_it_before_it_is_sent(teller: Teller) -> None:
    number, waits = teller.proposed(DISTRICT), reader(teller, DISTRICT)
    with reading() as session:
        assert not readers.received(session, waits) and not readers.sent(session, teller.head)
        with pytest.raises(NotFound):
            find(session, number, waits)
    teller.send(number)
    with reading() as session:
        (line,) = readers.received(session, waits)
    assert (line.number, line.about, line.mine) == (number, "2026 年第三季度综合评价", False)


def test_whoever_proposed_it_does_not_send_it_even_with_both_permissions(teller: Teller) -> None:
    one = both(teller.accountant, teller.head)
    number = teller.proposed(by=one)
    with pytest.raises(NotAllowed, match="own_circular"):
        teller.send(number, by=one)
    with pytest.raises(NotAllowed, match="own_circular"):
        teller.do(number, circulating.send_back, "不行（虚构）。", by=one)
    assert teller.row(number).state == "proposed"


@pytest.mark.parametrize("role", [Role.HANDLER, Role.PUBLISHER, Role.AUDITOR, Role.FUND_PUBLISHER, Role.HEAD])
def test_only_whoever_prepares_figures_proposes(teller: Teller, role: Role) -> None:
    with pytest.raises(NotAllowed):
        teller.proposed(by=teller.world.person(CITY, role))


def test_only_the_head_of_the_same_office_sends(teller: Teller) -> None:
    number = teller.proposed()
    with pytest.raises(NotAllowed):
        teller.send(number, by=teller.accountant)
    for stranger in (teller.world.person(PROVINCE, Role.HEAD), teller.world.person(DISTRICT, Role.HEAD)):
        with pytest.raises(NotFound):
            teller.send(number, by=stranger)


def test_each_office_has_its_receipt_and_the_page_says_where_one_is_missing(teller: Teller) -> None:
    number = teller.sent(DISTRICT, OTHER)
    person = reader(teller, DISTRICT)
    assert [signs(number, person), signs(number, person)] == [1, 0]
    with reading() as session:
        found = circularqueries.whole(session, number, teller.accountant)
        (line,) = circularqueries.told_by(session, teller.accountant)
    assert found.waiting == ("演示乙区医疗保障局",)
    assert [[who.name for who in one.receipts] for one in found.copies] == [[person.name], []]
    assert (line.signed, line.offices, line.is_sent) == (1, 2, True)


def test_an_office_signs_for_no_other(teller: Teller) -> None:
    number, person = teller.sent(DISTRICT, OTHER), reader(teller, DISTRICT)
    with reading() as session:
        _, copies = find(session, number, person)
    assert [one.office_id for one in copies] == [teller.world.offices[DISTRICT].id]
    signs(number, person)
    with reading() as session:
        held = session.scalars(
            select(CircularCopy.office_id)
            .join(CircularReceipt, CircularReceipt.copy_id == CircularCopy.id)
            .where(CircularReceipt.staff_id == person.id)
        ).all()
    assert held == [teller.world.offices[DISTRICT].id]
    with pytest.raises(NotFound):
        signs(number, teller.world.person(PROVINCE, Role.HANDLER))


def test_pressing_send_in_many_windows_at_once_sends_it_once(teller: Teller) -> None:
    number = teller.proposed()
    seen, head = teller.mark(number), teller.head

    def press(_: int) -> str:
        try:
            teller.send(number, seen, by=head)
        except IllegalMove:
            return "late"
        return "sent"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(press, range(6))) == ["late"] * 5 + ["sent"]
    assert booked(number) == ["circular-moved", "circular-moved", "circular-read"]


def test_a_text_that_was_changed_underneath_is_neither_sent_nor_read(teller: Teller) -> None:
    number = teller.proposed()
    seen = teller.mark(number)
    rewritten(teller, number)
    for mark in (seen, teller.mark(number)):
        with pytest.raises(Tampered):
            teller.send(number, mark)
    with transaction() as session:
        session.execute(update(Circular).where(Circular.number == number).values(state="dropped"))
    later = teller.sent()
    rewritten(teller, later)
    with pytest.raises(Tampered):
        text_for(later, reader(teller, DISTRICT))


def test_a_state_that_was_written_underneath_shows_nothing_that_nobody_sent(teller: Teller) -> None:
    number = teller.proposed()
    with transaction() as session:
        forged = {"state": "sent", "sent_on": today(), "approved_by": new_id()}
        session.execute(update(Circular).where(Circular.number == number).values(forged))
    with pytest.raises(Tampered):
        text_for(number, reader(teller, DISTRICT))


def test_another_office_added_after_it_was_read_is_not_sent_to(teller: Teller) -> None:
    number = teller.proposed(DISTRICT)
    seen, row = teller.mark(number), teller.row(number)
    with transaction() as session:
        copy = {"id": new_id(), "circular_id": row.id, "office_id": teller.world.offices[PROVINCE].id}
        session.execute(insert(CircularCopy), copy)
    with pytest.raises(Refused, match="changed"):
        teller.send(number, seen)


def test_a_period_that_goes_on_is_not_told_and_one_without_a_rule_neither(teller: Teller) -> None:
    with pytest.raises(Refused, match="not_over"):
        teller.proposed(period=Period(2026, 4))
    with pytest.raises(NotFound):
        teller.proposed(period=Period(2025, 4))


def test_it_goes_to_offices_of_the_own_line_and_to_somebody(teller: Teller) -> None:
    with reading() as session:
        offered = circulating.recipients(session, teller.office, now())
    ticked = {one.office.code: one.proposed for one in offered}
    assert ticked == {DISTRICT: True, OTHER: True, DISCIPLINE: False, PROVINCE: False}
    with transaction() as session:
        session.execute(update(Office).where(Office.code == DISCIPLINE).values(superior_id=None))
    forget()
    for wrong in (DISCIPLINE, CITY):
        with pytest.raises(Refused, match="bad_recipient"):
            teller.proposed(wrong)
    with pytest.raises(Refused, match="no_recipient"), transaction() as session:
        circulating.propose(session, teller.office, QUARTER, "", [], (), teller.accountant, now())


def test_words_of_a_person_go_past_the_assistant(teller: Teller) -> None:
    with pytest.raises(Refused, match="named") as refused:
        teller.proposed(words="有事请拨 13900000000。")
    assert "13900000000" in refused.value.message
    with pytest.raises(Refused, match="unanswered"):
        teller.proposed(words="唯一的夜班药师反映了这件事。")


def test_one_waits_at_a_time_and_the_same_figures_are_not_told_twice(teller: Teller) -> None:
    first = teller.proposed()
    with pytest.raises(Refused, match="under_way"):
        teller.proposed(OTHER)
    teller.send(first)
    with pytest.raises(Refused, match="nothing_new") as refused:
        teller.proposed()
    assert first in refused.value.message


def test_other_figures_take_the_place_of_those_that_were_told(teller: Teller) -> None:
    first = teller.sent()
    fill(teller.world, DISTRICT, 30)
    second = teller.sent()
    fill(teller.world, DISTRICT, 30)
    third = teller.sent()
    befores = [text_for(one, reader(teller, DISTRICT)).before for one in (first, second, third)]
    assert befores == ["", first, second]
    assert f"本通报代替 {second}，以本通报的数字为准。" in text_for(third, reader(teller, DISTRICT)).paragraphs


def test_two_proposals_at_once_leave_one(teller: Teller) -> None:
    accountant = teller.accountant

    def press(_: int) -> str:
        try:
            return teller.proposed(by=accountant)[:2]
        except Refused as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(press, range(4))) == ["TB", "under_way", "under_way", "under_way"]


def test_what_was_sent_back_or_given_up_is_not_sent_and_another_may_be_proposed(teller: Teller) -> None:
    back = teller.proposed()
    with pytest.raises(Refused, match="words_missing"):
        teller.do(back, circulating.send_back, "  ")
    teller.do(back, circulating.send_back, "先核对乙区的数字（虚构）。")
    assert (teller.row(back).state, teller.row(back).words) == ("returned", "先核对乙区的数字（虚构）。")
    given_up = teller.proposed()
    teller.do(given_up, circulating.drop, by=teller.accountant)
    for number in (back, given_up):
        with pytest.raises(IllegalMove):
            teller.send(number)
    assert teller.sent().startswith("TB-")


def test_what_was_sent_is_neither_given_up_nor_sent_back(teller: Teller) -> None:
    number = teller.sent()
    with pytest.raises(IllegalMove):
        teller.do(number, circulating.drop, by=teller.accountant)
    with pytest.raises(IllegalMove):
        teller.do(number, circulating.send_back, "太晚了（虚构）。")


def test_counts_that_are_too_small_to_be_rated_are_told_to_nobody(teller: Teller) -> None:
    sheet = text_for(teller.sent(), reader(teller, DISTRICT))
    with reading() as session:
        lines = table_of(session, teller.office, QUARTER, version_for(QUARTER), today())
    few = [(line, step) for line in lines for step in line.evaluation.steps if step.points is None]
    assert any(step.counted.whole for _, step in few), "somebody has few, so that there is something to hide"
    parts = {part.heading: part for part in sheet.annexes[1].parts}
    for line, step in few:
        part = parts.get(line.office.name)
        told = [one for one in part.lines if one.startswith(f"{step.indicator.name}：")] if part else []
        assert not any(re.search(r"[0-9]", one.replace(f"不到 {step.indicator.least}", "")) for one in told)


def test_a_sheet_is_read_back_as_it_was_and_anything_else_is_refused(teller: Teller) -> None:
    content = teller.row(teller.proposed()).content
    assert EvaluationSheet.from_text(content).to_text() == content
    for broken in ("{}", "[]", '{"v":2}', content[:-1]):
        with pytest.raises((ValueError, KeyError, TypeError)):
            EvaluationSheet.from_text(broken)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_staff_process_has_the_rights_for_it_and_none_to_rewrite_a_text(teller: Teller, as_role: AsRole) -> None:
    people = teller.accountant, teller.head, reader(teller, DISTRICT)
    as_role("staff")
    number = teller.sent()
    assert signs(number, people[2]) == 1
    with reading() as session:
        row = session.scalars(select(Circular).where(Circular.number == number)).one()
    for change in ({"content": "{}"}, {"sha256": "0" * 64}, {"made_by": new_id()}):
        with pytest.raises(DBAPIError, match="permission denied"), transaction() as session:
            session.execute(update(Circular).where(Circular.id == row.id).values(change))
    bind(teller.world.database)


def test_who_sends_has_read_it(teller: Teller) -> None:
    number, head = teller.sent(), teller.head
    with transaction() as session:
        circular, copies = find(session, number, head)
        assert sign(session, circular, [one.office_id for one in copies], head, now()) == 0
