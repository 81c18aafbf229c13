"""A rulebook as it is stored: JSON, checked when it comes in. Pure but for the shipped one, read from the package.

Form: ``{"version", "in_force_from", "basis", "rules": [...]}``; each rule is the JSON of
:class:`portal.routing.values.RoutingRule` (dates as YYYY-MM-DD, sets as lists); a rule without a first day takes the
book's. A report stores ``version/id`` of the rule that matched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from portal.kernel.errors import Refused
from portal.routing.values import RoutingRule, Target

_KINDS = frozenset({"bureau", "agency", "discipline"})
_PLACES = frozenset({"place", "city", "province", "nation", "top", "grid"})
_LEVELS = frozenset({"", "unknown", "province", "city", "county"})
_RULE_KEYS = frozenset(
    {"id", "priority", "in_force_from", "in_force_to", "subject_types", "region", "level", "conducts", "grid", "to"}
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,28}")


@dataclass(frozen=True, slots=True)
class Book:
    """One version of the routing rules. ``text`` is what is stored."""

    version: str
    in_force_from: date
    basis: str
    rules: tuple[RoutingRule, ...]
    text: str


def parse_rulebook(text: str) -> Book:
    """The book in *text*. Raises Refused ("bad_rulebook") with a sentence that names the faulty rule."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise _bad("不是 JSON 格式") from error
    if not isinstance(data, dict) or not isinstance(data.get("rules"), list) or not data["rules"]:
        raise _bad("要有 rules，至少一条")
    version = _name(data.get("version"), "version")
    since = _day(data.get("in_force_from"), "in_force_from")
    rules = tuple(_rule(entry, version, since) for entry in data["rules"])
    if len({rule.id for rule in rules}) != len(rules):
        raise _bad("规则编号重复")
    return Book(version, since, str(data.get("basis", ""))[:300], rules, text)


def shipped_rulebook() -> Book:
    """The rulebook that a new deployment starts with."""
    return parse_rulebook((files("portal.routing") / "data" / "rulebook.json").read_text(encoding="utf-8"))


def _rule(entry: object, version: str, since: date) -> RoutingRule:
    if not isinstance(entry, dict):
        raise _bad("每条规则是一个对象")
    name = _name(entry.get("id"), "id")
    unknown = set(entry) - _RULE_KEYS
    if unknown:
        raise _bad(f"规则 {name} 有不认识的项：{'、'.join(sorted(map(str, unknown)))}")
    priority = entry.get("priority", 100)
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise _bad(f"规则 {name} 的 priority 要是整数")
    level = _word(entry, "level", name)
    if level not in _LEVELS:
        raise _bad(f"规则 {name} 的 level 只能是 {'、'.join(sorted(_LEVELS - {''}))}")
    until = entry.get("in_force_to")
    return RoutingRule(
        id=f"{version}/{name}",
        in_force_from=_day(entry["in_force_from"], name) if "in_force_from" in entry else since,
        in_force_to=None if until is None else _day(until, name),
        to=_target(entry.get("to"), name),
        priority=priority,
        subject_types=_words(entry, "subject_types", name),
        region=_word(entry, "region", name),
        level=level,
        conducts=_words(entry, "conducts", name),
        grid=_word(entry, "grid", name),
    )


def _target(to: object, name: str) -> Target:
    if not isinstance(to, dict) or set(to) - {"kind", "at", "office"}:
        raise _bad(f"规则 {name} 的 to 要写 kind、at 或者 office")
    target = Target(*(_word(to, key, name) for key in ("kind", "at", "office")))
    if not target.office and (target.at or "place") not in _PLACES:
        raise _bad(f"规则 {name} 的 at 只能是 {'、'.join(sorted(_PLACES))}")
    if target.kind and target.kind not in _KINDS:
        raise _bad(f"规则 {name} 的 kind 只能是 {'、'.join(sorted(_KINDS))}")
    return Target(target.kind or "bureau", target.at or "place", target.office)


def _word(entry: Mapping[str, Any], key: str, name: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str) or len(value) > 40:
        raise _bad(f"规则 {name} 的 {key} 要是文字")
    return value


def _words(entry: Mapping[str, Any], key: str, name: str) -> frozenset[str]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise _bad(f"规则 {name} 的 {key} 要是文字的列表")
    return frozenset(value)


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _bad(f"{what} 要是 1 到 29 个字母、数字、点、横线")
    return value


def _day(value: object, what: str) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise _bad(f"{what} 的日期要写成 2026-01-01 这样") from error


def _bad(why: str) -> Refused:
    return Refused("bad_rulebook", f"规则文件有问题：{why}。")
