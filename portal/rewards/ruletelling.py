"""One region's rule in words: its tables band by band, who gets more, and how sure we are. In the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from portal.rewards import telling
from portal.rewards.telling import yuan
from portal.rewards.values import Band, Schedule, Subject, Table, Uplift
from portal.rewards.wording import percent
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l

PARTS = {
    "all": _l("全部内容"),
    "document": _l("文件名称"),
    "number": _l("文件的编号"),
    "effective": _l("施行的日期"),
    "effective_from": _l("开始施行的日期"),
    "effective_to": _l("停止施行的日期"),
    "rates": _l("比例"),
    "max_rate": _l("最高比例"),
    "min_rate": _l("最低比例"),
    "bands": _l("分档"),
    "band_edges": _l("每一档的边界"),
    "steps": _l("分档"),
    "flat": _l("按全部金额还是分段计算"),
    "floor": _l("最低数额"),
    "floors": _l("最低数额"),
    "cap": _l("最高数额"),
    "grades": _l("证据等级"),
    "uplift": _l("内部人员多得多少"),
    "no_loss": _l("没有损失时的数额"),
    "claim": _l("领取的期限"),
    "sharing": _l("几个人举报时怎样分"),
    "case_value": _l("哪些钱算在内"),
    "real_name": _l("是不是要实名"),
    "process": _l("办理的过程"),
    "final": _l("最后的文本"),
}
OTHER = _l("其他内容")
LEVELS = {
    "confirmed": _l("在两处以上公开材料里见到"),
    "single-source": _l("只在一处公开材料里见到"),
    "inferred": _l("没有直接写明，是我们推断的"),
    "not seen": _l("没有见到"),
}
_SUBJECTS = {Subject.INSTITUTION: _l("举报医院、药店、单位"), Subject.INDIVIDUAL: _l("举报个人")}
_KINDRED = {"outsider": _l("外部的人举报"), "insider_or_competitor": _l("内部人员或者同行举报")}


@dataclass(frozen=True, slots=True)
class RuleTable:
    """One table: for which cases, its own lowest sum ("" none), and a row a band: the loss, what is paid."""

    caption: str
    floor: str
    rows: tuple[tuple[str, str], ...]


def tables(schedule: Schedule) -> list[RuleTable]:
    """Every table of the rule."""
    several = len(schedule.tables) > 1
    return [_table(one, schedule, several=several) for one in schedule.tables]


def flat_rows(schedule: Schedule) -> list[tuple[str, str]]:
    """Several tables of one band each as one: which case, what is paid. Empty where some table has bands."""
    if len(schedule.tables) < 2 or any(len(table.bands) > 1 for table in schedule.tables):
        return []
    return [(_when(table), _paid(table.bands[0])) for table in schedule.tables]


def _table(table: Table, schedule: Schedule, *, several: bool) -> RuleTable:
    own = table.floor_fen is not None and table.floor_fen != schedule.floor_fen
    lowers = [None, *table.bands[:-1]]
    rows = tuple((_loss(lower, band), _paid(band)) for lower, band in zip(lowers, table.bands, strict=True))
    return RuleTable(_when(table) if several else _("发多少"), yuan(table.floor_fen or 0) if own else "", rows)


def _when(table: Table) -> str:
    said = table.when
    found = [
        str(_SUBJECTS[Subject(said["subject"])]) if "subject" in said else "",
        str(telling.NATURES_BY_VALUE[said["nature"]]) if "nature" in said else "",
        str(telling.GRADES[said["grade"]][0]) if "grade" in said else "",
        _relation(said["relation"]) if "relation" in said else "",
    ]
    return _("，").join(part for part in found if part)


def _relation(value: str) -> str:
    return str(_KINDRED[value]) if value in _KINDRED else str(telling.RELATIONS_BY_VALUE[value])


def _loss(lower: Band | None, band: Band) -> str:
    """The case values of a band in words that say whom the edges belong to."""
    above = below = ""
    if lower is not None:
        words = _l("超过 %(sum)s") if lower.upper_inclusive else _l("满 %(sum)s")
        above = str(words) % {"sum": yuan(lower.upper_fen or 0)}
    if band.upper_fen is not None:
        words = _l("不超过 %(sum)s（含）") if band.upper_inclusive else _l("不满 %(sum)s")
        below = str(words) % {"sum": yuan(band.upper_fen)}
    return _("，").join(part for part in (above, below) if part) or _("不论多少")


def _paid(band: Band) -> str:
    if band.rate is None:
        return _("没有见到原文")
    if not band.rate and band.rate_max is None:
        return _base(band)
    rate = percent(band.rate)
    if band.rate_max is not None:
        rate = _("%(low)s 到 %(high)s", low=rate, high=percent(band.rate_max))
    if band.over_fen:
        over = _("超过 %(edge)s 的部分的 %(rate)s", edge=yuan(band.over_fen), rate=rate)
        return _("%(base)s，加%(rest)s", base=_base(band), rest=over) if band.base_fen else over
    whole = _("全部损失的 %(rate)s", rate=rate)
    return _("%(whole)s，再加 %(base)s", whole=whole, base=_base(band)) if band.base_fen else whole


def _base(band: Band) -> str:
    if band.base_max_fen is not None and band.base_max_fen != band.base_fen:
        return _("%(low)s 到 %(high)s", low=yuan(band.base_fen), high=yuan(band.base_max_fen))
    return yuan(band.base_fen)


def jumping(schedule: Schedule) -> bool:
    """Whether some table pays for the whole by the band that the loss falls into, so that its edges jump."""
    return any(
        lower.rate != upper.rate and upper.over_fen != lower.upper_fen
        for table in schedule.tables
        for lower, upper in pairwise(table.bands)
    )


def uplift(one: Uplift | None) -> str:
    """Who gets more, and how much; "" where nobody does."""
    if one is None:
        return ""
    who = _("、").join(str(words[0]) for value, words in telling.RELATIONS.items() if value in one.relations)
    real = _("要实名举报") if one.real_name else ""
    return _("，").join(part for part in (_("%(who)s的人举报：%(more)s", who=who, more=_more(one)), real) if part)


def _more(one: Uplift) -> str:
    if one.value is None:
        return _("可以多得，多多少没有见到原文")
    if one.kind == "multiply":
        return _("数额再加 %(rate)s", rate=percent(one.value - 1))
    return _("比例再加 %(rate)s", rate=percent(one.value))


def sureness(schedule: Schedule) -> list[tuple[str, str]]:
    """How sure we are: each level in words, with the parts of the rule that it goes for."""
    found = []
    for level, words in LEVELS.items():
        parts = dict.fromkeys(
            str(PARTS.get(key, OTHER)) for key, value in schedule.confidence.items() if value == level
        )
        if parts:
            found.append((str(words), _("、").join(parts)))
    return found


def unknown(schedule: Schedule, unseen: Sequence[str]) -> list[str]:
    """What nobody has seen of the rule, in sentences. *unseen*: grades that it must have and that no table gives."""
    found = []
    if schedule.floor_fen is None and all(table.floor_fen is None for table in schedule.tables):
        found.append(_("最低数额没有见到原文。"))
    if unseen:
        found.append(_("%(grades)s的比例没有见到原文。", grades=telling.grade_names(unseen)))
    if any(band.rate is None for table in schedule.tables for band in table.bands):
        found.append(_("有一种情形的比例没有见到原文，表里写明了是哪一种。"))
    if schedule.effective_from is None:
        found.append(_("从哪一天开始施行，没有见到原文。"))
    return found
