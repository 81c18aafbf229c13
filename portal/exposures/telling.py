"""A published case as its page says it: rows and sentences in the reader's language. Nothing is added to the case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.exposures import wording
from portal.exposures.bases import bases
from portal.exposures.content import CaseContent
from portal.exposures.opendata import conduct_name, region_name
from portal.exposures.redaction.values import Kind
from portal.exposures.values import Amounts, Decided, Ownership, Size, Source
from portal.web.locale import gettext as _
from portal.web.locale import in_language, money, month_words


def facts(content: CaseContent) -> list[dict[str, Any]]:
    """Rows of what was found, before any prose."""
    return [{"key": key, "value": value} for key, value in _facts(content) if value]


def _facts(content: CaseContent) -> Iterator[tuple[str, Any]]:
    yield _("地区"), region_name(content.region)
    yield _("曝光的是谁"), in_language("，").join(_who(content))
    yield _("名称"), content.institution
    yield _("问题类型"), [conduct_name(code) for code in content.conducts]
    yield _("问题性质"), str(wording.MANNERS[content.manner])
    yield _("发生的时间"), _months(content)
    yield _("查实的时间"), month_words(content.found_in.text) if content.found_in else ""
    if content.source is not Source.UNSTATED:
        yield _("线索来源"), str(wording.SOURCES[content.source])


def _who(content: CaseContent) -> Iterator[str]:
    yield str(wording.SUBJECTS[content.subject])
    if content.ownership is not Ownership.UNKNOWN:
        yield str(wording.OWNERSHIPS[content.ownership])
    if content.size is not Size.UNKNOWN:
        yield str(wording.SIZES[content.size])


def _months(content: CaseContent) -> str:
    first, last = (month_words(month.text) if month else "" for month in (content.began, content.ended))
    if first and last and first != last:
        return _("%(first)s至%(last)s", first=first, last=last)
    return _("%(first)s起", first=first) if first and not last else last


def amounts(content: CaseContent) -> list[tuple[str, str]]:
    """Rows of the table of sums; one that is not stated has none."""
    given = content.amounts
    rows = [
        (_("涉及的医保基金"), given.involved_fen),
        (_fine_words(given), given.fine_fen),
        (_("违约金"), given.damages_fen),
        (_("拒付的费用"), given.refused_fen),
        (_("已经追回"), given.recovered_fen),
    ]
    return [(words, money(fen)) for words, fen in rows if fen]


def _fine_words(given: Amounts) -> str:
    if not given.fine_tenths:
        return _("罚款")
    whole, tenth = divmod(given.fine_tenths, 10)
    times = f"{whole}.{tenth}" if tenth else str(whole)
    if not given.fine_base_fen:
        return _("罚款（%(times)s 倍）", times=times)
    return _("罚款（%(base)s 的 %(times)s 倍）", base=money(given.fine_base_fen), times=times)


def grounds(content: CaseContent) -> list[str]:
    """The law by article, in Chinese; words as they stand where they are no code."""
    known = bases()
    return [known[code].zh if code in known else code for code in content.bases]


def results(content: CaseContent) -> list[str]:
    """What was decided, then whom the case was handed to, then points."""
    decided = [_result(one) for one in content.results]
    handed = [_("移送%(body)s", body=wording.REFERRALS[one]) for one in content.referrals]
    points = [
        _("医保支付资格记分：%(role)s %(people)s 人，每人 %(points)s 分", role=one.role, people=one.people,
          points=one.points)
        for one in content.points
    ]  # fmt: skip
    return [*decided, *handed, *points]


def _result(one: Decided) -> str:
    words = str(wording.RESULTS[one.result])
    return _("%(result)s %(months)s 个月", result=words, months=one.months) if one.months else words


def withheld(content: CaseContent) -> list[str]:
    """What was left out, by its kind."""
    return [
        _("%(kind)s：%(count)s 处", kind=wording.KINDS[Kind(one.kind)], count=one.count) for one in content.withheld
    ]
