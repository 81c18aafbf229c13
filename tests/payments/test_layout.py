"""The payment file: what is written is read back the same, the total is the sum, and no cell is a formula."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from portal.kernel.values import Fen
from portal.payments.layout import COLUMNS, FORMULA_STARTS, PURPOSE, FileKind, Line, PaymentFile, write, yuan
from portal.payments.values import Payee, PaymentNumber

BATCH = "PB-2222-3333"
KINDS = list(FileKind)
LI = Payee("李虚构", "110101199003070035", "虚构银行演示支行", "6222020200112233445")


def number(place: int) -> PaymentNumber:
    return PaymentNumber(f"PN-{place:04d}-ABCD")


def lines_of(*amounts: int) -> list[Line]:
    return [Line(place, number(place), Fen(amount)) for place, amount in enumerate(amounts, 1)]


def table(file: PaymentFile) -> list[list[str]]:
    """The cells as somebody else's program reads them, with the guard taken off."""
    rows: Sequence[Sequence[object]]
    if file.kind is FileKind.CSV:
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline=""), strict=True))
    else:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    return [[cell.removeprefix("'") if isinstance(cell, str) else "not text" for cell in row] for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_says_whom_to_pay_how_much_and_closes_with_the_total(kind: FileKind) -> None:
    file = write(BATCH, lines_of(123_450, 5), {number(1): LI, number(2): LI}, kind)
    assert table(file) == [
        list(COLUMNS),
        ["1", "PN-0001-ABCD", "李虚构", "虚构银行演示支行", "6222020200112233445", "1234.50", PURPOSE, BATCH],
        ["2", "PN-0002-ABCD", "李虚构", "虚构银行演示支行", "6222020200112233445", "0.05", PURPOSE, BATCH],
        ["合计", "2", "", "", "", "1234.55", "", BATCH],
    ]
    assert (file.name, file.sha256) == (f"{BATCH}.{kind}", hashlib.sha256(file.content).hexdigest())


def test_the_csv_is_utf8_with_a_mark_and_lines_that_end_as_the_rfc_says() -> None:
    content = write(BATCH, lines_of(100), {number(1): LI}, FileKind.CSV).content
    assert content.startswith("\ufeff序号,".encode()) and content.endswith(f",{BATCH}\r\n".encode())
    assert content.count(b"\n") == content.count(b"\r\n") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_has_no_identity_number_and_no_word_of_reporting(kind: FileKind) -> None:
    file = write(BATCH, lines_of(100), {number(1): LI}, kind)
    said = "".join(cell for row in table(file) for cell in row)
    assert LI.id_number not in said
    assert not [word for word in ("举报", "奖励", "线索", "MJ-") if word in said + file.name]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_payments_make_the_same_bytes(kind: FileKind) -> None:
    files = {write(BATCH, lines_of(100, 200), {number(1): LI, number(2): LI}, kind).content for _ in range(2)}
    assert len(files) == 1


@pytest.mark.parametrize("start", FORMULA_STARTS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_cell_is_a_formula(kind: FileKind, start: str) -> None:
    evil = Payee(f"{start}HYPERLINK(1)", "", f"{start}1+1", f"{start}6222")
    file = write(BATCH, lines_of(100), {number(1): evil}, kind)
    assert table(file)[1][2:5] == [evil.name, evil.bank, evil.account]
    if kind is FileKind.CSV:
        cells = next(csv.reader(io.StringIO(file.content.decode("utf-8-sig").partition("\r\n")[2], newline="")))
        assert not [cell for cell in cells if cell.startswith(tuple(FORMULA_STARTS))]
    else:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            assert b"<f" not in archive.read("xl/worksheets/sheet1.xml").replace(b"<family", b"")


def test_a_payee_never_shows_in_what_a_traceback_prints() -> None:
    file = write(BATCH, lines_of(100), {number(1): LI}, FileKind.CSV)
    assert "李虚构" not in repr(file) and LI.account not in repr(file)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [Line(2, number(1), Fen(1))],
        [Line(1, number(1), Fen(0))],
        [Line(1, number(1), Fen(-1))],
        [Line(1, number(1), Fen(1)), Line(2, number(1), Fen(1))],
        [Line(1, number(1), Fen(1)), Line(2, number(2), Fen(1))],
        [Line(1, number(2), Fen(1))],
    ],
    ids=["none", "from two", "nothing to pay", "negative", "twice", "without a payee", "of somebody else"],
)
def test_a_list_that_is_not_whole_makes_no_file(lines: list[Line]) -> None:
    with pytest.raises(ValueError, match=r"^(lines|an amount)"):
        write(BATCH, lines, {number(1): LI}, FileKind.CSV)


def test_money_is_written_with_two_decimals() -> None:
    assert [yuan(fen) for fen in (1, 99, 100, 20_000_000_00, 9_007_199_254_740_993)] == [
        "0.01", "0.99", "1.00", "20000000.00", "90071992547409.93",
    ]  # fmt: skip


_TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=20)
_PAYEES = st.builds(Payee, _TEXTS, st.just("虚构"), _TEXTS, _TEXTS)
_PAID = st.lists(st.tuples(st.integers(1, 10**15), _PAYEES), min_size=1, max_size=8)


@settings(deadline=None)
@given(paid=_PAID, kind=st.sampled_from(KINDS))
def test_what_is_written_is_read_back_the_same_and_the_total_is_the_sum(
    paid: list[tuple[int, Payee]], kind: FileKind
) -> None:
    lines = lines_of(*(amount for amount, _ in paid))
    payees = {line.number: payee for line, (_, payee) in zip(lines, paid, strict=True)}
    _, *rows, last = table(write(BATCH, lines, payees, kind))
    assert [(row[1], row[2], row[3], row[4]) for row in rows] == [
        (number, payee.name, payee.bank, payee.account) for number, payee in payees.items()
    ]
    cents = [int(row[5].replace(".", "")) for row in rows]
    assert cents == [amount for amount, _ in paid]
    assert (last[0], int(last[1]), int(last[5].replace(".", ""))) == ("合计", len(rows), sum(cents))
