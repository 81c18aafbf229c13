"""From what a decision found to what a reward is computed from, and how that is written down. Pure.

The relation of the reporter is kept only where the rule makes a difference of it: elsewhere it would tell something of
a person for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from portal.kernel.errors import Refused
from portal.rewards.values import GRADES, Case, Nature, Relation, Reporter, Schedule, Step, Subject
from portal.tips.findings import Findings, Grade, ReporterRelation
from portal.tips.findings import Nature as FoundNature
from portal.tips.values import SubjectType

REVIEW_RULE, CLAIM_RULE, ASK_RULE = "RW-L3", "RW-9.1", "RW-L5"
"""The clocks of a reward in portal/tips/data/deadlines.toml: to decide, to claim, to ask for a review."""

STAFF_RULE = "RW-5.1"
EXCLUSIONS = (
    *("RW-4.1", "RW-4.2", "RW-4.4", "RW-4.5"),
    *(STAFF_RULE, "RW-5.2", "RW-5.3", "RW-5.4", "RW-5.5", "RW-5.6", "RW-8.1"),
)
"""What an officer may hold against a reward; the rest follows from the findings by itself."""

MOST_JOINT = 100


class Kind(StrEnum):
    """What is proposed."""

    GIVE = "give"
    REFUSE = "refuse"
    RECOVER = "recover"


class ProposalState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    SENT_BACK = "sent_back"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the officer adds to the findings: how many signed, what a rule leaves open, what stands against it."""

    joint: int = 1
    grade: str | None = None
    rate_chosen: Decimal | None = None
    add_rate: Decimal | None = None
    amount_chosen_fen: int | None = None
    excluded_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.joint <= MOST_JOINT:
            raise Refused("bad_joint", f"联名人数要在 1 到 {MOST_JOINT} 之间。")
        if unknown := set(self.excluded_by) - set(EXCLUSIONS):
            raise Refused("unknown_exclusion", f"没有这种情形：{'、'.join(sorted(unknown))}。")

    @property
    def needs_reason(self) -> bool:
        """Whether the officer decided anything by themselves."""
        chosen = (self.grade, self.rate_chosen, self.add_rate, self.amount_chosen_fen)
        return bool(self.excluded_by) or any(one is not None for one in chosen)


@dataclass(frozen=True, slots=True)
class Reported:
    """What matters of the reporter: named or not, which in order of receipt.

    Whoever withdrew before the decision has no reward that could be assessed (:mod:`portal.rewards.opening`).
    """

    named: bool
    position: int


def case_of(findings: Findings, reported: Reported, chosen: Choices, decided_on: date) -> Case:
    """What is assessed. Refused ("bad_subject") where the findings are about nobody that a rule knows."""
    against = list(chosen.excluded_by)
    if findings.relation is ReporterRelation.STAFF and STAFF_RULE not in against:
        against.insert(0, STAFF_RULE)
    return Case(
        case_value_fen=findings.loss_fen,
        decided_on=decided_on,
        subject=Subject.INDIVIDUAL if findings.subject_type is SubjectType.PERSON else Subject.INSTITUTION,
        grade=chosen.grade or (None if findings.grade is Grade.NONE else findings.grade.value),
        nature=Nature.FRAUD if findings.nature is FoundNature.FRAUD else Nature.GENERAL,
        relation=_RELATIONS.get(findings.relation, Relation.OUTSIDER),
        reporter=Reporter.NATURAL_PERSON if reported.named else Reporter.ANONYMOUS,
        position=reported.position,
        joint=chosen.joint,
        rate_chosen=chosen.rate_chosen,
        add_rate=chosen.add_rate,
        amount_chosen_fen=chosen.amount_chosen_fen,
        fine_fen=findings.fine_fen,
        other_findings_fen=findings.other_loss_fen,
        excluded_by=tuple(against),
    )


_RELATIONS = {
    ReporterRelation.INSIDER: Relation.INSIDER,
    ReporterRelation.COMPETITOR: Relation.COMPETITOR,
}


def as_far_as_needed(case: Case, schedule: Schedule) -> Case:
    """*case* without a relation that makes no difference under *schedule*."""
    matters = schedule.uplift is not None or any("relation" in table.when for table in schedule.tables)
    return case if matters else replace(case, relation=Relation.OUTSIDER)


def grades_by_name(schedule: Schedule) -> tuple[str, ...]:
    """Grades that findings cannot say and the officer chooses, where the rule knows such."""
    known = {table.when.get("grade") for table in schedule.tables}
    return tuple(grade for grade in GRADES[3:] if grade in known)


@dataclass(frozen=True, slots=True)
class Record:
    """A figure with all that it was computed from: enough to compute it again."""

    case: Case = field(repr=False)
    reward_fen: int
    steps: tuple[Step, ...] = field(repr=False)

    def to_json(self) -> str:
        data = {"v": 1, "case": _case_data(self.case), "reward_fen": self.reward_fen}
        return _written({**data, "trace": [step_data(step) for step in self.steps]})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What :meth:`to_json` wrote. Raises ValueError or KeyError on anything else."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("v") != 1:
            raise ValueError("not format 1")
        steps = tuple(step_from(step) for step in data["trace"])
        return cls(_case_from(data["case"]), int(data["reward_fen"]), steps)


def _case_data(case: Case) -> dict[str, Any]:
    said = {name: getattr(case, name) for name in Case.__dataclass_fields__}
    for name in ("rate_chosen", "add_rate"):
        said[name] = None if said[name] is None else f"{said[name]:f}"
    return {**said, "decided_on": case.decided_on.isoformat(), "excluded_by": list(case.excluded_by)}


def _case_from(data: Mapping[str, Any]) -> Case:
    read = dict(data)
    for name in ("rate_chosen", "add_rate"):
        read[name] = None if read[name] is None else Decimal(read[name])
    read |= {
        "decided_on": date.fromisoformat(read["decided_on"]),
        "subject": Subject(read["subject"]),
        "nature": None if read["nature"] is None else Nature(read["nature"]),
        "relation": Relation(read["relation"]),
        "reporter": Reporter(read["reporter"]),
        "excluded_by": tuple(read["excluded_by"]),
    }
    return Case(**read)


def step_data(step: Step) -> dict[str, Any]:
    """A step as it is kept: ``fen`` exact, as text."""
    fen = None if step.fen is None else f"{step.fen:f}"
    return {"kind": step.kind, "text": step.text, "fen": fen, "numbers": dict(step.numbers)}


def step_from(data: Mapping[str, Any]) -> Step:
    """What :func:`step_data` gave. Raises KeyError or ValueError on anything else."""
    fen = None if data["fen"] is None else Decimal(data["fen"])
    return Step(data["kind"], data["text"], fen, dict(data["numbers"]))


def trace_json(steps: tuple[Step, ...]) -> str:
    """The way to a figure as the parameter of a notice."""
    return _written([step_data(step) for step in steps])


def trace_from(text: str) -> tuple[Step, ...]:
    """What :func:`trace_json` wrote; nothing for anything else, so that an old notice still reads."""
    try:
        return tuple(step_from(one) for one in json.loads(text))
    except (ValueError, KeyError, TypeError, ArithmeticError):
        return ()


def _written(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
