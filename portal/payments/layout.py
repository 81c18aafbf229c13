"""The file that goes to the treasury: its columns, as CSV and as XLSX (docs/formats/payment-file.md). Pure, in memory.

It holds what a transfer needs and nothing else: no number of an identity paper, and no word from which a bank clerk or
somebody who sees the statement could tell that the payee reported anything.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.kernel.values import Fen
from portal.payments.values import Payee, PaymentNumber

COLUMNS = ("序号", "支付编号", "收款人", "开户银行", "银行账号", "金额（元）", "用途", "批次号")
PURPOSE = "医疗保障专项支出"
"""The same for every payment."""
TOTAL = "合计"
"""The first cell of the last row; then the number of payments, and under the amounts their sum."""

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
"""What a spreadsheet takes for the start of a formula (OWASP, CSV injection), and its full-width forms."""
GUARD = "'"
_WIDTHS = (6, 16, 16, 36, 24, 14, 22, 16)
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - no clock: the same rows make the same bytes


class FileKind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES: Mapping[FileKind, str] = {
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One payment of a batch as officers see it: place in the file from 1 on, number, fen. Nobody's name."""

    place: int
    number: PaymentNumber
    amount_fen: Fen


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A finished file. ``sha256``: of its bytes, in hex; ``name``: the batch number and the ending."""

    kind: FileKind
    name: str
    sha256: str
    content: bytes = field(repr=False)


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals: ``1234.50``."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}"


def guarded(text: str) -> str:
    """*text* so that no spreadsheet runs it: an apostrophe before what looks like a formula, or like that apostrophe.

    Whoever reads takes one leading apostrophe off and has the text again.
    """
    return GUARD + text if text.startswith((*FORMULA_STARTS, GUARD)) else text


def write(batch: str, lines: Sequence[Line], payees: Mapping[PaymentNumber, Payee], kind: FileKind) -> PaymentFile:
    """The payment file of *batch*. The same arguments make the same bytes.

    Raises ValueError unless there is at least one line, each counted from 1, with a positive amount, a number of its
    own and a payee; and none too many.
    """
    _check(lines, payees)
    table = [_cells(batch, line, payees[line.number]) for line in lines]
    table.append([TOTAL, str(len(lines)), "", "", "", yuan(sum(line.amount_fen for line in lines)), "", batch])
    content = _csv(table) if kind is FileKind.CSV else _xlsx(table)
    return PaymentFile(kind, f"{batch}.{kind}", hashlib.sha256(content).hexdigest(), content)


def _check(lines: Sequence[Line], payees: Mapping[PaymentNumber, Payee]) -> None:
    if not lines or [line.place for line in lines] != list(range(1, len(lines) + 1)):
        raise ValueError("lines are not counted from 1")
    if any(line.amount_fen <= 0 for line in lines):
        raise ValueError("an amount is not positive")
    numbers = {line.number for line in lines}
    if len(numbers) != len(lines) or numbers != payees.keys():
        raise ValueError("lines and payees are not the same payments")


def _cells(batch: str, line: Line, payee: Payee) -> list[str]:
    amount = yuan(line.amount_fen)
    theirs = [guarded(text) for text in (payee.name, payee.bank, payee.account)]
    return [str(line.place), line.number, *theirs, amount, PURPOSE, batch]


def _csv(table: Sequence[Sequence[str]]) -> bytes:
    """RFC 4180 with a byte order mark, by which spreadsheets know UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([COLUMNS, *table])
    return text.getvalue().encode("utf-8-sig")


def _xlsx(table: Sequence[Sequence[str]]) -> bytes:
    """Every cell is text: an account of 19 digits as a number would lose the last ones."""
    from xlsxwriter import Workbook  # the staff process alone writes files

    place = io.BytesIO()
    with Workbook(place, {"in_memory": True}) as book:  # otherwise names would pass through temporary files
        book.set_properties({"created": _MADE})
        sheet, text, head = book.add_worksheet(), book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, (title, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width, text)
            sheet.write_string(0, column, title, head)
        for row, cells in enumerate(table, 1):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell, text)
    return place.getvalue()
