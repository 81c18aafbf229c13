"""One assessment for every schedule: eligibility, table, band, floors, uplift, cap, rounding, shares. Pure.

Amounts are exact decimals of a fen until the one rounding (half up) near the end. What no rule in force gives is
refused, never guessed; who is not eligible gets nothing, with the reason in the trace. Sources: 22号 arts 4 to 9
(RW-4 to RW-9) and the schedule itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, localcontext

from portal.kernel.errors import Refused
from portal.rewards.values import (
    GRADES,
    Assessment,
    Band,
    Case,
    NoLoss,
    Relation,
    Reporter,
    Schedule,
    Status,
    Step,
    Table,
    Uplift,
)
from portal.rewards.wording import NOT_IN_FORCE, WHY_NOT, percent, yuan

NATIONAL_FLOOR_FEN = 20_000
"""200 yuan (RW-6.1). Where a rule's own floor was not seen, a figure below this cannot be trusted."""

EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


def assess(case: Case, schedule: Schedule, *, override: bool = False) -> Assessment:
    """The reward for *case* by *schedule*.

    ``override``: also by a schedule that is not in force; the answer then says ``official`` False. Raises Refused:
    ``not_in_force``, ``not_in_force_then``, ``no_rate_table``, ``no_rate``, ``grade_needed``, ``unknown_grade``,
    ``nature_needed``, ``relation_needed``, ``ambiguous``, ``choice_needed``, ``choice_not_open``,
    ``choice_out_of_range``, ``uplift_unknown``, ``floor_unknown``.
    """
    official = must_be_in_force(schedule, case, override=override)
    if case.grade is not None and case.grade not in GRADES:
        raise Refused("unknown_grade", "没有这个证据等级。")
    with localcontext(EXACT):
        trace = [_rule_step(schedule, official=official)]
        reason = ineligible(case, schedule)
        if reason is not None:
            trace.append(Step("eligibility", WHY_NOT[reason], Decimal(0), {"rule": reason}))
            return Assessment(schedule.id, 0, tuple(trace), official, False, (0,) * case.joint)
        trace.append(Step("eligibility", "符合领取奖励的条件。"))
        trace += _no_loss(case, schedule) if case.case_value_fen == 0 else _by_table(case, schedule)
        return _rounded(case, schedule, trace, official=official)


def must_be_in_force(schedule: Schedule, case: Case, *, override: bool) -> bool:
    """Whether the figure counts. Raises Refused where the schedule gives none: no rates, not in force, not then."""
    if schedule.status is not Status.IN_FORCE:
        if not override or not schedule.tables:
            raise Refused(
                "not_in_force" if schedule.tables else "no_rate_table",
                NOT_IN_FORCE[schedule.status, bool(schedule.tables)],
            )
        return False
    starts, day = schedule.starts(), case.decided_on
    if starts is None or day < starts or (schedule.effective_to is not None and day > schedule.effective_to):
        raise Refused(
            "not_in_force_then", f"{day} 这一天，{schedule.region_name}的这个标准没有施行，或者不知道是否已经施行。"
        )
    return True


def ineligible(case: Case, schedule: Schedule) -> str | None:
    """The rule that stands against a reward (RW-4, RW-5, RW-8), or None."""
    against = [rule for rule in case.excluded_by if rule not in schedule.switched_off]
    if against:
        return against[0]
    if case.reporter is Reporter.ANONYMOUS and schedule.real_name_required:
        return "RW-4.4"
    if case.reporter is Reporter.ORGANIZATION and "organization" not in schedule.reporter_kinds:
        return "RW-2.1"
    if case.position > 1 and schedule.first_only:
        return "RW-8.2"
    if case.case_value_fen == 0 and (schedule.requires_fund_loss or schedule.no_loss is None):
        return "RW-4.3"
    return None


def split(total_fen: int, reporters: int) -> tuple[int, ...]:
    """Equal shares that add up to the whole: the fen that do not divide go one each to those who signed first."""
    each, left = divmod(total_fen, reporters)
    return tuple(each + (place < left) for place in range(reporters))


# --- the steps


def _rule_step(schedule: Schedule, *, official: bool) -> Step:
    name = f"《{schedule.title}》" if schedule.title else f"{schedule.region_name}的标准"
    number = f"（{schedule.number}）" if schedule.number else ""
    note = "" if official else "。这个标准现在不施行，下面的数额只供参考"
    return Step("rule", f"按{schedule.region_name}{name}{number}计算{note}。", None, {"schedule": schedule.id})


def _no_loss(case: Case, schedule: Schedule) -> Iterator[Step]:
    """An older rule's amount for a case without a loss: no floor and no uplift has a say in it."""
    rule = schedule.no_loss
    assert rule is not None
    amount = Decimal(_chosen_amount(case, rule, schedule.cap_fen))
    yield Step("no_loss", f"基金没有损失，按规定给 {yuan(amount)}。", amount, {"amount_fen": int(amount)})
    yield from _capped(amount, schedule)


