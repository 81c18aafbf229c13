"""What I handed in, line by line, as the opened report holds it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.directory.regions import regions
from portal.followup.outlook import ANSWER_WAYS
from portal.followup.overview import office_name
from portal.kernel.errors import NotFound
from portal.tips.amounts import amount_words
from portal.tips.catalogue import get as conduct_of
from portal.tips.catalogue import subject
from portal.tips.reporter import OwnView
from portal.tips.values import Month, Report
from portal.web.locale import gettext as _
from portal.web.locale import language, long_date, month_words

Row = dict[str, str | Sequence[str]]
"""``key`` and ``value`` as a summary list draws them; "" shows as not filled in."""


def rows_of(session: Session, view: OwnView) -> list[Row]:
    """Every answer of the report, in the order of the questions, then what was chosen about names and answers."""
    report, tip = view.report, view.tip
    pairs = [
        (_("受理编号"), tip.number),
        (_("收到的日子"), long_date(tip.received_on)),
        (_("发生的地区"), region_words(report.region)),
        (_("举报的是谁"), _zh_or_en(subject(report.subject_type))),
        (_("涉及的医保部门"), _office(session, report.against_office)),
        (_("主要问题"), _conduct(report.conduct)),
        (_("被举报方的名称"), report.target),
        (_("被举报方的地址"), report.target_address),
        (_("时间"), period_words(report.period_from, report.period_to)),
        (_("发生了什么"), report.words),
        (_("具体地点"), report.place),
        (_("涉及的人"), report.persons),
        (_("大约金额"), _amount(report)),
        (_("怎么知道的"), report.how_known),
        (_("以前的反映"), report.earlier_reports),
        (_("是否领取奖励"), _("想领取") if report.wants_reward else _("不领取")),
        (_("是否留姓名"), _named(view)),
        (_("怎样答复您"), str(ANSWER_WAYS.get(tip.answer_way, ""))),
    ]
    optional = {_("涉及的医保部门")}
    return [{"key": key, "value": value} for key, value in pairs if value or key not in optional]


def region_words(code: str | None) -> str:
    """The names of a region from the province down; a code that no table knows stands as it is."""
    if not code:
        return str(_("我不知道"))
    try:
        return " ".join(regions().path(code))
    except NotFound:
        return code


def period_words(start: Month | None, end: Month | None) -> str:
    """From month to month, one month, or nothing."""
    if start and end and start != end:
        return str(_("%(start)s到%(end)s", start=month_words(str(start)), end=month_words(str(end))))
    return month_words(str(start or end or ""))


def _conduct(code: str | None) -> str:
    if not code:
        return str(_("我不知道，或者都不像"))
    try:
        return _zh_or_en(conduct_of(code))
    except NotFound:
        return code


def _zh_or_en(entry: object) -> str:
    return str(getattr(entry, "en" if language() == "en" else "zh"))


def _office(session: Session, code: str | None) -> str:
    found = session.scalar(select(Office).where(Office.code == code)) if code else None
    return office_name(found) if found else code or ""


def _amount(report: Report) -> str:
    fen = report.amount_estimate_fen
    return "" if fen is None else str(_("%(amount)s 元", amount=amount_words(fen, grouped=True)))


def _named(view: OwnView) -> str:
    if view.identity_on is None:
        return str(_("没有留姓名"))
    return str(_("%(day)s 留下，已经单独封存。封存以后您在这里也看不到。", day=long_date(view.identity_on)))
