"""The bank's answer as a file: good rows come through, every fault is named, hostile files stay small."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.directory import tables
from portal.directory.institutions import MOST_ERRORS
from portal.payments.answers import MOST_LINES, REASONS, Answer, Result, ReturnReason, read_answer

HEAD = "支付编号,结果,退回原因,日期,银行流水号,金额（元）\r\n"
GOOD = "PN-2222-3333,成功,,2026-09-28,B20260928001,1234.50\r\n"
BACK = "PN-4444-5555,退回,户名不符,2026-09-28,B20260928002,20\r\n"


def csv_file(*rows: str, head: str = HEAD, encoding: str = "utf-8") -> Answer:
    return read_answer((head + "".join(rows)).encode(encoding), "answer.csv")


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_paid_and_returned_come_through_in_every_usual_encoding(encoding: str) -> None:
    answer = csv_file(GOOD, BACK, encoding=encoding)
    assert not answer.errors
    paid, returned = answer.lines
    assert (paid.number, paid.result, paid.reason, paid.day, paid.reference, paid.amount) == (
        "PN-2222-3333", Result.PAID, None, date(2026, 9, 28), "B20260928001", 123_450,
    )  # fmt: skip
    assert (returned.result, returned.reason, returned.amount, returned.row) == (
        Result.RETURNED, ReturnReason.NAME, 2_000, 3,
    )  # fmt: skip


def test_a_spreadsheet_reads_the_same_and_its_closing_row_is_passed_over() -> None:
    head = ["支付编号", "支付结果", "退回原因", "支付日期", "流水号", "金额"]
    content = xlsx(
        head,
        ["pn 2222 3333", "已支付", None, date(2026, 9, 28), "b20260928001", 1234.5],
        ["PN-4444-5555", "退汇", "户名不符", "2026/9/28", "B20260928002", "20.00"],
        ["合计", None, None, None, None, 1254.5],
    )
    seen = read_answer(content, "a.xlsx")
    assert not seen.errors
    assert [(line.number, line.result, line.day, line.reference, line.amount) for line in seen.lines] == [
        (line.number, line.result, line.day, line.reference, line.amount) for line in csv_file(GOOD, BACK).lines
    ]


def test_amounts_may_be_left_out_and_days_be_written_together() -> None:
    answer = csv_file("PN-2222-3333,成功,,20260928,1\n", head="支付编号,结果,退回原因,日期,银行流水号\n")
    assert not answer.errors
    assert (answer.lines[0].amount, answer.lines[0].day) == (None, date(2026, 9, 28))


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("MJ-2222-3333,成功,,2026-09-28,1,1\n", "支付编号", "PN-7K3M-Q9RT"),
        (",成功,,2026-09-28,1,1\n", "支付编号", "支付编号"),
        ("PN-2222-3333,也许,,2026-09-28,1,1\n", "结果", "支付成功"),
        ("PN-2222-3333,,,2026-09-28,1,1\n", "结果", "成功"),
        ("PN-2222-3333,退回,,2026-09-28,1,1\n", "退回原因", "户名不符"),
        ("PN-2222-3333,退回,不知道,2026-09-28,1,1\n", "退回原因", "户名不符"),
        ("PN-2222-3333,成功,户名不符,2026-09-28,1,1\n", "退回原因", "核对"),
        ("PN-2222-3333,成功,,2026-02-30,1,1\n", "日期", "年月日"),
        ("PN-2222-3333,成功,,0000-01-01,1,1\n", "日期", "年月日"),
        ("PN-2222-3333,成功,,26-9-28,1,1\n", "日期", "年月日"),
        ("PN-2222-3333,成功,,2026-09-28,,1\n", "银行流水号", "文本"),
        ("PN-2222-3333,成功,,2026-09-28,1.2E+18,1\n", "银行流水号", "文本"),
        ("PN-2222-3333,成功,,2026-09-28,=cmd|' /C calc'!A0,1\n", "银行流水号", "文本"),
        ("PN-2222-3333,成功,,2026-09-28,1,=1+1\n", "金额", "1234.50"),
        ("PN-2222-3333,成功,,2026-09-28,1,-1\n", "金额", "1234.50"),
        ("PN-2222-3333,成功,,2026-09-28,1,0.005\n", "金额", "1234.50"),
        ("PN-2222-3333,成功,,2026-09-28,1,\n", "金额", "1234.50"),
    ],
)
def test_a_faulty_cell_is_named_with_what_to_do(row: str, column: str, says: str) -> None:
    answer = csv_file(GOOD.replace("2222", "6666"), row)
    (error,) = answer.errors
    assert (error.row, error.column) == (3, column)
    assert says in error.message
    assert [line.number for line in answer.lines] == ["PN-6666-3333"]


def test_one_row_with_three_faults_says_all_three() -> None:
    assert [error.column for error in csv_file("x,也许,,昨天,1,1\n").errors] == ["支付编号", "结果", "日期"]


def test_the_same_payment_twice_is_refused_whatever_the_second_line_says() -> None:
    for second in (GOOD, GOOD.replace("成功,", "退回,其他"), GOOD.replace("PN-", "pn ")):
        (error,) = csv_file(GOOD, second).errors
        assert (error.row, error.column) == (3, "支付编号") and "第 2 行" in error.message


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.csv", "空的"),
        (b"\n\n", "a.csv", "没有一笔"),
        (HEAD.encode(), "a.csv", "没有一笔"),
        ((HEAD + "合计,1,,,,1\n").encode(), "a.csv", "没有一笔"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "a.xls", "另存为"),
        (b"PK\x03\x04 not a zip", "a.xlsx", "打不开"),
        (b"\xff\xfe\x00\x80\xff", "a.csv", "编码"),
        ("支付编号,结果\n".encode(), "a.csv", "退回原因、日期、银行流水号"),
        (("支付编号," + HEAD).encode(), "a.csv", "两次"),
        (b"a," * 50 + b"\n", "a.csv", "40 列"),
        (b"a" * (tables.MOST_BYTES + 1), "a.csv", "20 MB"),
        (xlsx(["x"] * 5000), "a.xlsx", "40 列"),
    ],
    ids=[
        "empty", "blank", "only headings", "only a total", "old kind", "broken", "encoding", "no columns", "twice",
        "wide", "large", "very wide",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_one_error_in_words(content: bytes, name: str, says: str) -> None:
    answer = read_answer(content, name)
    assert not answer.lines
    (error,) = answer.errors
    assert error.row == 0 and says in error.message


def test_a_file_that_goes_on_and_on_is_left_off() -> None:
    many = [f"PN-{place // 900 + 2222}-{place % 900 + 2222},成功,,2026-09-28,1,1\n" for place in range(9_000)]
    good = [row for row in many if not set("01") & set(row[3:12])]
    assert len(good) > MOST_LINES
    assert "后面的没有检查" in csv_file(*good).errors[-1].message
    assert len(csv_file(*["坏,,,,,\n"] * 1_000).errors) <= MOST_ERRORS + 10


def test_every_reason_can_be_written_in_a_file() -> None:
    assert set(REASONS.values()) == set(ReturnReason)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: (HEAD + text).encode("utf-8", "surrogatepass")))
def test_no_bytes_raise(content: bytes) -> None:
    answer = read_answer(content, "a.csv")
    assert all(error.message for error in answer.errors) and (answer.errors or answer.lines)
