"""Reward schedules as they are stored: JSON, checked when they come in (docs/formats/reward-schedules.md). Pure but for
the shipped ones, read from the package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, NoReturn

from portal.kernel.errors import Refused
from portal.rewards.values import GRADES, Band, Mode, Nature, NoLoss, Relation, Schedule, Status, Subject, Table, Uplift

FIELDS = frozenset(
    {
        *("id", "region", "region_name", "document", "status", "effective_from", "effective_to", "scope"),
        *("reporter_kinds", "real_name_required", "requires_fund_loss", "case_value", "floor_fen", "cap_fen"),
        *("tables", "uplift", "no_loss", "sharing", "claim_months", "rounding", "confidence"),
    }
)
OPTIONAL = frozenset({"in_force_by", "inherits", "switched_off"})
AXES: Mapping[str, frozenset[str]] = {
    "subject": frozenset(Subject),
    "grade": frozenset(GRADES),
    "nature": frozenset(Nature),
    "relation": frozenset({*Relation, "insider_or_competitor"}),
}
LEVELS = frozenset({"confirmed", "single-source", "inferred", "not seen"})
SWITCHES = frozenset({"RW-4.2", "RW-5.1", "RW-5.2", "RW-5.3", "RW-5.4", "RW-5.5", "RW-5.6"})
MOST_FEN = 10**15
_ID = re.compile(r"[a-z][a-z0-9-]{2,39}")
_RATE = re.compile(r"(0|1)(\.\d{1,8})?")
_NUMBER = re.compile(r"\d{6}")


@cache
def shipped() -> Mapping[str, Schedule]:
    """The schedules that come with the program, by id."""
    return parse_all((files("portal.rewards") / "data" / "schedules.json").read_text(encoding="utf-8"))


def parse_all(text: str) -> dict[str, Schedule]:
    """The schedules in *text*: ``{"version", "schedules": […]}``. Raises Refused ("bad_schedule"), naming the fault."""
    try:
        data = json.loads(text)
        entries = data["schedules"]
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise Refused("bad_schedule", "不是奖励标准的 JSON：要有 version 和 schedules。") from error
    if not isinstance(entries, list):
        raise Refused("bad_schedule", "schedules 要是列表。")
    found = [parse(entry) for entry in entries]
    by_id = {one.id: one for one in found}
    if len(by_id) != len(found):
        raise Refused("bad_schedule", "有两个标准的 id 相同。")
    return by_id


def parse(entry: object) -> Schedule:
    """One schedule. Raises Refused ("bad_schedule") with a sentence that names the field."""
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not _ID.fullmatch(entry["id"]):
        raise Refused("bad_schedule", "每个标准要有 id：小写字母、数字和横线，3 到 40 个。")
    return _Reader(entry["id"], entry).schedule()


class _Reader:
    """Reads one entry; whatever is wrong is said with the id and the field."""

    def __init__(self, name: str, entry: Mapping[str, Any]) -> None:
        self.name, self.entry = name, entry

    def bad(self, what: str) -> NoReturn:
        raise Refused("bad_schedule", f"{self.name}：{what}。")

    def schedule(self) -> Schedule:
        keys = set(self.entry)
        if missing := FIELDS - keys:
            self.bad(f"缺少 {'、'.join(sorted(missing))}")
        if extra := keys - FIELDS - OPTIONAL:
            self.bad(f"不认识 {'、'.join(sorted(map(str, extra)))}")
        entry = self.entry
        if not isinstance(entry["region"], str) or not _NUMBER.fullmatch(entry["region"]):
            self.bad("region 要是六位区划代码")
        document, sharing, rounding = (self.part(key) for key in ("document", "sharing", "rounding"))
        made = Schedule(
            id=self.name,
            region=entry["region"],
            region_name=self.text(entry, "region_name"),
            title=self.text(document, "title", empty=True) or None,
            number=self.text(document, "number", empty=True) or None,
            status=Status(self.one_of(entry, "status", frozenset(Status))),
            effective_from=self.day("effective_from"),
            effective_to=self.day("effective_to"),
            in_force_by=self.day("in_force_by"),
            fraud_only=self.one_of(entry, "scope", frozenset({"all_violations", "fraud_only"})) == "fraud_only",
            reporter_kinds=self.some_of("reporter_kinds", frozenset({"natural_person", "organization"})),
            real_name_required=self.flag("real_name_required"),
            requires_fund_loss=self.flag("requires_fund_loss"),
            case_value={key: tuple(map(str, value)) for key, value in self.part("case_value").items()},
            floor_fen=self.fen(entry, "floor_fen", none=True),
            cap_fen=self.fen(entry, "cap_fen", none=True),
            tables=tuple(map(self.table, self.items(entry, "tables"))),
            uplift=self.uplift(),
            no_loss=self.no_loss(),
            first_only=self.one_of(sharing, "separate_reporters", frozenset({"first_only"})) == "first_only",
            claim_months=self.count(entry, "claim_months", 1, 24),
            unit_fen=self.count(rounding, "unit_fen", 1, 10_000),
            confidence=self.confidence(),
            switched_off=self.some_of("switched_off", SWITCHES, none=True),
        )
        self.whole(made)
        return made

    def whole(self, made: Schedule) -> None:
        """What no single field can show."""
        if made.effective_from and made.effective_to and made.effective_from > made.effective_to:
            self.bad("effective_to 不能早于 effective_from")
        if made.floor_fen is not None and made.cap_fen is not None and made.floor_fen > made.cap_fen:
            self.bad("floor_fen 不能高于 cap_fen")
        if made.status is Status.IN_FORCE and not made.tables:
            self.bad("正在施行的标准要有表")
        seen = [tuple(sorted(table.when.items())) for table in made.tables]
        if len(set(seen)) != len(seen):
            self.bad("两张表的适用条件相同")

    # --- tables

    def table(self, given: object) -> Table:
        if not isinstance(given, dict) or set(given) != {"when", "mode", "floor_fen", "bands"}:
            self.bad("每张表要有 when、mode、floor_fen、bands")
        when = given["when"]
        if not isinstance(when, dict) or any(key not in AXES or value not in AXES[key] for key, value in when.items()):
            self.bad("when 里有不认识的条件")
        mode = Mode(self.one_of(given, "mode", frozenset(Mode)))
        bands = tuple(map(self.band, self.items(given, "bands")))
        self.edges(bands, mode)
        return Table(when, mode, self.fen(given, "floor_fen", none=True), bands)

    def edges(self, bands: Sequence[Band], mode: Mode) -> None:
        """Upper edges, in whole yuan, rise to an open end; what is called marginal does not jump."""
        uppers = [band.upper_fen for band in bands]
        if not bands or uppers[-1] is not None or None in uppers[:-1]:
            self.bad("最后一档、也只有最后一档没有上限")
        closed = [upper for upper in uppers if upper is not None]
        if closed != sorted(set(closed)):
            self.bad("各档上限要从小到大")
        if any(upper % 100 for upper in closed):
            self.bad("各档上限要是整元")
        if mode is not Mode.MARGINAL:
            return
        for lower, upper in pairwise(bands):
            edge = lower.upper_fen or 0
            if lower.rate is None or upper.over_fen != edge:
                self.bad("累进的表，每一档从上一档的上限起算")
            if lower.base_fen + lower.rate * (edge - lower.over_fen) != upper.base_fen:
                self.bad(f"累进的表在 {edge} 分处不连续")

    def band(self, given: object) -> Band:
        needed = {"upper_fen", "base_fen", "rate", "over_fen"}
        allowed = needed | {"upper_inclusive", "rate_max", "base_max_fen"}
        if not isinstance(given, dict) or not needed <= set(given) <= allowed:
            self.bad("每一档要有 upper_fen、base_fen、rate、over_fen")
        upper = self.fen(given, "upper_fen", none=True)
        inclusive = given.get("upper_inclusive", False)
        if not isinstance(inclusive, bool) or (upper is not None and "upper_inclusive" not in given):
            self.bad("有上限的一档要写明 upper_inclusive")
        made = Band(
            upper,
            inclusive,
            self.fen(given, "base_fen") or 0,
            self.rate(given, "rate"),
            self.fen(given, "over_fen") or 0,
            self.rate(given, "rate_max"),
            self.fen(given, "base_max_fen", none=True),
        )
        if made.rate_max is not None and (made.rate is None or made.rate_max < made.rate):
            self.bad("rate_max 不能低于 rate")
        if made.base_max_fen is not None and made.base_max_fen < made.base_fen:
            self.bad("base_max_fen 不能低于 base_fen")
        return made

    def uplift(self) -> Uplift | None:
        given = self.entry["uplift"]
        if given is None:
            return None
        if not isinstance(given, dict):
            self.bad("uplift 要是对象")
        kinds = frozenset({"multiply", "add_rate", "add_rate_range", "discretionary"})
        orders = frozenset({"before_cap", "after_floor_before_cap", "unknown_vs_cap"})
        relations = given.get("relations")
        if not isinstance(relations, list) or not relations or not set(relations) <= set(Relation) - {"outsider"}:
            self.bad("uplift 的 relations 不对")
        return Uplift(
            frozenset(relations),
            self.one_of(given, "kind", kinds),
            self.rate(given, "value"),
            self.rate(given, "value_max"),
            self.fen(given, "min_fen", none=True),
            self.one_of(given, "order", orders),
            given.get("real_name") is True,
        )

    def no_loss(self) -> NoLoss | None:
        given = self.entry["no_loss"]
        if given is None:
            return None
        kind = self.one_of(self.part("no_loss"), "kind", frozenset({"fixed", "range", "discretionary"}))
        if kind == "fixed":
            amount = self.fen(given, "amount_fen") or 0
            return NoLoss(kind, amount, amount)
        if kind == "range":
            low, high = self.fen(given, "min_fen") or 0, self.fen(given, "max_fen") or 0
            if low > high:
                self.bad("no_loss 的 max_fen 不能低于 min_fen")
            return NoLoss(kind, low, high)
        return NoLoss(kind)

    def confidence(self) -> dict[str, str]:
        given = self.part("confidence")
        if not given or any(value not in LEVELS for value in given.values()):
            self.bad(f"confidence 只能是 {'、'.join(sorted(LEVELS))}")
        return {str(key): str(value) for key, value in given.items()}

    # --- single fields

    def part(self, key: str) -> dict[str, Any]:
        value = self.entry[key]
        if not isinstance(value, dict):
            self.bad(f"{key} 要是对象")
        return value

    def items(self, given: Mapping[str, Any], key: str) -> list[object]:
        value = given[key]
        if not isinstance(value, list) or len(value) > 50:
            self.bad(f"{key} 要是列表，最多 50 项")
        return value

    def text(self, given: Mapping[str, Any], key: str, *, empty: bool = False) -> str:
        value = given.get(key)
        if (value is None and empty) or (isinstance(value, str) and 0 < len(value) <= 200):
            return value or ""
        self.bad(f"{key} 要是 1 到 200 个字")

    def one_of(self, given: Mapping[str, Any], key: str, known: frozenset[str]) -> str:
        value = given.get(key)
        if not isinstance(value, str) or value not in known:
            self.bad(f"{key} 只能是 {'、'.join(sorted(known))}")
        return value

    def some_of(self, key: str, known: frozenset[str], *, none: bool = False) -> frozenset[str]:
        value = self.entry.get(key, [] if none else None)
        if not isinstance(value, list) or not (value or none) or any(one not in known for one in value):
            self.bad(f"{key} 要是列表，只能有 {'、'.join(sorted(known))}")
        return frozenset(value)

    def flag(self, key: str) -> bool:
        value = self.entry[key]
        if not isinstance(value, bool):
            self.bad(f"{key} 要是 true 或 false")
        return value

    def count(self, given: Mapping[str, Any], key: str, least: int, most: int) -> int:
        value = given.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.bad(f"{key} 要是 {least} 到 {most} 的整数")
        return value

    def fen(self, given: Mapping[str, Any], key: str, *, none: bool = False) -> int | None:
        if none and given.get(key) is None:
            return None
        return self.count(given, key, 0, MOST_FEN)

    def rate(self, given: Mapping[str, Any], key: str) -> Decimal | None:
        value = given.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not _RATE.fullmatch(value):
            self.bad(f'{key} 要写成小数，例如 "0.02"')
        return Decimal(value)

    def day(self, key: str) -> date | None:
        value = self.entry.get(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.bad(f"{key} 要是日期，例如 2026-01-01")
