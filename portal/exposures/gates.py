"""The severity gate (NT-8.1): rules as data propose from a case record; a person decides. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from portal.exposures.record import CaseRecord
from portal.exposures.values import Manner, Referral, Result, Source, Treatment
from portal.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class GateRule:
    """One rule. ``marks``: any of these in the record and it applies; empty: it always does. ``bars``: see the data."""

    id: str
    treatment: Treatment
    marks: frozenset[str]
    words: str
    basis: str
    in_force_from: date
    confidence: str
    bars: frozenset[Treatment]

    def applies(self, found: Set[str]) -> bool:
        return not self.marks or bool(self.marks & found)


@dataclass(frozen=True, slots=True)
class _Gate:
    rules: tuple[GateRule, ...]
    lone_source_fewer_than: int


@lru_cache(maxsize=1)
def _gate() -> _Gate:
    data = tomllib.loads((files("portal.exposures") / "data" / "gate.toml").read_text(encoding="utf-8"))
    rules = (
        GateRule(
            id=one["id"],
            treatment=Treatment(one["treatment"]),
            marks=frozenset(one["any"]),
            words=one["words"],
            basis=one["basis"],
            in_force_from=one["in_force_from"],
            confidence=one["confidence"],
            bars=frozenset(Treatment(name) for name in one.get("bars", ())),
        )
        for one in data["rule"]
    )
    return _Gate(tuple(rules), data["lone_source_fewer_than"])


def rules_in_force(on: date) -> tuple[GateRule, ...]:
    """The rules of a day, in the order in which they are asked."""
    return tuple(rule for rule in _gate().rules if rule.in_force_from <= on)


def rule_words(rule: str) -> str:
    """What a rule says, whenever it was in force; its id for one that is not known any more."""
    return next((one.words for one in _gate().rules if one.id == rule), rule)


def few_could_know(record: CaseRecord) -> bool:
    """Whether so few could have known of what was reported that a report points at somebody."""
    return 0 < record.could_know < _gate().lone_source_fewer_than


def marks(record: CaseRecord) -> frozenset[str]:
    """What of a record the rules ask for."""
    handed = {Referral.POLICE, Referral.DISCIPLINE, Referral.PROCURATOR} & set(record.referrals)
    found = {
        "recognisable": record.recognisable,
        "pending": record.pending,
        "minor": record.minor,
        "lone_source": record.source is Source.REPORT and record.only_source and few_could_know(record),
        "fraud": record.manner is Manner.FRAUD,
        "handed_over": bool(handed),
        "agreement_ended": any(one.result is Result.END_AGREEMENT for one in record.results),
        "repeated": record.repeated,
        "widespread": record.widespread,
    }
    return frozenset(name for name, holds in found.items() if holds)


def propose_rule(record: CaseRecord, on: date) -> GateRule | None:
    """The first rule in force that applies; None on a day on which there was none."""
    found = marks(record)
    return next((rule for rule in rules_in_force(on) if rule.applies(found)), None)


def check_choice(record: CaseRecord, treatment: Treatment, rule: str, on: date) -> None:
    """Whether a person may decide so. Refused: "no_rule" (not in force, or of another treatment), "barred"."""
    if not any(one.id == rule and one.treatment is treatment for one in rules_in_force(on)):
        raise Refused("no_rule", "所选的规则与处理方式不一致，请重新选择。")
    found = marks(record)
    barring = [one for one in rules_in_force(on) if treatment in one.bars and one.applies(found)]
    if barring:
        raise Refused("barred", f"现在不能这样处理：{barring[0].words}情况已经改变的，请承办人员先更正案件记录。")
