from __future__ import annotations

import pytest
from shamir_mnemonic.wordlist import WORDLIST

from crypto import passphrase, recovery
from crypto.errors import CryptoError, Malformed, QuorumNotMet, WrongKey
from crypto.kdf import KdfCost
from tests.crypto.test_sealing import flipped

SEED = bytes(range(32))
PEPPER = b"p" * 32
CHEAP = KdfCost(64, 1, 1)
WORDS = "academic acid acne acquire acrobat activity"


def test_a_passphrase_is_six_words_of_the_list() -> None:
    words = passphrase.generate().split(" ")
    assert len(words) == 6
    assert set(words) <= set(WORDLIST)
    assert len({passphrase.generate() for _ in range(50)}) == 50


def test_a_shorter_passphrase_is_not_made() -> None:
    with pytest.raises(Malformed):
        passphrase.generate(5)


def test_the_right_passphrase_opens_whatever_its_case_and_spaces() -> None:
    blob = passphrase.lock(SEED, WORDS, PEPPER, CHEAP)
    for typed in (WORDS, WORDS.upper(), f"  {WORDS.replace(' ', '   ')}\n", WORDS.replace("a", "ａ")):
        assert passphrase.unlock(blob, typed, PEPPER, CHEAP) == SEED


@pytest.mark.parametrize("typed", ["", "academic", WORDS + " acid", WORDS.replace("acne", "acid"), "\ud800"])
def test_a_wrong_passphrase_is_a_wrong_key(typed: str) -> None:
    blob = passphrase.lock(SEED, WORDS, PEPPER, CHEAP)
    with pytest.raises(WrongKey):
        passphrase.unlock(blob, typed, PEPPER, CHEAP)


def test_without_the_pepper_the_passphrase_alone_opens_nothing() -> None:
    blob = passphrase.lock(SEED, WORDS, PEPPER, CHEAP)
    with pytest.raises(WrongKey):
        passphrase.unlock(blob, WORDS, b"q" * 32, CHEAP)
    with pytest.raises(Malformed):
        passphrase.unlock(blob, WORDS, b"short", CHEAP)


def test_two_locks_of_one_seed_differ() -> None:
    one, other = (passphrase.lock(SEED, WORDS, PEPPER, CHEAP) for _ in range(2))
    assert one[12:28] != other[12:28]
    assert one != other


def test_no_byte_of_a_locked_seed_can_be_changed() -> None:
    blob = passphrase.lock(SEED, WORDS, PEPPER, CHEAP)
    for at in range(len(blob)):
        with pytest.raises(CryptoError):
            passphrase.unlock(flipped(blob, at), WORDS, PEPPER, KdfCost(8, 1, 1))


def test_a_locked_seed_of_another_length_is_refused() -> None:
    blob = passphrase.lock(SEED, WORDS, PEPPER, CHEAP)
    for cut in (*range(len(blob)), len(blob) + 1):
        with pytest.raises(Malformed):
            passphrase.unlock((blob + b"\0")[:cut], WORDS, PEPPER, CHEAP)


@pytest.mark.parametrize("least", [KdfCost(65, 1, 1), KdfCost(64, 2, 1), passphrase.PASSPHRASE_COST])
def test_a_seed_locked_too_cheaply_is_refused_before_anything_is_computed(least: KdfCost) -> None:
    blob = passphrase.lock(SEED, WORDS, PEPPER, CHEAP)
    with pytest.raises(Malformed, match="cheaper"):
        passphrase.unlock(blob, WORDS, PEPPER, least)


def test_a_seed_locked_at_the_real_cost_opens() -> None:
    blob = passphrase.lock(SEED, WORDS, PEPPER)
    assert passphrase.unlock(blob, WORDS, PEPPER, passphrase.PASSPHRASE_COST) == SEED


@pytest.mark.parametrize(
    ("memory", "iterations", "lanes"),
    [(7, 1, 1), (64, 0, 1), (64, 1, 0), (2 * 1024 * 1024, 1, 1), (64, 65, 1), (1024, 1, 17), (8, 1, 2)],
)
def test_costs_that_are_none_or_would_exhaust_the_machine_are_refused(memory: int, iterations: int, lanes: int) -> None:
    with pytest.raises(Malformed):
        KdfCost(memory, iterations, lanes)


def test_only_a_seed_is_locked() -> None:
    with pytest.raises(Malformed):
        passphrase.lock(b"short", WORDS, PEPPER, CHEAP)


# --- sessions


def test_a_session_opens_with_both_secrets_and_its_own_row_only() -> None:
    cookie, boot = b"c" * 32, b"b" * 32
    key = passphrase.session_key(cookie, boot)
    blob = passphrase.lock_with_key(SEED, key, b"row")
    assert passphrase.unlock_with_key(blob, key, b"row") == SEED
    for other, row in (
        (passphrase.session_key(cookie, b"B" * 32), b"row"),
        (passphrase.session_key(b"C" * 32, boot), b"row"),
        (passphrase.session_key(boot, cookie), b"row"),
        (key, b"another row"),
    ):
        with pytest.raises(WrongKey):
            passphrase.unlock_with_key(blob, other, row)


def test_no_byte_of_a_session_can_be_changed() -> None:
    key = passphrase.session_key(b"c" * 32, b"b" * 32)
    blob = passphrase.lock_with_key(SEED, key, b"row")
    for at in range(len(blob)):
        with pytest.raises(CryptoError):
            passphrase.unlock_with_key(flipped(blob, at), key, b"row")


def test_short_session_secrets_are_refused() -> None:
    for cookie, boot in ((b"c" * 31, b"b" * 32), (b"c" * 32, b"")):
        with pytest.raises(Malformed):
            passphrase.session_key(cookie, boot)


# --- recovery on paper


def test_any_two_of_three_sheets_give_the_seed_back() -> None:
    sheets = recovery.to_words(SEED)
    assert [len(sheet.split()) for sheet in sheets] == [33, 33, 33]
    for chosen in (sheets[:2], sheets[1:], [sheets[0], sheets[2]], sheets, [sheets[0].upper(), f" {sheets[1]}\n"]):
        assert recovery.from_words(chosen) == SEED


def test_too_few_sheets_are_refused() -> None:
    sheets = recovery.to_words(SEED, threshold=3, count=5)
    for few in ([], sheets[:1], sheets[:2], [sheets[0]] * 3):
        with pytest.raises(QuorumNotMet):
            recovery.from_words(few)
    assert recovery.from_words(sheets[1:4]) == SEED


def test_sheets_of_two_sets_are_refused() -> None:
    one, other = recovery.to_words(SEED), recovery.to_words(SEED)
    with pytest.raises(Malformed):
        recovery.from_words([one[0], other[1]])


def test_every_wrong_word_on_a_sheet_is_caught() -> None:
    sheets = recovery.to_words(SEED)
    words = sheets[0].split()
    for place in range(33):
        wrong = "academic" if words[place] != "academic" else "acid"
        sheet = " ".join([*words[:place], wrong, *words[place + 1 :]])
        with pytest.raises((Malformed, QuorumNotMet)):
            recovery.from_words([sheet, sheets[1]])
    with pytest.raises(Malformed):
        recovery.from_words(["明镜 高悬", sheets[1]])


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 3), (4, 3), (2, 17)])
def test_sheets_of_which_one_suffices_are_not_made(threshold: int, count: int) -> None:
    with pytest.raises(QuorumNotMet):
        recovery.to_words(SEED, threshold, count)
