"""The bank's answer to a payment file, as a table that an officer uploads, checked row by row. Pure.

What is wrong with a row is said in a sentence that tells what to do. Whoever applies an answer applies all of it or,
when anything is wrong, nothing (docs/formats/payment-file.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from portal.directory.institutions import MOST_ERRORS, RowError
from portal.directory.tables import read_table
from portal.kernel.errors import Refused
from portal.kernel.values import Fen
from portal.payments.layout import TOTAL
from portal.payments.values import PaymentNumber, parse_payment_number

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "number": ("支付编号",),
        "result": ("结果", "支付结果", "处理结果"),
        "reason": ("退回原因", "原因", "失败原因"),
        "day": ("日期", "支付日期", "处理日期"),
        "reference": ("银行流水号", "流水号", "交易流水号"),
        "amount": ("金额", "支付金额"),
    }
)
"""Field → the headings it may stand under. All but ``amount`` must be there."""
MOST_LINES = 2_000
_REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,39}")
_AMOUNT = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2}))?")
_DAY = re.compile(r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))")


class Result(StrEnum):
    RETURNED = "returned"
    PAID = "paid"


class ReturnReason(StrEnum):
    """Why money came back. ACCOUNT, NAME and BANK are put right by the payee's giving the data anew."""

    ACCOUNT = "account"
    NAME = "name"
    BANK = "bank"
    CLOSED = "closed"  # the account was closed or frozen
    OTHER = "other"


RESULTS: Mapping[str, Result] = MappingProxyType(
    dict.fromkeys(("成功", "支付成功", "已支付"), Result.PAID)
    | dict.fromkeys(("退回", "退汇", "失败", "支付失败"), Result.RETURNED)
)
REASONS: Mapping[str, ReturnReason] = MappingProxyType(
    {
        "账号有误": ReturnReason.ACCOUNT,
        "户名不符": ReturnReason.NAME,
        "开户银行有误": ReturnReason.BANK,
        "账户已销户或者冻结": ReturnReason.CLOSED,
        "其他": ReturnReason.OTHER,
    }
)
"""What the columns may say → what is stored."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What the bank says of one payment. ``row``: in the file; ``amount`` (fen) None: the file has no amounts."""

    row: int
    number: PaymentNumber
    result: Result
    reason: ReturnReason | None
    day: date
    reference: str
    amount: Fen | None


@dataclass(frozen=True, slots=True)
class Answer:
    """All lines without a fault, and every fault, at most 500 of them and one that says so."""

    lines: tuple[AnswerLine, ...]
    errors: tuple[RowError, ...]


