"""The evaluation as a circular to the offices (通报稿): its sentences, and a fingerprint of its figures. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from admin.evaluation.queries import OfficeLine
from portal.ledger.events import canonical
from portal.statistics.evaluation import Period, Version

NAMED = 3
"""Offices that are named as the first."""


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
    """SHA-256 (hex) of the counts, the rule and the results: two sheets with the same fingerprint say the same."""
    told = [
        [one.office.code, one.rank, str(one.evaluation.total)]
        + [[step.indicator.id, step.counted.part, step.counted.whole] for step in one.evaluation.steps]
        for one in lines
    ]
    rule = [[one.id, one.weight, str(one.full), str(one.none), one.least] for one in version.indicators]
    return hashlib.sha256(canonical([str(period), version.id, version.least_weight, rule, told])).hexdigest()
