"""Terms, days and schedules: what is due, from which day, by which rule."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import CheckConstraint

from admin.retention.wording import GIVEN_REFUSALS, HOLDS, ITEMS, OUTCOMES, REFUSALS, STATES, WAITS
from portal.kernel.errors import IllegalMove, Refused
from portal.kernel.values import new_id
from portal.mailbox.reasons import Closing
from portal.retention.models import ShredBatch
from portal.retention.rules import (
    ENDING,
    digest_of,
    judge,
    kept_until,
    outcome_of,
    received_before,
    schedule_in_force,
)
from portal.retention.schedule import RULES, parse_schedule, shipped_schedule
from portal.retention.states import (
    LIVE,
    TRANSITIONS,
    BatchAction,
    BatchState,
    ItemState,
    actions_from,
    next_state,
)
from portal.retention.states_page import page
from portal.retention.values import TERMED, Facts, HoldReason, Outcome, Refusal, Schedule, Wait
from portal.retention.wording import DESTRUCTION_RULES
from portal.tips.states import FINAL, State

PAGE = Path(__file__).parents[2] / "docs/states/shredding.md"
SHIPPED = shipped_schedule()
DAYS = st.dates(date(2026, 1, 1), date(2050, 12, 31))
OFFICE = new_id()


def facts(state: State = State.NOT_ACCEPTED, ended_on: date | None = None, **given: object) -> Facts:
    values = {"code": "", "withdrawn": False, "waits": frozenset[Wait](), **given}
    return Facts(new_id(), "MJ-7K3M-Q9RT", OFFICE, state, ended_on=ended_on, **values)  # type: ignore[arg-type]  # a table


# --- days


@pytest.mark.parametrize(
    ("ended_on", "years", "until"),
    [
        (date(2026, 9, 28), 5, date(2031, 9, 28)),
        (date(2024, 2, 29), 5, date(2029, 2, 28)),  # no such day: the last of the month
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2027, 2, 28), 1, date(2028, 2, 28)),  # the day of the same number, not the last of the month
        (date(2026, 12, 31), 10, date(2036, 12, 31)),
    ],
)
def test_a_term_ends_on_the_day_of_the_same_number_or_the_last_of_its_month(
    ended_on: date, years: int, until: date
) -> None:
    assert kept_until(ended_on, years) == until


@given(DAYS, st.integers(1, 100))
def test_a_term_is_never_a_day_short_and_at_most_a_day_shorter_than_the_same_date(ended_on: date, years: int) -> None:
    until = kept_until(ended_on, years)
    assert (until.year, until.month) == (ended_on.year + years, ended_on.month)
    assert until.day == ended_on.day or (ended_on.day, until.day, until.month) == (29, 28, 2)
    assert kept_until(ended_on + timedelta(days=1), years) >= until


@given(DAYS, st.integers(-3, 3), st.booleans(), st.sampled_from(sorted(FINAL - {State.MERGED})))
def test_it_goes_the_day_after_its_last_one_and_not_before(
    ended_on: date, more: int, withdrawn: bool, state: State
) -> None:
    one = facts(state, ended_on, withdrawn=withdrawn)
    outcome = outcome_of(one)
    assert outcome is not None
    until = kept_until(ended_on, SHIPPED.term(outcome).years)
    verdict = judge([one], SHIPPED, until + timedelta(days=more))
    assert (verdict.due, verdict.kept_until) == (more > 0, until)
    if verdict.due:
        limit = received_before(state, SHIPPED, until + timedelta(days=more))
        assert limit is not None and ended_on < limit, "the search for candidates would pass it over"


# --- outcomes


@pytest.mark.parametrize(
    ("state", "code", "withdrawn", "outcome"),
    [
        (State.CLOSED, Closing.PERFORMED, False, Outcome.CLOSED),
        (State.CLOSED, Closing.AGREEMENT_DONE, False, Outcome.AGREEMENT),
        (State.CLOSED, Closing.PERFORMED, True, Outcome.CLOSED),  # what came of it counts, not that it was withdrawn
        (State.NOT_FILED, "", False, Outcome.NOT_FILED),
        (State.NOT_FILED, "", True, Outcome.WITHDRAWN),
        (State.NOT_ACCEPTED, "", True, Outcome.WITHDRAWN),
        (State.REFERRED, "", True, Outcome.REFERRED),
        (State.MERGED, "", False, Outcome.MERGED),
        (State.VERIFYING, "", True, None),
    ],
)
def test_the_outcome_is_what_came_of_it(state: State, code: str, withdrawn: bool, outcome: Outcome | None) -> None:
    assert outcome_of(facts(state, date(2026, 9, 28), code=code, withdrawn=withdrawn)) is outcome


@pytest.mark.parametrize("state", sorted(State))
def test_every_state_that_ends_a_report_has_an_outcome_and_no_other_has(state: State) -> None:
    assert (outcome_of(facts(state)) is not None) == (state in FINAL)


def test_reopening_does_not_end_anything_and_closing_does() -> None:
    assert {"close", "decline", "merge", "not_file", "refer", "redirect"} == ENDING


# --- what goes together


@given(st.lists(st.frozensets(st.sampled_from([Wait.HOLD, Wait.LETTER, Wait.IDENTITY])), max_size=4))
def test_what_keeps_one_keeps_all_that_go_together(waits: list[frozenset[Wait]]) -> None:
    ended = date(2026, 9, 28)
    main = facts(State.CLOSED, ended)
    family = [main, *(facts(State.MERGED, ended - timedelta(days=9), waits=one) for one in waits)]
    verdict = judge(family, SHIPPED, date(2050, 1, 1))
    assert verdict.due == (not any(waits))
    assert [one.rule for one in verdict.members] == ["HR-18.1"] * len(family), "they go by the rule of the main one"


def test_a_merged_report_waits_for_the_term_of_the_main_one() -> None:
    family = [facts(State.CLOSED, date(2030, 1, 1)), facts(State.MERGED, date(2026, 1, 1))]
    assert judge(family, SHIPPED, date(2040, 1, 1)).waits == {Wait.TERM}
    assert judge(family, SHIPPED, date(2040, 1, 2)).due


@pytest.mark.parametrize("place", [0, 1])
def test_nothing_goes_while_one_of_them_has_not_ended(place: int) -> None:
    family = [facts(State.CLOSED, date(2026, 1, 1)), facts(State.MERGED, date(2026, 1, 1))]
    family[place] = facts(State.VERIFYING)
    assert not judge(family, SHIPPED, date(2100, 1, 1)).due


# --- schedules


def test_the_shipped_schedule_names_a_rule_and_a_source_for_every_outcome() -> None:
    assert set(SHIPPED.terms) == set(TERMED)
    assert all(term.rule in RULES and term.basis.startswith("《") for term in SHIPPED.terms.values())
    assert {outcome for outcome, term in SHIPPED.terms.items() if term.rule == "HR-18.1" and term.years == 10} >= {
        Outcome.CLOSED,
        Outcome.NOT_FILED,
    }


def changed(**given: object) -> str:
    return json.dumps({**json.loads(SHIPPED.text), **given}, ensure_ascii=False)


def with_term(**given: object) -> str:
    terms = json.loads(SHIPPED.text)["terms"]
    return changed(terms=[{**terms[0], **given}, *terms[1:]])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        changed(version=""),
        changed(version="a b"),
        changed(in_force_from="soon"),
        changed(more=1),
        changed(terms=[]),
        changed(terms=json.loads(SHIPPED.text)["terms"] * 2),
        changed(terms=json.loads(SHIPPED.text)["terms"][1:]),
        changed(terms=[None]),
        with_term(outcome="merged"),
        with_term(years=0),
        with_term(years=101),
        with_term(years=True),
        with_term(years="10"),
        with_term(rule="XX-1"),
        with_term(rule=""),
        with_term(basis=" "),
        with_term(basis=None),
        with_term(basis="x" * 301),
    ],
)
def test_a_schedule_without_rule_source_or_figure_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="bad_schedule"):
        parse_schedule(text)


def test_the_schedule_of_a_day_is_the_one_that_came_into_force_last() -> None:
    later = parse_schedule(changed(version="later", in_force_from="2030-01-01"))
    for day, version in ((date(2029, 12, 31), "2026"), (date(2030, 1, 1), "later"), (date(2040, 1, 1), "later")):
        assert schedule_in_force([later, SHIPPED], day).version == version
    with pytest.raises(Refused, match="no_schedule"):
        schedule_in_force([later, SHIPPED], date(2025, 12, 31))


def test_an_outcome_without_a_term_is_refused_and_never_destroyed() -> None:
    short = Schedule("short", date(2026, 1, 1), {}, "")
    with pytest.raises(Refused, match="no_term"):
        judge([facts(State.CLOSED, date(2026, 1, 1))], short, date(2100, 1, 1))
    assert all(received_before(state, short, date(2100, 1, 1)) is None for state in State)


# --- the list


@given(st.permutations([("a", "closed", "HR-18.1", "2036-01-01"), ("b", "merged", "HR-18.1", "2036-01-01")]))
def test_the_digest_does_not_depend_on_the_order(items: list[tuple[str, str, str, str]]) -> None:
    assert digest_of("office", "2026", items) == digest_of("office", "2026", sorted(items))


def test_every_part_of_the_list_is_in_its_digest() -> None:
    item = ("a", "closed", "HR-18.1", "2036-01-01")
    one = digest_of("office", "2026", [item])
    others = [tuple("x" if place == at else part for place, part in enumerate(item)) for at in range(4)]
    digests = {digest_of("office", "2026", [other]) for other in others}  # type: ignore[list-item]  # four parts each
    digests |= {
        digest_of("other", "2026", [item]),
        digest_of("office", "2027", [item]),
        digest_of("office", "2026", []),
    }
    assert len(digests) == 7 and one not in digests


# --- states


@pytest.mark.parametrize(("state", "action"), list(product(BatchState, BatchAction)))
def test_what_the_table_lacks_is_refused_and_the_rest_is_offered(state: BatchState, action: BatchAction) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
        assert action in actions_from(state)
    else:
        assert action not in actions_from(state)
        with pytest.raises(IllegalMove):
            next_state(state, action)


def test_nothing_is_destroyed_that_was_not_approved_and_the_end_is_the_end() -> None:
    assert {before for (before, _), after in TRANSITIONS.items() if after is BatchState.RUNNING} == {
        BatchState.APPROVED
    }
    assert {before for (before, _), after in TRANSITIONS.items() if after is BatchState.DONE} == {BatchState.RUNNING}
    into_approved = [move for move, after in TRANSITIONS.items() if after is BatchState.APPROVED]
    assert into_approved == [(BatchState.OPEN, BatchAction.APPROVE)]
    for state in set(BatchState) - LIVE:
        assert actions_from(state) == ()


def test_the_page_in_docs_is_the_table() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_the_table_of_the_database_knows_the_same_states() -> None:
    named = next(one for one in ShredBatch.__table__.constraints if isinstance(one, CheckConstraint))  # type: ignore[attr-defined]  # a Table
    assert all(f"'{state}'" in str(named.sqltext) for state in BatchState)


def test_every_code_has_words() -> None:
    for codes, words in (
        (Outcome, OUTCOMES),
        (Wait, WAITS),
        (HoldReason, HOLDS),
        (Refusal, REFUSALS),
        (BatchState, STATES),
        (ItemState, ITEMS),
    ):
        assert set(codes) == set(words)
    assert set(GIVEN_REFUSALS) == set(Refusal) - {Refusal.ALTERED}
    assert set(RULES) == set(DESTRUCTION_RULES)
