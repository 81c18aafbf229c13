"""Whom a reward can be paid to: every wrong digit is found before anything is sealed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Refused
from portal.payments.rules import (
    checked_account,
    checked_bank,
    checked_id_number,
    checked_name,
    checked_payee,
    follows,
)
from portal.payments.values import Payee, new_payment_number, parse_payment_number
from tests.payments.vault import PEOPLE

TODAY = date(2026, 9, 28)
DIGITS = st.sampled_from("0123456789")


def refused(text: str, check: object, *more: object) -> str:
    with pytest.raises(Refused) as caught:
        check(text, *more)  # type: ignore[operator]
    assert text == "" or text not in caught.value.message, "a sentence never repeats what was typed"
    return caught.value.code


@pytest.mark.parametrize("payee", PEOPLE)
def test_a_payee_is_sealed_as_it_was_typed(payee: Payee) -> None:
    assert checked_payee(payee, TODAY).to_json() == payee.to_json()


def test_spaces_hyphens_and_full_width_forms_are_put_right() -> None:
    typed = Payee(" 测试收款甲 ", "１１０１０１ 1990-0101 0015", "  虚构银行演示甲支行", "6200 0000 0000 0000 034")
    assert checked_payee(typed, TODAY).to_json() == PEOPLE[0].to_json()


def test_a_payee_shows_nothing_of_itself() -> None:
    assert (repr(PEOPLE[0]), str(PEOPLE[0]), f"{PEOPLE[:1]}") == ("Payee(…)", "Payee(…)", "(Payee(…),)")


@given(st.integers(0, 17), DIGITS)
def test_any_one_wrong_digit_of_an_id_number_is_found(place: int, digit: str) -> None:
    right = PEOPLE[0].id_number
    wrong = right[:place] + digit + right[place + 1 :]
    if wrong == right:
        assert checked_id_number(wrong, TODAY) == right
    else:
        assert refused(wrong, checked_id_number, TODAY) == "payee_id_number"


@given(st.integers(0, 18), DIGITS)
def test_any_one_wrong_digit_of_a_card_is_found(place: int, digit: str) -> None:
    right = PEOPLE[0].account
    wrong = right[:place] + digit + right[place + 1 :]
    if wrong == right or wrong[:2] != "62":  # another beginning is an account that is no card
        assert checked_account(wrong) == wrong
    else:
        assert refused(wrong, checked_account) == "payee_account"


@pytest.mark.parametrize("number", ["810000199001010019", "320104198502030042"])
def test_residents_from_elsewhere_and_people_registered_late_are_paid_too(number: str) -> None:
    assert checked_id_number(number, TODAY) == number


@pytest.mark.parametrize(
    "number", ["", "11010119900101001", "110101209901010019", "110101199013010018", "990101199001010015", "x" * 18]
)
def test_what_is_no_id_number_is_refused(number: str) -> None:
    assert refused(number, checked_id_number, TODAY) == "payee_id_number"


@pytest.mark.parametrize("account", ["", "12345678901", "1" * 16, "6" * 20, "62000000000000000x4", "６２"])
def test_what_is_no_account_is_refused(account: str) -> None:
    assert refused(account, checked_account) == "payee_account"


@pytest.mark.parametrize("name", ["", "甲", "13900000000", "甲1乙2"[:1], "=cmd", "甲" * 61])
def test_what_is_no_name_is_refused(name: str) -> None:
    assert refused(name, checked_name) == "payee_name"


@pytest.mark.parametrize("name", ["测试收款甲", "阿依古丽·虚构", "Test O'Person"])
def test_names_of_all_peoples_pass(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("bank", ["", "工行", "123456", "虚" * 61])
def test_what_names_no_branch_is_refused(bank: str) -> None:
    assert refused(bank, checked_bank) == "payee_bank"


def test_a_payment_number_is_read_as_people_type_it_and_is_never_a_report_number() -> None:
    number = new_payment_number()
    assert parse_payment_number(number.lower().replace("-", " ")) == number
    assert parse_payment_number("MJ" + number[2:]) is None


@pytest.mark.parametrize(
    ("answers", "then"),
    [([], None), ([True], None), ([True, True], True), ([False], None), ([False, False], False), ([True, False], None)],
)
def test_two_of_three_answers_decide(answers: list[bool], then: bool | None) -> None:
    assert follows(2, 3, answers) is then
