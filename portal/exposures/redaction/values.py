"""Kinds of what is found, spans, warnings. Pure.

Offsets count code points of the input and end is exclusive, so that ``text[start:end]`` is what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What was found. The first group can be masked by what it looks like; the second is for a person to judge."""

    NAME = "name"
    ID_NUMBER = "id-number"
    PHONE = "phone"
    BANK_CARD = "bank-card"
    EMAIL = "email"
    WECHAT = "wechat"
    QQ = "qq"
    PLATE = "plate"
    MEDICAL_RECORD = "medical-record"
    INSURANCE_NUMBER = "insurance-number"
    ADDRESS = "address"
    KNOWN = "known"  # any other value that the caller named
    EXACT_DAY = "exact-day"
    ROLE = "role"
    NUMBER = "number"  # a long number of no known kind
    CONTACT = "contact"  # a contact of no known kind


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece that was masked. ``value``: what stood there."""

    start: int
    end: int
    kind: Kind
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, order=True)
class Caution:
    """A piece that a person has to judge; nothing was changed there."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Redacted:
    """``text`` with every span masked. Spans and warnings point into the input, are sorted and do not overlap."""

    text: str = field(repr=False)
    spans: tuple[Span, ...]
    warnings: tuple[Caution, ...]


Known = Sequence[str]
"""Values that must not be printed: names and fields of the case record, pieces of the report."""
