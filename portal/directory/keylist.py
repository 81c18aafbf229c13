"""Every public key with its owner and its standing in the ledger.

Members of staff are not named: nobody but colleagues seals to them. Nor is the position of an entry: it would tell how
long the ledger was on the day of the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.tree import Reader
from portal.directory.keys import prove_key
from portal.directory.models import BoardSeat, CustodyBoard, Office, SealingKey
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry, LedgerLeaf
from portal.ledger.proofs import Signed, latest_checkpoint, node_reader

_ORDER = ("office", "seat", "office-recovery", "board-recovery", "staff")
_vouched: dict[tuple[bytes, bytes, Id, int, bytes], bool] = {}
"""What was found under the newest published root: it changes three times a day, and everybody may open the page."""


class Standing(Enum):
    """What the ledger says of a key."""

    PUBLISHED = "published"  # the newest published checkpoint vouches for it
    SIGNED = "signed"  # a signed checkpoint does, which is enough to seal to it
    WAITING = "waiting"  # its entry is on the way
    UNKNOWN = "unknown"  # no such entry, or one that says something else


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as the page shows it. ``key``: hex. ``owner``, ``owner_en``: empty for a member of staff. ``seat``: its
    position in the board. ``days``: in use until today or until it was retired.
    """

    key: str
    purpose: str
    owner: str
    owner_en: str
    seat: int | None
    generation: int
    since: date
    days: int
    retired_on: date | None
    standing: Standing


def listed_keys(session: Session, vkey: str, today: date) -> list[ListedKey]:
    """All keys: in use before retired, by purpose, owner and generation. At most O(log n) reads a key."""
    owners, standing = _owners(session), _standings(session, vkey)
    made = []
    for row, stands in standing:
        owner, owner_en, seat = owners.get(row.owner_id, ("", "", None))
        days, retired = ((row.retired_on or today) - row.since).days, row.retired_on
        made.append(
            ListedKey(
                row.id.hex(), row.purpose, owner, owner_en, seat, row.generation, row.since, days, retired, stands
            )
        )
    return sorted(made, key=_order)


def _order(one: ListedKey) -> tuple[bool, int, str, int, int, str]:
    in_use = one.retired_on is not None
    return (in_use, _ORDER.index(one.purpose), one.owner, one.seat or 0, -one.generation, one.key)


def _standings(session: Session, vkey: str) -> list[tuple[SealingKey, Standing]]:
    published, signed = latest_checkpoint(session, vkey, published=True), latest_checkpoint(session, vkey)
    rows = session.scalars(select(SealingKey)).all()
    entries = session.execute(
        select(LedgerEntry.id, LedgerLeaf.seq)
        .outerjoin(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
        .where(LedgerEntry.id.in_(select(SealingKey.entry_id)))
    )
    places: dict[Id, int | None] = {row.id: row.seq for row in entries}
    read, covered = node_reader(session), signed.checkpoint.size if signed else 0

    def standing(row: SealingKey) -> Standing:
        if published is not None and _is_vouched(session, row, published, read):
            return Standing.PUBLISHED
        if signed is not None and prove_key(session, row, signed.checkpoint, read) is not None:
            return Standing.SIGNED
        place = places.get(row.entry_id, -1)  # None: the entry has no leaf yet
        return Standing.WAITING if place is None or place >= covered else Standing.UNKNOWN

    return [(row, standing(row)) for row in rows]


def _is_vouched(session: Session, row: SealingKey, published: Signed, read: Reader) -> bool:
    root = published.checkpoint.root
    if next(iter(_vouched), (root,))[0] != root:
        _vouched.clear()
    key = (root, row.id, row.owner_id, row.generation, row.public)
    if key not in _vouched:
        _vouched[key] = prove_key(session, row, published.checkpoint, read) is not None
    return _vouched[key]


def _owners(session: Session) -> Mapping[Id, tuple[str, str, int | None]]:
    owners: dict[Id, tuple[str, str, int | None]] = {}
    for office in session.scalars(select(Office)):
        owners[office.id] = (office.name, office.name_en, None)
    for board in session.scalars(select(CustodyBoard)):
        owners[board.id] = (board.name, "", None)
    for seat in session.scalars(select(BoardSeat)):
        owners[seat.id] = (*owners[seat.board_id][:2], seat.position)
    return owners
