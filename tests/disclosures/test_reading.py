"""A file of figures: what is right comes through, every fault has its row, column and remedy, bombs stay small."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files
from operator import methodcaller
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from portal.directory import tables
from portal.directory.institutions import MOST_ERRORS
from portal.disclosures.cells import WORDS
from portal.disclosures.reading import TEMPLATE, Reading, read_figures
from portal.disclosures.values import COUNTRY, NOT_DISCLOSED, Confidence, Figure, Pooling
from portal.disclosures.vocabulary import vocabulary

HEAD = "year,region,fund,measure,value,unit,source_title,confidence,period,edition,note\n"
LONG = {
    "year": "2025", "region": "南京市", "fund": "职工医保", "measure": "收入", "value": "428.10", "unit": "亿元",
    "source_title": "演示公告（虚构）", "confidence": "high", "period": "全年", "edition": "公报", "note": "",
}  # fmt: skip
HEADINGS = [names[0] for names in TEMPLATE.values()]
FILLED: dict[str, object] = {
    "地区": "江苏省南京市", "统筹层次": "市级", "险种": "职工医保", "指标": "收入",
    "期间起": "2025-01", "期间止": "2025-12", "是否累计": "是", "版本": "公报",
    "数值": "428.10", "单位": "亿元", "小数位数": None, "来源": "演示公告（虚构）",
    "来源网址": "https://example.org/a", "公布日期": "2026-03-31", "可信度": "高", "备注": None,
}  # fmt: skip


def long(**cells: str) -> str:
    """One line of the long table, well formed."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow({**LONG, **cells}.values())
    return out.getvalue()


def read(*rows: str, encoding: str = "utf-8") -> Reading:
    return read_figures((HEAD + "".join(rows)).encode(encoding), "演示.csv")


def filled(**cells: object) -> list[object]:
    """One line of the template."""
    return list({**FILLED, **cells}.values())


def sheet_of(*rows: Sequence[object], book: Workbook | None = None) -> Worksheet:
    """The last sheet of a new workbook, or of *book*."""
    sheet = book.create_sheet() if book else Workbook().worksheets[0]
    for row in rows:
        sheet.append(row)
    return sheet


def read_book(sheet: Worksheet) -> Reading:
    out = io.BytesIO()
    assert sheet.parent
    sheet.parent.save(out)
    return read_figures(out.getvalue(), "演示.xlsx")


def read_sheet(*rows: Sequence[object]) -> Reading:
    return read_book(sheet_of(HEADINGS, *rows))


def only(reading: Reading) -> Figure:
    assert not reading.errors, reading.errors
    (line,) = reading.lines
    return line.figure


def said(reading: Reading) -> list[tuple[int, str]]:
    return [(one.row, one.column) for one in reading.errors]


# --- what is right


