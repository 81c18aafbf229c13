"""What a decision found, as far as a reward is computed from it: sums kept apart, and what they were judged by. Pure.

RW-6.2: only the loss that the reported matter caused counts. Fines, other losses of the same inspection and what was
paid back are written down beside it and never added to it. A :class:`Findings` made from input is whole and free of
contradictions, or Refused says in a sentence what to mend; ``from_json`` reads what was stored and judges nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from portal.kernel.errors import Refused
from portal.kernel.values import Fen
from portal.tips.values import MOST_FEN, SubjectType, clean_text, member

REASON_LIMIT = 1_000
"""Characters of the reason for a grade, and of the reason for a correction."""

SUBJECTS: tuple[SubjectType, ...] = (
    SubjectType.INSTITUTION,
    SubjectType.AGENCY,
    SubjectType.PERSON,
    SubjectType.OTHER,
)
"""Whom a decision can be about: by then it is no longer unknown, and officials are not ours to decide on."""

AMOUNTS: Mapping[str, str] = {
    "loss_fen": "举报事项损失",
    "other_loss_fen": "其他查实损失",
    "fine_fen": "罚款",
    "damages_fen": "违约金",
    "recovered_fen": "追回",
}
"""The five sums, in fen, and what they are called."""


class Nature(StrEnum):
    """A breach of the rules, or fraud (骗保): some schedules pay more for it."""

    GENERAL = "general"
    FRAUD = "fraud"


class Grade(StrEnum):
    """How much the reporter's evidence helped. What makes a grade stands in the schedule of the region."""

    ONE = "1"
    TWO = "2"
    THREE = "3"
    NONE = "none"


class ReporterRelation(StrEnum):
    """What the reporter is to the target, as far as a reward asks (RW-5.1, RW-SV.1). It can point at a person."""

    OUTSIDER = "outsider"
    INSIDER = "insider"
    COMPETITOR = "competitor"
    SUPERVISOR = "supervisor"
    STAFF = "staff"
    UNKNOWN = "unknown"


class Match(StrEnum):
    """How far what was found is what was reported."""

    COMPLETE = "complete"
    MAIN = "main"
    PARTLY = "partly"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """One set of findings. Sums in fen. Raises Refused: "bad_amount", "unknown_choice", "too_long", "bad_text",
    "recovered_too_much", "loss_without_match", "grade_without_match", "grade_reason_missing"."""

    loss_fen: Fen = field(repr=False)
    other_loss_fen: Fen = field(default=Fen(0), repr=False)
    fine_fen: Fen = field(default=Fen(0), repr=False)
    damages_fen: Fen = field(default=Fen(0), repr=False)
    recovered_fen: Fen = field(default=Fen(0), repr=False)
    subject_type: SubjectType = field(repr=False)
    nature: Nature = field(repr=False)
    grade: Grade = field(repr=False)
    grade_reason: str = field(default="", repr=False)
    relation: ReporterRelation = field(repr=False)
    match: Match = field(repr=False)

    def __post_init__(self) -> None:
        for name, label in AMOUNTS.items():
            _check_amount(getattr(self, name), label)
        for name, kind, label in _CHOICES:
            object.__setattr__(self, name, member(kind, getattr(self, name), label))
        if self.subject_type not in SUBJECTS:
            raise Refused("unknown_choice", "“被查实的是谁”没有这个选项，请重新选择。")
        object.__setattr__(self, "grade_reason", clean_text(self.grade_reason, REASON_LIMIT, "定这个等级的理由"))
        self._check_together()

    def _check_together(self) -> None:
        if self.recovered_fen > self.loss_fen + self.other_loss_fen:
            raise Refused("recovered_too_much", "“追回”不能多于“举报事项损失”与“其他查实损失”之和。")
        if self.match is Match.NONE and self.loss_fen:
            raise Refused(
                "loss_without_match",
                "查实的与举报的不是同一件事时，“举报事项损失”应当是 0，损失请填在“其他查实损失”里。",
            )
        if self.match is Match.NONE and self.grade is not Grade.NONE:
            raise Refused("grade_without_match", "查实的与举报的不是同一件事时，证据等级应当选“不定等级”。")
        if self.grade is not Grade.NONE and not self.grade_reason:
            raise Refused("grade_reason_missing", "请写明定这个证据等级的理由。")

    @property
    def with_loss(self) -> bool:
        """Whether the reported matter cost the fund anything: without it there is nothing to reward (RW-4.3)."""
        return self.loss_fen > 0

    @property
    def any_amount(self) -> bool:
        return any(getattr(self, name) for name in AMOUNTS)

    def to_data(self) -> dict[str, Any]:
        """Codes, integers and words by name, as they are stored."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """What :meth:`to_data` gave, without the checks for fresh input. Raises ValueError or KeyError otherwise."""
        made = cls.__new__(cls)
        for item in fields(cls):
            object.__setattr__(made, item.name, data[item.name])
        for name, kind, _ in _CHOICES:
            object.__setattr__(made, name, kind(data[name]))
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Findings as they are kept: which version, why it differs from the one before ("" for the first), and the
    proposal under which a correction was asked for ("" for none)."""

    version: int
    findings: Findings
    why: str = field(default="", repr=False)
    proposal: str = ""

    def to_json(self) -> str:
        """One line of canonical JSON, format 1."""
        data = {"v": 1, "version": self.version, "why": self.why, "proposal": self.proposal}
        whole = {**data, "findings": self.findings.to_data()}
        return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Statement:
        """What :meth:`to_json` wrote. Raises ValueError or KeyError on anything else."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("v") != 1:
            raise ValueError("not format 1")
        found = Findings.from_data(data["findings"])
        return cls(version=data["version"], findings=found, why=data["why"], proposal=data["proposal"])


_CHOICES: tuple[tuple[str, type[StrEnum], str], ...] = (
    ("subject_type", SubjectType, "被查实的是谁"),
    ("nature", Nature, "违法行为的性质"),
    ("grade", Grade, "证据等级"),
    ("relation", ReporterRelation, "举报人与被举报方的关系"),
    ("match", Match, "查实的与举报的是否相符"),
)


def _check_amount(fen: object, label: str) -> None:
    if isinstance(fen, bool) or not isinstance(fen, int) or not 0 <= fen <= MOST_FEN:
        raise Refused("bad_amount", f"“{label}”要写不小于 0 的金额，单位是元。")
