"""After a restore: the main database and the shred store are brought to say the same again.

What either of them says was destroyed is destroyed in both. A report that is whole in the main database and has no key
is lost: that is never passed over in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from admin.retention.clearing import clear_away, delete_blobs, forget_blobs, tombstones
from portal.kernel.clock import Utc
from portal.kernel.shred import destroy_shred_keys, shred_key, shredded, wipe_traces
from portal.kernel.transaction import bound, reading, transaction
from portal.kernel.values import Id
from portal.ledger.sequencer import sequence
from portal.tips.models import Tip

_AT_A_TIME = 500


@dataclass(slots=True)
class Reconciled:
    """``keys``: destroyed again. ``reports``: numbers of those that had come back and were destroyed again. ``lost``:
    numbers of those that ought to be there and have no key."""

    keys: int = 0
    reports: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def reconcile(now: Utc) -> Reconciled:
    """Destroy again what was destroyed, in small steps that may be repeated; find what is lost.

    Run it while the sites and the worker are stopped.
    """
    found = Reconciled()
    with transaction() as session:
        while sequence(session, now):  # an entry without its place still needs its nonce
            pass
    for tips in _tips():
        _bury(tips, found)
        keys, stones = _in_store(tips)
        for tip in tips:
            if tip not in keys or tip in stones:
                _again(tip, stones.get(tip), now, found)
    wipe_traces()
    return found


def _tips() -> Iterator[Sequence[Id]]:
    after: Id | None = None
    while True:
        wanted = select(Tip.id).order_by(Tip.id).limit(_AT_A_TIME)
        with reading() as session:
            tips = session.scalars(wanted if after is None else wanted.where(Tip.id > after)).all()
        if not tips:
            return
        yield tips
        after = tips[-1]


def _bury(tips: Sequence[Id], found: Reconciled) -> None:
    """Destroy the keys of what the main database says was destroyed."""
    with reading() as session:
        stones = tombstones(session, tips)
    for day, rule, dead in stones:
        with bound().shred_reader.connect() as connection:
            found.keys += len(connection.execute(select(shred_key.c.id).where(shred_key.c.id.in_(dead))).all())
        destroy_shred_keys(dead, day, rule)


def _again(tip_id: Id, stone: tuple[date, str] | None, now: Utc, found: Reconciled) -> None:
    """Destroy a report that came back with a backup of the main database, or say that it is lost."""
    with transaction() as session:
        tip = session.get_one(Tip, tip_id, with_for_update=True)
        if tip.destroyed_on is not None:
            return
        if stone is None:
            found.lost.append(tip.number)
            return
        day, rule = stone
        clear_away(session, tip, rule, "", now, before=day)
    destroy_shred_keys([tip_id], day, rule)
    delete_blobs([tip_id])
    with transaction() as session:
        forget_blobs(session, [tip_id])
    found.reports.append(tip.number)


def _in_store(tips: Sequence[Id]) -> tuple[set[Id], dict[Id, tuple[date, str]]]:
    """Which of *tips* have a key, and day and rule of those that were destroyed."""
    with bound().shred_reader.connect() as connection:
        keys = connection.execute(select(shred_key.c.id).where(shred_key.c.id.in_(tips))).scalars()
        stones = connection.execute(select(shredded).where(shredded.c.id.in_(tips)))
        return set(keys), {row.id: (row.day, row.rule) for row in stones}
