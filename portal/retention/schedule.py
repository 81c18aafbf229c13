"""A retention schedule as it is stored: JSON, checked when it comes in. Pure but for the shipped one, read from the
package.

Form: ``{"version", "in_force_from", "terms": [{"outcome", "years", "rule", "basis"}, …]}``, a term for every outcome
that has one of its own (docs/formats/retention.md).
"""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from importlib.resources import files

from portal.kernel.errors import Refused
from portal.retention.values import TERMED, Outcome, Schedule, Term

RULES = ("HR-18.1", "PV-19", "PV-47")
"""Rules by which a report may be destroyed: those that the reporter can be told in words."""

MOST_YEARS = 100
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,38}")


@cache
def shipped_schedule() -> Schedule:
    """The schedule that holds until another one is adopted."""
    return parse_schedule((files("portal.retention") / "data" / "schedule.json").read_text(encoding="utf-8"))


def parse_schedule(text: str) -> Schedule:
    """The schedule in *text*. Raises Refused ("bad_schedule") with a sentence that names what is wrong."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise _bad("不是 JSON 格式") from error
    if not isinstance(data, dict) or set(data) != {"version", "in_force_from", "terms"}:
        raise _bad("要有 version、in_force_from、terms 三项，没有别的")
    version, entries = data["version"], data["terms"]
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise _bad("version 要是 1 到 39 个字母、数字、点、横线")
    if not isinstance(entries, list):
        raise _bad("terms 要是列表")
    terms = [_term(entry) for entry in entries]
    if sorted(one.outcome for one in terms) != sorted(TERMED):
        raise _bad(f"每种办理结果要有一条，只有一条：{'、'.join(TERMED)}")
    return Schedule(version, _day(data["in_force_from"]), {one.outcome: one for one in terms}, text)


def _term(entry: object) -> Term:
    if not isinstance(entry, dict) or set(entry) != {"outcome", "years", "rule", "basis"}:
        raise _bad("每条要有 outcome、years、rule、basis 四项，没有别的")
    outcome, years, rule, basis = (entry[key] for key in ("outcome", "years", "rule", "basis"))
    if outcome not in TERMED:
        raise _bad(f"outcome 只能是 {'、'.join(TERMED)}")
    if isinstance(years, bool) or not isinstance(years, int) or not 1 <= years <= MOST_YEARS:
        raise _bad(f"{outcome} 的 years 要是 1 到 {MOST_YEARS} 的整数")
    if rule not in RULES:
        raise _bad(f"{outcome} 的 rule 只能是 {'、'.join(RULES)}")
    if not isinstance(basis, str) or not 4 <= len(basis.strip()) <= 300:
        raise _bad(f"{outcome} 的 basis 要写明依据，4 到 300 个字")
    return Term(Outcome(outcome), years, rule, basis.strip())


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise _bad("in_force_from 的日期要写成 2026-01-01 这样") from error


def _bad(why: str) -> Refused:
    return Refused("bad_schedule", f"保管期限表有问题：{why}。")
