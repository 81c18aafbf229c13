"""The worker is killed with -9 at every step of a destruction. Nothing else is lost, and the next call finishes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from sqlalchemy import func, select

from admin.audit.reports import check_reports
from admin.retention import holding, shredding
from portal.attachments.models import Attachment
from portal.kernel.clock import now
from portal.kernel.shred import shred_key
from portal.kernel.site import site
from portal.kernel.transaction import bound, reading, transaction
from portal.ledger.events import ReportShredded
from portal.ledger.models import LedgerEntry
from portal.retention.states import BatchState, ItemState
from portal.retention.values import HoldReason
from tests.retention.conftest import Archive

STEPS = (
    "_start",
    "clear_away",
    "_clear",
    "tombstones",
    "destroy_shred_keys",
    "delete_blobs",
    "forget_blobs",
    "wipe_traces",
    "_finish",
)
PICTURE = ("清单.png", b"\x89PNG\r\n\x1a\n" + bytes(64))


def killed_at(step: str, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the sweep in a process of its own that is killed the first time it comes to *step*."""
    child = os.fork()
    if child == 0:
        _run_and_die(step, moment, monkeypatch)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, "the step was never reached"


def _run_and_die(step: str, moment: str, monkeypatch: pytest.MonkeyPatch) -> NoReturn:
    try:
        for engine in (bound().engine, bound().shred):
            engine.dispose(close=False)  # the parent's connections are the parent's
        real: Callable[..., Any] = getattr(shredding, step)

        def fatal(*given: Any, **named: Any) -> Any:
            if moment == "after":
                real(*given, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        monkeypatch.setattr(shredding, step, fatal)
        shredding.shred_approved(now())
    finally:
        os._exit(1)


def entries(number: str) -> int:
    with reading() as session:
        query = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == ReportShredded.kind)
        return session.scalar(query.where(LedgerEntry.subject == number)) or 0


def blobs() -> int:
    return sum(path.is_file() for path in site().blob_dir.rglob("*"))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_this_step_it_loses_nothing_else_and_finishes_at_the_next_call(
    archive: Archive, step: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, kept = (archive.declined(named=True, files=[PICTURE]) for _ in range(3))
    archive.later()
    with transaction() as session:
        holding.hold(session, kept, HoldReason.AUDIT, archive.head, now())
    batch = archive.approved()
    killed_at(step, moment, monkeypatch)

    for number in (first, second):  # whole, or destroyed on record: never gone without a word
        on_record = archive.destroyed_on(number) is not None
        assert on_record == (entries(number) == 1)
        assert on_record or (archive.opens(number) and archive.has_key(number))
    assert archive.opens(kept)

    archive.place()
    archive.shred()
    archive.place()
    assert archive.batch(batch).state == BatchState.DONE
    assert {item.state for item in archive.items(batch).values()} == {ItemState.DONE}
    for number in (first, second):
        assert entries(number) == 1 and archive.destroyed_on(number) is not None
        assert not archive.opens(number) and not archive.has_key(number)
    assert archive.opens(kept) and blobs() == 1
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 1
    with bound().shred.connect() as connection:
        assert connection.execute(select(shred_key.c.id)).scalars().all() == [archive.world.tip(kept).id]
    report = archive.book()
    with reading() as session:
        check_reports(session, report)
    assert report.faults == []


def test_two_workers_at_once_destroy_each_report_once(archive: Archive) -> None:
    numbers = [archive.declined() for _ in range(3)]
    archive.later()
    batch = archive.approved()
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            try:
                for engine in (bound().engine, bound().shred):
                    engine.dispose(close=False)
                shredding.shred_approved(now())
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    archive.shred()
    assert archive.batch(batch).state == BatchState.DONE
    assert [entries(number) for number in numbers] == [1, 1, 1]
