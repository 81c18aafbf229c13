"""The register of designated institutions (定点医药机构) as a file that a bureau uploads, checked row by row. Pure.

What is wrong with a row is said in a sentence that tells the clerk what to do; a row with a fault is left out, the
others are given back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stdnum.cn import uscc

from portal.directory.regions import Region, regions
from portal.directory.tables import read_table
from portal.kernel.errors import NotFound, Refused

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "医院": "hospital",
        "门诊部": "outpatient",
        "诊所": "clinic",
        "社区卫生服务机构": "community",
        "乡镇卫生院": "township",
        "村卫生室": "village",
        "护理院": "nursing",
        "药店": "pharmacy",
        "其他": "other",
    }
)
"""What the kind column may say → the value that is stored."""

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "code": ("医保编码", "定点编码", "机构编码", "国家医保编码"),
        "name": ("名称", "机构名称", "医药机构名称"),
        "kind": ("类型", "机构类型", "类别"),
        "region": ("地区", "地区代码", "行政区划", "行政区划代码"),
        "credit_code": ("统一社会信用代码", "信用代码"),
        "address": ("地址", "机构地址", "详细地址"),
        "state": ("状态", "协议状态"),
    }
)
"""Field → the headings it may stand under. Only the first four must be there."""

_REQUIRED = ("code", "name", "kind", "region")
_LIMITS = {"name": 200, "address": 300}
_VALID, _ENDED = ("", "有效", "正常", "在用"), ("暂停", "中止", "解除", "终止")
_STATES = dict.fromkeys(_VALID, True) | dict.fromkeys(_ENDED, False)
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{3,39}")
MOST_ERRORS = 500


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """One institution, checked. Fields as in the table ``institution``."""

    code: str
    name: str
    kind: str
    region: str
    credit_code: str
    address: str
    active: bool


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong where. Row 0 is the file as a whole."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The rows that can be taken over, and every fault, at most 500 of them."""

    rows: tuple[InstitutionRow, ...]
    errors: tuple[RowError, ...]


