"""What stands on the ledger of payments. Ids, codes, sums and hashes: no name, account, or number of a report. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from portal.ledger.events import Event


@dataclass(frozen=True, slots=True)
class PayeeSealed(Event):
    """Whom to pay was sealed to a payment board; SHA-256 of the sealed payee and of each clear share.

    ``payment`` is the hash that :func:`portal.payments.sealing.binding` makes of the payment, not its number: the entry
    stands beside that of the claim, and whoever reads the book must not learn which payment is for which report.
    """

    kind: ClassVar[str] = "payee-sealed"
    payment: str
    board: str
    sealed_sha256: str
    shares: tuple[str, ...]

    @property
    def subject(self) -> str:
        return self.payment


@dataclass(frozen=True, slots=True)
class ReleaseAsked(Event):
    """Somebody asked a payment board to let a batch be made into its file; ``holds``: SHA-256 of what is in it."""

    kind: ClassVar[str] = "payment-release-asked"
    release: str
    batch: str
    office: str
    board: str
    holds: str
    prepared_by: str

    @property
    def subject(self) -> str:
        return self.release


@dataclass(frozen=True, slots=True)
class ReleaseAnswered(Event):
    """A seat of the board consented (its shares were passed on) or objected."""

    kind: ClassVar[str] = "payment-release-answered"
    release: str
    seat: str
    answer: str
    reason: str = ""

    @property
    def subject(self) -> str:
        return self.release


@dataclass(frozen=True, slots=True)
class PayeesOpened(Event):
    """The file of a batch is made for whoever asked: recorded before the payees are opened.

    ``rows``: how many payments.
    """

    kind: ClassVar[str] = "payees-opened"
    release: str
    batch: str
    rows: int

    @property
    def subject(self) -> str:
        return self.release


@dataclass(frozen=True, slots=True)
class ReleaseEnded(Event):
    """A release ended and its one-time key was destroyed: released, refused, expired or dropped."""

    kind: ClassVar[str] = "payment-release-ended"
    release: str
    how: str

    @property
    def subject(self) -> str:
        return self.release


@dataclass(frozen=True, slots=True)
class PayeesShredded(Event):
    """Payees past their term are destroyed by this rule: recorded with the loss of their rows, before their keys go.

    ``payments``: their numbers, sorted.
    """

    kind: ClassVar[str] = "payees-shredded"
    rule: str
    payments: tuple[str, ...]
