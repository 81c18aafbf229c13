"""Whom a reward can be paid to, and when enough seats have answered. Pure.

Every fault has a code and a sentence that says what to do, so that a form shows it beside its field.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from stdnum import luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from portal.kernel.errors import Refused
from portal.payments.values import Payee

NAME_LIMIT, BANK_LIMIT = 60, 60
"""Characters."""

WAITS = timedelta(days=7)
"""Calendar days in which the seats answer and the file is made (a setting of ours, no law)."""

_LETTERS_BY_NAME = re.compile(r"[^\W\d_][\w·.'’\-\s()]*", re.UNICODE)
_CARD = re.compile(r"62\d{14,17}|[45]\d{15}")
"""Numbers of bank cards (ISO/IEC 7812): UnionPay's begin with 62. Accounts that are no card have no common check."""
_PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71)
)
_PERMITS = frozenset((81, 82, 83, *range(91, 100)))
"""First digits of residence permits of people from Hong Kong, Macao and Taiwan, and of foreigners."""


def checked_payee(payee: Payee, today: date) -> Payee:
    """The payee as it is sealed: spaces and full-width forms put right. Raises Refused for the first fault.

    Codes: payee_name, payee_id_number, payee_bank, payee_account.
    """
    return Payee(
        checked_name(payee.name),
        checked_id_number(payee.id_number, today),
        checked_bank(payee.bank),
        checked_account(payee.account),
    )


def checked_name(text: str) -> str:
    """The payee's own name, as the bank knows it."""
    name = _one_line(text)
    if not 2 <= len(name) <= NAME_LIMIT or not _LETTERS_BY_NAME.fullmatch(name):
        raise Refused("payee_name", "请填写收款人姓名，和银行账户上的一样，2 到 60 个字，不写数字。")
    return name


def checked_id_number(text: str, today: date) -> str:
    """18 digits of a resident identity card or residence permit, the last perhaps X, with their check digit."""
    number = re.sub(r"[\s\-]", "", _plain(text)).upper()
    if len(number) != 18:
        raise Refused("payee_id_number", "身份证号码是 18 位，最后一位可能是 X。请核对，不要多也不要少。")
    if not _is_id_number(number, today):
        raise Refused("payee_id_number", "身份证号码不对，很可能有一位写错了。请对照证件逐位核对。")
    return number


def checked_bank(text: str) -> str:
    """The branch where the account is."""
    bank = _one_line(text)
    if not 4 <= len(bank) <= BANK_LIMIT or bank.isdigit():
        raise Refused("payee_bank", "请填写开户银行，写到支行，4 到 60 个字，例如“某某银行某某支行”。")
    return bank


def checked_account(text: str) -> str:
    """12 to 19 digits; of a card, with its check digit."""
    account = re.sub(r"[\s\-]", "", _plain(text))
    if not re.fullmatch(r"[0-9]{12,19}", account) or len(set(account)) == 1:
        raise Refused("payee_account", "银行账号是 12 到 19 位数字。请核对，不要写字母。")
    if _CARD.fullmatch(account) and not luhn.is_valid(account):
        raise Refused("payee_account", "银行卡号不对，很可能有一位写错了。请对照卡面逐位核对。")
    return account


def waits_until(asked_on: date) -> date:
    """The last day of a release that is asked for on a day."""
    return asked_on + WAITS


def follows(k: int, seats: int, answers: Sequence[bool]) -> bool | None:
    """What the answers so far (True: consent) come to: True with k consents, False once k cannot be reached.

    ``seats``: how many seats could consent to all of the batch. None while it is open.
    """
    consents = sum(answers)
    if consents >= k:
        return True
    return False if seats - (len(answers) - consents) < k else None


def _is_id_number(number: str, today: date) -> bool:
    """Form, province, day of birth and check digit.

    The county is not looked up by the year of birth: whoever was registered late has the code of a later county.
    """
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number) or int(number[:2]) not in _PROVINCES | _PERMITS:
        return False
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        return False
    return bool(ric.calc_check_digit(number) == number[-1]) and born <= today


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _one_line(text: str) -> str:
    return " ".join(_plain(text).split())
