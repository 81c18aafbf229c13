"""The severity gate: what is grave in public, what is light inside, and neither where it would do harm."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exposures.gates import check_choice, propose_rule, rule_words, rules_in_force
from portal.exposures.record import CaseRecord
from portal.exposures.values import Decided, Manner, Referral, Result, Source, Treatment
from portal.kernel.errors import Refused
from tests.exposures.records import RECORDS, record

TODAY = date(2026, 9, 28)


@pytest.mark.parametrize(
    ("change", "rule", "treatment"),
    [
        ({}, "gate-light", Treatment.CIRCULATE),
        ({"manner": Manner.FRAUD}, "gate-grave", Treatment.PUBLISH),
        ({"referrals": (Referral.POLICE,)}, "gate-grave", Treatment.PUBLISH),
        ({"referrals": (Referral.HEALTH,)}, "gate-light", Treatment.CIRCULATE),
        ({"results": (Decided(Result.END_AGREEMENT),)}, "gate-grave", Treatment.PUBLISH),
        ({"repeated": True}, "gate-repeated", Treatment.PUBLISH),
        ({"widespread": True}, "gate-widespread", Treatment.PUBLISH),
        ({"manner": Manner.FRAUD, "minor": True}, "gate-minor", Treatment.NEITHER),
        ({"manner": Manner.FRAUD, "pending": True}, "gate-pending", Treatment.NEITHER),
        ({"repeated": True, "recognisable": True}, "gate-recognisable", Treatment.NEITHER),
        ({"repeated": True, "only_source": True, "could_know": 5}, "gate-lone-source", Treatment.NEITHER),
        ({"repeated": True, "only_source": True, "could_know": 6}, "gate-repeated", Treatment.PUBLISH),
        ({"repeated": True, "only_source": True, "could_know": 0}, "gate-repeated", Treatment.PUBLISH),
        ({"repeated": True, "source": Source.BIG_DATA, "could_know": 2}, "gate-repeated", Treatment.PUBLISH),
    ],
)
def test_the_first_rule_that_applies_proposes(change: dict[str, Any], rule: str, treatment: Treatment) -> None:
    found = propose_rule(record(**change), TODAY)
    assert found is not None
    assert (found.id, found.treatment) == (rule, treatment)


def test_before_the_rule_was_in_force_nothing_is_proposed_for_a_light_case() -> None:
    assert propose_rule(record(), date(2026, 1, 20)) is None
    assert propose_rule(record(), date(2026, 1, 21)) is not None


def test_a_person_decides_otherwise_with_a_rule_of_that_treatment() -> None:
    check_choice(record(), Treatment.PUBLISH, "gate-widespread", TODAY)
    check_choice(record(), Treatment.NEITHER, "gate-talk", TODAY)
    with pytest.raises(Refused, match="no_rule"):
        check_choice(record(), Treatment.PUBLISH, "gate-light", TODAY)
    with pytest.raises(Refused, match="no_rule"):
        check_choice(record(), Treatment.CIRCULATE, "gate-light", date(2026, 1, 20))


@pytest.mark.parametrize("mark", ["recognisable", "pending"])
def test_what_would_show_the_reporter_or_is_in_court_is_not_published_whoever_says_so(mark: str) -> None:
    with pytest.raises(Refused, match="barred"):
        check_choice(record(repeated=True, **{mark: True}), Treatment.PUBLISH, "gate-repeated", TODAY)


def test_what_would_show_the_reporter_is_not_circulated_either_and_what_is_in_court_may_be() -> None:
    with pytest.raises(Refused, match="barred"):
        check_choice(record(recognisable=True), Treatment.CIRCULATE, "gate-light", TODAY)
    check_choice(record(pending=True), Treatment.CIRCULATE, "gate-light", TODAY)


@given(RECORDS, st.dates(date(2026, 1, 21), date(2030, 1, 1)))
def test_once_the_note_is_out_there_is_a_proposal_for_every_record(given: CaseRecord, on: date) -> None:
    assert propose_rule(given, on) in rules_in_force(on)


def test_a_rule_is_told_in_words_and_an_unknown_one_by_its_id() -> None:
    assert rule_words("gate-repeated") == "屡教不改。"
    assert rule_words("gate-gone") == "gate-gone"
