"""What a decision found: sums kept apart, no contradiction, and every refusal in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Refused
from portal.tips.amounts import amount_words, parse_exact
from portal.tips.findings import AMOUNTS, SUBJECTS, Findings, Grade, Match, Nature, ReporterRelation, Statement
from portal.tips.values import MOST_FEN, SubjectType

WHOLE: dict[str, Any] = {
    "loss_fen": 5_230_050,
    "other_loss_fen": 100_000,
    "fine_fen": 10_460_100,
    "damages_fen": 0,
    "recovered_fen": 5_330_050,
    "subject_type": "institution",
    "nature": "fraud",
    "grade": "1",
    "grade_reason": "提供了原始单据，指认了时间和床位。",
    "relation": "insider",
    "match": "complete",
}
sums = st.integers(0, MOST_FEN)


def test_a_whole_set_of_findings_keeps_each_sum_apart() -> None:
    found = Findings(**WHOLE)
    assert [getattr(found, name) for name in AMOUNTS] == [5_230_050, 100_000, 10_460_100, 0, 5_330_050]
    assert (found.subject_type, found.nature, found.grade) == (SubjectType.INSTITUTION, Nature.FRAUD, Grade.ONE)
    assert (found.relation, found.match) == (ReporterRelation.INSIDER, Match.COMPLETE)
    assert found.with_loss


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"loss_fen": -1}, "bad_amount"),
        ({"fine_fen": 1.5}, "bad_amount"),
        ({"damages_fen": True}, "bad_amount"),
        ({"other_loss_fen": "100"}, "bad_amount"),
        ({"loss_fen": MOST_FEN + 1}, "bad_amount"),
        ({"recovered_fen": 5_330_051}, "recovered_too_much"),
        ({"subject_type": "unknown"}, "unknown_choice"),
        ({"subject_type": "official"}, "unknown_choice"),
        ({"nature": "criminal"}, "unknown_choice"),
        ({"grade": "4"}, "unknown_choice"),
        ({"grade": None}, "unknown_choice"),
        ({"relation": "friend"}, "unknown_choice"),
        ({"match": ""}, "unknown_choice"),
        ({"grade_reason": "  "}, "grade_reason_missing"),
        ({"grade_reason": "证" * 1_001}, "too_long"),
        ({"match": "none"}, "loss_without_match"),
        ({"match": "none", "loss_fen": 0, "recovered_fen": 0}, "grade_without_match"),
    ],
)
def test_what_is_wrong_or_contradicts_itself_is_refused_in_words(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        Findings(**{**WHOLE, **change})
    assert refused.value.code == code
    assert refused.value.message.endswith("。")


def test_without_a_grade_no_reason_is_needed_and_without_loss_there_is_nothing_to_reward() -> None:
    found = Findings(**{**WHOLE, "loss_fen": 0, "recovered_fen": 0, "grade": "none", "grade_reason": ""})
    assert not found.with_loss
    assert found.any_amount  # the fine, which never makes a loss


def test_neither_sums_nor_the_relation_show_when_a_value_is_logged() -> None:
    assert repr(Findings(**WHOLE)) == "Findings()"


@st.composite
def findings(draw: st.DrawFn) -> Findings:
    loss, other = draw(sums), draw(sums)
    match = draw(st.sampled_from(Match))
    matches = match is not Match.NONE
    return Findings(
        loss_fen=loss if matches else 0,  # type: ignore[arg-type]  # any whole number is a sum
        other_loss_fen=other,  # type: ignore[arg-type]
        fine_fen=draw(sums),  # type: ignore[arg-type]
        damages_fen=draw(sums),  # type: ignore[arg-type]
        recovered_fen=draw(st.integers(0, (loss if matches else 0) + other).map(lambda fen: min(fen, MOST_FEN))),  # type: ignore[arg-type]
        subject_type=draw(st.sampled_from(SUBJECTS)),
        nature=draw(st.sampled_from(Nature)),
        grade=draw(st.sampled_from(Grade)) if matches else Grade.NONE,
        grade_reason="理由：" + draw(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200)),
        relation=draw(st.sampled_from(ReporterRelation)),
        match=match,
    )


@given(findings(), st.integers(1, 99), st.text(max_size=50))
def test_a_kept_statement_reads_back_as_itself(found: Findings, version: int, why: str) -> None:
    kept = Statement(version=version, findings=found, why=why, proposal="ab" * 16)
    assert Statement.from_json(kept.to_json()) == kept


@pytest.mark.parametrize("text", ["[]", "{}", '{"v":2}', "1"])
def test_another_format_is_not_read(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Statement.from_json(text)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("", None),
        (" 　", None),
        ("0", 0),
        ("52300.50", 5_230_050),
        ("５２，３００．５元", 5_230_050),
        ("1,234,567.89", 123_456_789),
        ("¥ 20", 2_000),
        ("1.5万元", 1_500_000),
        ("3.00", 300),
        ("1.000", 100),
        ("0.123456万", 123_456),
        ("9999999999999", 999_999_999_999_900),
    ],
)
def test_an_exact_sum_is_understood(typed: str, fen: int | None) -> None:
    assert parse_exact(typed) == fen


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("-5", "negative_amount"),
        ("－５", "negative_amount"),
        ("−5", "negative_amount"),
        ("负 5", "negative_amount"),
        ("0.001", "amount_below_fen"),
        ("12.345", "amount_below_fen"),
        ("0.1234567万", "amount_below_fen"),
        ("约 3000", "bad_amount"),
        ("3000 左右", "bad_amount"),
        ("1,5", "bad_amount"),
        ("12,34", "bad_amount"),
        ("1e9", "bad_amount"),
        ("三千", "bad_amount"),
        ("3000-5000", "bad_amount"),
        ("9" * 17, "bad_amount"),
        ("99999亿亿", "bad_amount"),
        ("99999999亿", "bad_amount"),
    ],
)
def test_a_sum_that_is_not_exact_is_refused_and_never_rounded(typed: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_exact(typed)
    assert refused.value.code == code


@given(sums, st.booleans())
def test_an_exact_sum_shown_reads_back_as_itself(fen: int, grouped: bool) -> None:
    assert parse_exact(amount_words(fen, grouped)) == fen


@given(st.text(max_size=60))
def test_any_text_is_an_exact_sum_or_refused(typed: str) -> None:
    try:
        fen = parse_exact(typed)
    except Refused:
        return
    assert fen is None or 0 <= fen <= MOST_FEN
