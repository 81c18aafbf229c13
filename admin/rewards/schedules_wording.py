"""What a reward schedule says, in words for the staff site, and what two versions say differently."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.rewards import ruletelling
from portal.rewards.jumps import Figure, Holding, Kind, Place, Way
from portal.rewards.schedule_values import VersionState
from portal.rewards.values import GRADES, Nature, NoLoss, Relation, Schedule, Status, Subject
from portal.rewards.wording import yuan

STATUS: Mapping[str, str] = {
    Status.IN_FORCE: "施行中",
    Status.DRAFT: "征求意见稿",
    Status.SUPERSEDED: "不再施行",
    Status.FRAMEWORK: "全国框架，没有比例",
    Status.INFERRED: "推断的，没有见到原文",
    Status.TEXT_NOT_SEEN: "没有见到原文",
}
TAGS: Mapping[str, str] = {Status.IN_FORCE: "open", Status.DRAFT: "waiting"}
STATES: Mapping[str, str] = {
    VersionState.PROPOSED: "等另一个人批准",
    VersionState.ADOPTED: "已批准",
    VersionState.REFUSED: "没有批准",
    VersionState.WITHDRAWN: "已撤回",
}
STATE_TAGS: Mapping[str, str] = {VersionState.PROPOSED: "waiting", VersionState.ADOPTED: "done"}
SUBJECTS: Mapping[str, str] = {Subject.INSTITUTION: "机构", Subject.INDIVIDUAL: "个人"}
NATURES: Mapping[str, str] = {Nature.GENERAL: "一般违法", Nature.FRAUD: "欺诈骗保"}
GRADE_NAMES: Mapping[str, str] = dict(zip(GRADES, ("一级", "二级", "三级", "一般举报", "证据充分"), strict=True))
RELATIONS: Mapping[str, str] = {
    Relation.OUTSIDER: "外部人员",
    Relation.INSIDER: "内部人员",
    Relation.FORMER_INSIDER: "原内部人员",
    Relation.COMPETITOR: "竞争机构",
}
LEVELS: Mapping[str, str] = {
    "confirmed": "和原文对过，或者两处以上来源一致",
    "single-source": "只有一处来源",
    "inferred": "推断的",
    "not seen": "没有见到原文",
}
WAYS: Mapping[str, str] = {Way.UP: "突然升高", Way.DOWN: "突然降低", Way.STEADY: "连续", Way.UNKNOWN: "一边没有数额"}
WAY_TAGS: Mapping[str, str] = {Way.UP: "waiting", Way.DOWN: "danger", Way.UNKNOWN: "waiting"}
KINDS: Mapping[str, str] = {"natural_person": "个人", "organization": "单位"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A part that two versions say differently; "" where one does not have it."""

    part: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of JSON in a comparison: ``sign`` is "+", "-" or " "."""

    sign: str
    text: str


def rows(schedule: Schedule) -> list[tuple[str, str]]:
    """Everything but the tables: the part and what the rule says of it."""
    return [
        ("地区", f"{schedule.region_name}（{schedule.region}）"),
        ("文件", schedule.title or "没有见到"),
        ("文号", schedule.number or "没有见到"),
        ("状态", STATUS[schedule.status]),
        ("从哪天起施行", since(schedule)),
        ("最后一天", _day(schedule.effective_to, "没有写明，一直有效")),
        ("管哪些违法", "只管欺诈骗保" if schedule.fraud_only else "各种违法使用基金的行为"),
        ("奖励谁", "、".join(words for kind, words in KINDS.items() if kind in schedule.reporter_kinds)),
        ("要不要实名", "要" if schedule.real_name_required else "不要求"),
        ("没有造成损失的", _no_loss(schedule)),
        ("最低数额", sum_words(schedule.floor_fen)),
        ("最高数额", sum_words(schedule.cap_fen)),
        ("内部人员", ruletelling.uplift(schedule.uplift) or "不多给"),
        ("先后举报的", "只给最先举报的人" if schedule.first_only else "都给"),
        ("领取期限", f"{schedule.claim_months} 个月"),
        ("四舍五入到", yuan(schedule.unit_fen)),
        ("不要求的条件", "、".join(sorted(schedule.switched_off)) or "没有"),
        ("可信程度", sureness(schedule)),
    ]


def since(schedule: Schedule) -> str:
    """The first day that is known."""
    if schedule.effective_from is None and schedule.in_force_by is not None:
        return f"不知道，{schedule.in_force_by} 已在施行"
    return _day(schedule.effective_from, "不知道")


def sureness(schedule: Schedule) -> str:
    """How sure each part is, the surest first."""
    found: dict[str, list[str]] = {}
    for part, level in schedule.confidence.items():
        found.setdefault(level, []).append(str(ruletelling.PARTS.get(part, part)))
    return "；".join(
        f"{words}：{'、'.join(dict.fromkeys(found[level]))}" for level, words in LEVELS.items() if level in found
    )


def weakest(schedule: Schedule) -> str:
    """The least sure of all parts, in words."""
    order = list(LEVELS)
    return LEVELS[max(schedule.confidence.values(), key=order.index)]


def differences(old: Schedule | None, new: Schedule) -> list[Difference]:
    """Every part that the two say differently, tables band by band."""
    before, after = dict(_all_rows(old)) if old else {}, dict(_all_rows(new))
    parts = list(dict.fromkeys([*before, *after]))
    return [
        Difference(part, before.get(part, ""), after.get(part, ""))
        for part in parts
        if before.get(part, "") != after.get(part, "")
    ]


def compared(old: str, new: str, around: int = 2) -> list[Line]:
    """Two texts line by line: what differs, with *around* lines beside it; "…" where something is left out."""
    found: list[Line] = []
    for line in list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=around, lineterm=""))[2:]:
        found.append(Line(" ", "…") if line.startswith("@@") else Line(line[:1], line[1:]))
    return found


def place_words(place: Place) -> str:
    """What happens at a place."""
    at = yuan(place.at.value_fen)
    if place.kind is Kind.EDGE:
        return f"{at}：上一档到此为止" if place.first > place.at.value_fen else f"{at}：下一档从这里起"
    if place.way is Way.UNKNOWN:
        return f"{at}：从这里起才有数额" if place.holding is Holding.FREE else f"{at}：从这里起没有数额"
    if place.holding is Holding.CAP:
        return f"超过 {yuan(place.below.value_fen)}：到了最高数额"
    return f"不到 {at}：按最低数额"


def figure_words(figure: Figure) -> str:
    """A figure in yuan, or that there is none."""
    return "没有数额" if figure.reward_fen is None else yuan(figure.reward_fen)


def _all_rows(schedule: Schedule) -> Iterator[tuple[str, str]]:
    yield from rows(schedule)
    for table in ruletelling.tables(schedule):
        for position, (loss, paid) in enumerate(table.rows, 1):
            yield f"{table.caption}，第 {position} 档", f"{loss}：{paid}"
        if table.floor:
            yield f"{table.caption}，最低数额", table.floor


def _day(day: date | None, unknown: str) -> str:
    return day.isoformat() if day else unknown


def sum_words(fen: int | None) -> str:
    """A sum, or that it was not seen."""
    return "没有见到" if fen is None else yuan(fen)


def _no_loss(schedule: Schedule) -> str:
    rule: NoLoss | None = schedule.no_loss
    if schedule.requires_fund_loss or rule is None:
        return "不给"
    if rule.kind == "fixed":
        return f"给 {yuan(rule.min_fen)}"
    return f"{yuan(rule.min_fen)} 到 {yuan(rule.max_fen)}" if rule.max_fen is not None else "由经办人定"


def listed(schedules: Sequence[Schedule]) -> list[Schedule]:
    """By place, the one in force first, then the newest."""
    order = list(Status)
    return sorted(
        schedules,
        key=lambda one: (one.region, order.index(one.status), -(one.starts() or date.min).toordinal(), one.id),
    )
