"""How long what is kept, what keeps a report from being destroyed, and what is known of one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kernel.errors import Refused
from portal.kernel.values import Id
from portal.tips.states import State


class Outcome(StrEnum):
    """How a report ended, as far as it matters for how long it is kept."""

    CLOSED = "closed"
    AGREEMENT = "agreement"  # closed after measures under a service agreement
    NOT_FILED = "not_filed"
    REFERRED = "referred"
    NOT_ACCEPTED = "not_accepted"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"  # by its reporter, and nothing came of it
    MERGED = "merged"  # goes with the report that it was merged into, never before


TERMED = tuple(one for one in Outcome if one is not Outcome.MERGED)
"""Outcomes that have a term of their own."""


class Wait(StrEnum):
    """Why a report is not destroyed, or was left out when it should have been."""

    NOT_ENDED = "not_ended"
    TERM = "term"
    IDENTITY = "identity"  # a request to open the identity is open
    PROPOSAL = "proposal"
    LETTER = "letter"  # of the reporter, which the office has not read
    REWARD = "reward"  # somebody still has to decide, claim or pay
    CLOCK = "clock"  # something is still owed, such as telling a reporter of the decision
    HOLD = "hold"
    MOVED = "moved"  # another office holds it by now
    GONE = "gone"  # destroyed already
    SET_CHANGED = "set_changed"  # other reports were merged with it, or split from it, meanwhile


class HoldReason(StrEnum):
    """Why somebody keeps a report beyond its term."""

    LITIGATION = "litigation"
    REVIEW = "review"
    AUDIT = "audit"
    PETITION = "petition"
    CRIMINAL = "criminal"


class Refusal(StrEnum):
    """Why a batch is not approved. The last one is the system's own."""

    STILL_NEEDED = "still_needed"
    WRONG_TERM = "wrong_term"
    UNCLEAR = "unclear"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Term:
    """How long after the day it ended: calendar years, the id of the rule, its source in words."""

    outcome: Outcome
    years: int
    rule: str
    basis: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """One version of all terms. ``text`` is what is stored and hashed."""

    version: str
    in_force_from: date
    terms: Mapping[Outcome, Term]
    text: str

    def term(self, outcome: Outcome) -> Term:
        """Raises Refused ("no_term"): without a rule in force nothing is destroyed."""
        if outcome not in self.terms:
            raise Refused("no_term", "这种办理结果没有有效的保管期限，不能销毁。")
        return self.terms[outcome]


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about one report. ``ended_on``: the day of the last step that ended it; ``code``: of that step."""

    tip_id: Id
    number: str
    office_id: Id
    state: State
    code: str
    withdrawn: bool
    ended_on: date | None
    waits: frozenset[Wait] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """One report of a set that goes together: its outcome, and the rule by which it goes."""

    facts: Facts
    outcome: Outcome
    rule: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A report with all that were merged into it: kept to which day (None: not ended), and what stands against."""

    members: tuple[Member, ...]
    kept_until: date | None
    waits: frozenset[Wait]

    @property
    def due(self) -> bool:
        """Whether all of them may be destroyed now."""
        return not self.waits