def test_every_row_of_the_collected_bulletins_is_read_as_it_was_printed() -> None:
    content = (files("admin.demo") / "data" / "fund_bulletins.csv").read_bytes()
    reading = read_figures(content, "bulletins.csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert (len(reading.lines), reading.errors) == (335, ())
    assert [line.figure.amount for line in reading.lines] == [row["value"] for row in rows]
    assert [line.figure.unit for line in reading.lines] == [row["unit"] for row in rows]
    assert [line.row for line in reading.lines] == list(range(2, 337))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_reads_the_same_in_every_usual_encoding(encoding: str) -> None:
    figure = only(read(long(), encoding=encoding))
    assert (figure.amount, figure.unit, figure.series.region, figure.series.fund, figure.source) == (
        "428.10", "亿元", "320100", "employee", "演示公告（虚构）",
    )  # fmt: skip


def test_a_line_of_the_template_says_all_that_a_figure_has() -> None:
    figure = only(read_sheet(filled(备注="口径不含生育保险（虚构）")))
    series = figure.series
    assert (series.region, series.pooling, series.measure, series.edition) == (
        "320100",
        Pooling.CITY,
        "income",
        "bulletin",
    )
    assert (series.period.start, series.period.end, series.period.cumulative) == (
        date(2025, 1, 1),
        date(2025, 12, 31),
        True,
    )
    assert (figure.source_url, figure.source_day) == ("https://example.org/a", date(2026, 3, 31))
    assert (figure.confidence, figure.note) == (Confidence.HIGH, "口径不含生育保险（虚构）")


def test_days_that_a_spreadsheet_made_dates_of_and_numbers_are_read() -> None:
    row = filled(期间起=date(2025, 1, 1), 期间止=date(2025, 9, 30), 数值=428.1, 小数位数=2, 公布日期=date(2025, 10, 20))
    figure = only(read_sheet(row))
    assert figure.amount == "428.10", "the zero that the spreadsheet dropped was printed"
    assert (figure.series.period.end, figure.source_day) == (date(2025, 9, 30), date(2025, 10, 20))


def test_yi_and_wan_in_one_column_stay_what_each_row_says() -> None:
    reading = read(
        long(value="3.39"), long(value="33913", unit="万元", measure="支出"), long(value="3亿", measure="当期结存")
    )
    assert [(one.amount, one.unit) for one in reading.figures] == [("3.39", "亿元"), ("33913", "万元"), ("3", "亿元")]


def test_numerals_full_width_digits_and_thousands_are_read() -> None:
    reading = read(
        long(value="三千零四"), long(value="４２８．１０", measure="支出"), long(value="1,234.50", measure="累计结存")
    )
    assert [one.amount for one in reading.figures] == ["3004", "428.10", "1234.50"]


def test_not_disclosed_is_a_figure_without_an_amount() -> None:
    assert only(read(long(value="未公布"))).amount == NOT_DISCLOSED


@pytest.mark.parametrize(
    ("period", "start", "end", "cumulative", "inferred"),
    [
        ("全年", date(2025, 1, 1), date(2025, 12, 31), True, False),
        ("1-9月", date(2025, 1, 1), date(2025, 9, 30), True, False),
        ("1～2月", date(2025, 1, 1), date(2025, 2, 28), True, False),
        ("9月", date(2025, 9, 1), date(2025, 9, 30), False, False),
        ("1月", date(2025, 1, 1), date(2025, 1, 31), True, False),
        ("一季度", date(2025, 1, 1), date(2025, 3, 31), True, False),
        ("第3季度", date(2025, 7, 1), date(2025, 9, 30), False, False),
        ("上半年", date(2025, 1, 1), date(2025, 6, 30), True, False),
        ("1-6月(推定)", date(2025, 1, 1), date(2025, 6, 30), True, True),
        ("1－6月（推定）", date(2025, 1, 1), date(2025, 6, 30), True, True),
    ],
)
def test_periods_as_sources_write_them(period: str, start: date, end: date, cumulative: bool, inferred: bool) -> None:
    found = only(read(long(period=period))).series.period
    assert (found.start, found.end, found.cumulative, found.inferred) == (start, end, cumulative, inferred)


@pytest.mark.parametrize(
    ("region", "code", "pooling"),
    [
        ("全国", COUNTRY, Pooling.COUNTRY),
        ("江苏省", "320000", Pooling.UNSTATED),
        ("320100", "320100", Pooling.UNSTATED),
        ("四川省省本级", "510000", Pooling.PROVINCE_OWN),
        ("未标明", "", Pooling.UNSTATED),
        ("内某市", "", Pooling.UNSTATED),
        ("南京市(推定)", "", Pooling.UNSTATED),
    ],
)
def test_a_place_that_is_not_sure_has_no_code(region: str, code: str, pooling: Pooling) -> None:
    series = only(read(long(region=region))).series
    assert (series.region, series.pooling) == (code, pooling)
    assert series.confirmed is bool(code)


def test_a_figure_that_was_told_anew_stands_beside_the_first() -> None:
    reading = read(long(edition="月报"), long(edition="月报(2024年重列)"))
    assert [(one.series.edition, one.series.restated) for one in reading.figures] == [("monthly", 0), ("monthly", 2024)]


def test_a_title_above_the_headings_other_columns_and_another_order_do_not_matter() -> None:
    pairs = [*reversed(list(zip(HEADINGS, filled(), strict=True))), ("经办人", "演示")]
    sheet = sheet_of(["演示市医保基金收支表（虚构）"], [], [one for one, _ in pairs], [cell for _, cell in pairs])
    sheet.merge_cells("A1:F1")
    reading = read_book(sheet)
    assert only(reading).amount == "428.10"
    assert reading.lines[0].row == 4


def test_the_sheet_with_the_headings_is_found_behind_another_one() -> None:
    sheet = sheet_of(["说明"], ["这张表没有数据"])
    second = sheet_of(HEADINGS, filled(), book=sheet.parent)
    second.title = "收支"
    sheet["B2"] = "=1+1"
    reading = read_book(second)
    assert only(reading).amount == "428.10", "a formula of another sheet says nothing about this one"
    assert reading.sheet == "收支"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_never_read_and_is_named_when_it_is_the_only_one(state: str) -> None:
    first = sheet_of(HEADINGS, filled())
    first.title, first.sheet_state = "旧稿", state
    second = sheet_of(HEADINGS, ["说明"], book=first.parent)
    second.title = "收支"
    assert read_book(second).lines == (), "what nobody sees is not read for what everybody sees"
    second["A1"] = "别的"
    (error,) = read_book(second).errors
    assert "看过的工作表：收支" in error.message and "隐藏的工作表没有看：旧稿" in error.message


# --- what is wrong


@pytest.mark.parametrize(
    ("column", "text", "says"),
    [
        ("year", "二五", "年"),
        ("year", "1997", "年"),
        ("year", "99999", "年"),
        ("region", "", "未标明"),
        ("region", "南经市", "没有“南经市”"),
        ("region", "朝阳区", "不止一个|是不是"),
        ("region", "未标明" * 30, "最多 60"),
        ("fund", "养老保险", "职工医保"),
        ("measure", "利润", "当期结存"),
        ("value", "1,23", "千分位"),
        ("value", "3.2万", "不会自动换算"),
        ("value", "-5", "不会是负数"),
        ("value", "-", "未公布"),
        ("value", "", "未公布"),
        ("value", "=1+1", "看不懂"),
        ("value", "1e9", "科学记数法"),
        ("unit", "斤", "亿元"),
        ("unit", "万人", "不能用"),
        ("source_title", "", "来源"),
        ("source_title", "长" * 201, "最多 200"),
        ("source_title", "演示\u202e公告", "控制字符"),
        ("confidence", "也许", "“高”"),
        ("period", "十三月", "期间"),
        ("period", "13月", "期间"),
        ("period", "9-1月", "期间"),
        ("period", "0月", "期间"),
        ("edition", "传闻", "公报"),
        ("note", "长" * 401, "最多 400"),
    ],
)
def test_a_faulty_cell_is_named_with_what_to_do_and_the_other_rows_come_through(
    column: str, text: str, says: str
) -> None:
    reading = read(long(**{column: text}), long(measure="支出"))
    assert [line.row for line in reading.lines] == [3]
    (error,) = reading.errors
    assert (error.row, error.column) == (2, "period" if column == "year" else column)
    assert any(one in error.message for one in says.split("|")), error.message


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"统筹层次": "村级"}, "统筹层次", "省级"),
        ({"期间起": "去年"}, "期间起", "2025-01"),
        ({"期间起": "2025-02-30"}, "期间起", "2025-01"),
        ({"期间起": "2025-13"}, "期间起", "2025-01"),
        ({"期间起": "2025-12", "期间止": "2025-01"}, "期间止", "早于"),
        ({"期间起": "2024-07"}, "期间止", "同一年"),
        ({"期间起": "2025-04"}, "是否累计", "年初"),
        ({"是否累计": "否"}, "是否累计", "年初"),
        ({"是否累计": "大概"}, "是否累计", "“是”"),
        ({"小数位数": "1"}, "小数位数", "核对"),
        ({"小数位数": "两位"}, "小数位数", "0 到 6"),
        ({"来源网址": "javascript:alert(1)"}, "来源网址", "https://"),
        ({"来源网址": "https://example.org/\"onclick"}, "来源网址", "https://"),
        ({"公布日期": "2026年"}, "公布日期", "2025-01-31"),
        ({"数值": 1 / 3}, "数值", "六位"),
        ({"数值": 1e-9}, "数值", "科学记数法"),
        ({"数值": True}, "数值", "看不懂"),
        ({"数值": date(2025, 1, 1)}, "数值", "看不懂"),
    ],
)  # fmt: skip
def test_a_faulty_cell_of_the_template_is_named_by_its_heading(
    cells: dict[str, object], column: str, says: str
) -> None:
    reading = read_sheet(filled(**cells))
    assert said(reading) == [(2, column)]
    assert says in reading.errors[0].message


