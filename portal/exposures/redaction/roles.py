"""Roles that single out one person, and days told to the day: put before a person, never masked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.exposures.redaction.numbers import Found
from portal.exposures.redaction.values import Kind

_WHO = (
    r"(?:人|护士长|护士|医生|医师|大夫|药师|药剂师|会计|出纳|收费员|技师|员工|职工|主任|保安|"
    r"护工|保洁|司机|店员|店长|实习生|规培生|患者|病人|老人|"
    r"孕妇|产妇|家属|女性|男性|同事|同志|员|师|工|生|村医|医务人员|工作人员|管理员|负责人|邻居|女儿|儿子|丈夫|妻子)"
)
_ROLE = re.compile(
    rf"(?:唯一|惟一|仅有|独一|就一个|只有一[名个位]|仅一[名个位]|全[院科店镇村]只有|"
    rf"只有(?=[^，。；\n]{{0,14}}{_WHO}))[^，。；\n]{{0,12}}?{_WHO}?"
    rf"|(?:刚|刚刚|新近|最近|上个?月|前不久|不久前|去年|今年)(?:离职|辞职|退休|入职|调走|调来|"
    rf"转岗|被辞退|被开除|出院|去世)的?[^，。；\n]{{0,10}}?{_WHO}?"
    rf"|(?:已|已经)?(?:离职|辞职|被辞退|被开除)的(?:那[位个名])?[^，。；\n]{{0,8}}?{_WHO}"
    r"|(?:负责|分管|主管|专管|管)[^，。；\n]{1,14}?的(?:那[位个名]|唯一|人|同事|女同事|男同事|"
    r"护士|会计|医生|药师|工作人员(?=举报))"
    rf"|(?:我们?|本人|他们|她们)?(?:科里|店里|院里|单位里?|科室里?|村里|班上|病房里|同病房|"
    rf"隔壁床|同科室|本科室|财务科|收费处|药房里)的(?:那[位个名])?[^，。；\n]{{0,8}}?{_WHO}"
    rf"|(?:我|本人)(?:就)?(?:是|作为|在)[^，。；\n]{{1,20}}?{_WHO}"
    r"|(?:举报人|反映人|投诉人|证人|爆料人|知情人|线索提供者)(?:是|系|为|原为|原系|曾任|曾在|在)[^，。；\n]{2,20}"
    r"|当时在场的[^，。；\n]{1,12}|最[大小老年][^，。；\n]{0,6}的(?:那[位个名])?(?:患者|病人|职工|员工|护士|医生)"
)
_CN = "[一二三四五六七八九十〇零]"
_DAY = re.compile(
    r"(?:\d{2,4}\s?年\s?)?(?<!\d)\d{1,2}\s?月\s?\d{1,2}\s?[日号](?:\s?(?:上午|下午|晚上?|凌晨|"
    r"中午))?|(?<!\d)\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}(?!\d)"
    rf"|(?:[二一][〇零○一二三四五六七八九]{{3}}年)?{_CN}{{1,3}}月{_CN}{{1,3}}[日号]|(?<!\d)"
    rf"20\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:本月|上个?月|当月|这个?月)\d{1,2}[日号]|(?:昨天|前天|今天|大前天|昨晚|今早|昨日|前日|"
    r"当天|当日|当晚)(?:上午|下午|晚上|早上|中午|凌晨)?(?:\d{1,2}点(?:多|半|钟)?)?"
    r"|(?:上上?|这|本|下)(?:个)?(?:周|星期|礼拜)[一二三四五六日天末]|(?:周|星期|礼拜)"
    r"[一二三四五六日天](?:上午|下午|晚上|早上)"
)
_ACT = re.compile(
    r"(?:施行|印发|发布|公布|判决|作出|裁定|生效|起施行|处罚决定|立案|开庭|通报|实施|印制|修订|通过|签订|[〔\[]\d{4})"
)


def roles(text: str) -> Iterator[Found]:
    """Phrases by which a colleague would know the person."""
    for match in _ROLE.finditer(text):
        yield Found(*match.span(), Kind.ROLE, sure=False)


def days(text: str) -> Iterator[Found]:
    """Days, but not those of official acts in the same clause."""
    for match in _DAY.finditer(text):
        if not _ACT.search(text, match.end(), match.end() + 14):
            yield Found(*match.span(), Kind.EXACT_DAY, sure=False)
