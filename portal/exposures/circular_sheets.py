"""What a circular on the evaluation of offices says: sentences, a table, annexes. Fixed as bytes, read back. Pure.

It is kept in clear: it says nothing that was sealed (docs/decisions/0026-a-circular-on-the-evaluation-is-in-clear.md).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from portal.ledger.events import canonical


@dataclass(frozen=True, slots=True)
class Part:
    """Lines under a heading. ``last``: the line that sums them up, "" for none."""

    heading: str
    lines: tuple[str, ...]
    last: str = ""


@dataclass(frozen=True, slots=True)
class Annex:
    """Something to compute by: the rule, or how each number came about."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSheet:
    """The whole text. ``rows`` have a cell for each of ``head``; from the third on they are numbers. ``figures``:
    SHA-256 (hex) of what the table and the calculations were made of. ``before``: the number of the circular that this
    one takes the place of, "" for none."""

    title: str
    paragraphs: tuple[str, ...]
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    annexes: tuple[Annex, ...]
    figures: str
    before: str = ""

    def to_text(self) -> str:
        """One line of canonical JSON, format 1: the same sheet gives the same text."""
        return canonical({"v": 1, **asdict(self)}).decode()

    @classmethod
    def from_text(cls, text: str) -> EvaluationSheet:
        """What :meth:`to_text` wrote. Raises ValueError, KeyError or TypeError on anything else."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("v", None) != 1:
            raise ValueError("not format 1")
        annexes = tuple(Annex(one["title"], tuple(_part(part) for part in one["parts"])) for one in data["annexes"])
        return cls(
            title=data["title"], paragraphs=tuple(data["paragraphs"]), caption=data["caption"],
            head=tuple(data["head"]), rows=tuple(tuple(row) for row in data["rows"]), annexes=annexes,
            figures=data["figures"], before=data["before"],
        )  # fmt: skip


def _part(data: dict[str, Any]) -> Part:
    return Part(data["heading"], tuple(data["lines"]), data["last"])


def sha256_of(text: str) -> str:
    """The fingerprint (hex) of a sheet's text."""
    return hashlib.sha256(text.encode()).hexdigest()
