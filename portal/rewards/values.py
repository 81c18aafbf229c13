"""What a reward is computed from, and what comes of it. Pure. Money in fen; rates are exact decimals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

GRADES = ("1", "2", "3", "ordinary", "full_evidence")
"""Grades of evidence that some rule knows: numbered in most places, two by name in Chongqing."""


class Status(StrEnum):
    """What a schedule is. Only one in force with rates gives a figure that counts."""

    IN_FORCE = "in_force"
    DRAFT = "draft"
    SUPERSEDED = "superseded"
    FRAMEWORK = "framework"  # bounds without a rate (22号)
    INFERRED = "inferred"
    TEXT_NOT_SEEN = "text_not_seen"


class Subject(StrEnum):
    """Whom the rules tell apart: 机构 (institutions, agencies, employers) and 参保个人."""

    INSTITUTION = "institution"
    INDIVIDUAL = "individual"


class Nature(StrEnum):
    """一般违法, or 欺诈骗保."""

    GENERAL = "general"
    FRAUD = "fraud"


class Relation(StrEnum):
    """How the reporter stands to whom the report is about."""

    OUTSIDER = "outsider"
    INSIDER = "insider"
    FORMER_INSIDER = "former_insider"
    COMPETITOR = "competitor"


class Reporter(StrEnum):
    """Who reports, as far as the rules ask (RW-2.1, RW-4.4)."""

    NATURAL_PERSON = "natural_person"
    ORGANIZATION = "organization"
    ANONYMOUS = "anonymous"


class Mode(StrEnum):
    """How the bands of a table are meant; for checking, not for computing."""

    FLAT = "flat"
    MARGINAL = "marginal"
    STEP = "step"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Band:
    """``reward = base + rate * (case value - over)`` up to an edge; None: no upper edge, a rate not known."""

    upper_fen: int | None
    upper_inclusive: bool
    base_fen: int
    rate: Decimal | None
    over_fen: int = 0
    rate_max: Decimal | None = None
    base_max_fen: int | None = None

    def holds(self, value_fen: int) -> bool:
        """Whether a case value that no band before took belongs here."""
        if self.upper_fen is None or value_fen < self.upper_fen:
            return True
        return self.upper_inclusive and value_fen == self.upper_fen


@dataclass(frozen=True, slots=True)
class Table:
    """Bands for the cases that *when* describes; an axis that is not in it does not matter."""

    when: Mapping[str, str]
    mode: Mode
    floor_fen: int | None
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Uplift:
    """More for some reporters: times a factor, or a higher rate; ``value`` None: how much is not known."""

    relations: frozenset[str]
    kind: str  # multiply | add_rate | add_rate_range | discretionary
    value: Decimal | None
    value_max: Decimal | None = None
    min_fen: int | None = None
    order: str = "before_cap"  # before_cap | after_floor_before_cap | unknown_vs_cap
    real_name: bool = False


@dataclass(frozen=True, slots=True)
class NoLoss:
    """What an older rule pays where the fund lost nothing."""

    kind: str  # fixed | range | discretionary
    min_fen: int = 0
    max_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """One region's rule in one version, as its document has it."""

    id: str
    region: str
    region_name: str
    title: str | None
    number: str | None
    status: Status
    effective_from: date | None
    effective_to: date | None
    in_force_by: date | None
    fraud_only: bool
    reporter_kinds: frozenset[str]
    real_name_required: bool
    requires_fund_loss: bool
    case_value: Mapping[str, tuple[str, ...]]
    floor_fen: int | None
    cap_fen: int | None
    tables: tuple[Table, ...]
    uplift: Uplift | None
    no_loss: NoLoss | None
    first_only: bool
    claim_months: int
    unit_fen: int
    confidence: Mapping[str, str]
    switched_off: frozenset[str] = frozenset()
    """Conditions of the national measure that the region has given up, as rule ids (RW-4.2 …)."""

    def starts(self) -> date | None:
        """The first day that it is known to be in force."""
        return self.effective_from or self.in_force_by


@dataclass(frozen=True, slots=True)
class Case:
    """What was found, and what of the reporter matters. ``case_value_fen``: the fund's loss in the reported matter;
    ``relation`` None: not said, which raises nothing and is refused where a table goes by it."""

    case_value_fen: int
    decided_on: date
    subject: Subject
    grade: str | None = None
    nature: Nature | None = None
    relation: Relation | None = Relation.OUTSIDER
    reporter: Reporter = Reporter.NATURAL_PERSON
    position: int = 1
    joint: int = 1
    rate_chosen: Decimal | None = None
    add_rate: Decimal | None = None
    amount_chosen_fen: int | None = None
    fine_fen: int = 0
    other_findings_fen: int = 0
    excluded_by: tuple[str, ...] = ()
    """Conditions and exclusions that stand against a reward, as rule ids (RW-4.2, RW-5.3 …)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an assessment: what was done, in a sentence, with its numbers; ``fen``: the exact amount after it."""

    kind: str
    text: str
    fen: Decimal | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A reward in whole fen with the way to it. ``official``: by a rule in force; ``shares``: of joint reporters."""

    schedule: str
    reward_fen: int
    trace: tuple[Step, ...]
    official: bool
    eligible: bool
    shares: tuple[int, ...]
