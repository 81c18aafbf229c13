"""What the worker does with an approved batch, one set of reports that go together after the other.

Killed at any moment it goes on at the next call: what was not cleared is judged anew, what was cleared is finished.
Every step says in :mod:`admin.retention.clearing` why it may be done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from admin.retention.agreed import agreed_digest
from admin.retention.clearing import clear_away, delete_blobs, forget_blobs, tombstones, waits_for_its_place
from admin.retention.facts import family_of, in_force, items_of, verdict_on
from admin.retention.proposing import decide, digest, expire, locked_batch
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc, day_of
from portal.kernel.shred import destroy_shred_keys, wipe_traces
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.retention.models import ShredBatch, ShredItem
from portal.retention.states import LIVE, BatchAction, BatchState, ItemState, next_state
from portal.retention.values import Refusal, Wait
from portal.tips.models import Tip

_LIVE = tuple(state.value for state in LIVE)
_TO_DO = (BatchState.APPROVED.value, BatchState.RUNNING.value)


def shred_approved(now: Utc) -> int:
    """Destroy what was approved, and end what nobody answered in time; returns how many reports are gone."""
    with reading() as session:
        if not session.scalar(select(exists().where(ShredBatch.state.in_(_LIVE)))):
            return 0
        batches = session.scalars(select(ShredBatch.id).where(ShredBatch.state.in_(_TO_DO))).all()
    with transaction() as session:
        expire(session, now)
    return sum(_run(batch, now) for batch in batches)


def _run(batch_id: Id, now: Utc) -> int:
    with transaction() as session:
        if not _start(session, batch_id, now):
            return 0
    done = 0
    with reading() as session:
        items = items_of(session, batch_id, ItemState.WAITING, ItemState.CLEARED)
    for head, together in groupby(items, key=lambda item: item.head_id):
        done += _shred(batch_id, head, list(together), now)
    if wipe_traces():
        with transaction() as session:
            _finish(session, batch_id, now)
    return done


def _start(session: Session, batch_id: Id, now: Utc) -> bool:
    """Whether the list is the one that two people agreed on. If not, the batch is stopped before anything goes."""
    batch = locked_batch(session, batch_id)
    if batch is None or batch.state not in _TO_DO:
        return False
    agreed = agreed_digest(session, str(batch.id)) == digest(batch, items_of(session, batch.id))
    if batch.state == BatchState.APPROVED:
        if not agreed:
            decide(session, batch, BatchAction.STOP, SYSTEM, now, Refusal.ALTERED)
            return False
        batch.state = next_state(BatchState.APPROVED, BatchAction.START).value
    return agreed


def _shred(batch_id: Id, head: Id, items: Sequence[ShredItem], now: Utc) -> int:
    """One report and those merged into it, from the first step or from where a crash left it."""
    if any(item.state == ItemState.WAITING for item in items):
        with transaction() as session:
            items = _clear(session, batch_id, head, now)
    cleared = [item.tip_id for item in items if item.state == ItemState.CLEARED]
    if not cleared:
        return 0
    with reading() as session:
        tombs = tombstones(session, cleared)
    for day, rule, tips in tombs:
        destroy_shred_keys(tips, day, rule)
    delete_blobs(cleared)
    with transaction() as session:
        forget_blobs(session, cleared)
        for item in _items(session, batch_id, head):
            if item.state == ItemState.CLEARED:
                item.state = ItemState.DONE.value
    return len(cleared)


def _clear(session: Session, batch_id: Id, head: Id, now: Utc) -> list[ShredItem]:
    """The first step, all or nothing for what goes together: destroyed on record, or left out with the reason."""
    items, family = _items(session, batch_id, head), family_of(session, head, lock=True)
    why = _against(session, batch_id, items, family, now)
    if why is None and waits_for_its_place(session, [tip.number for tip in family]):
        return []
    by_id = {tip.id: tip for tip in family}
    for item in items:
        if item.state != ItemState.WAITING:
            continue
        if why is not None:
            item.state, item.why = ItemState.LEFT_OUT.value, why.value
        else:
            clear_away(session, by_id[item.tip_id], item.rule, str(batch_id), now)
            item.state = ItemState.CLEARED.value
    session.flush()
    return items


def _against(
    session: Session, batch_id: Id, items: Sequence[ShredItem], family: Sequence[Tip], now: Utc
) -> Wait | None:
    """What has come between since it was proposed. None: it goes."""
    if {item.tip_id for item in items} != {tip.id for tip in family}:
        return Wait.SET_CHANGED
    office = session.scalars(select(ShredBatch.office_id).where(ShredBatch.id == batch_id)).one()
    if any(tip.office_id != office for tip in family):
        return Wait.MOVED
    today = day_of(now)
    waits = verdict_on(session, family, in_force(session, today), today).waits
    return min(waits, key=list(Wait).index, default=None)


def _items(session: Session, batch_id: Id, head: Id) -> list[ShredItem]:
    query = select(ShredItem).where(ShredItem.batch_id == batch_id, ShredItem.head_id == head)
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _finish(session: Session, batch_id: Id, now: Utc) -> None:
    """Done, once no report of it waits any more."""
    batch = locked_batch(session, batch_id)
    left = items_of(session, batch_id, ItemState.WAITING, ItemState.CLEARED)
    if batch is not None and batch.state == BatchState.RUNNING and not left:
        batch.state = next_state(BatchState.RUNNING, BatchAction.FINISH).value
        batch.ended_on = day_of(now)
