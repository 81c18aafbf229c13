"""Assessments as JSON lines: what a line may hold, and what it is answered (``mingjing reward assess``).

A figure that is not eligible is 0 with its trace; *refused* means no rule, unknown, ambiguous, out of range. The answer
depends on nothing but the line, the schedules and, where the line names no day, today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from io import BufferedReader
from typing import Any, TypeVar

from portal.kernel.errors import DomainError, Refused
from portal.kernel.jsonlines import encoded, parsed
from portal.rewards.choose import choose
from portal.rewards.rules import assess
from portal.rewards.schedule import MOST_FEN
from portal.rewards.values import Assessment, Case, Nature, Relation, Reporter, Schedule, Step, Subject

FIELDS = frozenset({"schedule", "region", "on", "case_value_fen", "subject_type", "grade", "circumstances", "override"})
CIRCUMSTANCES = frozenset(
    {
        *("relation", "nature", "rate_chosen", "add_rate", "amount_chosen", "fine", "other_findings"),
        *("reporters", "position", "reporter", "decision_date"),
        "expect",  # a mark in tables of examples: it has no say in the answer
    }
)
SUBJECTS = {
    "institution": Subject.INSTITUTION,
    "agency": Subject.INSTITUTION,
    "other": Subject.INSTITUTION,
    "individual": Subject.INDIVIDUAL,
    "person": Subject.INDIVIDUAL,
}
E = TypeVar("E", Nature, Relation, Reporter)
PIECE = 1 << 16
MOST_LINE = 64 * 1024
MOST_REPORTERS = 1000
_RATE = re.compile(r"[01](\.[0-9]{1,8})?", re.ASCII)
_YUAN = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?", re.ASCII)
_REGION = re.compile(r"[0-9]{6}", re.ASCII)


def answers(reader: BufferedReader, schedules: Mapping[str, Schedule], today: date) -> Iterator[bytes]:
    """The answers to what comes from *reader*, as lines: as many at a time as lines have come, in their order."""
    rest, long = b"", False
    while piece := reader.read1(PIECE):
        *lines, rest = (rest + piece).split(b"\n")
        if long and lines:  # the tail of a line too long is read past, not taken for another
            lines, long = lines[1:], False
        if len(rest) > MOST_LINE:
            if not long:
                lines.append(rest)
            rest, long = b"", True
        yield b"".join(encoded(answer_line(line, schedules, today)) for line in lines)
    if rest and not long:
        yield encoded(answer_line(rest, schedules, today))


def answer_line(line: bytes, schedules: Mapping[str, Schedule], today: date) -> dict[str, object]:
    """The answer to one line: ``reward_fen`` and ``trace``, or ``refused`` (a code) and ``reason``. Never raises."""
    try:
        return answer(_parsed(line), schedules, today)
    except DomainError as error:
        return {"refused": error.code, "reason": error.message}


def answer(given: Mapping[str, Any], schedules: Mapping[str, Schedule], today: date) -> dict[str, object]:
    """The same for an object. Raises Refused."""
    unknown = set(given) - FIELDS
    if unknown:
        raise Refused("unknown_field", f"不认识的项：{'、'.join(sorted(unknown))[:100]}。")
    override = given.get("override", False)
    if not isinstance(override, bool):
        raise Refused("bad_field", "override 只能是 true 或 false。")
    case = _case(given, today)
    return _said(assess(case, _schedule(given, case, schedules, override=override), override=override))


def _parsed(line: bytes) -> dict[str, Any]:
    if len(line) > MOST_LINE:
        raise Refused("line_too_long", "这一行太长，最多 64 KB。")
    return parsed(line)


def _schedule(given: Mapping[str, Any], case: Case, schedules: Mapping[str, Schedule], *, override: bool) -> Schedule:
    name, region = given.get("schedule"), given.get("region")
    if (name is None) == (region is None):
        raise Refused("bad_field", "要有 schedule，或者 region 和 on，两样只要一样。")
    if name is None:
        if not isinstance(region, str) or not _REGION.fullmatch(region):
            raise Refused("bad_field", "region 要是六位区划代码。")
        return choose(region, case.decided_on, schedules, override=override)
    if not isinstance(name, str) or name not in schedules:
        raise Refused("unknown_schedule", "没有这个奖励标准。")
    return schedules[name]


def _case(given: Mapping[str, Any], today: date) -> Case:
    said = given.get("circumstances") or {}
    if not isinstance(said, dict) or any(not isinstance(value, str) for value in said.values()):
        raise Refused("bad_field", "circumstances 要是对象，值都是文字。")
    if unknown := set(said) - CIRCUMSTANCES:
        raise Refused("unknown_circumstance", f"不认识的情形：{'、'.join(sorted(unknown))[:100]}。")
    grade = given.get("grade")
    if grade is not None and not isinstance(grade, str):
        raise Refused("unknown_grade", "没有这个证据等级。")
    reporter, relation = _who(said)
    return Case(
        case_value_fen=_fen(given.get("case_value_fen")),
        decided_on=_day(given, said, today),
        subject=_subject(given.get("subject_type")),
        grade=grade or None,
        nature=_one_of(Nature, said, "nature"),
        relation=relation,
        reporter=reporter,
        position=_position(said),
        rate_chosen=_rate(said, "rate_chosen"),
        add_rate=_rate(said, "add_rate"),
        amount_chosen_fen=_yuan(said, "amount_chosen"),
        fine_fen=_yuan(said, "fine") or 0,
        other_findings_fen=_yuan(said, "other_findings") or 0,
    )


def _fen(given: object) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        raise Refused("bad_amount", "case_value_fen 要是整数，单位是分。")
    if not 0 <= given <= MOST_FEN:
        raise Refused("bad_amount", "案值不能是负数，也不能超过十万亿元。")
    return given


def _subject(given: object) -> Subject:
    if not isinstance(given, str) or given not in SUBJECTS:
        raise Refused("unknown_subject", "subject_type 只能是 institution、agency、other、individual、person。")
    return SUBJECTS[given]


def _who(said: Mapping[str, str]) -> tuple[Reporter, Relation | None]:
    if said.get("relation") == "staff":
        raise Refused(
            "staff_reporter", "举报人是医保部门的工作人员，或者受托监督基金的第三方人员，不给奖励（RW-5.1）。"
        )
    reporter = _one_of(Reporter, said, "reporter")
    return reporter or Reporter.NATURAL_PERSON, _one_of(Relation, said, "relation")


def _one_of(kind: type[E], said: Mapping[str, str], key: str) -> E | None:
    if key not in said:
        return None
    try:
        return kind(said[key])
    except ValueError:
        raise Refused("bad_circumstance", f"{key} 只能是 {'、'.join(kind)}。") from None


def _position(said: Mapping[str, str]) -> int:
    if said.get("reporters", "separate") != "separate":
        raise Refused("bad_circumstance", "reporters 只能是 separate。")
    if ("reporters" in said) != ("position" in said):
        raise Refused("bad_circumstance", "reporters=separate 和 position 要一起写。")
    text = said.get("position", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text, re.ASCII):
        raise Refused("bad_circumstance", f"position 要是 1 到 {MOST_REPORTERS - 1} 的整数。")
    return int(text)


def _rate(said: Mapping[str, str], key: str) -> Decimal | None:
    if key not in said:
        return None
    if not _RATE.fullmatch(said[key]) or Decimal(said[key]) > 1:
        raise Refused("bad_circumstance", f"{key} 要写成 0 到 1 的小数，例如 0.05。")
    return Decimal(said[key])


def _yuan(said: Mapping[str, str], key: str) -> int | None:
    if key not in said:
        return None
    if not _YUAN.fullmatch(said[key]):
        raise Refused("bad_circumstance", f"{key} 要是不小于 0 的数额，单位是元，最多两位小数。")
    return int(Decimal(said[key]) * 100)  # two decimals at most: exact


def _day(given: Mapping[str, Any], said: Mapping[str, str], today: date) -> date:
    """``on`` goes with ``region``; the decision's day may stand in either, and must be the same in both."""
    days = [text for text in (given.get("on"), said.get("decision_date")) if text is not None]
    try:
        found = {date.fromisoformat(text) for text in days if len(text) == 10}
    except (TypeError, ValueError):
        found = set()
    if days and len(found) != 1:
        raise Refused("bad_date", "日期要写成 2026-09-28 的样子，on 和 decision_date 不能不同。")
    return found.pop() if found else today


def _said(found: Assessment) -> dict[str, object]:
    answer: dict[str, object] = {"reward_fen": found.reward_fen, "trace": [said_step(step) for step in found.trace]}
    answer["schedule"] = found.schedule
    if not found.official:
        answer["official"] = False
    return answer


def said_step(step: Step) -> dict[str, object]:
    """One step as JSON: ``fen`` is the exact amount after it, as text."""
    said: dict[str, object] = {"step": step.kind, "text": step.text}
    if step.fen is not None:
        said["fen"] = f"{step.fen:f}"
    if step.numbers:
        said["numbers"] = dict(step.numbers)
    return said


def said_schedule(schedule: Schedule) -> dict[str, object]:
    """A schedule in one line: what it is, when it holds, its bounds and how sure each part is (None: not known)."""
    return {
        "id": schedule.id,
        "region": schedule.region,
        "region_name": schedule.region_name,
        "status": schedule.status.value,
        "from": _iso(schedule.effective_from),
        "to": _iso(schedule.effective_to),
        "in_force_by": _iso(schedule.in_force_by),
        "floor_fen": schedule.floor_fen,
        "cap_fen": schedule.cap_fen,
        "tables": len(schedule.tables),
        "confidence": dict(schedule.confidence),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
