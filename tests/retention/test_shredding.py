"""What two people agreed to destroy is destroyed: rows, key, files, nonces; and everything else is as it was."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from admin.audit.reports import check_reports
from admin.retention import holding
from admin.retention.facts import family_of
from admin.tips import merging, triage
from admin.tips.casework import find
from portal.attachments.models import Attachment
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.errors import NotFound, Refused
from portal.kernel.shred import shred_key, shredded
from portal.kernel.site import site
from portal.kernel.transaction import bound, reading, transaction
from portal.ledger.book import append
from portal.ledger.events import Notice, ReportShredded
from portal.ledger.models import LedgerEntry, LedgerNonce
from portal.mailbox.models import Letter, Mailbox
from portal.mailbox.reasons import DeclineReason, Reopening
from portal.retention.models import ShredItem
from portal.retention.states import BatchState, ItemState
from portal.retention.values import HoldReason, Wait
from portal.tips import reporter
from portal.tips.models import IdentityRecord, IdentityShare, TipBody, TipEvent, TipKey, TipRecord
from tests.retention.conftest import Archive

PICTURE = ("清单.png", b"\x89PNG\r\n\x1a\n" + bytes(64))


def counts(tip: object) -> dict[str, int]:
    """How many sealed rows a report still has."""
    with reading() as session:
        found = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table).where(table.tip_id == tip)) or 0
            for table in (TipBody, TipKey, TipRecord, Letter, IdentityRecord)
        }
        files = select(func.count()).select_from(Attachment).where(Attachment.record_id == tip)
        return {name: count for name, count in {**found, "files": session.scalar(files) or 0}.items() if count}


def blobs() -> int:
    return sum(path.is_file() for path in site().blob_dir.rglob("*"))


def test_nothing_sealed_is_left_of_a_destroyed_report_and_all_of_its_neighbour(archive: Archive) -> None:
    gone, kept = (archive.declined(named=True, files=[PICTURE]) for _ in range(2))
    archive.later()
    with transaction() as session:
        holding.hold(session, kept, HoldReason.AUDIT, archive.head, now())
    before = counts(archive.world.tip(kept).id)
    assert before == counts(archive.world.tip(gone).id) and len(before) == 6 and blobs() == 2
    batch = archive.destroy_all_due()
    assert archive.batch(batch).state == BatchState.DONE
    assert counts(archive.world.tip(gone).id) == {}
    assert not archive.has_key(gone) and not archive.opens(gone)
    assert counts(archive.world.tip(kept).id) == before and blobs() == 1
    assert archive.has_key(kept) and archive.opens(kept)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(IdentityShare)) == 3


def test_the_tombstones_say_when_and_by_which_rule(archive: Archive) -> None:
    number = archive.declined(named=True)
    archive.later()
    batch = archive.destroy_all_due()
    tip, day = archive.world.tip(number), archive.batch(batch).ended_on
    assert (tip.destroyed_on, tip.destroyed_by, tip.duplicate_tag, tip.assignee_id) == (day, "PV-19", None, None)
    with reading() as session:
        mailbox = session.scalars(select(Mailbox).where(Mailbox.tip_id == tip.id)).one()
        last = session.scalars(select(TipEvent).where(TipEvent.tip_id == tip.id).order_by(TipEvent.position.desc()))
        assert (mailbox.destroyed_on, mailbox.destroyed_by) == (day, "PV-19")
        assert mailbox.public == mailbox.wrapped_report_key == b""
        assert mailbox.tag == archive.world.mailboxes[number].tag
        assert last.first().action == "shred"  # type: ignore[union-attr]  # there are some
    with bound().shred.connect() as connection:
        assert connection.execute(select(shredded)).one() == (tip.id, day, "PV-19")
        assert connection.execute(select(shred_key.c.id)).all() == []


def test_the_ledger_says_number_rule_and_batch_and_the_book_still_holds(archive: Archive) -> None:
    number = archive.declined(named=True)
    archive.later()
    sound = archive.book()
    assert (sound.muted, sound.faults) == (0, [])
    batch = archive.destroy_all_due()
    with reading() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == ReportShredded.kind)).one()
        about = select(LedgerEntry.id).where(LedgerEntry.subject == number)
        left = session.scalars(select(LedgerNonce.entry_id).where(LedgerNonce.entry_id.in_(about))).all()
    assert (
        f'"event":{{"batch":"{batch}","number":"{number}","restored":false,"rule":"PV-19"}}' in entry.payload.decode()
    )
    assert left == [entry.id]
    after = archive.book()
    assert after.faults == [] and after.muted > 4
    with reading() as session:
        check_reports(session, after)
    assert after.faults == []


def test_a_nonce_that_is_gone_without_a_destruction_is_tampering(archive: Archive) -> None:
    kept = archive.declined()
    archive.place()
    with transaction() as session:
        about = select(LedgerEntry.id).where(LedgerEntry.subject == kept)
        session.execute(delete(LedgerNonce).where(LedgerNonce.entry_id.in_(about)))
    assert {fault.what.rpartition(", and ")[2] for fault in archive.book().faults} == {
        "no destruction of a report explains it"
    }


def test_the_entry_of_the_destruction_itself_keeps_its_nonce_or_it_is_tampering(archive: Archive) -> None:
    archive.declined()
    archive.later()
    archive.destroy_all_due()
    with transaction() as session:
        said = select(LedgerEntry.id).where(LedgerEntry.kind == ReportShredded.kind)
        session.execute(delete(LedgerNonce).where(LedgerNonce.entry_id.in_(said)))
    assert len(archive.book().faults) == 1


def test_a_destruction_that_nobody_approved_shows_in_the_book(archive: Archive) -> None:
    number = archive.declined()
    archive.later()
    with transaction() as session:
        append(session, ReportShredded(number, "PV-19", "no batch"), SYSTEM, now())  # type: ignore[arg-type]  # a number
        session.execute(delete(TipBody))
        session.execute(update(Mailbox).values(destroyed_on=now().date(), destroyed_by="PV-19"))
    archive.place()
    report = archive.book()
    with reading() as session:
        check_reports(session, report)
    assert sorted(fault.what for fault in report.faults) == [
        "it was destroyed, and no two people agreed to it",
        "it was destroyed, and sealed rows of it are still there",  # letters, records
        "the book says that it was destroyed, and it bears no tombstone",
    ]


@pytest.mark.parametrize("what", ["reopened", "held", "letter"])
def test_what_is_no_longer_due_when_the_worker_comes_is_left_out_and_said(archive: Archive, what: str) -> None:
    number, other = archive.declined(), archive.declined()
    archive.later()
    batch = archive.approved()
    if what == "reopened":
        with archive.world.at(number, archive.intake) as (session, tip, keys):
            triage.reopen(session, tip, Reopening.NEW_CLUE, "", archive.intake, now(), keys)
    elif what == "held":
        with transaction() as session:
            holding.hold(session, number, HoldReason.LITIGATION, archive.archivist, now())
    else:
        code = archive.world.mailboxes[number]
        with transaction() as session:
            mine = reporter.open_own(session, code.tag, code.mailbox)
            reporter.reply(session, mine, "有新的线索（虚构）。", (), now())
    archive.place()
    archive.shred()
    items = archive.items(batch)
    expected = {"reopened": Wait.NOT_ENDED, "held": Wait.HOLD, "letter": Wait.LETTER}[what]
    assert (items[number].state, items[number].why) == (ItemState.LEFT_OUT, expected)
    assert items[other].state == ItemState.DONE and archive.batch(batch).state == BatchState.DONE
    assert archive.opens(number) and not archive.opens(other)


def test_merged_reports_go_together_and_never_before_the_main_one(archive: Archive) -> None:
    main, merged = archive.world.report(), archive.world.report()
    for number in (main, merged):
        with archive.world.at(number, archive.intake) as (session, tip, _):
            triage.record_reading(session, tip, archive.intake, now())
    with archive.world.at(merged, archive.intake) as (session, tip, keys):
        merging.merge(session, tip, find(session, main, archive.intake), archive.intake, now(), keys)
    archive.later()
    with pytest.raises(Refused, match="nothing_due"):
        archive.proposed()
    archive.clock.advance(days=1)
    with archive.world.at(main, archive.intake) as (session, tip, keys):
        triage.decline(session, tip, DeclineReason.NO_FACTS, "", archive.intake, now(), keys)
    archive.later()
    with transaction() as session:
        made = holding.hold(session, merged, HoldReason.PETITION, archive.head, now()).id
    with pytest.raises(Refused, match="nothing_due"):
        archive.proposed()
    with transaction() as session:
        holding.lift(session, made, archive.archivist, now())
    archive.place()
    archive.destroy_all_due()
    assert archive.destroyed_on(main) == archive.destroyed_on(merged) is not None
    with reading() as session:
        assert len(family_of(session, archive.world.tip(main).id)) == 2


def test_a_list_that_was_altered_after_it_was_approved_destroys_nothing(archive: Archive) -> None:
    number, other = archive.declined(), archive.declined()
    archive.later()
    with transaction() as session:
        holding.hold(session, other, HoldReason.AUDIT, archive.head, now())
    batch = archive.approved()
    with transaction() as session:
        session.execute(
            update(ShredItem).values(tip_id=archive.world.tip(other).id, head_id=archive.world.tip(other).id)
        )
    assert archive.shred() == 0
    assert (archive.batch(batch).state, archive.batch(batch).reason) == (BatchState.REFUSED, "altered")
    assert archive.opens(number) and archive.opens(other)


def test_an_entry_that_still_waits_for_its_place_puts_the_destruction_off(archive: Archive) -> None:
    number = archive.declined()
    archive.later()
    batch = archive.approved()
    with archive.world.at(number, archive.intake) as (session, tip, _):
        triage.record_reading(session, tip, archive.intake, now())
    assert archive.shred() == 0 and archive.batch(batch).state == BatchState.RUNNING and archive.opens(number)
    archive.place()
    assert archive.shred() == 1 and archive.batch(batch).state == BatchState.DONE
    with transaction() as session:
        append(session, Notice("nothing lost its nonce on the way"), SYSTEM, now())
    archive.place()
    assert archive.book().faults == []


def test_nobody_on_the_staff_site_opens_or_moves_it_any_more(archive: Archive) -> None:
    number = archive.declined()
    archive.later()
    archive.destroy_all_due()
    with reading() as session, pytest.raises(NotFound, match="shredded"):
        find(session, number, archive.intake)
    with pytest.raises(NotFound, match="shredded"), archive.world.at(number, archive.intake):
        pass
