"""Missed clocks as the record stood when a month was over: what comes to them afterwards changes no figure of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from admin.directory.changes import set_workday
from admin.staff.roles import Role
from admin.statistics.counted import month_content
from admin.tips import decisions, proposals, transfer, triage
from crypto.keys import Purpose, generate_inner
from portal.directory.keys import publish_key
from portal.directory.models import CustodyBoard, Office
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import TipNumber, new_id
from portal.ledger.book import append
from portal.ledger.events import IdentityOpened, canonical
from portal.mailbox.reasons import Closing, ExtensionReason, IdentityReason, Outcome, PauseReason
from portal.payments.models import Payment
from portal.payments.values import PaymentState, new_payment_number
from portal.statistics import counting
from portal.statistics.values import Days, Month
from portal.tips.clocks import recount
from portal.tips.lapsed import lapsed_on
from portal.tips.models import Clock, ClockChange
from portal.tips.states import Action
from tests.admin_tips.test_findings import Bureau
from tests.admin_tips.world import CITY, DISTRICT, OTHER, World, make_world
from tests.conftest import StandingClock
from tests.statistics.conftest import SEPTEMBER, place_all

DECEMBER = Month(2026, 12)
IDENTITY_REASON = next(iter(IdentityReason)).value
BEGUN = date(2026, 9, 1)


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 2, 0, tzinfo=UTC)


@pytest.fixture
def bureau(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Bureau:
    """Monday, 28 September 2026."""
    return Bureau(make_world(database, checkpoint_key[0]))


def said(month: Month, size: int) -> bytes:
    with reading() as session:
        return canonical(month_content(session, month, today(), size))


def missed(month: Month, size: int) -> dict[str, int]:
    with reading() as session:
        table = counting.missed(session, month, size).tables["office"]
    return {office: count for office, count in table.items() if count}


def extend(bureau: Bureau, number: str) -> None:
    asked = bureau.world.do(
        number, proposals.propose, Action.EXTEND, ExtensionReason.COMPLEX, "案情复杂。", by=bureau.handler
    )
    bureau.world.do(number, proposals.approve, asked.id, by=bureau.head)


def test_a_month_says_the_same_bytes_whatever_came_to_its_clocks_afterwards(
    bureau: Bureau, clock: StandingClock
) -> None:
    world = bureau.world
    filed = [bureau.filed() for _ in range(7)]  # to be decided by 28 December
    clock.set(at(2026, 12, 10))
    fresh = [world.report() for _ in range(6)]  # to be screened by 31 December
    suspended, extended = bureau.filed(), bureau.filed()
    clock.set(at(2026, 12, 20))
    world.do(suspended, decisions.suspend, PauseReason.COURT, "等待判决。", by=bureau.handler)
    extend(bureau, filed[6])
    extend(bureau, extended)
    clock.set(at(2027, 1, 5))
    place_all(world)
    with reading() as session:
        size = counting.published_size(session)
    before = said(DECEMBER, size)
    assert missed(DECEMBER, size) == {DISTRICT: 12}, "six that were filed and six that nobody screened"
    assert b'"missed"' in before and b'"total":12' in before

    intake, handler = bureau.intake, bureau.handler
    bureau.decide(filed[0], Outcome.NOT_PROVEN, None)
    world.do(filed[1], decisions.suspend, PauseReason.COURT, "等待判决。", by=handler)
    extend(bureau, filed[2])
    world.do(filed[3], transfer.transfer, world.offices[OTHER].id, "发生地在乙区。", by=handler)
    world.do(filed[4], transfer.escalate, "涉及本局股长。", by=intake)
    world.do(fresh[0], transfer.transfer, world.offices[CITY].id, "案情重大。", by=intake)
    world.do(suspended, decisions.resume, by=handler)
    with transaction() as session:
        admin = world.person(DISTRICT, Role.SYSADMIN)
        for day in (date(2026, 12, 28), date(2026, 12, 31)):
            set_workday(session, day, False, "演示通知", admin, now())
    with transaction() as session:
        assert recount(session, today()) > 4
    world.report()
    clock.set(at(2027, 2, 2))
    world.do(filed[1], decisions.resume, by=handler)
    place_all(world)
    assert said(DECEMBER, size) == before
    with reading() as session:
        assert missed(DECEMBER, counting.published_size(session)) == {DISTRICT: 12}, "nor does a longer book change it"


@dataclass
class Told:
    """A clock as somebody tells its life day by day, who writes down every evening whether it was missed."""

    clock: Clock
    changes: list[ClockChange] = field(default_factory=list)
    evenings: dict[date, date | None] = field(default_factory=dict)

    @property
    def missed(self) -> date | None:
        return self.clock.due_on if self.clock.state == "missed" else None

    def change(self, kind: str, day: date, moved: int = 0) -> None:
        position = len(self.changes) + 1
        before = self.clock.due_on
        self.changes.append(
            ClockChange(position=position, known_on=day, due_before=before, kind=kind, from_day=day, to_day=None)
        )
        self.clock.due_on += timedelta(days=moved)

    def live(self, day: date, act: str, days: int) -> None:
        """What happens on *day*, by the rules of portal/tips/clocks.py, and what the evening finds."""
        clock, overdue = self.clock, day > self.clock.due_on
        if act == "end" and clock.ended_on is None:
            late = clock.state == "running" and overdue
            clock.state, clock.ended_on = ("missed" if late else "met"), day
        elif act == "pause" and clock.state == "running" and not overdue:
            self.change("pause", day)
            clock.state = "paused"
        elif act == "resume" and clock.state == "paused":
            stood = next(change for change in self.changes if change.kind == "pause" and change.to_day is None)
            clock.state, stood.to_day = "running", day
            clock.due_on += day - stood.from_day
        elif act == "extension" and clock.state == "running":
            self.change("extension", day, days)
        elif act == "calendar" and clock.state in ("running", "paused"):
            self.change("calendar", day, 1)
        over = clock.state == "running" and clock.due_on <= day
        self.evenings[day] = clock.due_on if over else self.missed


ACTS = st.tuples(st.sampled_from(["", "", "end", "pause", "resume", "extension", "calendar"]), st.integers(1, 9))


@given(st.integers(0, 12), st.lists(ACTS, min_size=1, max_size=40))
def test_what_every_evening_found_can_be_told_at_the_end(term: int, life: list[tuple[str, int]]) -> None:
    told = Told(Clock(started_on=BEGUN, due_on=BEGUN + timedelta(days=term), state="running", ended_on=None))
    for after, (act, days) in enumerate(life):
        told.live(BEGUN + timedelta(days=after), act, days)
    for day, found in told.evenings.items():
        assert lapsed_on(told.clock, told.changes, day) == found, day


def test_a_clock_past_its_day_does_not_stand_still(bureau: Bureau, clock: StandingClock) -> None:
    number = bureau.filed()
    clock.set(at(2027, 1, 5))
    bureau.world.do(number, decisions.suspend, PauseReason.COURT, "等待判决。", by=bureau.handler)
    assert bureau.world.tip(number).due_on == date(2026, 12, 28)
    clock.set(at(2027, 3, 5))
    bureau.world.do(number, decisions.resume, by=bureau.handler)
    assert bureau.world.tip(number).due_on == date(2026, 12, 28), "nobody met it, and no pause made up for that"


def test_a_working_day_taken_away_in_time_moves_the_clocks_and_shortens_what_was_waited(
    bureau: Bureau, clock: StandingClock
) -> None:
    def take_away(day: date) -> None:
        with transaction() as session:
            set_workday(session, day, False, "演示通知", bureau.world.person(DISTRICT, Role.SYSADMIN), now())
        with transaction() as session:
            assert recount(session, today()) > 0

    clock.set(at(2026, 12, 10))
    for _ in range(6):
        bureau.world.report()  # to be screened by 31 December
    clock.set(at(2026, 12, 17))
    with reading() as session:
        before = session.scalars(select(Clock.due_on)).all()
    bureau.verifying()
    number = bureau.world.report()
    clock.set(at(2026, 12, 24))
    with bureau.world.at(number, bureau.intake) as (session, tip, keys):
        triage.record_reading(session, tip, bureau.intake, now())
        triage.accept(session, tip, bureau.intake, now(), keys)
    place_all(bureau.world)

    def waited() -> list[Days]:
        with reading() as session:
            return counting.waited(session, DECEMBER, counting.published_size(session))["screened"]

    assert sorted(waited()) == [Days(0, 0), Days(7, 5)]
    take_away(date(2026, 12, 21))
    assert sorted(waited()) == [Days(0, 0), Days(7, 4)]
    take_away(date(2026, 12, 31))
    clock.set(at(2027, 1, 7))
    place_all(bureau.world)
    assert set(before) == {date(2026, 12, 31)}
    with reading() as session:
        size = counting.published_size(session)
    assert missed(DECEMBER, size) == {}, "their day was another before the month was over"


def test_later_months_change_no_figure_of_an_earlier_month(bureau: Bureau, clock: StandingClock) -> None:
    world = bureau.world
    for _ in range(7):
        world.report()
    early = [bureau.decided() for _ in range(2)]
    filed = bureau.filed()
    clock.set(at(2026, 10, 9))
    place_all(world)
    with reading() as session:
        first = month_content(session, SEPTEMBER, today())
    late = [bureau.decided() for _ in range(2)]
    for number in (*early, *late):
        bureau.close(number, Closing.PERFORMED)
    world.do(filed, transfer.escalate, "涉及本局股长。", by=bureau.intake)
    pay(world, 40, today())
    with transaction() as session:
        for request in range(6):
            seen = IdentityOpened(TipNumber(filed), str(request), DISTRICT, "identity", IDENTITY_REASON)
            append(session, seen, SYSTEM, now())
        added = Office(
            id=new_id(), code="320106", name="演示丙区医疗保障局", kind="bureau", level="county", region="320106"
        )
        session.add(added)
        session.flush()
        publish_key(session, added.id, generate_inner(Purpose.OFFICE).public, SYSTEM, now())
    clock.set(at(2027, 2, 9))
    world.report()
    place_all(world)
    with reading() as session:
        again = month_content(session, SEPTEMBER, today())
        october = month_content(session, Month(2026, 10), today())
    assert again.pop("ledger_size") > first.pop("ledger_size")
    assert canonical(again) == canonical(first)
    assert october["opened"]["total"] == 6 and "320106" in october["received"]["tables"]["office"]["cells"]


def pay(world: World, count: int, day: date) -> None:
    """So many rewards were paid by one office."""
    with transaction() as session:
        board = session.scalars(select(CustodyBoard.id)).first()
        session.add_all(
            Payment(
                number=new_payment_number(), claim_id=new_id(), office_id=world.offices[DISTRICT].id, board_id=board,
                year=day.year, amount_fen=100_000, state=PaymentState.PAID.value, made_on=day, settled_on=day,
            )
            for _ in range(count)
        )  # fmt: skip
