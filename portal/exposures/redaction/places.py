"""Addresses of homes, and names of institutions, which stay. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.exposures.redaction.numbers import Found
from portal.exposures.redaction.values import Kind

_NUM = r"(?:[0-9A-Za-z]{1,5}|[甲乙丙丁东西南北中]|[一二三四五六七八九十百零〇两]{1,5})"
_UNIT = r"(?:号楼|号院|号|栋|幢|座|单元|楼|层|室|户|弄|门|村民小组|村民组|小组|组|队|社|房|排|巷|院|舍)"
_STEP = rf"(?:[\s\-—#第之附·]{{0,2}}(?:楼梯口|左边|右边|[东西南北甲乙](?=\d))?{_NUM}[\s\-—]?{_UNIT})"
_ROOM = r"(?:[\s\-—]?(?:\d{2,4}|[一二三四五六七八九零〇]{3,4})(?![\d元年月日万次份人张盒%.一二三四五六七八九零〇]))"
_BEYOND = r"(?:之[\d一二三四五六]{1,2}|附\d{1,3}号?|[东西南北]户|后院|前院|\d?层?楼?[东西]侧)"
_CHAIN = re.compile(
    rf"(?<![0-9A-Za-z一二三四五六七八九十第〔])(?:{_NUM}[\s\-—]?{_UNIT}{_STEP}{{1,5}}{_ROOM}?|{_NUM}\s?(?:栋|幢|座|号楼|单元|号院){_ROOM}){_BEYOND}?"
)
_HOMES = (
    "小区|花园|家园|公寓|新村|新城|家属院|宿舍|胡同|名邸|华庭|大院|广场|大厦|人家|[城苑里府邸湾园居庭轩阁都区期寨巷弄]"
)
_DASHED = re.compile(rf"(?:{_HOMES})\s?\d{{1,3}}[\-—]\d{{1,4}}(?:[\-—]\d{{1,4}}){{0,2}}(?![\d元年月日万])号?")
_CUE = re.compile(
    r"(?:家住|家庭住址|家庭地址|通讯地址|收货地址|现住址?|住址|住处|住在|户籍地?|地址|租住|租的房子|居住[在于地]?|寄[到往]?|"
    r"送[到达往]|搬[到去]|租在|留置于|[我你他她俺]们?家|家在|(?<![一-鿿])住|[我他她俺人]住|[一-鿿]住(?=[^院进了过着满的不]))"
    r"(?!院)[是为在于:：\s]{0,3}"
)
_CLAUSE = re.compile(r"[一-鿿A-Za-z0-9·\s\-—#()（）]{2,44}")
_LAST = re.compile(
    rf".*(?:{_NUM}[\s\-—]?{_UNIT}{_ROOM}?{_BEYOND}?|(?:{_HOMES}|村|屯|庄)\s?\d{{1,3}}(?:[\-—]\d{{1,4}}){{1,3}}|"
    r"(?:小区|花园|家园|公寓|新村|家属院|宿舍|胡同|苑))"
)
_REGION = re.compile(
    r"(?:[一-鿿]{2,7}?(?:省|自治区|自治州|市|县|旗|镇|乡|街道办?|(?<![小东西南北中新一二三四五六七八九十])区(?![\d一二三])))*"
)
_LEFT = re.compile(r"[一-鿿0-9A-Za-z·#\-—]{0,24}$")
_CUT = re.compile(
    r".*(?:住在|家住|现住|租住|位于|住址|地址|请寄|寄到|送到|搬到|搬去|藏在|[我你他她俺]们?家|[住寄在到从于去往是为和与及的把给向了她他我拿说有]|患者)"
)
_WARD = re.compile(
    r"(?:病区|住院|门诊|医院|病房|科室|诊室|大楼|窗口|柜台|\d床|诊所|药房|药店|公司|手术|护士站|卫生[院室])"
)
INSTITUTION = re.compile(
    r"[一-鿿A-Za-z0-9·（）()]{1,30}?(?:医院|诊所|大药房|药房|药店|卫生院|卫生室|卫生站|卫生所|"
    r"卫生服务中心|卫生服务站|门诊部|保健院|"
    r"有限公司|分公司|公司|分店|总店|药业|医药|法院|检察院|保障局|医保局|公安局|派出所|养老院|"
    r"护理院|体检中心|管理中心|服务中心|透析中心|敬老院)"
)
_BEFORE = re.compile(
    r".*(?:患者|病人|医生|护士|主任|院长|经查|其中|以及|根据|利用|通过|在|到|去|由|对|向|从|给|跟|找|"
    r"让|被|把|将|和|与|及|是|叫|我|他|她|的|了|说|为|往|于)(?=.{3})"
)
_BARE = re.compile(
    r".{2,}?(?:在|到|去|从|给|跟|让|被|把|对|向|和|与|的|由|说|开|进|回|出|离)"
    r"(?=(?:大?药房|药店|医院|诊所|公司|分店|总店|医保局|法院|派出所|卫生院|卫生室|门诊部|养老院|护理院)$)"
)
"""What stands before an institution without a name: somebody may."""


def institutions(text: str) -> Iterator[tuple[int, int]]:
    """Where an institution's name stands, without the words that lead to it."""
    for match in INSTITUTION.finditer(text):
        lead = _BARE.match(match[0]) or _BEFORE.match(match[0])
        yield match.start() + (lead.end() if lead else 0), match.end()


def addresses(text: str) -> Iterator[Found]:
    """Homes, from below province, city, county and town on: those stay."""
    for match in _CUE.finditer(text):
        if (clause := _CLAUSE.match(text, match.end())) and (last := _LAST.match(clause[0])):
            end = match.end() + last.end()
            if not _WARD.search(text, match.end(), end + 4):
                yield _without_region(text, match.end(), end)
    for pattern in (_CHAIN, _DASHED):
        for match in pattern.finditer(text):
            start = _lead(text, match.start())
            if not _WARD.search(text, max(0, start - 4), match.end() + 4):
                yield _without_region(text, start, match.end())


def _lead(text: str, start: int) -> int:
    """Where the name of the road, estate or village before a number begins."""
    left = _LEFT.search(text, max(0, start - 24), start)
    if not left:
        return start
    cut = _CUT.match(left[0])
    return left.start() + (cut.end() if cut else 0)


def _without_region(text: str, start: int, end: int) -> Found:
    region = _REGION.match(text, start, end)
    kept = region.end() if region and region.end() < end - 1 else start
    return Found(kept, end, Kind.ADDRESS)
