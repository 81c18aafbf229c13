"""Addresses of homes, and names of institutions, which stay. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.exposures.redaction.numbers import Found
from portal.exposures.redaction.values import Kind

_NUM = r"(?:[0-9A-Za-z]{1,5}|[甲乙丙丁东西南北]|[一二三四五六七八九十百零〇两]{1,5})"
_UNIT = r"(?:号楼|号院|栋|幢|座|单元|楼|层|室|户|号|弄|门|组|队|房)"
_TAIL = rf"(?:[\s\-—#第之]{{0,2}}{_NUM}[\s\-—]?{_UNIT}){{1,6}}(?:[\s\-—]?\d{{2,4}}(?!\d|元|年|月))?"
_HOME = re.compile(
    r"(?:家住|家庭住址|家庭地址|住址|住在|住处是|户籍地|地址|现住|租住|租住在|家在|居住于|"
    r"居住在|居住地|寄到|送到|搬到|我住|他住|她住)"
    r"[是为在于:：\s]{0,3}([一-鿿A-Za-z0-9][一-鿿A-Za-z0-9·\s\-—#()（）]{1,40}?(?:小区|花园|"
    r"家园|公寓|新村|新城|[苑村庄屯巷])?"
    rf"{_TAIL})"
)
_ESTATE = re.compile(
    rf"([一-鿿0-9]{{2,12}}(?:小区|花园|家园|公寓|新村|[苑里府邸湾城巷弄路街道]))[一-鿿]{{0,2}}"
    rf"\s?({_NUM}\s?(?:号楼|栋|幢|座|弄|单元)(?:{_TAIL})?(?:[\s\-—]?\d{{2,4}}(?![\d元年月万]))?)"
)
_NAMED = r"[一-鿿]{2,5}?(?:路|街|大道|道|巷|弄|里|胡同)\s?\d{1,4}(?:[-－]\d{1,4})?号"
_ROAD = re.compile(rf"{_NAMED}(?:[一-鿿]{{2,8}}?)?{_TAIL}")
_LIVES = re.compile(
    rf"(?:住|寄|寄到|送到|送达|留置于|搬到|搬到了|租在)({_NAMED})(?![^，。；]{{0,8}}(?:医院|药房|药店|公司|诊所|店))"
)
_BLOCK = re.compile(rf"{_NUM}\s?(?:号楼|栋|幢|座)[\s\-—]?{_NUM}\s?(?:单元|室|户|号)(?:{_TAIL})?")
_REGION = re.compile(r"(?:[一-鿿]{2,7}?(?:省|自治区|自治州|市|(?<!小)区|县|旗|镇|乡|街道))*")
_WARD = re.compile(r"(?:病区|住院|门诊|医院|病房|科室|诊室|大楼)")
_CUT = re.compile(r".*(?:住在|家住|位于|我住|就在|地址|住址|请寄|[住寄在到从于去住是和与及的把给向了她他]|患者)")
INSTITUTION = re.compile(
    r"[一-鿿A-Za-z0-9·（）()]{1,30}?(?:医院|诊所|大药房|药房|药店|卫生院|卫生室|卫生站|卫生所|"
    r"卫生服务中心|卫生服务站|门诊部|保健院|"
    r"有限公司|分公司|公司|分店|总店|药业|医药|法院|检察院|保障局|医保局|公安局|派出所|养老院|"
    r"护理院|体检中心|管理中心|敬老院)"
)
_BEFORE = re.compile(
    r".*(?:患者|病人|医生|护士|主任|院长|经查|其中|以及|根据|利用|通过|在|到|去|由|对|向|从|给|"
    r"让|被|把|将|和|与|及|是|叫|我|他|她|的|了|说|为|往|于)(?=.{3})"
)


def institutions(text: str) -> Iterator[tuple[int, int]]:
    """Where an institution's name stands, without the words that lead to it."""
    for match in INSTITUTION.finditer(text):
        lead = _BEFORE.match(match[0])
        yield match.start() + (lead.end() if lead else 0), match.end()


def addresses(text: str) -> Iterator[Found]:
    """Homes, from below province, city, county and town on: those stay."""
    for match in _ROAD.finditer(text):
        lead = _CUT.match(match[0])
        start = match.start() + (lead.end() if lead and lead.end() < 6 else 0)
        if not _WARD.search(match[0]):
            yield _without_region(text, start, match.end())
    for match in _HOME.finditer(text):
        if not _WARD.search(match[1]):
            yield _without_region(text, *match.span(1))
    for match in _ESTATE.finditer(text):
        lead = _CUT.match(match[1])
        start = match.start() + (lead.end() if lead and lead.end() < len(match[1]) - 1 else 0)
        if not _WARD.search(match[0]):
            yield _without_region(text, start, match.end())
    for match in _LIVES.finditer(text):
        yield _without_region(text, *match.span(1))
    for match in _BLOCK.finditer(text):
        if not _WARD.search(text, max(0, match.start() - 6), match.end()):
            yield Found(*match.span(), Kind.ADDRESS)


def _without_region(text: str, start: int, end: int) -> Found:
    region = _REGION.match(text, start, end)
    kept = region.end() if region and region.end() < end - 1 else start
    return Found(kept, end, Kind.ADDRESS)