def _chosen_amount(case: Case, rule: NoLoss, cap_fen: int | None) -> int:
    if rule.kind == "fixed":
        _not_open(case.amount_chosen_fen is not None and case.amount_chosen_fen != rule.min_fen)
        return rule.min_fen
    if case.amount_chosen_fen is None:
        raise Refused("choice_needed", "没有损失时的数额由经办人在规定的范围内选定，请选定并写明理由。")
    most = rule.max_fen if rule.max_fen is not None else cap_fen
    if case.amount_chosen_fen < rule.min_fen or (most is not None and case.amount_chosen_fen > most):
        raise Refused("choice_out_of_range", "选定的数额不在规定的范围里。")
    return case.amount_chosen_fen


def _by_table(case: Case, schedule: Schedule) -> Iterator[Step]:
    table = choose_table(case, schedule.tables)
    band = next(band for band in table.bands if band.holds(case.case_value_fen))
    raised = _raise(case, schedule.uplift)
    amount, step = _band_step(case, band, raised)
    yield step
    for floor in _floors(amount, table.floor_fen, "这一档"):
        amount = floor.fen or amount
        yield floor
    for more in _uplifted(amount, case, schedule):
        amount = more.fen or amount
        yield more
    for floor in _floors(amount, schedule.floor_fen, "这个标准"):
        amount = floor.fen or amount
        yield floor
    if _floor_not_seen(schedule, table) and amount < NATIONAL_FLOOR_FEN:
        raise Refused("floor_unknown", "这个标准的最低数额没有见到原文，这么小的数额不能确定。")
    yield from _capped(amount, schedule)


def choose_table(case: Case, tables: Sequence[Table]) -> Table:
    """The one table whose conditions the case meets. Raises Refused where what decides is missing, or not one fits."""
    found = [table for table in tables if all(_meets(case, axis, value) for axis, value in table.when.items())]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused("ambiguous", "有两张表都适用，不能自动计算。请核对标准。")
    axes = {axis for table in tables for axis in table.when}
    if "grade" in axes and case.grade is None:
        raise Refused("grade_needed", "这个标准按证据等级定比例，请先评定等级。")
    if "nature" in axes and case.nature is None:
        raise Refused("nature_needed", "这个标准区分一般违法和欺诈骗保，请先认定性质。")
    if "relation" in axes and case.relation is None:
        raise Refused("relation_needed", "这个标准按举报人和被举报方的关系定比例，请先写明关系。")
    if "grade" in axes and all(table.when.get("grade") != case.grade for table in tables):
        raise Refused("no_rate", "这个标准里没有见到这个等级的比例，不能计算。")
    raise Refused("no_table", "这个标准里没有适用于这种情形的表，不能计算。")


def _meets(case: Case, axis: str, value: str) -> bool:
    if axis == "relation" and value == "insider_or_competitor":
        return case.relation not in (None, Relation.OUTSIDER)
    given = {"subject": case.subject, "grade": case.grade, "nature": case.nature, "relation": case.relation}
    return given[axis] == value


def _band_step(case: Case, band: Band, raised: Decimal) -> tuple[Decimal, Step]:
    """``base + rate * (case value - over)``, with what an officer chose and what the reporter's relation adds."""
    if band.rate is None:
        raise Refused("no_rate", "这种情形的比例没有见到原文，不能计算。")
    rate, base = _rate(case, band, band.rate), _base(case, band)
    over = case.case_value_fen - band.over_fen
    amount = base + (rate + raised) * over
    numbers = {
        "case_value_fen": case.case_value_fen,
        "base_fen": base,
        "rate": str(rate),
        "added_rate": str(raised),
        "over_fen": band.over_fen,
    }
    return amount, Step(
        "band", _band_words(base, rate, raised, band.over_fen, case.case_value_fen, amount), amount, numbers
    )


def _band_words(base: int, rate: Decimal, raised: Decimal, over_fen: int, value_fen: int, amount: Decimal) -> str:
    parts = [yuan(base)] if base else []
    if rate + raised:
        whole = yuan(value_fen) if not over_fen else f"（{yuan(value_fen)} − {yuan(over_fen)}）"
        rates = f"（{percent(rate)} + {percent(raised)}）" if raised else percent(rate)
        parts.append(f"{whole} × {rates}")
    return f"案值 {yuan(value_fen)}：{' + '.join(parts) or yuan(0)} = {yuan(amount)}。"


def _rate(case: Case, band: Band, rate: Decimal) -> Decimal:
    if band.rate_max is None:
        _not_open(case.rate_chosen is not None and case.rate_chosen != rate)
        return rate
    if case.rate_chosen is None:
        raise Refused("choice_needed", "比例由经办人在规定的范围内选定，请选定并写明理由。")
    if not rate <= case.rate_chosen <= band.rate_max:
        raise Refused("choice_out_of_range", f"选定的比例要在 {percent(rate)} 到 {percent(band.rate_max)} 之间。")
    return case.rate_chosen


