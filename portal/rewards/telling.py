"""Rules and figures in the reader's language: sentences for public pages, made from numbers.

A trace in Chinese is the one that the office keeps; in English it is told anew from each step's numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from portal.rewards import wording
from portal.rewards.estimating import Estimate, Jump
from portal.rewards.values import Assessment, Nature, Relation, Step
from portal.rewards.wording import percent
from portal.web.locale import gettext as _
from portal.web.locale import language
from portal.web.locale import lazy_gettext as _l

GRADES = {
    "1": (_l("一级"), _l("事情说得详细，有直接证据，协助了调查，查实的和举报的一致")),
    "2": (_l("二级"), _l("说清了事情，有一部分证据，没有直接协助调查，查实的和举报的一致")),
    "3": (_l("三级"), _l("有线索，证据很少，没有协助调查，查实的和举报的大体一致")),
    "ordinary": (_l("一般举报"), _l("有线索或者一部分证据")),
    "full_evidence": (_l("证据充分"), _l("证据完整，并且协助了调查")),
}
"""Grade → its name, and what it means in most places."""

NATURES = {
    Nature.GENERAL: (_l("一般违法"), _l("例如多收费、超标准收费、不该用的检查和药")),
    Nature.FRAUD: (_l("欺诈骗保"), _l("故意编造，例如假住院、假病历、假票据")),
}
RELATIONS = {
    Relation.OUTSIDER: (_l("都不是"), _l("例如病人、家属、邻居")),
    Relation.INSIDER: (_l("在那里工作"), _l("被举报单位的人员")),
    Relation.FORMER_INSIDER: (_l("以前在那里工作"), _l("已经离开的人员")),
    Relation.COMPETITOR: (_l("同行"), _l("和被举报单位竞争的单位或它的人")),
}

NATURES_BY_VALUE = {nature.value: words[0] for nature, words in NATURES.items()}
RELATIONS_BY_VALUE = {relation.value: words[0] for relation, words in RELATIONS.items()}

WHY_NO_FIGURE = {
    "no_schedule": _l("没有查到这个地方现在施行的奖励标准。"),
    "no_rate_table": _l("这个地方的奖励标准，我们没有见到写着比例的原文。"),
    "not_in_force": _l("这个地方的奖励标准，只见到征求意见稿、旧文件或者推断的内容，不能当作依据。"),
    "ambiguous": _l("这个地方的规定在这种情形下有两种读法，不能自动计算。"),
    "altered": _l("存着的标准和通过时的不一样，查清以前不计算。"),
    "no_rate": _l("这种情形的比例，我们没有见到原文。"),
    "no_table": _l("这个地方的规定没有写到这种情形。"),
    "uplift_unknown": _l("这种举报人可以多得，但多多少，我们没有见到原文。"),
    "floor_unknown": _l("这个地方的最低数额，我们没有见到原文，这么小的数额说不准。"),
}
NO_FIGURE = _l("按现在知道的规定，算不出数。")

_WHY_NOT = {
    "RW-2.1": _l("奖励只给个人，不给单位。"),
    "RW-4.3": _l("没有造成医保基金损失，不能领奖励。"),
    "RW-4.4": _l("要有能够核实的真实身份，并且自己愿意领。"),
    "RW-8.2": _l("内容基本相同的，奖励给最先举报的人。"),
}


def yuan(fen: Decimal | int) -> str:
    """A sum in the reader's language: 20,000 元, 20,000 yuan."""
    return _("%(sum)s 元", sum=wording.yuan(fen).removesuffix(" 元"))


def why_no_figure(code: str) -> str:
    """Why there is no figure, by the code of the refusal."""
    return str(WHY_NO_FIGURE.get(code, NO_FIGURE))


def steps(found: Assessment) -> list[str]:
    """The way to the figure, a sentence a step."""
    return told(found.trace)


def told(trace: Sequence[Step]) -> list[str]:
    """The same for a trace that was kept."""
    return [step.text if language() == "zh" else _step(step) for step in trace]


def _step(step: Step) -> str:
    numbers, after = step.numbers, yuan(step.fen or 0)
    match step.kind:
        case "rule":
            return _("按这个地方施行的标准计算。")
        case "eligibility":
            rule = numbers.get("rule")
            return _("符合领取奖励的条件。") if rule is None else str(_WHY_NOT.get(rule, _("不符合奖励条件。")))
        case "no_loss":
            return _("基金没有损失，按规定给 %(sum)s。", sum=after)
        case "band":
            return _band(step)
        case "uplift":
            factor = numbers["factor"]
            if step.fen is None:
                return _("这种举报人要实名才提高，这里不提高。")
            return _("您和被举报单位的关系：× %(factor)s = %(sum)s。", factor=factor, sum=after)
        case "floor":
            return _("低于最低数额，按 %(sum)s 给。", sum=after)
        case "cap":
            return _("每个案件最高 %(sum)s。", sum=after)
        case "rounding":
            return _("四舍五入：%(sum)s。", sum=after)
    return _("得出 %(sum)s。", sum=after)


def _band(step: Step) -> str:
    given = step.numbers
    value, over, base = given["case_value_fen"], given["over_fen"], given["base_fen"]
    rate, added = Decimal(given["rate"]), Decimal(given["added_rate"])
    parts = [yuan(base)] if base else []
    if rate + added:
        whole = yuan(value) if not over else f"({yuan(value)} − {yuan(over)})"
        rates = f"({percent(rate)} + {percent(added)})" if added else percent(rate)
        parts.append(f"{whole} × {rates}")
    total = yuan(step.fen or 0)
    return _("损失 %(value)s：%(sum)s = %(total)s。", value=yuan(value), sum=" + ".join(parts) or yuan(0), total=total)


def jump(one: Jump) -> str:
    """What happens at an edge that is close by."""
    words = _l("这里有一道坎：损失 %(last)s 得 %(before)s，再多一分钱就得 %(after)s。")
    return str(words) % {"last": yuan(one.last_fen), "before": yuan(one.before_fen), "after": yuan(one.after_fen)}


def figure(found: Estimate) -> str:
    """The figure, or from–to where something is left open."""
    low, high = found.low.reward_fen, found.high.reward_fen
    if low == high:
        return yuan(low)
    return _("%(low)s 到 %(high)s", low=yuan(low), high=yuan(high))


def traces(found: Estimate) -> Iterator[tuple[str, list[str]]]:
    """A heading and the steps: one trace, or one for each end."""
    if found.low.trace == found.high.trace:
        yield _("怎样算出来的"), steps(found.low)
        return
    yield _("最少怎样算"), steps(found.low)
    yield _("最多怎样算"), steps(found.high)


def grade_names(grades: Sequence[str]) -> str:
    """Several grades by name."""
    return _("、").join(str(GRADES[grade][0]) for grade in grades if grade in GRADES)