def test_what_a_spreadsheet_computed_wrongly_in_the_last_digit_is_not_taken() -> None:
    sheet = sheet_of(HEADINGS, filled(数值=0.3))
    out = io.BytesIO()
    sheet.parent.save(out)
    part = "xl/worksheets/sheet1.xml"
    found = read_figures(
        changed(out.getvalue(), part, lambda xml: xml.replace(b"<v>0.3<", b"<v>0.30000000000000004<")), "a"
    )
    assert said(found) == [(2, "数值")]
    assert "六位" in found.errors[0].message


def test_a_formula_is_refused_also_where_a_program_left_its_value() -> None:
    sheet = sheet_of(HEADINGS, filled(), filled(指标="支出", 数值="=I2-1"), filled(指标="当期结存"))
    out = io.BytesIO()
    sheet.parent.save(out)
    reading = read_figures(with_value(out.getvalue(), "I2-1", "427.10"), "演示.xlsx")
    assert said(reading) == [(3, "数值")]
    assert "公式" in reading.errors[0].message
    assert [line.row for line in reading.lines] == [2, 4]


def test_a_formula_that_hides_its_place_spoils_the_file() -> None:
    sheet = sheet_of(HEADINGS, filled(数值="=1+427"))
    out = io.BytesIO()
    sheet.parent.save(out)
    hidden = with_value(out.getvalue(), "1+427", "428")
    moved = changed(hidden, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<f>1+427", b"<!-- --><f>1+427"))
    reading = read_figures(moved, "演示.xlsx")
    assert (0, "文件") in said(reading)
    assert any("公式" in one.message for one in reading.errors)


def with_value(content: bytes, formula: str, value: str) -> bytes:
    """The workbook as a spreadsheet saves it: with what it computed beside the formula."""
    old = f"<f>{formula}</f><v></v>".encode(), f"<f>{formula}</f><v />".encode(), f"<f>{formula}</f><v/>".encode()
    new = f"<f>{formula}</f><v>{value}</v>".encode()

    def put(xml: bytes) -> bytes:
        for one in old:
            xml = xml.replace(one, new)
        assert new in xml
        return xml

    return changed(content, "xl/worksheets/sheet1.xml", put)


def changed(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return out.getvalue()


def test_merged_cells_below_the_headings_are_refused_where_they_are() -> None:
    sheet = sheet_of(HEADINGS, filled(), filled(指标="支出"), filled(指标="当期结存"))
    sheet.merge_cells("A3:A4")
    reading = read_book(sheet)
    assert (3, "地区") in said(reading)
    assert "取消合并" in next(one.message for one in reading.errors if one.row == 3)
    assert [line.row for line in reading.lines] == [2]


def test_another_sheet_is_told_by_name_and_by_what_it_lacks() -> None:
    reading = read_book(sheet_of(["姓名", "电话"], ["演示", "0"]))
    (error,) = reading.errors
    assert (error.row, error.column) == (0, "文件")
    assert "看过的工作表：Sheet" in error.message
    short = read_book(sheet_of(HEADINGS[:9], filled()[:9]))
    assert "单位、来源" in short.errors[0].message


def test_two_lines_of_one_figure_are_refused_naming_both_rows() -> None:
    reading = read(long(), long(measure="支出"), long(value="429.00", region="江苏省南京市"))
    assert said(reading) == [(4, "value")]
    assert "第 2 行" in reading.errors[0].message


def test_a_number_with_a_comma_that_is_not_quoted_is_told_as_that() -> None:
    reading = read(long().replace("428.10", "1,428.10"))
    assert said(reading) == [(2, "行")]
    assert "引号" in reading.errors[0].message


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.csv", "空的"),
        (b"\n\n", "a.csv", "标题行"),
        (HEAD.encode(), "a.csv", "没有数据"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "a.xls", "另存为"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "密码.xlsx", "去掉密码"),
        (b"PK\x03\x04 not a zip", "a.xlsx", "打不开"),
        (b"\xff\xfe\x00\x80\xff", "a.csv", "编码"),
        (HEAD.replace("note", "year").encode() + b"1", "a.csv", "两次"),
        (b"a," * 50 + b"\n", "a.csv", "40 列"),
        (b"a" * (tables.MOST_BYTES + 1), "a.csv", "20 MB"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_error_in_words(content: bytes, name: str, says: str) -> None:
    reading = read_figures(content, name)
    assert not reading.lines
    (error,) = reading.errors
    assert error.row == 0
    assert says in error.message


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_while_it_unpacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_UNPACKED", 4 * 2**20)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (8 * 2**20))
    assert len(bomb.getvalue()) < 20_000
    assert "太大" in read_figures(bomb.getvalue(), "a.xlsx").errors[0].message


@pytest.mark.parametrize(("cell", "says"), [("XFD3", "40 列"), ("A1048576", "200000 行")])
def test_one_far_away_cell_is_refused(cell: str, says: str) -> None:
    sheet = sheet_of(HEADINGS, filled())
    sheet[cell] = "x"
    assert says in read_book(sheet).errors[0].message


@pytest.mark.parametrize("place", ["A99999999999", "AAAAAAAAA2", "2A", "&#65;2", "99999999999"])
def test_a_cell_that_says_its_place_in_an_unusual_way_never_reaches_the_reader(place: str) -> None:
    """Whatever allocates by that place would end the whole process."""
    out = io.BytesIO()
    sheet_of(HEADINGS, filled()).parent.save(out)
    part, there = "xl/worksheets/sheet1.xml", f'r = "{place}"'.encode()
    for old in (b'r="P1"', b'r="2"'):
        bomb = changed(out.getvalue(), part, methodcaller("replace", old, there))
        (error,) = read_figures(bomb, "a.xlsx").errors
        assert error.row == 0
    spaced = changed(out.getvalue(), part, lambda xml: xml.replace(b'r="P1"', b"r" + b" " * 5000 + b'="P1"'))
    assert "打不开" in read_figures(spaced, "a.xlsx").errors[0].message


@pytest.mark.parametrize("name", ["content.xml", "xl/workbook.bin", "xl/worksheets/sheet1.dat"])
def test_another_kind_of_workbook_inside_is_not_opened(name: str) -> None:
    out = io.BytesIO()
    sheet_of(HEADINGS, filled()).parent.save(out)
    moved = changed(
        out.getvalue(), "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"sheet1.xml", b"sheet1&#46;dat")
    )
    with zipfile.ZipFile(place := io.BytesIO(moved), "a") as archive:
        archive.writestr(name, b"<worksheet/>")
    assert "另存为" in read_figures(place.getvalue(), "a.xlsx").errors[0].message


def test_another_encoding_of_the_parts_hides_nothing() -> None:
    out = io.BytesIO()
    sheet_of(HEADINGS, filled()).parent.save(out)
    wide = changed(out.getvalue(), "xl/worksheets/sheet1.xml", lambda xml: xml.decode().encode("utf-16"))
    assert "打不开" in read_figures(wide, "a.xlsx").errors[0].message


def test_words_that_look_like_places_and_pictures_do_no_harm() -> None:
    sheet = sheet_of(HEADINGS, filled(备注="相关系数 r=0.9，r = 0.8（虚构）"))
    out = io.BytesIO()
    sheet.parent.save(out)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/media/image1.png", b'\x89PNG\x00\x01 r="ZZZZZZ9" ')
    assert only(read_figures(out.getvalue(), "a.xlsx")).amount == "428.10"


def test_the_list_of_faults_ends_and_says_so() -> None:
    reading = read(*[long(value="")] * (MOST_ERRORS + 100))
    assert len(reading.errors) == MOST_ERRORS + 1
    assert "没有检查" in reading.errors[-1].message


def test_the_page_about_the_file_has_every_heading_and_every_word_that_is_not_in_the_vocabulary() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats" / "fund-import.md").read_text(encoding="utf-8")
    words = {word for names in (*TEMPLATE.values(), *WORDS.values()) for word in names}
    words |= {one.zh for one in vocabulary().editions.values()} | set(vocabulary().units)
    assert {word for word in words if word not in page} == set()


# --- whatever comes


@given(st.decimals(0, 10**12, places=6), st.integers(0, 6))
def test_any_amount_comes_back_as_it_was_written(value: Decimal, places: int) -> None:
    text = format(value.quantize(Decimal(1).scaleb(-places)), "f")
    assert only(read(long(value=text))).amount == text


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: (HEAD + text).encode("utf-8", "surrogatepass")))
def test_no_bytes_raise(content: bytes) -> None:
    for name in ("a.csv", "a.xlsx"):
        assert all(one.message for one in read_figures(content, name).errors)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from([*LONG.values(), "亿" * 90, "-1", "１，２３"]) | st.text(max_size=12), min_size=11, max_size=11
    )
)
def test_no_cells_raise_and_each_row_is_a_figure_or_a_fault(cells: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    reading = read(out.getvalue(), long(region="无锡市"))
    assert reading.lines
    assert len(reading.lines) == 2 or reading.errors or not any(cell.strip() for cell in cells)
