"""Reports and identities: clean text only, every fault in words, and what was stored is read as it was."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kernel.errors import DomainError, Refused
from portal.tips.values import (
    LIMITS,
    WORDS_LIMIT,
    Channel,
    Identity,
    IdKind,
    Month,
    Relation,
    Report,
    SubjectType,
    check_period,
    clean_text,
)

ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60) | st.lists(st.text(max_size=9))
)
HOSTILE = st.text(st.characters(), max_size=80)  # lone surrogates too


def refused(**fields: Any) -> str:
    with pytest.raises(Refused) as caught:
        Report(**{"words": "有人冒用医保卡", **fields})
    return caught.value.code


def test_a_report_needs_nothing_but_words() -> None:
    report = Report(words="有人冒用医保卡")
    assert report.subject_type is SubjectType.UNKNOWN
    assert report.region is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("前\x00后", "前后"),
        ("a\u202eb\u2066c\u2069", "abc"),
        ("一\r\n二\u2028三", "一\n二\n三"),
        ("  两头空格 \n", "两头空格"),
        ("全角１２３，表情😀👨‍👩‍👧", "全角１２３，表情😀👨‍👩‍👧"),
        ("\x1b[31m红", "[31m红"),
        ("制\t表", "制\t表"),
    ],
)
def test_what_cannot_be_kept_goes_and_what_people_write_stays(typed: str, kept: str) -> None:
    assert Report(words=typed).words == kept


def test_half_a_surrogate_pair_is_refused_in_words() -> None:
    assert refused(words="坏\ud83d字") == "bad_text"
    assert refused(words="好", target="\udc00") == "bad_text"


def test_a_megabyte_is_refused_and_the_limit_itself_fits() -> None:
    assert refused(words="长" * 1_000_000) == "too_long"
    assert len(Report(words="长" * WORDS_LIMIT).words) == WORDS_LIMIT
    with pytest.raises(Refused) as caught:
        Report(words="x", target="长" * 201)
    assert "“被举报的名称”最多 200 个字，现在有 201 个字" in caught.value.message


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"words": ""}, "words_missing"),
        ({"words": "\u202e \x00"}, "words_missing"),
        ({"words": None}, "not_text"),
        ({"subject_type": "bank"}, "unknown_choice"),
        ({"region": "32010"}, "unknown_region"),
        ({"region": "南京"}, "unknown_region"),
        ({"amount_estimate_fen": -1}, "bad_amount"),
        ({"amount_estimate_fen": 1.5}, "bad_amount"),
        ({"amount_estimate_fen": True}, "bad_amount"),
        ({"amount_estimate_fen": 10**16}, "bad_amount"),
        ({"wants_reward": "yes"}, "not_yes_or_no"),
        ({"period_from": Month(2025, 2), "period_to": Month(2025, 1)}, "period_reversed"),
    ],
)
def test_a_broken_rule_is_a_refusal_with_a_code(fields: dict[str, Any], code: str) -> None:
    assert refused(**fields) == code


def test_a_sign_that_grows_when_made_plain_is_measured_afterwards() -> None:
    assert refused(conduct="\ufdfa" * 10) == "too_long"


def test_full_width_codes_are_the_same_codes() -> None:
    assert Report(words="x", region="３２０１０４").region == "320104"
    assert Report(words="x", region="").region is None
    person = Identity(id_number="１１０105 19491231 002x", phone="138 0000　0000")
    assert (person.id_number, person.phone) == ("11010519491231002X", "13800000000")


@pytest.mark.parametrize("typed", ["2024-06", "2024-6", " ２０２４-０６ "])
def test_a_month_is_read_as_people_type_it(typed: str) -> None:
    assert str(Month.parse(typed)) == "2024-06"


@pytest.mark.parametrize(
    "typed", ["2024-13", "2024-00", "0000-01", "2024", "2024-06-01", "", None, 202406, "二〇二四-06"]
)
def test_an_impossible_month_is_refused(typed: object) -> None:
    with pytest.raises(Refused) as caught:
        Month.parse(typed)
    assert caught.value.code == "bad_month"


def test_a_month_to_come_is_refused_and_the_present_one_is_not() -> None:
    today = date(2026, 11, 22)
    check_period(Month(2026, 11), Month(2026, 11), today)
    check_period(None, None, today)
    for start, end in ((Month(2026, 12), None), (None, Month(2027, 1))):
        with pytest.raises(Refused) as caught:
            check_period(start, end, today)
        assert caught.value.code == "period_future"


def test_what_is_stored_reads_back_the_same() -> None:
    report = Report(
        words="第一行\n第二行😀",
        region="320104",
        subject_type=SubjectType.INSTITUTION,
        conduct="inst-38-1",
        target="演示医院",
        period_from=Month(2024, 6),
        period_to=Month(2025, 2),
        amount_estimate_fen=12_345_00,
        wants_reward=True,
        against_office="320104-yb",
    )
    assert Report.from_json(report.to_json()) == report
    person = Identity(
        name="演示人", id_kind=IdKind.PASSPORT, relation=Relation.INSIDER, fellow_reporters=("甲", " ", "乙")
    )
    assert person.fellow_reporters == ("甲", "乙")
    assert Identity.from_json(person.to_json()) == person


def test_the_json_is_canonical_and_carries_its_version() -> None:
    text = Report(words="x").to_json()
    data = json.loads(text)
    assert data["v"] == 1
    assert text == json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_an_old_report_stays_readable_when_a_limit_is_lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Report(words="长" * 300, target="名" * 150).to_json()
    monkeypatch.setitem(LIMITS, "target", 100)
    assert len(Report.from_json(stored).target) == 150
    assert refused(target="名" * 150) == "too_long"


@pytest.mark.parametrize("text", ["{}", '{"v":2}', "[]", '{"v":1}', "nonsense"])
def test_foreign_json_is_not_taken_for_a_report(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Report.from_json(text)


def test_neither_words_nor_names_show_in_a_repr() -> None:
    assert "秘密" not in repr(Report(words="秘密", target="秘密", place="秘密", how_known="秘密"))
    assert "秘密" not in repr(Identity(name="秘密", address="秘密", fellow_reporters=("秘密",)))


def test_too_many_fellow_reporters_are_refused() -> None:
    with pytest.raises(Refused) as caught:
        Identity(fellow_reporters=tuple(f"人{i}" for i in range(11)))
    assert caught.value.code == "too_many_fellows"


def test_an_identity_without_name_or_contact_is_empty() -> None:
    assert Identity(relation=Relation.PATIENT).empty
    assert not Identity(phone="13800000000").empty


def test_the_hotline_is_a_channel_by_its_number() -> None:
    assert Channel("12393") is Channel.HOTLINE


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(Report.__dataclass_fields__, ANYTHING | HOSTILE)))
def test_no_input_raises_anything_but_a_refusal(fields: dict[str, Any]) -> None:
    fields.pop("period_from", None)
    fields.pop("period_to", None)
    try:
        report = Report(**{"words": "x", **fields})
    except DomainError as error:
        assert error.message
        return
    report.to_json().encode()
    assert Report.from_json(report.to_json()) == report


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(Identity.__dataclass_fields__, ANYTHING | HOSTILE)))
def test_no_identity_raises_anything_but_a_refusal(fields: dict[str, Any]) -> None:
    try:
        person = Identity(**fields)
    except DomainError as error:
        assert error.message
        return
    assert Identity.from_json(person.to_json()) == person


@given(HOSTILE, st.integers(1, 100))
def test_cleaning_twice_changes_nothing_and_the_result_can_be_stored(text: str, limit: int) -> None:
    try:
        clean = clean_text(text, limit)
    except Refused:
        return
    assert clean_text(clean, limit) == clean
    assert len(clean) <= limit
    assert "\x00" not in clean
    clean.encode()
