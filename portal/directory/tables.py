"""Reading a table that somebody uploads: CSV or XLSX bytes in, rows of text out, within limits.

Nothing is unpacked to disk, and nothing is handed to the spreadsheet reader before its true size is known: a small file
can unpack to gigabytes, and one far-away cell makes a dense table of billions.
"""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, TYPE_CHECKING

from portal.kernel.errors import Refused

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

MOST_BYTES = 20 * 2**20
MOST_UNPACKED = 200 * 2**20
MOST_PARTS = 500
MOST_ROWS = 200_000
MOST_COLUMNS = 40
_CHUNK = 2**20
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,10})["']""")
_PLACE = re.compile(rb"""(?<=[^\w:.-])r\s{0,64}(?:=\s{0,64}(?:(["'][A-Za-z]{0,3}[0-9]{1,7}["'])|["'])|=?\s{65})""")
"""Where a row or cell says that it stands. What is not said in the usual way could mean a place beyond the limits."""
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Bytes that no XML in UTF-8 has: another encoding would hide what is looked for."""
_OTHER_BOOKS = ("content.xml", "workbook.bin")
"""Parts of OpenDocument and binary workbooks: the reader would take them, too, and nothing here looks through them."""
_LOOKED_THROUGH = (".xml", ".rels")
_OVERLAP = 512
_FORMULA = re.compile(rb"<(?!xm:)(?:\w+:)?f[\s/>]")
"""A formula of a cell; xm:f belongs to the lists and colours of a sheet."""
_FORMULA_CELL = re.compile(
    rb"""<(?:\w+:)?c\s[^<>]{0,200}?\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["'][^<>]{0,200}>\s{0,9}(<(?:\w+:)?f[\s/>])"""
)
_ATTRIBUTE = re.compile(r"""(?:\w+:)?(\w+)\s*=\s*("[^"]*"|'[^']*')""")
_CELL_HEAD = 512


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, or the one table of a CSV file (``name`` ""). Rows and columns are counted from 1.

    ``rows``: (row number, cells), read when asked for. ``left``: the column of the first cell of each row.
    ``merged``: (first row, first column, last row, last column) of each range of merged cells. ``hidden``: a program
    does not show it unless it is asked to; what nobody has seen is not taken for what somebody hands in.
    """

    name: str
    rows: Iterator[tuple[int, list[str]]]
    left: int = 1
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: bool = False


def read_table(content: bytes, filename: str) -> Iterator[tuple[int, list[str]]]:
    """(row number as the program that made the file shows it, cells) for each row that is not empty.

    CSV in UTF-8 (with or without a mark) or GB18030; XLSX by its first sheet that shows. Raises Refused with a sentence
    that says what to do: "file_empty", "file_too_large", "file_kind", "file_broken", "too_many_rows",
    "too_many_columns".
    """
    for sheet in read_sheets(content, filename):
        if not sheet.hidden:
            yield from sheet.rows
            return


def read_sheets(content: bytes, filename: str) -> Iterator[Sheet]:
    """Every sheet with its rows that are not empty, one after the other. Raises Refused as :func:`read_table`."""
    if not content:
        raise Refused("file_empty", "文件是空的，请检查后重新上传。")
    if len(content) > MOST_BYTES:
        raise Refused("file_too_large", f"文件不能超过 {MOST_BYTES >> 20} MB，请分成几个文件。")
    if content.startswith(b"\xd0\xcf\x11\xe0") and filename.lower().endswith(".xlsx"):  # what a password makes of it
        raise Refused("file_kind", "这个文件有密码，或者是旧的 .xls 改了名。请打开它，去掉密码，另存为 .xlsx 再上传。")
    if content.startswith(b"\xd0\xcf\x11\xe0") or filename.lower().endswith((".xls", ".et", ".ods", ".numbers")):
        raise _other_kind()
    if not content.startswith(b"PK"):
        yield Sheet("", _within(_csv_rows(_decoded(content))))
        return
    yield from _xlsx_sheets(content)


def formula_cells(content: bytes, sheet: str) -> list[tuple[int, int]]:
    """(row, column) of each cell with a formula in *sheet* of an XLSX file that was read; (0, 0): one without a place.

    What a program computed and left in such a cell may be older than the formula: whoever reads figures refuses it.
    """
    if not content.startswith(b"PK"):
        return []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found: list[tuple[int, int]] = []
        for part in _parts_of(archive, sheet):
            with archive.open(part) as file:
                found += _formulas(file)
    return found


def _parts_of(archive: zipfile.ZipFile, sheet: str) -> list[str]:
    """The part that holds *sheet*; every sheet's part where the workbook does not say so plainly."""
    every = [one for one in archive.namelist() if one.startswith("xl/worksheets/") and one.endswith(".xml")]
    try:
        book, relations = (archive.read(one).decode() for one in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    except (KeyError, UnicodeDecodeError):
        return every
    tags = [_attributes(tag) for tag in re.findall(r"<(?:\w+:)?sheet\s[^<>]*>", book)]
    ids = [tag.get("id") for tag in tags if tag.get("name") == sheet]
    targets = [_attributes(tag) for tag in re.findall(r"<(?:\w+:)?Relationship\s[^<>]*>", relations)]
    parts = ["xl/" + tag.get("Target", "").removeprefix("/xl/") for tag in targets if [tag.get("Id")] == ids]
    return parts if len(parts) == 1 and parts[0] in every else every


def _attributes(tag: str) -> dict[str, str]:
    """Name without its prefix → value. ``sheetId`` is another name than ``r:id``."""
    return {name: html.unescape(value[1:-1]) for name, value in _ATTRIBUTE.findall(tag)}


def _formulas(file: IO[bytes]) -> list[tuple[int, int]]:
    """Bounded like all reading here: in pieces, with what a cell's beginning may need kept from the piece before."""
    found: dict[int, tuple[int, int]] = {}
    tail, start = b"", 0
    while piece := file.read(_CHUNK):
        text = tail + piece
        for formula in _FORMULA.finditer(text):
            found.setdefault(start + formula.start(), (0, 0))
        for cell in _FORMULA_CELL.finditer(text):
            found[start + cell.start(3)] = int(cell[2]), _column_number(cell[1])
        tail = text[-_CELL_HEAD:]
        start += len(text) - len(tail)
    return sorted(set(found.values()))


def _within(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, within the limits."""
    for number, cells in rows:
        if number > MOST_ROWS + 1:
            raise Refused("too_many_rows", f"一次最多导入 {MOST_ROWS} 行，请分成几个文件。")
        if len(cells) > MOST_COLUMNS:
            message = f"第 {number} 行有 {len(cells)} 列，最多 {MOST_COLUMNS} 列。请删掉多余的列。"
            raise Refused("too_many_columns", message)
        if any(cells):
            yield number, cells


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("file_broken", "文件的文字编码无法识别，请另存为 UTF-8 编码的 CSV 或者 .xlsx。")


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    start = 1
    try:
        for cells in reader:
            yield start, [cell.strip() for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        raise Refused("file_broken", f"第 {start} 行附近不是正确的 CSV 格式，请检查引号和换行。") from error


def _xlsx_sheets(content: bytes) -> Iterator[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum  # one page needs it

    _check_parts(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if not book.sheet_names:
            raise ValueError("no sheet")
        shown = {one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible}
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            merged = tuple(
                (top + 1, left + 1, bottom + 1, right + 1)
                for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
            )
            yield Sheet(name, _within(_xlsx_rows(sheet)), (sheet.start or (0, 0))[1] + 1, merged, name not in shown)
    except (CalamineError, ValueError, IndexError) as error:
        raise _broken() from error


def _xlsx_rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineError

    first = (sheet.start or (0, 0))[0]
    try:
        for offset, cells in enumerate(sheet.iter_rows()):
            yield first + offset + 1, [_text(cell) for cell in cells]
    except (CalamineError, ValueError, IndexError) as error:
        raise _broken() from error


def _other_kind() -> Refused:
    return Refused("file_kind", "不支持这种表格，请在表格软件里“另存为” .xlsx 或者 CSV 后再上传。")


def _broken() -> Refused:
    return Refused("file_broken", "这个 .xlsx 文件打不开，请在表格软件里重新保存后再上传。")


def _check_parts(content: bytes) -> None:
    """Unpack every part in small pieces, counting true bytes and looking for cells far outside the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if any(part.filename.lower().endswith(_OTHER_BOOKS) for part in parts):
                raise _other_kind()
            if len(parts) > MOST_PARTS:
                raise Refused("file_too_large", "这个 .xlsx 文件里的部分太多，请只保留需要的一张表。")
            unpacked = 0
            for part in parts:
                unpacked = _check_part(archive, part, unpacked)
            _check_names(archive)
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _broken() from error


def _check_names(archive: zipfile.ZipFile) -> None:
    """No sheet under a name that is not looked through: what the workbook points to is XML, by its name."""
    names = [name.lower() for name in archive.namelist()]
    pointers = [archive.read(one) for one in archive.namelist() if one.lower().endswith("workbook.xml.rels")]
    said = html.unescape(b"".join(pointers).decode(errors="replace")).lower()
    if any(not name.endswith(_LOOKED_THROUGH) and name.rpartition("/")[2] in said for name in names):
        raise _other_kind()


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, unpacked: int) -> int:
    looked_through, tail = part.filename.lower().endswith(_LOOKED_THROUGH), b""
    with archive.open(part) as file:
        while piece := file.read(_CHUNK):
            unpacked += len(piece)
            if unpacked > MOST_UNPACKED:
                raise Refused("file_too_large", "这个 .xlsx 文件解开以后太大，请分成几个文件。")
            if looked_through:
                _check_cells(tail + piece, len(tail + piece) - _OVERLAP // 2)
                tail = (tail + piece)[-_OVERLAP:]
    _check_cells(tail, len(tail))
    return unpacked


def _check_cells(piece: bytes, until: int) -> None:
    """*until*: what begins behind it is looked at with the next piece."""
    unusual = (place.start() for place in _PLACE.finditer(piece) if not place[1])
    if _NO_XML.search(piece) or any(start < until for start in unusual):
        raise _broken()
    for column, row in _CELL.findall(piece):
        if int(row) > MOST_ROWS + 1:
            raise Refused("too_many_rows", f"一次最多导入 {MOST_ROWS} 行，请分成几个文件，并删掉下方的空行。")
        if _column_number(column) > MOST_COLUMNS:
            raise Refused("too_many_columns", f"表格最多 {MOST_COLUMNS} 列，请删掉右边多余的列。")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _text(cell: object) -> str:
    """A cell as text: whole numbers without a decimal point, days as YYYY-MM-DD."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
