"""The structured outcome of a closed case: what an exposure and a circular are written from. Pure.

It holds nothing of the report's words and never a reporter. Sealed like every word of a report; people are named in it
so that what is published can be held against their names.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from portal.exposures.values import (
    NO_AMOUNTS,
    Amounts,
    Decided,
    Manner,
    Month,
    Ownership,
    Part,
    Person,
    Points,
    Referral,
    Result,
    Size,
    Source,
    SubjectKind,
)


class Method(StrEnum):
    """How the facts were found out (查实方式)."""

    ON_SITE = "on-site"
    PAPERS = "papers"
    DATA = "data"
    TALKS = "talks"
    GOODS = "goods"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """One version. ``region``: six digits of GB/T 2260; ``institution``: the full registered name, "" for none.

    ``bases``: codes of :mod:`portal.exposures.bases`; ``other_basis``: a line beside them. ``could_know``: how many
    people, about, could have known of what was reported, 0 when nobody can say. The five marks below it are for the
    severity gate alone: ``recognisable``: what would be published points at who reported; ``minor``: somebody under
    18 is concerned; ``pending``: under reconsideration or in court; ``only_source``: nothing but the report led to it.
    """

    region: str
    source: Source
    found_in: Month | None = None
    methods: tuple[Method, ...] = ()
    subject: SubjectKind
    ownership: Ownership = Ownership.UNKNOWN
    size: Size = Size.UNKNOWN
    manner: Manner
    institution: str = ""
    conducts: tuple[str, ...] = ()
    began: Month | None = None
    ended: Month | None = None
    amounts: Amounts = NO_AMOUNTS
    bases: tuple[str, ...] = ()
    other_basis: str = ""
    results: tuple[Decided, ...] = ()
    referrals: tuple[Referral, ...] = ()
    points: tuple[Points, ...] = ()
    people: tuple[Person, ...] = field(default=(), repr=False)
    could_know: int = field(default=0, repr=False)
    only_source: bool = field(default=False, repr=False)
    recognisable: bool = field(default=False, repr=False)
    minor: bool = False
    pending: bool = False
    repeated: bool = False
    widespread: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody named in it: what must not be printed."""
        return tuple(person.name for person in self.people)

    @property
    def offenders(self) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.part is Part.OFFENDER)

    def to_json(self) -> str:
        """One line of canonical JSON, format 1."""
        data = {"v": 1, **asdict(self)}
        for name in ("found_in", "began", "ended"):
            data[name] = data[name]["text"] if data[name] else None
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> CaseRecord:
        """What :meth:`to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("v", None) != 1:
            raise ValueError("not format 1")
        if set(data) != {item.name for item in fields(cls)}:
            raise ValueError("other fields than those of format 1")
        return cls(**{name: _READ[name](value) if name in _READ else value for name, value in data.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVersion:
    """A record as it is kept: which version, and why it differs from the one before ("" for the first)."""

    version: int
    record: CaseRecord
    why: str = field(default="", repr=False)

    def to_json(self) -> str:
        """One line of JSON around the record's own."""
        data = {"version": self.version, "why": self.why, "record": json.loads(self.record.to_json())}
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> RecordVersion:
        """What :meth:`to_json` wrote. Raises as :meth:`CaseRecord.from_json`."""
        data = json.loads(text)
        return cls(version=data["version"], why=data["why"], record=CaseRecord.from_json(json.dumps(data["record"])))


def _month(value: str | None) -> Month | None:
    return Month(value) if value else None


_READ: dict[str, Any] = {
    "source": Source,
    "found_in": _month,
    "methods": lambda given: tuple(Method(one) for one in given),
    "subject": SubjectKind,
    "ownership": Ownership,
    "size": Size,
    "manner": Manner,
    "conducts": tuple,
    "began": _month,
    "ended": _month,
    "amounts": lambda given: Amounts(**given),
    "bases": tuple,
    "results": lambda given: tuple(Decided(Result(one["result"]), one["months"]) for one in given),
    "referrals": lambda given: tuple(Referral(one) for one in given),
    "points": lambda given: tuple(Points(**one) for one in given),
    "people": lambda given: tuple(Person(one["name"], Part(one["part"]), one["title"]) for one in given),
}
