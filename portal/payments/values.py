"""Whom a reward is paid to, under which number, and how far it has come. Pure."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Self

PaymentNumber = NewType("PaymentNumber", str)
"""The number of a payment, e.g. ``PN-7K3M-Q9RT``. Random: no report number can be worked out of it, nor the reverse."""

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER = re.compile(r"PN-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}")


def new_payment_number() -> PaymentNumber:
    """A random number of 8 letters and digits that cannot be mistaken for one another (about 39 bits)."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return PaymentNumber(f"PN-{drawn[:4]}-{drawn[4:]}")


def parse_payment_number(text: str) -> PaymentNumber | None:
    """The payment number in *text* as typed (case, spaces and missing hyphens forgiven), or None."""
    bare = re.sub(r"[\s\-—–]", "", text).upper().removeprefix("PN")
    candidate = f"PN-{bare[:4]}-{bare[4:]}"
    return PaymentNumber(candidate) if _NUMBER.fullmatch(candidate) else None


class PaymentState(StrEnum):
    """SEALED → IN_BATCH → PAID or RETURNED. SHREDDED: never paid, and whom to pay was destroyed.

    A payment that was paid stays PAID when its payee is destroyed, so that totals and "paid already" hold.
    """

    SEALED = "sealed"
    IN_BATCH = "in_batch"
    PAID = "paid"
    RETURNED = "returned"
    SHREDDED = "shredded"


class ReleaseState(StrEnum):
    """How far the release of a batch has come: k seats consent, then the file is made once."""

    ASKED = "asked"
    GRANTED = "granted"
    RELEASED = "released"
    REFUSED = "refused"
    EXPIRED = "expired"
    DROPPED = "dropped"


class Unreleased(StrEnum):
    """Why a keeper does not consent to a release. A code; the words are the page's."""

    AMOUNT = "amount"  # a sum, or the sum of all, looks wrong
    UNCLEAR = "unclear"  # not known to the keeper; nobody said that it would come
    CONFLICT = "conflict"  # the keeper has an interest in it


@dataclass(frozen=True, slots=True, repr=False)
class Payee:
    """Whom to pay. Never written anywhere but sealed; its repr and str say nothing."""

    name: str
    id_number: str
    bank: str
    account: str

    def __repr__(self) -> str:
        return "Payee(…)"

    def to_json(self) -> str:
        """As it is sealed."""
        return json.dumps([self.name, self.id_number, self.bank, self.account], ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What was sealed. ValueError for anything else, without its text."""
        fields = json.loads(text)
        if not isinstance(fields, list) or len(fields) != 4 or not all(isinstance(one, str) for one in fields):
            raise ValueError("not a payee")
        return cls(*fields)
