"""The evaluation as a circular to the offices (通报): its sentences, table and calculations, and a fingerprint. Pure.

Offices read of each other here what else only those above them see. So a figure that is not rated, because there were
too few cases, is told without its counts, and the fingerprint is made of what is told and of nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from admin.evaluation.queries import OfficeLine
from portal.exposures.circular_sheets import Annex, EvaluationSheet, Part
from portal.ledger.events import canonical
from portal.statistics.evaluation import Indicator, Period, Step, Version

NAMED = 3
"""Offices that are named as the first."""


def sheet(
    lines: Sequence[OfficeLine], period: Period, version: Version, today: date, words: Sequence[str] = (),
    before: str = "",
) -> EvaluationSheet:  # fmt: skip
    """The whole circular. *lines* as the table has them, the best first; *words*: paragraphs of whoever proposes it;
    *before*: the number of the circular that it takes the place of."""
    replaced = [f"本通报代替 {before}，以本通报的数字为准。"] if before else []
    return EvaluationSheet(
        title=f"关于{period.words}举报办理综合评价的通报",
        paragraphs=(*sentences(lines, period, version), *replaced, *words, f"数字算到 {today.isoformat()}。"),
        caption="评价结果",
        head=("名次", "单位", *(f"{one.name}得分" for one in version.indicators), "总分"),
        rows=tuple(_row(one) for one in lines),
        annexes=(_rule(version), _calculation(lines)),
        figures=fingerprint(lines, period, version),
        before=before,
    )


def sentences(lines: Sequence[OfficeLine], period: Period, version: Version) -> list[str]:
    """What the circular says before its table. *lines* as the table has them, the best first."""
    rated = [one for one in lines if one.evaluation.total is not None]
    counted = f"本次评价 {len(lines)} 个单位，其中 {len(rated)} 个评定总分；办法为 {version.id} 版。"
    said = [f"现将{period.words}举报办理综合评价的结果通报如下。{counted}"]
    first = [one for one in rated if one.rank is not None and one.rank <= NAMED]
    if first:
        said.append("、".join(f"{one.office.name}（{one.evaluation.total} 分）" for one in first) + "列在前面。")
    for at, indicator in enumerate(version.indicators):
        lost = [one.office.name for one in lines if one.evaluation.steps[at].points == 0]
        if lost:
            said.append(f"“{indicator.name}”没有得分的：{'、'.join(lost)}。请查明原因，报告改进的措施和期限。")
    left = [one.office.name for one in lines if one.evaluation.total is None]
    if left:
        said.append(f"{'、'.join(left)}：能评的件数太少，不评总分。")
    said.append("数字从办理记录计算，没有人填报；每一步计算附后，可以照着重新算一遍。")
    return said


def fingerprint(lines: Sequence[OfficeLine], period: Period, version: Version) -> str:
    """SHA-256 (hex) of the rule, the counts that are told and the results: two with the same fingerprint say the
    same."""
    told = [
        [one.office.code, one.rank, str(one.evaluation.total)]
        + [
            [step.indicator.id, step.counted.part, step.counted.whole]
            for step in one.evaluation.steps
            if step.points is not None
        ]
        for one in lines
    ]
    rule = [[one.id, one.weight, str(one.full), str(one.none), one.least] for one in version.indicators]
    return hashlib.sha256(canonical([str(period), version.id, version.least_weight, rule, told])).hexdigest()


def _row(line: OfficeLine) -> tuple[str, ...]:
    points = [_number(step.points) for step in line.evaluation.steps]
    return (str(line.rank or "—"), line.office.name, *points, _number(line.evaluation.total))


def _number(points: object) -> str:
    return "不评" if points is None else str(points)


def _rule(version: Version) -> Annex:
    parts = tuple(Part(f"{one.name}，权重 {one.weight}", (_terms(one),)) for one in version.indicators)
    return Annex(f"附一　办法（{version.id} 版，{version.in_force_from.isoformat()} 起施行）", parts)


def _terms(one: Indicator) -> str:
    bounds = f"满分线 {one.full}，零分线 {one.none}，中间按直线计算"
    return f"{one.definition}{bounds}；不到 {one.least} 件不评。来源：{one.source}。"


def _calculation(lines: Sequence[OfficeLine]) -> Annex:
    """Of the offices of which anything is rated, and that the others have too little."""
    rated = [one for one in lines if any(step.points is not None for step in one.evaluation.steps)]
    parts = [
        Part(one.office.name, tuple(_told(step) for step in one.evaluation.steps), one.evaluation.words)
        for one in rated
    ]
    if len(rated) < len(lines):
        parts.append(Part("没有列出的单位", ("各项都太少，不评。",)))
    return Annex("附二　计算", tuple(parts))


def _told(step: Step) -> str:
    if step.points is None:
        return f"{step.indicator.name}：不到 {step.indicator.least}，太少，不评。"
    return f"{step.indicator.name}：{step.words}"
