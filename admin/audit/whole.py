"""Everything that can be held against the book, in one go: what ``mingjing ledger verify`` does."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from admin.audit.reports import check_reports
from admin.audit.schedules import check_schedules
from admin.audit.trust import check_trust
from portal.directory.keys import misstated_keys, unproven_keys
from portal.ledger.verify import Report, verify_book


def verify_all(session: Session, vkey: str, witnesses: Sequence[str]) -> Report:
    """The book, the directory's keys, every report, what is trusted, what rewards follow; a sound one has no faults.

    ``vkey``: the pinned key of the ledger. ``witnesses``: verifier keys of the settings.
    """
    report = verify_book(session, vkey)
    for key in unproven_keys(session, vkey):
        report.fault(f"key {key.id.hex()} ({key.purpose})", "no signed checkpoint vouches for it")
    for said in misstated_keys(session):
        report.fault("directory", said)
    check_reports(session, report)
    check_trust(session, vkey, witnesses, report)
    check_schedules(session, report)
    return report
