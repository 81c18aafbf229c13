"""Small values every feature shares. Pure."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import NewType

Id = uuid.UUID

Fen = NewType("Fen", int)
"""Money: integer fen (1/100 yuan). No float touches money."""

RegionCode = NewType("RegionCode", str)
"""Six digits of GB/T 2260."""

TipNumber = NewType("TipNumber", str)
"""The public number of a tip, e.g. ``MJ-7K3M-Q9RT``. Random: it neither counts nor times reports."""

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER = re.compile(r"MJ-([2-9A-HJKMNP-TV-Z]{4})-([2-9A-HJKMNP-TV-Z]{4})")


def new_tip_number() -> TipNumber:
    """A random number of 8 letters and digits that cannot be mistaken for one another (about 39 bits)."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return TipNumber(f"MJ-{drawn[:4]}-{drawn[4:]}")


def parse_tip_number(text: str) -> TipNumber | None:
    """The tip number in *text* as typed (case, spaces and missing hyphens forgiven), or None."""
    bare = re.sub(r"[\s\-—–]", "", text).upper().removeprefix("MJ")
    candidate = f"MJ-{bare[:4]}-{bare[4:]}"
    return TipNumber(candidate) if _NUMBER.fullmatch(candidate) else None


def new_id() -> Id:
    """A random id. Never derived from time, so that an id says nothing of when."""
    return uuid.uuid4()
