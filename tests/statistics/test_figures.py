"""Figures of a month, counted from the book through the command, on both databases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import admin.commands
from admin.cli import _mingjing
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import TipNumber
from portal.ledger.book import append
from portal.ledger.events import IdentityOpened, TipMoved, canonical
from portal.mailbox.reasons import Closing, IdentityReason, Outcome
from portal.statistics import counting
from portal.statistics.content import content, percentile
from portal.statistics.suppression import rule_on
from portal.statistics.values import Counted, Days, Group, Month, Recovered
from portal.tips.models import Clock
from portal.tips.values import SubjectType
from tests.admin_tips.test_findings import Bureau
from tests.admin_tips.world import CITY, DISTRICT, World, make_world
from tests.conftest import StandingClock
from tests.statistics.bulletin_rows import NO_REWARDS
from tests.statistics.conftest import place_all

SEPTEMBER = Month(2026, 9)
RULE = rule_on(SEPTEMBER.last)
IDENTITY_REASON = next(iter(IdentityReason)).value


@pytest.fixture
def world(
    database: Database,
    site: Site,
    checkpoint_key: tuple[str, str],
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """Monday, 28 September 2026; commands work on the database of the test."""

    @contextmanager
    def as_it_is() -> Iterator[None]:
        yield

    monkeypatch.setattr(admin.commands, "opened", as_it_is)
    return make_world(database, checkpoint_key[0])


def asked(month: str = "2026-09") -> Result:
    return CliRunner().invoke(_mingjing, ["figures", "month", month])


def figures() -> dict[str, Any]:
    answer = asked()
    assert answer.exit_code == 0, answer.output
    said: dict[str, Any] = json.loads(answer.stdout)
    return said


def october(clock: StandingClock) -> None:
    clock.set(datetime(2026, 10, 9, 2, 0, tzinfo=UTC))


def test_what_the_book_received_is_counted_by_office_and_a_few_stay_hidden(world: World, clock: StandingClock) -> None:
    for _ in range(6):
        world.report("320100")
    for _ in range(5):
        world.report("320104")
    world.report("320104", subject_type=SubjectType.PERSON)
    october(clock)
    world.report("320104")  # belongs to the next month
    place_all(world)
    received = figures()["received"]
    assert received["total"] == 12
    assert received["tables"]["office"]["cells"][CITY] == 6
    assert received["tables"]["office"]["cells"][DISTRICT] == 6
    assert received["tables"]["channel"]["cells"]["web"] == 12
    subjects = received["tables"]["subject"]["cells"]
    assert (subjects["institution"], subjects["person"]) == (None, None)
    assert subjects["other"] == 0


def test_a_month_of_few_reports_publishes_no_total_either(world: World, clock: StandingClock) -> None:
    world.report()
    october(clock)
    place_all(world)
    received = figures()["received"]
    assert received["total"] is None
    assert all(table["withheld"] for table in received["tables"].values())


def test_what_the_verbs_write_is_what_is_counted(world: World, clock: StandingClock) -> None:
    bureau = Bureau(world)
    number = bureau.decided()
    bureau.close(number, Closing.PERFORMED)
    with reading() as session:
        counted = counting.count(session, SEPTEMBER, 0)
    assert counted.decided.total == counted.received.total == 0
    place_all(world)
    with reading() as session:
        counted = counting.count(session, SEPTEMBER, counting.published_size(session))
    assert counted.decided.tables["outcome"]["penalty"] == counted.decided.total == 1
    assert counted.waited == {step: [Days(0, 0)] for step in ("screened", "verified", "decided", "closed")}


def test_the_same_book_says_the_same_bytes_and_their_hash(world: World, clock: StandingClock) -> None:
    world.report()
    october(clock)
    place_all(world)
    first, again = asked(), asked()
    assert first.stdout == again.stdout
    assert hashlib.sha256(first.stdout.rstrip("\n").encode()).hexdigest() == first.stderr.strip()


def test_a_month_that_is_not_over_or_not_wholly_in_the_tree_is_refused(world: World, clock: StandingClock) -> None:
    world.report()
    assert asked().exit_code == 2
    october(clock)
    waits = asked()
    assert (waits.exit_code, waits.stdout) == (1, "")
    place_all(world)
    assert asked().exit_code == 0


@pytest.mark.parametrize("month", ["2026-13", "2026-9", "19999-01", "2020-12", "九月"])
def test_what_is_no_month_with_a_rule_is_refused_in_words(month: str) -> None:
    answer = asked(month)
    assert answer.exit_code == 2
    assert "Error" in answer.stderr


def _said(**outcomes: int) -> dict[str, Any]:
    counts = {outcome.value: outcomes.get(outcome.value, 0) for outcome in Outcome}
    none = Group({"channel": {"web": 0}})
    whole = Counted(none, Group({"outcome": counts}), none, {}, none, Recovered(0, 0, 0), NO_REWARDS)
    return content(SEPTEMBER, 1, whole, RULE)


def test_the_share_verified_follows_from_the_counts_beside_it() -> None:
    said = json.loads(canonical(_said(penalty=20, not_proven=11, justice=6)))
    cells, verified = said["decided"]["tables"]["outcome"]["cells"], said["verified"]
    assert verified["found"] == sum(count for name, count in cells.items() if name != "not_proven") == 26
    assert verified["of"] == sum(cells.values()) == 37
    assert verified["per_mille"] == round(26 * 1000 / 37)


def test_the_share_verified_is_withheld_with_what_it_would_tell() -> None:
    assert _said(penalty=20, not_proven=2)["verified"]["per_mille"] is None
    assert _said()["verified"]["per_mille"] is None
    assert _said(penalty=3)["verified"]["per_mille"] is None


def test_tables_that_differ_in_their_total_are_no_group() -> None:
    with pytest.raises(ValueError, match="add up"):
        Group({"channel": {"web": 3}, "office": {"320100": 2}})


def test_days_to_a_step_run_from_reception_whatever_the_month_of_it(world: World, clock: StandingClock) -> None:
    number = TipNumber(world.report())
    october(clock)
    with transaction() as session:
        for _ in range(9):
            append(session, TipMoved(number, "decide", "filed", "decided", "", Outcome.NOT_PROVEN.value), SYSTEM, now())
    clock.set(datetime(2026, 11, 2, 2, 0, tzinfo=UTC))
    place_all(world)
    said = json.loads(asked("2026-10").stdout)
    assert said["waited"]["steps"]["decided"] == {
        "count": 9, "median": 11, "p90": None, "working_median": 4, "working_p90": None,
    }  # fmt: skip
    assert said["waited"]["steps"]["screened"]["count"] == 0
    assert said["decided"]["tables"]["outcome"]["cells"]["not_proven"] == 9
    assert json.loads(asked("2026-09").stdout)["decided"]["total"] == 0


def test_legal_clocks_that_nobody_met_are_counted_by_the_office_that_had_to(world: World, clock: StandingClock) -> None:
    for _ in range(8):
        world.report("320104")
    world.report("320104", subject_type=SubjectType.OFFICIAL)
    october(clock)
    place_all(world)
    with transaction() as session:
        clocks = session.scalars(select(Clock).order_by(Clock.id)).all()
        for one in clocks:
            one.due_on = SEPTEMBER.last
        of_district = [one for one in clocks if one.office_id == world.offices[DISTRICT].id]
        of_district[0].state, of_district[0].ended_on = "met", SEPTEMBER.last
        of_district[1].state, of_district[1].ended_on = "missed", date(2026, 10, 8)
        of_district[2].due_on = date(2026, 10, 1)
    missed = figures()["missed"]
    assert missed["total"] == missed["tables"]["office"]["cells"][DISTRICT] == 6
    assert "office" in missed["tables"] and missed["definition"]["zh"]


@pytest.mark.parametrize(("action", "after"), [("not_file", "not_filed"), ("agree", "agreement")])
def test_verification_ends_in_whatever_was_made_of_it(
    world: World, clock: StandingClock, action: str, after: str
) -> None:
    number = TipNumber(world.report())
    with transaction() as session:
        append(session, TipMoved(number, action, "verifying", after, "", ""), SYSTEM, now())
    place_all(world)
    with reading() as session:
        spans = counting.waited(session, SEPTEMBER, counting.published_size(session))
    assert spans == {"screened": [], "verified": [Days(0, 0)], "decided": [], "closed": []}


def test_a_code_that_is_counted_nowhere_is_said_and_not_dropped(world: World, clock: StandingClock) -> None:
    with transaction() as session:
        append(session, TipMoved(TipNumber("26-000001"), "decide", "filed", "decided", "", "other"), SYSTEM, now())
    october(clock)
    place_all(world)
    answer = asked()
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "other" in answer.stderr


def test_an_identity_that_was_looked_at_twice_counts_once_by_its_reason(world: World, clock: StandingClock) -> None:
    def looked(request: int) -> IdentityOpened:
        return IdentityOpened(TipNumber("26-000001"), str(request), DISTRICT, "identity", IDENTITY_REASON)

    with transaction() as session:
        for request in (*range(6), *range(6)):
            append(session, looked(request), SYSTEM, now())
    october(clock)
    place_all(world)
    opened = figures()["opened"]
    assert opened["total"] == 6
    assert opened["tables"]["reason"]["cells"][f"identity:{IDENTITY_REASON}"] == 6


def test_an_identity_looked_at_again_in_the_next_month_counts_in_the_first_alone(
    world: World, clock: StandingClock
) -> None:
    def look(*requests: int) -> None:
        with transaction() as session:
            for request in requests:
                seen = IdentityOpened(TipNumber("26-000001"), str(request), DISTRICT, "identity", IDENTITY_REASON)
                append(session, seen, SYSTEM, now())

    look(*range(6))
    october(clock)
    look(*range(3, 9))
    place_all(world)
    with reading() as session:
        size = counting.published_size(session)
        months = [counting.opened(session, month, size).total for month in (SEPTEMBER, Month(2026, 10))]
    assert months == [6, 3]


@given(st.lists(st.integers(0, 200), max_size=120), st.sampled_from([50, 90]))
def test_a_percentile_is_a_day_that_occurred_with_enough_reports_on_either_side(days: list[int], percent: int) -> None:
    told = percentile(days, percent, RULE)
    if told is None:
        assert len(days) < RULE.threshold * 100 / (100 - percent)
        return
    assert sum(one <= told for one in days) * 100 >= len(days) * percent
    assert sum(one < told for one in days) * 100 < len(days) * percent
    assert min(sum(one <= told for one in days), sum(one >= told for one in days)) >= RULE.threshold