class _Bad(Exception):
    """A fault in one cell."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(column)
        self.column = column
        self.message = message


def read_institutions(content: bytes, filename: str) -> ImportResult:
    """Read a register from the bytes of a CSV or XLSX file. Never raises: a file that cannot be read is one error."""
    rows: dict[str, InstitutionRow] = {}
    errors: list[RowError] = []
    places: dict[str, int] | None = None
    try:
        for number, cells in read_table(content, filename):
            if places is None:
                places = _headings(number, cells)
                continue
            found = _row(number, cells, places, rows, errors)
            if found is not None:
                rows[found.code] = found
            if len(errors) >= MOST_ERRORS:
                errors.append(RowError(0, "文件", f"错误超过 {MOST_ERRORS} 处，后面的没有检查。请先改正上面这些。"))
                break
        if places is None:
            errors.append(RowError(0, "文件", "文件里没有内容，请检查后重新上传。"))
    except Refused as error:
        errors.append(RowError(0, "文件", error.message))
    return ImportResult(tuple(rows.values()), tuple(errors))


def _headings(number: int, cells: list[str]) -> dict[str, int]:
    """Where each field stands. Raises Refused when a needed heading is missing or one stands twice."""
    plain = [re.sub(r"\(.*?\)|[\s*]", "", unicodedata.normalize("NFKC", cell)) for cell in cells]
    places: dict[str, int] = {}
    for name, headings in COLUMNS.items():
        at = [index for index, cell in enumerate(plain) if cell in headings]
        if len(at) > 1:
            raise Refused("heading_twice", f"第 {number} 行的标题“{plain[at[1]]}”出现了两次，请只保留一列。")
        if at:
            places[name] = at[0]
    missing = [COLUMNS[name][0] for name in _REQUIRED if name not in places]
    if missing:
        raise Refused("heading_missing", f"第 {number} 行要是标题，缺少：{'、'.join(missing)}。请补上这些列。")
    return places


def _row(
    number: int,
    cells: list[str],
    places: Mapping[str, int],
    seen: Mapping[str, InstitutionRow],
    errors: list[RowError],
) -> InstitutionRow | None:
    """The institution of a row, or None after every fault in it was added to *errors*."""
    given = {name: cells[at] if at < len(cells) else "" for name, at in places.items()}
    found: dict[str, str | bool] = {}
    for name, check in _CHECKS.items():
        try:
            found[name] = check(given.get(name, ""))
        except _Bad as error:
            errors.append(RowError(number, error.column, error.message))
    if found.get("code") in seen:
        message = f"编码 {found['code']} 在前面已经出现过，请删掉重复的一行。"
        errors.append(RowError(number, COLUMNS["code"][0], message))
        return None
    if len(found) < len(_CHECKS):
        return None
    return InstitutionRow(
        str(found["code"]),
        str(found["name"]),
        str(found["kind"]),
        str(found["region"]),
        str(found["credit_code"]),
        str(found["address"]),
        bool(found["state"]),
    )


def _compact(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def _code(text: str) -> str:
    code = _compact(text)
    if not _CODE.fullmatch(code):
        raise _Bad(COLUMNS["code"][0], "要填 4 到 40 位的字母和数字。")
    return code


def _plain(name: str, text: str) -> str:
    """Text without control and direction characters, its spaces joined; at most so many characters."""
    words = " ".join(text.split())
    clean = "".join(char for char in words if unicodedata.category(char) not in ("Cc", "Cf")).strip()
    if len(clean) > _LIMITS[name]:
        raise _Bad(COLUMNS[name][0], f"最多 {_LIMITS[name]} 个字，现在有 {len(clean)} 个字。")
    return clean


def _name(text: str) -> str:
    name = _plain("name", text)
    if not name:
        raise _Bad(COLUMNS["name"][0], "没有填写，请补上机构名称。")
    return name


def _address(text: str) -> str:
    return _plain("address", text)


def _kind(text: str) -> str:
    kind = KINDS.get(_compact(text))
    if kind is None:
        raise _Bad(COLUMNS["kind"][0], f"要填下面之一：{'、'.join(KINDS)}。")
    return kind


def _region(text: str) -> str:
    typed = _compact(text)
    region = _find_region(typed)
    if region is None:
        raise _Bad(COLUMNS["region"][0], "没有这个地区，请填六位行政区划代码，或者“南京市秦淮区”这样的全称。")
    if region.retired:
        became = "、".join(regions().get(code).name for code in region.into)
        raise _Bad(COLUMNS["region"][0], f"{region.name}已经撤销，请改填：{became}。")
    return region.code


def _find_region(typed: str) -> Region | None:
    known = regions()
    if re.fullmatch("[0-9]{6}", typed):
        try:
            return known.get(typed)
        except NotFound:
            return None
    matches = [found for found in known.search(typed, 50) if "".join(known.path(found.code)).endswith(typed)]
    return matches[0] if len(matches) == 1 else None


def _credit_code(text: str) -> str:
    code = _compact(text).replace("-", "")
    if code and not uscc.is_valid(code):
        message = "不是正确的 18 位统一社会信用代码，请核对；在表格软件里要把这一列设为“文本”，否则数字会走样。"
        raise _Bad(COLUMNS["credit_code"][0], message)
    return code


def _state(text: str) -> bool:
    state = _STATES.get(_compact(text))
    if state is None:
        raise _Bad(COLUMNS["state"][0], f"要填下面之一：{'、'.join(filter(None, _STATES))}；不填就是有效。")
    return state


_CHECKS: Mapping[str, Callable[[str], str | bool]] = {
    "code": _code,
    "name": _name,
    "kind": _kind,
    "region": _region,
    "credit_code": _credit_code,
    "address": _address,
    "state": _state,
}
