from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import receipts
from crypto.errors import Malformed, MistypedCode
from crypto.kdf import PASSPHRASE_COST, RECEIPT_COST, KdfCost
from crypto.receipts import ReceiptCode, SiteSecrets

CHEAP = KdfCost(64, 1, 1)
codes = st.integers(0, 10**23 - 1).map(lambda n: with_check(f"{n:023d}"))


def with_check(body: str) -> str:
    for last in "0123456789":
        try:
            return ReceiptCode(body + last).digits
        except MistypedCode:
            continue
    raise AssertionError("no check digit fits")


@pytest.fixture(scope="module")
def site() -> SiteSecrets:
    return SiteSecrets(b"s" * 16, {1: b"1" * 32, 2: b"2" * 32}, 2)


# --- the code and its check digit


def test_generated_codes_are_valid_and_differ() -> None:
    made = {receipts.generate().digits for _ in range(200)}
    assert len(made) == 200
    assert {len(digits) for digits in made} == {24}


def test_every_digit_stands_at_every_place() -> None:
    made = [receipts.generate().digits for _ in range(600)]
    assert all({code[place] for code in made} == set("0123456789") for place in range(24))


@given(codes)
def test_every_single_wrong_digit_is_caught(digits: str) -> None:
    for place in range(24):
        for wrong in set("0123456789") - {digits[place]}:
            with pytest.raises(MistypedCode):
                receipts.parse(digits[:place] + wrong + digits[place + 1 :])


@given(codes)
def test_every_swap_of_neighbours_is_caught(digits: str) -> None:
    for place in range(23):
        swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        if swapped != digits:
            with pytest.raises(MistypedCode):
                receipts.parse(swapped)


@given(codes)
def test_a_code_is_read_however_it_is_typed(digits: str) -> None:
    code = ReceiptCode(digits)
    wide = digits.translate({ord("0") + i: ord("０") + i for i in range(10)})
    arabic = digits.translate({ord("0") + i: 0x660 + i for i in range(10)})
    for typed in (
        digits,
        code.grouped,
        code.grouped.replace(" ", "-"),
        code.grouped.replace(" ", " – "),
        code.grouped.replace(" ", "　"),
        f"  {code.grouped}\n",
        wide,
        arabic,
        "\u200b".join(digits),
    ):
        assert receipts.parse(typed) == code


@pytest.mark.parametrize(
    "text", ["", "1234", "x" * 24, "1" * 23, "1" * 25, "1234 5678 9012 3456 7890 12a4", "\ud800" * 24]
)
def test_text_that_is_no_code_is_malformed_but_not_mistyped(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        receipts.parse(text)
    assert not isinstance(caught.value, MistypedCode)


def test_superscripts_and_fractions_are_not_taken_for_several_digits() -> None:
    with pytest.raises(Malformed):
        receipts.parse("½" * 12)


def test_a_huge_text_is_refused_quickly() -> None:
    started = time.perf_counter()
    with pytest.raises(Malformed):
        receipts.parse("1" * 1_000_000)
    assert time.perf_counter() - started < 1


def test_a_code_with_something_far_behind_it_is_not_a_code() -> None:
    with pytest.raises(Malformed):
        receipts.parse(receipts.generate().digits + " " * 600 + "x")


def test_a_text_full_of_digits_is_taken_to_hold_a_code() -> None:
    assert not receipts.contains_code("1" * 100)  # no stretch of these has a fitting check digit
    assert receipts.contains_code("1" * 3000)


def test_a_code_hides_its_digits() -> None:
    code = receipts.generate()
    for shown in (repr(code), str(code), f"{code}", repr(SiteSecrets(b"s" * 16, {1: b"p" * 32}, 1))):
        assert code.digits not in shown
        assert "ssss" not in shown
        assert "pppp" not in shown


def test_errors_do_not_repeat_what_was_typed() -> None:
    digits = receipts.generate().digits
    wrong = str((int(digits[0]) + 1) % 10) + digits[1:]
    with pytest.raises(MistypedCode) as caught:
        receipts.parse(wrong)
    assert not any(character.isdigit() for character in str(caught.value))


# --- codes inside messages


@given(
    codes,
    st.sampled_from(["{}", "我的回执码是{}，请查。", "a{}b", "电话 13800000000 码{}", "{}\n第二行 42", "12 {} 34"]),
)
def test_a_code_in_a_message_is_found_in_every_dress(digits: str, text: str) -> None:
    grouped = ReceiptCode(digits).grouped
    wide = digits.translate({ord("0") + i: ord("０") + i for i in range(10)})
    for dress in (
        digits,
        grouped,
        grouped.replace(" ", "-"),
        grouped.replace(" ", "\n"),
        grouped.replace(" ", ", "),
        wide,
        "\u200b".join(digits),
        " ".join(digits),
        f"{digits[:8]} {digits[8:16]} {digits[16:]}",
    ):
        assert receipts.contains_code(text.format(dress))


def test_a_code_inside_a_longer_run_is_found() -> None:
    assert receipts.contains_code("99" + receipts.generate().digits + "77")


@given(codes)
def test_a_mistyped_code_alone_is_not_taken_for_one(digits: str) -> None:
    wrong = str((int(digits[0]) + 1) % 10) + digits[1:]
    assert not receipts.contains_code(f"码 {wrong}。")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没有数字",
        "身份证 320104199001011234 电话 13800000000",
        "2024-06-01 至 2025-02-28 共 1234.56 元",
        "卡号 6222021234567890123",
        "\n".join(f"2024-06-{day:02d} 320104 {day * 137}.50" for day in range(1, 29)),
        "\n".join(f"{day}. 06-{day:02d} 1,234,{day:03d}.00" for day in range(1, 29)),
    ],
)
def test_ordinary_numbers_are_not_taken_for_a_code(text: str) -> None:
    assert not receipts.contains_code(text)