class _Bad(Exception):
    """A fault in one cell."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field)
        self.column = COLUMNS[field][0]
        self.message = message


def read_answer(content: bytes, filename: str) -> Answer:
    """Read an answer from the bytes of a CSV or XLSX file. Never raises: a file that cannot be read is one error.

    Formulas are never computed: what begins like one is a fault.
    """
    lines: dict[PaymentNumber, AnswerLine] = {}
    errors: list[RowError] = []
    places: Mapping[str, int] | None = None
    try:
        for row, cells in read_table(content, filename):
            if places is None:
                places = _headings(row, cells)
            elif next(filter(None, cells)) != TOTAL:
                errors += _take(row, cells, places, lines)
            if len(errors) >= MOST_ERRORS or len(lines) > MOST_LINES:
                raise Refused("too_much", f"错误超过 {MOST_ERRORS} 处或者多于 {MOST_LINES} 行，后面的没有检查。")
        if not lines and not errors:
            raise Refused("nothing_in_it", "文件里没有一笔支付结果，请检查后重新上传。")
    except Refused as error:
        errors.append(RowError(0, "文件", error.message))
    return Answer(tuple(lines.values()), tuple(errors))


def _headings(row: int, cells: list[str]) -> dict[str, int]:
    """Where each field stands. Raises Refused when a needed heading is missing or one stands twice."""
    plain = [re.sub(r"\(.*?\)|[\s*]", "", unicodedata.normalize("NFKC", cell)) for cell in cells]
    places: dict[str, int] = {}
    for name, headings in COLUMNS.items():
        at = [index for index, cell in enumerate(plain) if cell in headings]
        if len(at) > 1:
            raise Refused("heading_twice", f"第 {row} 行的标题“{plain[at[1]]}”出现了两次，请只保留一列。")
        if at:
            places[name] = at[0]
    missing = [headings[0] for name, headings in COLUMNS.items() if name not in places and name != "amount"]
    if missing:
        raise Refused("heading_missing", f"第 {row} 行要是标题，缺少：{'、'.join(missing)}。请补上这些列。")
    return places


def _take(
    row: int, cells: list[str], places: Mapping[str, int], lines: dict[PaymentNumber, AnswerLine]
) -> list[RowError]:
    """Put the line of a row into *lines*; every fault in it, if there is any, and then no line."""
    given = {name: _compact(cells[at]) if at < len(cells) else "" for name, at in places.items()}
    found: dict[str, object] = {}
    errors = []
    for name, check in _CHECKS.items():
        try:
            found[name] = check(given.get(name))
        except _Bad as error:
            errors.append(RowError(row, error.column, error.message))
    try:
        line = None if errors else _line(row, found)
    except _Bad as error:
        return [RowError(row, error.column, error.message)]
    if line is None:
        return errors
    if line.number in lines:
        return [RowError(row, COLUMNS["number"][0], f"和第 {lines[line.number].row} 行是同一笔，请向银行核对。")]
    lines[line.number] = line
    return []


def _line(row: int, found: Mapping[str, object]) -> AnswerLine:
    line = AnswerLine(row=row, **found)  # type: ignore[arg-type]  # each check gives the type of its field
    if line.result is Result.RETURNED and line.reason is None:
        raise _Bad("reason", f"退回的要写明原因：{'、'.join(REASONS)}。")
    if line.result is Result.PAID and line.reason is not None:
        raise _Bad("reason", "支付成功的不应当有退回原因，请向银行核对。")
    return line


def _compact(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def _number(text: str | None) -> PaymentNumber:
    number = parse_payment_number(text or "")
    if number is None:
        raise _Bad("number", "要写支付文件里的支付编号，例如 PN-7K3M-Q9RT。")
    return number


def _result(text: str | None) -> Result:
    result = RESULTS.get(text or "")
    if result is None:
        raise _Bad("result", f"要写下面之一：{'、'.join(RESULTS)}。")
    return result


def _reason(text: str | None) -> ReturnReason | None:
    if text and text not in REASONS:
        raise _Bad("reason", f"要写下面之一：{'、'.join(REASONS)}；成功的空着。")
    return REASONS[text] if text else None


def _day(text: str | None) -> date:
    found = _DAY.fullmatch(text or "")
    try:
        if found is not None:
            return date(int(found[1]), int(found[3] or found[5]), int(found[4] or found[6]))
    except ValueError:
        pass
    raise _Bad("day", "要写年月日，例如 2026-09-28。")


def _reference(text: str | None) -> str:
    if not _REFERENCE.fullmatch(text or ""):
        raise _Bad("reference", "要写 1 到 40 位字母和数字；在表格软件里要把这一列设为“文本”，否则数字会走样。")
    return text or ""


def _amount(text: str | None) -> Fen | None:
    if text is None:  # no such column
        return None
    found = _AMOUNT.fullmatch(text.replace(",", ""))
    if found is None:
        raise _Bad("amount", "要写以元为单位的数字，例如 1234.50。")
    return Fen(int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")))


_CHECKS: Mapping[str, Callable[[str | None], object]] = {
    "number": _number,
    "result": _result,
    "reason": _reason,
    "day": _day,
    "reference": _reference,
    "amount": _amount,
}
