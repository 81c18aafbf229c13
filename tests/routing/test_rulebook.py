"""A rulebook that comes in from outside: every fault is named in words, nothing is taken on trust."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Refused
from portal.routing.rulebook import parse_rulebook, shipped_rulebook
from portal.routing.values import Target


def book(*rules: Any, **changes: Any) -> str:
    made = {
        "version": "t-1",
        "in_force_from": "2026-01-01",
        "basis": "测试",
        "rules": list(rules) or [{"id": "a", "to": {}}],
    }
    return json.dumps(made | changes)


def test_the_shipped_book_is_whole_and_what_is_stored_reads_back() -> None:
    shipped = shipped_rulebook()
    assert shipped.in_force_from == date(2022, 3, 1)
    assert shipped.rules
    assert parse_rulebook(shipped.text) == shipped
    assert all(len(rule.id) <= 60 and rule.id.startswith("2026-1/") for rule in shipped.rules)


def test_a_rule_takes_the_books_first_day_and_the_usual_target() -> None:
    (rule,) = parse_rulebook(book()).rules
    assert (rule.id, rule.in_force_from, rule.to) == ("t-1/a", date(2026, 1, 1), Target("bureau", "place", ""))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "JSON"),
        ("[]", "rules"),
        (book(rules=[]), "rules"),
        (book(version=""), "version"),
        (book(version="v" * 30), "version"),
        (book(in_force_from="1 Jan"), "in_force_from"),
        (book("x"), "对象"),
        (book({"id": "a", "to": {}}, {"id": "a", "to": {}}), "重复"),
        (book({"id": "a b", "to": {}}), "id"),
        (book({"id": "a", "to": {}, "regoin": "320100"}), "regoin"),
        (book({"id": "a", "to": {"at": "moon"}}), "at"),
        (book({"id": "a", "to": {"kind": "police"}}), "kind"),
        (book({"id": "a", "to": "bureau"}), "to"),
        (book({"id": "a"}), "to"),
        (book({"id": "a", "to": {}, "level": "village"}), "level"),
        (book({"id": "a", "to": {}, "priority": "1"}), "priority"),
        (book({"id": "a", "to": {}, "subject_types": "person"}), "subject_types"),
        (book({"id": "a", "to": {}, "conducts": [1]}), "conducts"),
        (book({"id": "a", "to": {}, "in_force_to": "soon"}), "日期"),
    ],
)
def test_a_fault_is_named(text: str, says: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_rulebook(text)
    assert caught.value.code == "bad_rulebook"
    assert says in caught.value.message


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "to", "rules", "version", "in_force_from", "at"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_raises_anything_but_a_refusal(data: Any) -> None:
    for text in (json.dumps(data), book(data)):
        try:
            parse_rulebook(text)
        except Refused as error:
            assert error.code == "bad_rulebook"
