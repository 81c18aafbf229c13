"""What one version of a published case says: everything on it is public. Canonical JSON, and its hash. Pure.

Written in clear, and by nobody but a publication: docs/formats/published-case.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from portal.exposures.values import (
    NO_AMOUNTS,
    Amounts,
    Decided,
    Manner,
    Month,
    Ownership,
    Points,
    Referral,
    Result,
    Size,
    Source,
    SubjectKind,
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """What was left out, as a kind of :mod:`portal.exposures.redaction` with how often, and the ground (PP-46.3)."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseContent:
    """One version. ``region``: six digits; ``institution``: the full registered name or "" (a person); sums in fen.

    ``found_in``: the month in which it was found; ``began``, ``ended``: months of the conduct, or None.
    """

    title: str
    paragraphs: tuple[str, ...]
    office: str
    region: str
    source: Source
    subject: SubjectKind
    ownership: Ownership = Ownership.UNKNOWN
    size: Size = Size.UNKNOWN
    manner: Manner
    institution: str = ""
    conducts: tuple[str, ...] = ()
    found_in: Month | None = None
    began: Month | None = None
    ended: Month | None = None
    amounts: Amounts = NO_AMOUNTS
    bases: tuple[str, ...] = ()
    results: tuple[Decided, ...] = ()
    referrals: tuple[Referral, ...] = ()
    points: tuple[Points, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    invented: bool = False

    def to_json(self) -> str:
        """One line of canonical JSON, format 1."""
        data = {"v": 1, **asdict(self)}
        for name in ("found_in", "began", "ended"):
            data[name] = data[name]["text"] if data[name] else None
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def searched(self) -> str:
        """What the search looks through: title, institution and paragraphs, a line each."""
        return "\n".join((self.title, self.institution, *self.paragraphs))

    @property
    def sha256(self) -> str:
        """Of the canonical JSON in UTF-8, hex: what the ledger keeps of a version."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> CaseContent:
        """What :meth:`to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("v", None) != 1:
            raise ValueError("not format 1")
        if set(data) != {item.name for item in fields(cls)}:
            raise ValueError("other fields than those of format 1")
        return cls(**{name: _READ.get(name, _as_is)(value) for name, value in data.items()})


def _as_is(value: Any) -> Any:
    return value


def _month(value: str | None) -> Month | None:
    return Month(value) if value else None


_READ: dict[str, Any] = {
    "paragraphs": tuple,
    "source": Source,
    "subject": SubjectKind,
    "ownership": Ownership,
    "size": Size,
    "manner": Manner,
    "conducts": tuple,
    "found_in": _month,
    "began": _month,
    "ended": _month,
    "amounts": lambda given: Amounts(**given),
    "bases": tuple,
    "results": lambda given: tuple(Decided(Result(one["result"]), one["months"]) for one in given),
    "referrals": lambda given: tuple(Referral(one) for one in given),
    "points": lambda given: tuple(Points(**one) for one in given),
    "withheld": lambda given: tuple(Withheld(**one) for one in given),
}
