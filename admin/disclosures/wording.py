"""Words of the staff pages of fund accounts, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from portal.directory.regions import regions
from portal.disclosures import checks, periods
from portal.disclosures.schedule import Every, Kept
from portal.disclosures.states import DisclosureState
from portal.disclosures.values import COUNTRY, Confidence, CorrectionReason, Figure, Kind, Pooling
from portal.disclosures.vocabulary import vocabulary

KINDS: Mapping[str, str] = MappingProxyType({Kind.PUBLICATION: "新公布", Kind.CORRECTION: "更正"})
REASONS: Mapping[str, str] = MappingProxyType(
    {
        CorrectionReason.MISTYPED: "录入有误，来源没有变",
        CorrectionReason.RESTATED: "来源自己改了口径或者数值",
        CorrectionReason.SCOPE: "原来写错了统计范围",
        CorrectionReason.SOURCE: "找到了更可靠的来源",
    }
)
STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        DisclosureState.DRAFT: ("草稿", "open"),
        DisclosureState.CHECKED: ("等待审批", "waiting"),
        DisclosureState.APPROVED: ("已批准，待公布", "waiting"),
        DisclosureState.PUBLISHED: ("已公布", "done"),
        DisclosureState.DROPPED: ("已放弃", "neutral"),
    }
)
"""State → its words and the kind of its tag."""
ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "take-in": "导入", "replace": "换了文件", "explain": "说明核对差异", "check": "送审", "send-back": "退回",
        "approve": "批准", "publish": "公布", "drop": "放弃",
    }
)  # fmt: skip
CHECKS: Mapping[str, str] = MappingProxyType(
    {
        checks.SUM: "分项相加等于合计",
        checks.DIFFERENCE: "收入减支出等于当期结存",
        checks.ROLL: "上年累计结存加当期结存等于累计结存",
        checks.RESTATED: "快报和公报是否一致",
        checks.RESTATED_PART: "快报和公报是否一致（整合前的制度）",
        checks.SIGN: "出现负数",
        checks.JUMP: "和上年同期相比变化很大",
        checks.OPENING: "上期结余和上年末一致",
        checks.UNITS: "和上年同期的单位不同",
    }
)
VERDICTS: Mapping[str, str] = MappingProxyType(
    {checks.EXACT: "完全相符", checks.ROUNDING: "相符（四舍五入）", checks.DIFFERS: "不符，要说明"}
)


EVERY: Mapping[str, str] = MappingProxyType({Every.MONTH: "每月", Every.QUARTER: "每季度", Every.YEAR: "每年"})
KEPT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Kept.OPEN: ("还没到期", "neutral"),
        Kept.KEPT: ("按时", "done"),
        Kept.LATE: ("晚了", "waiting"),
        Kept.OVERDUE: ("逾期，还没公布", "overdue"),
    }
)
"""What became of a period → its words and the kind of its tag."""
POOLINGS: Mapping[str, str] = MappingProxyType(
    {
        Pooling.COUNTRY: "全国汇总", Pooling.PROVINCE: "省级统筹", Pooling.PROVINCE_OWN: "省本级",
        Pooling.CITY: "市级统筹", Pooling.COUNTY: "县级统筹", Pooling.UNSTATED: "",
    }
)  # fmt: skip
CONFIDENCES: Mapping[str, str] = MappingProxyType(
    {Confidence.HIGH: "高", Confidence.MEDIUM: "中", Confidence.LOW: "低"}
)


def edition(name: str) -> str:
    """The edition in words."""
    return vocabulary().editions[name].zh


def region(code: str) -> str:
    """The place in words."""
    return "全国" if code == COUNTRY else "".join(regions().path(code))


def told(figure: Figure) -> dict[str, str]:
    """A figure in words: place, fund, measure, period, edition, amount with its unit."""
    series, names = figure.series, vocabulary()
    named = edition(series.edition)
    return {
        "place": series.place if series.region else f"{series.place}（未确认）",
        "fund": names.funds[series.fund].zh,
        "measure": names.measures[series.measure].zh,
        "period": f"{series.period.end.year}年{periods.label(series.period)}",
        "edition": f"{named}（{series.restated}年重列）" if series.restated else named,
        "amount": f"{figure.amount} {figure.unit}" if figure.amount else "未公布",
    }


def beside(figure: Figure) -> dict[str, str]:
    """Whatever else is published with a figure, by its heading: the second person stands behind these words, too."""
    said = {
        "来源": figure.source,
        "来源网址": figure.source_url,
        "公布日期": figure.source_day.isoformat() if figure.source_day else "",
        "统筹层次": POOLINGS[figure.series.pooling],
        "可信度": CONFIDENCES[figure.confidence],
        "期间": "来源没有说明，是推定的" if figure.series.period.inferred else "",
        "备注": figure.note,
    }
    return {heading: words for heading, words in said.items() if words}


def moved(figure: Figure, old: Figure | None) -> list[str]:
    """What of :func:`beside` a correction changes, in words; nothing for a figure that is new."""
    if old is None:
        return []
    now, before = beside(figure), beside(old)
    headings = [one for one in {**before, **now} if before.get(one) != now.get(one)]
    return [f"{one}：{before.get(one, '（空）')} → {now.get(one, '（空）')}" for one in headings]
