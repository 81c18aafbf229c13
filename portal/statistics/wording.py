"""What the codes of a bulletin are called, for the public and for staff. Chinese is the source language.

A code that is not known here is shown as it is: a bulletin of long ago may hold what nobody counts any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.kernel.errors import NotFound
from portal.mailbox.reasons import WORDS
from portal.statistics.values import CorrectionReason
from portal.tips import catalogue
from portal.tips.values import Channel
from portal.web.locale import gettext, language

FIGURES: Mapping[str, str] = {
    "received": lazy_gettext("收到的举报"),
    "decided": lazy_gettext("作出的处理决定"),
    "verified": lazy_gettext("查实的比例"),
    "opened": lazy_gettext("打开的身份或者联系方式"),
    "waited": lazy_gettext("办理用了多久"),
    "missed": lazy_gettext("超过法定期限"),
    "recovered": lazy_gettext("追回的医保基金"),
    "paid": lazy_gettext("发放的举报奖励"),
}
TABLES: Mapping[str, str] = {
    "channel": lazy_gettext("从哪里来"),
    "subject": lazy_gettext("举报的是谁"),
    "office": lazy_gettext("先到哪个单位"),
    "missed:office": lazy_gettext("当时负责办理的单位"),
    "outcome": lazy_gettext("处理结果"),
    "reason": lazy_gettext("为什么打开"),
}
CHANNELS: Mapping[str, str] = {
    Channel.WEB: lazy_gettext("网上"),
    Channel.HOTLINE: lazy_gettext("12393 电话"),
    Channel.EMAIL: lazy_gettext("电子邮件"),
    Channel.FAX: lazy_gettext("传真"),
    Channel.POST: lazy_gettext("来信"),
    Channel.VISIT: lazy_gettext("来访"),
}
STEPS: Mapping[str, str] = {
    "screened": lazy_gettext("受理或者不予受理"),
    "verified": lazy_gettext("核查后立案、不予立案或者协议处理"),
    "decided": lazy_gettext("作出处理决定"),
    "closed": lazy_gettext("结案"),
}
NUMBERS: Mapping[str, str] = {
    "total": lazy_gettext("合计"),
    "found": lazy_gettext("查实的件数"),
    "of": lazy_gettext("全部决定的件数"),
    "per_mille": lazy_gettext("查实的千分比"),
    "count": lazy_gettext("件数"),
    "fen": lazy_gettext("金额（分）"),
    "at_least": lazy_gettext("至少几笔"),
    "fen_at_least": lazy_gettext("至少多少金额（分）"),
    "told_from": lazy_gettext("一个地方付了几笔才计入"),
    "median": lazy_gettext("一半不超过的天数"),
    "p90": lazy_gettext("九成不超过的天数"),
    "working_median": lazy_gettext("一半不超过的工作日数"),
    "working_p90": lazy_gettext("九成不超过的工作日数"),
}
"""Numbers that are no cells of a table."""
USES: Mapping[str, str] = {
    "identity": lazy_gettext("身份"),
    "contact": lazy_gettext("联系方式"),
    "check": lazy_gettext("核对稿子"),
}
REASONS: Mapping[str, str] = {
    CorrectionReason.COUNTING: lazy_gettext("统计方法有误"),
    CorrectionReason.RECORD: lazy_gettext("有的举报当时登记错了，已经改正"),
    CorrectionReason.ADDED: lazy_gettext("增加了原来没有统计的数字"),
}


def office_names(session: Session) -> dict[str, str]:
    """Names of offices by their codes, in the reader's language where they have one."""
    english = language() == "en"
    rows = session.execute(select(Office.code, Office.name, Office.name_en))
    return {one.code: one.name_en if english and one.name_en else one.name for one in rows}


def in_order(table: str, codes: Iterable[str]) -> list[str]:
    """*codes* as the words for them are ordered: what is stored has them sorted. What has no order stays as it is."""
    known = list(CHANNELS) if table == "channel" else [one.type.value for one in catalogue.subjects()]
    place = {code: at for at, code in enumerate(known if table in ("channel", "subject") else WORDS)}
    return sorted(codes, key=lambda code: place.get(code.rpartition(":")[2], len(place)))


def table_words(figure: str, table: str) -> str:
    """The name of what a figure is split by."""
    return str(TABLES.get(f"{figure}:{table}", TABLES.get(table, STEPS.get(table, table))))


def cell_words(table: str, code: str, offices: Mapping[str, str]) -> str:
    """The name of a cell of *table*; *offices*: their names by code, in the reader's language."""
    if table == "channel":
        return str(CHANNELS.get(code, code))
    if table == "subject":
        known = {one.type.value: one.en if language() == "en" else one.zh for one in catalogue.subjects()}
        return known.get(code, code)
    if table == "office":
        return offices.get(code, code)
    if table == "reason":
        use, _, reason = code.partition(":")
        return f"{USES.get(use, use)}{gettext('：')}{WORDS.get(reason, reason)}" if reason else code
    if table == "conduct":
        return conduct_words(code)
    return str(WORDS.get(code, code))


def conduct_words(code: str) -> str:
    """What the catalogue calls a kind of conduct."""
    try:
        found = catalogue.get(code)
    except NotFound:
        return code
    return found.en if language() == "en" else found.zh
