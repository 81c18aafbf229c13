"""The register of institutions as a file: good rows come through, every fault is named, hostile files stay small."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.directory import tables
from portal.directory.institutions import MOST_ERRORS, ImportResult, read_institutions

HEAD = "医保编码,统一社会信用代码,机构名称,类型,地区,地址,状态\n"
GOOD = "H32010400001,91110000600037341L,演示医院,医院,320104,演示路1号,有效\n"


def csv_file(*rows: str, head: str = HEAD, encoding: str = "utf-8") -> ImportResult:
    return read_institutions((head + "".join(rows)).encode(encoding), "名单.csv")


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
def test_a_good_row_comes_through_in_every_usual_encoding(encoding: str) -> None:
    result = csv_file(GOOD, encoding=encoding)
    assert not result.errors
    (row,) = result.rows
    assert (row.code, row.name, row.kind, row.region, row.active) == (
        "H32010400001",
        "演示医院",
        "hospital",
        "320104",
        True,
    )


def test_a_spreadsheet_with_numbers_for_codes_reads_the_same() -> None:
    head = ["医保编码", "名称（必填）", "类型", "行政区划代码"]
    result = read_institutions(
        xlsx(head, ["p-0001", "演示药店", "药店", 320104], [10200, "演示诊所", "诊所", 320191]), "a.xlsx"
    )
    assert not result.errors
    assert [(row.code, row.region) for row in result.rows] == [("P-0001", "320104"), ("10200", "320191")]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("H1,,演示,医院,320104,,\n", "医保编码", "4 到 40"),
        ("H32010400001,91110000600037341X,演示,医院,320104,,\n", "统一社会信用代码", "核对"),
        ("H32010400001,9.11E+17,演示,医院,320104,,\n", "统一社会信用代码", "文本"),
        ("H32010400001,,,医院,320104,,\n", "名称", "补上"),
        ("H32010400001,,演示,庙,320104,,\n", "类型", "药店"),
        ("H32010400001,,演示,医院,999999,,\n", "地区", "六位"),
        ("H32010400001,,演示,医院,朝阳区,,\n", "地区", "全称"),
        ("H32010400001,,演示,医院,500112,,\n", "地区", "两江新区"),
        ("H32010400001,,演示,医院,320104,,也许\n", "状态", "不填"),
        (f"H32010400001,,{'长' * 201},医院,320104,,\n", "名称", "201"),
    ],
)
def test_a_faulty_cell_is_named_with_what_to_do_and_the_other_rows_survive(row: str, column: str, says: str) -> None:
    result = csv_file(row, GOOD.replace("00001", "00002"))
    (error,) = result.errors
    assert (error.row, error.column) == (2, column)
    assert says in error.message
    assert [kept.code for kept in result.rows] == ["H32010400002"]


def test_one_row_with_three_faults_says_all_three() -> None:
    assert [error.column for error in csv_file("H1,,,庙,320104,,\n").errors] == ["医保编码", "名称", "类型"]


def test_a_region_may_be_written_out() -> None:
    result = csv_file("H32010400001,,演示,医院,江苏省南京市秦淮区,,\n", "H32010400002,,演示,医院,海淀区,,\n")
    assert [row.region for row in result.rows] == ["320104", "110108"]


def test_the_second_row_with_a_code_is_refused() -> None:
    result = csv_file(GOOD, GOOD)
    assert len(result.rows) == 1
    assert [(error.row, error.column) for error in result.errors] == [(3, "医保编码")]


def test_line_breaks_inside_quotes_do_not_shift_the_row_numbers() -> None:
    result = csv_file('H32010400001,,"演示\n医院",医院,320104,,\n', "H1,,演示,医院,320104,,\n")
    assert result.rows[0].name == "演示 医院"
    assert result.errors[0].row == 4


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.csv", "空的"),
        (b"\n\n", "a.csv", "没有内容"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "a.xls", "另存为"),
        (b"PK\x03\x04 not a zip", "a.xlsx", "打不开"),
        (b"\xff\xfe\x00\x80\xff", "a.csv", "编码"),
        ("名称,类型\n".encode(), "a.csv", "医保编码"),
        ("名称,名称,类型,地区,医保编码\n".encode(), "a.csv", "两次"),
        (b"a," * 50 + b"\n", "a.csv", "40 列"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_error_in_words(content: bytes, name: str, says: str) -> None:
    result = read_institutions(content, name)
    assert not result.rows
    (error,) = result.errors
    assert error.row == 0
    assert says in error.message


def test_a_file_above_the_limit_is_refused_before_it_is_read() -> None:
    result = read_institutions(b"a" * (tables.MOST_BYTES + 1), "a.csv")
    assert "20 MB" in result.errors[0].message


def test_a_zip_bomb_is_refused_while_it_unpacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_UNPACKED", 4 * 2**20)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (8 * 2**20))
    assert len(bomb.getvalue()) < 20_000
    assert "太大" in read_institutions(bomb.getvalue(), "a.xlsx").errors[0].message


@pytest.mark.parametrize(("cell", "says"), [("XFD3", "40 列"), ("A1048576", "200000 行")])
def test_one_far_away_cell_does_not_make_a_table_of_billions(cell: str, says: str) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet[cell] = "x"
    out = io.BytesIO()
    book.save(out)
    assert says in read_institutions(out.getvalue(), "a.xlsx").errors[0].message


def test_the_list_of_errors_ends_and_says_so() -> None:
    result = csv_file(*["坏,,演示,医院,320104,,\n"] * (MOST_ERRORS + 100))
    assert len(result.errors) == MOST_ERRORS + 1
    assert "没有检查" in result.errors[-1].message


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: (HEAD + text).encode("utf-8", "surrogatepass")))
def test_no_bytes_raise(content: bytes) -> None:
    result = read_institutions(content, "a.csv")
    assert all(error.message for error in result.errors)
