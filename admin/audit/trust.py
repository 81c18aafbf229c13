"""What the book says of those whom reporters trust, held against the tables: sealed names, requests for them, passkeys,
grants, and who signed the book itself.

Beside :mod:`admin.audit.reports`, which does the same for the reports. A report that was destroyed by its term has
nothing left to compare.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.models import KeyGrant, Passkey
from admin.staff.passkeys import mark
from crypto import checkpoints
from crypto.cosignatures import verify_any
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.custody.states import LIVE
from portal.kernel.values import Id
from portal.ledger.events import (
    GrantMade,
    IdentityAnswered,
    IdentityAsked,
    IdentityOpened,
    IdentityRequestEnded,
    IdentitySealed,
    StaffChanged,
)
from portal.ledger.models import LedgerCheckpoint, LedgerCosignature, LedgerEntry
from portal.ledger.proofs import believed
from portal.ledger.verify import Report
from portal.tips.models import IdentityRecord, IdentityShare, Tip, TipBody

BATCH = 200
_LIVE = frozenset(state.value for state in LIVE)
_KINDS = tuple(
    one.kind for one in (IdentitySealed, IdentityAsked, IdentityAnswered, IdentityOpened, IdentityRequestEnded)
)
Told = Mapping[str, Sequence[Mapping[str, Any]]]
"""What the ledger says of the identities of one report: kind of entry to the contents of all of that kind."""


def check_trust(session: Session, vkey: str, witnesses: Sequence[str], report: Report) -> None:
    """Add a fault for everything that the book contradicts. Memory does not grow with the number of reports."""
    _check_identities(session, report)
    _check_passkeys(session, report)
    _check_grants(session, report)
    _check_order(session, vkey, report)
    _check_cosignatures(session, vkey, witnesses, report)


def _check_identities(session: Session, report: Report) -> None:
    for tips in _batches(session):
        told = _told(session, list(tips.values()))
        sealed, asked = _sealed(session, list(tips)), _asked(session, list(tips))
        for tip, number in tips.items():
            for what in _faults(told[number], sealed[tip], asked[tip]):
                report.fault(f"report {number}", what)
        session.expunge_all()


def _batches(session: Session) -> Iterator[dict[Id, str]]:
    """Reports whose words are there, some at a time: id to number."""
    after: Id | None = None
    wanted = select(Tip.id, Tip.number).join(TipBody, TipBody.tip_id == Tip.id).order_by(Tip.id).limit(BATCH)
    while True:
        rows = session.execute(wanted if after is None else wanted.where(Tip.id > after)).all()
        if not rows:
            return
        after = rows[-1].id
        yield {row.id: row.number for row in rows}


def _told(session: Session, numbers: Sequence[str]) -> Mapping[str, Told]:
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: {kind: [] for kind in _KINDS})
    entries = select(LedgerEntry.subject, LedgerEntry.kind, LedgerEntry.payload).where(
        LedgerEntry.subject.in_(numbers), LedgerEntry.kind.in_(_KINDS)
    )
    for subject, kind, payload in session.execute(entries):
        entry = json.loads(payload)
        found[subject][kind].append({**entry["event"], "by": entry["actor"]})
    return found


def _sealed(session: Session, tips: Sequence[Id]) -> Mapping[Id, list[tuple[str, ...]]]:
    """Of each report the sealed records as the book names them: what it is, its board, the digest of each share."""
    shares: dict[Id, list[str]] = defaultdict(list)
    of_tips = select(IdentityRecord).where(IdentityRecord.tip_id.in_(tips))
    records = session.scalars(of_tips).all()
    digests = select(IdentityShare.record_id, IdentityShare.digest).where(
        IdentityShare.record_id.in_([record.id for record in records])
    )
    for record_id, digest in session.execute(digests.order_by(IdentityShare.position)):
        shares[record_id].append(digest.hex())
    found: dict[Id, list[tuple[str, ...]]] = defaultdict(list)
    for record in records:
        found[record.tip_id].append((record.kind, str(record.board_id), *shares[record.id]))
    return found


def _asked(session: Session, tips: Sequence[Id]) -> Mapping[Id, dict[str, set[tuple[str, ...]]]]:
    """Of each report the requests, their answers and ends as rows have them, in the words of the book."""
    found: dict[Id, dict[str, set[tuple[str, ...]]]] = defaultdict(lambda: defaultdict(set))
    for one in session.scalars(select(IdentityRequest).where(IdentityRequest.tip_id.in_(tips))):
        here, request = found[one.tip_id], str(one.id)
        asked = (request, one.office_id.hex, str(one.board_id), one.use, one.reason, str(one.asked_by))
        here[IdentityAsked.kind].add(asked)
        if one.opened_on is not None:
            here[IdentityOpened.kind].add((request,))
        if one.state not in _LIVE:
            here[IdentityRequestEnded.kind].add((request, one.state))
    for answer in session.scalars(select(IdentityAnswer).where(IdentityAnswer.tip_id.in_(tips))):
        said = (str(answer.request_id), str(answer.seat_id), answer.answer, answer.reason, str(answer.holder_id))
        found[answer.tip_id][IdentityAnswered.kind].add(said)
    return found


_NAMES = (
    (IdentityAsked.kind, ("request", "office", "board", "use", "reason", "by"), "who asked for the name"),
    (IdentityAnswered.kind, ("request", "seat", "answer", "reason", "by"), "what the seats answered"),
    (IdentityOpened.kind, ("request",), "that the name was opened"),
    (IdentityRequestEnded.kind, ("request", "how"), "how the requests ended"),
)


def _faults(told: Told, sealed: Sequence[tuple[str, ...]], asked: Mapping[str, set[tuple[str, ...]]]) -> Iterator[str]:
    recorded = [(one["record"], one["board"], *one["shares"]) for one in told[IdentitySealed.kind]]
    if sorted(sealed) != sorted(recorded):
        yield "its sealed identity or the digest of a share is not that of the book"
    for kind, names, what in _NAMES:
        if asked[kind] != {tuple(event[name] for name in names) for event in told[kind]}:
            yield f"its rows do not say {what} as the book does"


def _check_passkeys(session: Session, report: Report) -> None:
    """Each passkey was made by its person in a session, and was not taken back."""
    said: dict[str, set[tuple[str, str]]] = {"passkey-added": set(), "passkey-removed": set()}
    changes = select(LedgerEntry.payload).where(LedgerEntry.kind == StaffChanged.kind)
    for payload in session.scalars(changes):
        event = json.loads(payload)["event"]
        if event["change"] in said:
            said[event["change"]].add((event["staff"], event["role"]))
    for row in session.scalars(select(Passkey).order_by(Passkey.id)):
        known = (str(row.staff_id), mark(row.credential_id, row.public_key))
        if known not in said["passkey-added"]:
            report.fault(f"passkey {row.id}", "the book does not say that it was made")
        if known in said["passkey-removed"]:
            report.fault(f"passkey {row.id}", "the book says that it was taken back")


def _check_grants(session: Session, report: Report) -> None:
    """Each grant to a person was made by somebody who had the key: what is not in the book was written by hand."""
    told = {
        (event["key"], event["staff"])
        for event in (
            json.loads(payload)["event"]
            for payload in session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == GrantMade.kind))
        )
    }
    grants = select(KeyGrant.id, KeyGrant.key_id, KeyGrant.staff_id).where(KeyGrant.staff_id.is_not(None))
    for row in session.execute(grants.order_by(KeyGrant.id)):
        if (row.key_id.hex(), str(row.staff_id)) not in told:
            report.fault(f"grant {row.id}", "the book does not say that it was made")


def _check_order(session: Session, vkey: str, report: Report) -> None:
    """Nobody put an older check value over a newer one: what is trusted goes by the newest."""
    largest = 0
    for row in session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.made_at, LedgerCheckpoint.size)):
        signed = believed(row, vkey)
        if signed is None:
            continue
        if signed.checkpoint.size < largest:
            report.fault(f"checkpoint {row.id} over {row.size} leaves", f"it stands after one over {largest}: replayed")
        largest = max(largest, signed.checkpoint.size)


def _check_cosignatures(session: Session, vkey: str, witnesses: Sequence[str], report: Report) -> None:
    """Each is of a witness of the settings, under the check value that it signed."""
    origin = checkpoints.read_vkey(vkey)[0]
    lines = select(LedgerCosignature, LedgerCheckpoint).join(
        LedgerCheckpoint, LedgerCheckpoint.id == LedgerCosignature.checkpoint_id
    )
    for row, under in session.execute(lines.order_by(LedgerCosignature.id)):
        signed = believed(under, vkey)
        if signed is None and not under.note.startswith(f"{origin}\n"):
            continue  # of an earlier origin, which is not judged
        held = verify_any(row.line, signed.checkpoint, witnesses) if signed else None
        if held is None or held.witness != row.witness:
            report.fault(f"cosignature {row.id} over {under.size} leaves", "no witness of the settings made it")