@pytest.mark.parametrize("piece", ["1", "1 ", "12-", "12345-", "\u200b"])
def test_a_megabyte_of_digits_is_searched_in_reasonable_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.perf_counter()
    receipts.contains_code(text)
    assert time.perf_counter() - started < 5


# --- what a code stands for


def test_the_same_code_leads_to_the_same_mailbox(site: SiteSecrets) -> None:
    code = receipts.generate()
    one, other = (receipts.secrets_from(receipts.slow_hash(code, site, CHEAP), site) for _ in range(2))
    assert (one.tag, one.leaf, one.mailbox.seed, one.version) == (other.tag, other.leaf, other.mailbox.seed, 2)


def test_everything_a_code_stands_for_differs(site: SiteSecrets) -> None:
    r = receipts.slow_hash(receipts.generate(), site, CHEAP)
    values = [r]
    for version in (1, 2):
        one, back = receipts.secrets_from(r, site, version), receipts.return_secrets(r, site, version)
        values += [one.tag, one.leaf, one.mailbox.seed, back.tag, back.key]
    assert len(set(values)) == 11
    assert {len(value) for value in values} == {32}


def test_salt_pepper_and_cost_each_change_the_result(site: SiteSecrets) -> None:
    code = receipts.generate()
    salted = SiteSecrets(b"t" * 16, site.peppers, 2)
    hashes = {
        receipts.slow_hash(code, site, CHEAP),
        receipts.slow_hash(code, salted, CHEAP),
        receipts.slow_hash(code, site, KdfCost(128, 1, 1)),
        receipts.slow_hash(code, site, KdfCost(64, 2, 1)),
    }
    assert len(hashes) == 4
    r = hashes.pop()
    assert receipts.secrets_from(r, site, 1).tag != receipts.secrets_from(r, site, 2).tag


def test_an_unknown_pepper_version_is_refused(site: SiteSecrets) -> None:
    with pytest.raises(Malformed):
        receipts.secrets_from(bytes(32), site, 3)
    with pytest.raises(Malformed):
        receipts.return_secrets(bytes(32), site, 3)


@pytest.mark.parametrize(
    ("salt", "peppers", "current"),
    [(b"short", {1: b"p" * 32}, 1), (b"s" * 16, {1: b"p" * 31}, 1), (b"s" * 16, {1: b"p" * 32}, 2), (b"s" * 16, {}, 1)],
)
def test_weak_site_secrets_are_refused(salt: bytes, peppers: dict[int, bytes], current: int) -> None:
    with pytest.raises(Malformed):
        SiteSecrets(salt, peppers, current)


def test_a_seeded_mailbox_is_made_without_the_slow_hash() -> None:
    one = receipts.secrets_from_seed(bytes(32))
    assert receipts.secrets_from_seed(bytes(32)).tag == one.tag
    with pytest.raises(Malformed):
        receipts.secrets_from_seed(bytes(31))


def test_wiping_the_secrets_overwrites_seed_and_tag() -> None:
    one = receipts.secrets_from_seed(b"\x05" * 32)
    buffer = one.mailbox._seed
    one.wipe()
    assert not any(buffer)
    assert not any(one.tag)


def test_the_real_cost_is_what_was_agreed() -> None:
    assert KdfCost(19 * 1024, 2, 1) == RECEIPT_COST
    assert KdfCost(64 * 1024, 3, 1) == PASSPHRASE_COST