def _base(case: Case, band: Band) -> int:
    if band.base_max_fen is None or band.base_max_fen == band.base_fen:
        _not_open(case.amount_chosen_fen is not None and case.amount_chosen_fen != band.base_fen)
        return band.base_fen
    if case.amount_chosen_fen is None:
        raise Refused("choice_needed", "数额由经办人在规定的范围内选定，请选定并写明理由。")
    if not band.base_fen <= case.amount_chosen_fen <= band.base_max_fen:
        raise Refused(
            "choice_out_of_range", f"选定的数额要在 {yuan(band.base_fen)} 到 {yuan(band.base_max_fen)} 之间。"
        )
    return case.amount_chosen_fen


def _not_open(chosen: bool) -> None:
    if chosen:
        raise Refused("choice_not_open", "这个标准在这里没有可以选择的范围，请不要填选定的比例或者数额。")


def _raise(case: Case, uplift: Uplift | None) -> Decimal:
    """What the reporter's relation adds to the rate."""
    if uplift is None or case.relation not in uplift.relations or uplift.kind == "multiply":
        _not_open(case.add_rate is not None and case.add_rate != 0)
        return Decimal(0)
    if uplift.kind == "add_rate":
        if uplift.value is None:
            raise Refused("uplift_unknown", "内部人员、竞争机构举报加多少，没有见到原文，不能计算。")
        _not_open(case.add_rate is not None and case.add_rate != uplift.value)
        return uplift.value
    if case.add_rate is None:
        raise Refused("choice_needed", "这种举报人可以提高比例，提高多少由经办人选定，请选定（可以是 0）并写明理由。")
    most = uplift.value_max if uplift.value_max is not None else Decimal(1)
    if not (uplift.value or 0) <= case.add_rate <= most:
        raise Refused("choice_out_of_range", f"提高的比例最多 {percent(most)}。")
    return case.add_rate


def _uplifted(amount: Decimal, case: Case, schedule: Schedule) -> Iterator[Step]:
    uplift = schedule.uplift
    if uplift is None or case.relation not in uplift.relations:
        return
    if uplift.real_name and case.reporter is Reporter.ANONYMOUS:
        yield Step("uplift", "内部人员要实名举报才提高奖励，这里不提高。", None, {"factor": "1"})
        return
    if uplift.kind == "multiply":
        if uplift.value is None:
            raise Refused("uplift_unknown", "内部人员举报加多少，没有见到原文，不能计算。")
        more = amount * uplift.value
        if uplift.order == "unknown_vs_cap" and schedule.cap_fen is not None and more > schedule.cap_fen:
            raise Refused("ambiguous", "提高以后超过上限，而规定没有说先提高还是先封顶，不能自动计算。")
        yield Step(
            "uplift",
            f"举报人是内部人员或者竞争机构：× {uplift.value} = {yuan(more)}。",
            more,
            {"factor": str(uplift.value)},
        )
        amount = more
    if uplift.min_fen is not None and amount < uplift.min_fen:
        least = Decimal(uplift.min_fen)
        yield Step("floor", f"这种举报人最低 {yuan(least)}。", least, {"floor_fen": uplift.min_fen})


def _floors(amount: Decimal, floor_fen: int | None, whose: str) -> Iterator[Step]:
    if floor_fen is not None and amount < floor_fen:
        yield Step(
            "floor", f"低于{whose}的最低数额，按 {yuan(floor_fen)} 给。", Decimal(floor_fen), {"floor_fen": floor_fen}
        )


def _floor_not_seen(schedule: Schedule, table: Table) -> bool:
    return schedule.requires_fund_loss and schedule.floor_fen is None and table.floor_fen is None


def _capped(amount: Decimal, schedule: Schedule) -> Iterator[Step]:
    cap = schedule.cap_fen
    if cap is not None and amount > cap:
        yield Step("cap", f"每个案件最高 {yuan(cap)}。", Decimal(cap), {"cap_fen": cap})


def _rounded(case: Case, schedule: Schedule, trace: list[Step], *, official: bool) -> Assessment:
    exact = next(step.fen for step in reversed(trace) if step.fen is not None)
    reward = round_half_up(exact, schedule.unit_fen)
    if reward != exact:
        trace.append(Step("rounding", f"四舍五入：{yuan(reward)}。", Decimal(reward), {"unit_fen": schedule.unit_fen}))
    shares = split(reward, case.joint)
    if case.joint > 1:
        words = f"联名举报按一份给，{case.joint} 人平分：{'、'.join(map(yuan, shares))}。"
        trace.append(Step("share", words, Decimal(reward), {"shares_fen": list(shares)}))
    return Assessment(schedule.id, reward, tuple(trace), official, True, shares)


def round_half_up(exact: Decimal, unit_fen: int) -> int:
    """To whole units, halves up: once, at the end."""
    units = (exact / unit_fen).to_integral_value(ROUND_HALF_UP) if unit_fen == 1 else _units(exact, unit_fen)
    return int(units) * unit_fen


def _units(exact: Decimal, unit_fen: int) -> Decimal:
    numerator, denominator = exact.as_integer_ratio()
    return Decimal((2 * numerator + denominator * unit_fen) // (2 * denominator * unit_fen))
