"""How long a case stays before the public, and within how many working days it is published or corrected. Pure.

The figures are data with *in force from*, source and confidence: ``data/expiry.toml``. Without one in force nothing is
computed: no figure is made up.
"""

from __future__ import annotations

import calendar
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from portal.exposures.content import CaseContent
from portal.exposures.values import Manner, Referral, Result
from portal.kernel.errors import Refused
from portal.workdays.calendar import Calendar

PUBLISH, WITHDRAW = "publish", "withdraw"
"""Ids of the two rules that count working days: publishing after a decision, correcting what is known to be wrong."""
_HANDED = frozenset({Referral.POLICE, Referral.DISCIPLINE, Referral.PROCURATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A rule of how many ``months`` a case is seen. ``marks``: any of these and it applies; none: it always does."""

    id: str
    marks: frozenset[str]
    months: int
    basis: str
    confidence: str
    in_force_from: date
    in_force_until: date | None

    def holds(self, found: frozenset[str], on: date) -> bool:
        """Whether it is in force on that day and applies to a case with these marks."""
        last = self.in_force_until or date.max
        return self.in_force_from <= on <= last and (not self.marks or bool(self.marks & found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A rule of so many working days after an event."""

    id: str
    workdays: int
    basis: str
    confidence: str
    in_force_from: date


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[Term, ...], tuple[Days, ...]]:
    data = tomllib.loads((files("portal.exposures") / "data" / "expiry.toml").read_text(encoding="utf-8"))
    return tuple(_term(one) for one in data["term"]), tuple(Days(**one) for one in data["days"])


def _term(one: dict[str, Any]) -> Term:
    return Term(marks=frozenset(one.pop("any")), in_force_until=one.pop("in_force_until", None), **one)


def term_of(content: CaseContent, published_on: date) -> Term:
    """The rule for a case that was first published on that day. Refused ("no_expiry_rule") when none was in force."""
    found = _marks(content)
    term = next((one for one in _rules()[0] if one.holds(found, published_on)), None)
    if term is None:
        raise Refused("no_expiry_rule", "这一天还没有关于公开多久的规定，不能公布。")
    return term


def expires_on(content: CaseContent, published_on: date) -> date:
    """The last day on which the case is seen: so many months later, on the same day or the last of the month."""
    months = term_of(content, published_on).months
    year, month = divmod(published_on.year * 12 + published_on.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(published_on.day, last))


def days_rule(which: str, on: date) -> Days | None:
    """The rule of working days (PUBLISH or WITHDRAW) that was in force on a day; None before the first."""
    found = [one for one in _rules()[1] if one.id == which and one.in_force_from <= on]
    return max(found, key=lambda one: one.in_force_from, default=None)


def due(which: str, start: date, workdays: Calendar) -> date | None:
    """The last day for what *start* began; None where no rule was in force. The day of the event is not counted."""
    rule = days_rule(which, start)
    return workdays.add_workdays(start, rule.workdays)[0] if rule else None


def _marks(content: CaseContent) -> frozenset[str]:
    found = {
        "fraud": content.manner is Manner.FRAUD,
        "handed_over": bool(_HANDED & set(content.referrals)),
        "agreement_ended": any(one.result is Result.END_AGREEMENT for one in content.results),
    }
    return frozenset(name for name, holds in found.items() if holds)
