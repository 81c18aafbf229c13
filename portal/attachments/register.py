"""The rows of the sealed store, and the sweep of blobs that no row names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.attachments.models import Attachment
from portal.attachments.store import Store
from portal.attachments.upload import Taken
from portal.kernel.clock import Utc, day_of
from portal.kernel.values import Id

ORPHAN_AGE = timedelta(hours=48)
"""A blob carries the midnight before it was made, and its row may be committed past the next one."""


def attach(session: Session, record_id: Id, taken: Taken, now: Utc) -> None:
    """Write the row of a durable blob."""
    session.add(
        Attachment(
            id=taken.entry.id,
            record_id=record_id,
            sealed_size=taken.sealed_size,
            made_on=day_of(now),
            state="sealed",
        )
    )


def detach(session: Session, record_id: Id, blob: Id) -> None:
    """Drop the row of a file that its reporter removed. The blob goes after the commit, or with the sweep."""
    session.execute(delete(Attachment).where(Attachment.id == blob, Attachment.record_id == record_id))


def detach_all(session: Session, record_ids: Iterable[Id]) -> list[Id]:
    """Drop the rows of whole records; returns the blobs that may be deleted once this is committed."""
    wanted = list(record_ids)
    blobs = list(session.scalars(select(Attachment.id).where(Attachment.record_id.in_(wanted))))
    session.execute(delete(Attachment).where(Attachment.record_id.in_(wanted)))
    return blobs


def attached(session: Session, blobs: Iterable[Id]) -> set[Id]:
    """Which of *blobs* are files of a record."""
    return set(session.scalars(select(Attachment.id).where(Attachment.id.in_(list(blobs)))))


def delete_unnamed(session: Session, store: Store, blobs: Iterable[Id]) -> int:
    """Delete those of *blobs* that are no record's; returns how many. Whoever could attach one meanwhile must wait: the
    report that it would belong to is locked by both."""
    wanted = set(blobs)
    unnamed = wanted - attached(session, wanted)
    for blob in unnamed:
        store.delete(blob)
    return len(unnamed)


def sweep_orphans(session: Session, store: Store, now: Utc) -> int:
    """Delete blobs older than two days that no row names (requests that died midway); returns how many."""
    swept = 0
    old = store.older_than(now - ORPHAN_AGE)
    while group := list(islice(old, 500)):
        swept += delete_unnamed(session, store, group)
    return swept
