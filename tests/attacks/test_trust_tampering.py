"""The owner of the database writes into what reporters trust: each is named by what ``mingjing ledger verify`` runs.

The book itself, and the reports, are bent in test_bent_record.py and test_tampering.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from admin.audit import witness
from admin.audit.checkpoints import make_checkpoint
from admin.audit.cosignatures import add_cosignatures
from admin.audit.whole import verify_all
from admin.staff.models import KeyGrant, Passkey, Staff
from admin.staff.passkeys import remove_passkey
from crypto.keys import Purpose, generate_inner
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.directory.models import BoardSeat, SealingKey
from portal.directory.models import Office as OfficeRow
from portal.kernel.actors import SYSTEM, Actor, ActorKind
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site, bind_site, site
from portal.kernel.transaction import reading, transaction
from portal.ledger.book import append
from portal.ledger.events import Notice
from portal.ledger.models import LedgerCheckpoint, LedgerCosignature
from portal.ledger.proofs import latest_checkpoint
from portal.ledger.queries import witness_request
from portal.tips.models import IdentityRecord, IdentityShare
from tests.conftest import StandingClock
from tests.custody.conftest import Office, make_office  # noqa: F401  # the fixture
from tests.rows_kept import Rows
from tests.staff.authenticator import Authenticator
from tests.staff.deployment import StaffBrowser
from tests.staff.test_passkeys import register

Hand = Callable[[Session], None]


_kept: dict[bool, tuple[Rows, Site, datetime]] = {}


@pytest.fixture
def trusted(database: Database, make_office: Callable[..., Office], clock: StandingClock, tmp_path: Path) -> None:  # noqa: F811
    """A name that was opened, one that is asked for, a passkey, and a record with two cosigned check values.

    It is lived through once in a test process on each kind of database, and copied from then on.
    """
    if database.is_postgresql in _kept:
        rows, here, moment = _kept[database.is_postgresql]
        rows.put(database)
        bind_site(here)
        clock.set(moment)
        return
    live_through(make_office("county", "keeper1", "keeper2"), tmp_path / "w")
    _kept[database.is_postgresql] = Rows.of(database), site(), clock.moment


def live_through(office: Office, folder: Path) -> None:
    opened, number = office.report(), office.report()
    request = office.asked(opened)
    for keeper in ("keeper1", "keeper2"):
        office.answer(keeper, request)
    office.look(opened, request)
    office.asked(number)
    browser = office.browsers["county"]
    assert isinstance(browser, StaffBrowser)
    assert register(browser, Authenticator()).status_code == 303
    bind_site(replace(site(), witnesses=(witness.found(folder, "w.example", site().checkpoint_vkey),)))
    for _ in range(2):
        publish(office)
        cosigned(folder)


def publish(office: Office) -> None:
    office.clock.advance(hours=1)
    with transaction() as session:
        for i in range(40):
            append(session, Notice(str(i)), SYSTEM, now())
        make_checkpoint(session, office.deployment.settings.signer(), now(), publish=True)


def cosigned(folder: Path) -> None:
    """The witness signs the newest published check value, and the operator takes its line in."""
    seen = witness.remembered(folder)
    with transaction() as session:
        asked = witness_request(session, seen.size if seen else 0, site().checkpoint_vkey)
        assert asked is not None
        line = witness.cosign(folder, asked, now())
        add_cosignatures(session, line, site().checkpoint_vkey, site().witnesses, now())


def faults() -> list[str]:
    with reading() as session:
        return [str(one) for one in verify_all(session, site().checkpoint_vkey, site().witnesses).faults]


def swapped_key(purpose: Purpose) -> Hand:
    def hand(session: Session) -> None:
        """A key of the thief's own where an office's or a seat's public key stood."""
        owners = select(OfficeRow.id) if purpose is Purpose.OFFICE else select(BoardSeat.id)
        one = SealingKey.purpose == purpose.value, SealingKey.owner_id == owners.limit(1).scalar_subquery()
        session.execute(update(SealingKey).where(*one).values(public=generate_inner(purpose).public.raw))

    return hand


def own_key_row(session: Session) -> None:
    """A second generation of an office's key, with the entry of the first."""
    good = session.scalars(select(SealingKey).where(SealingKey.purpose == "office")).first()
    assert good is not None
    thief = generate_inner(Purpose.OFFICE).public
    row = {"purpose": "office", "owner_id": good.owner_id, "entry_id": good.entry_id, "since": good.since}
    session.add(SealingKey(id=thief.key_id, generation=good.generation + 1, public=thief.raw, **row))


def swapped_digest(session: Session) -> None:
    """With another digest a share of the thief's own would pass for the seat's."""
    share = session.scalars(select(IdentityShare).limit(1)).one()
    share.digest = secrets.token_bytes(32)


def dropped_name(session: Session) -> None:
    waiting = session.scalars(select(IdentityRequest).where(IdentityRequest.state == "asked")).one()
    session.delete(waiting)
    session.flush()
    record = waiting.record_id
    session.execute(delete(IdentityShare).where(IdentityShare.record_id == record))
    session.execute(delete(IdentityRecord).where(IdentityRecord.id == record))


def hidden_opening(session: Session) -> None:
    """So that the reporter is not told who looked."""
    session.execute(delete(IdentityAnswer))
    session.execute(delete(IdentityRequest).where(IdentityRequest.state == "opened"))


def unopened(session: Session) -> None:
    session.execute(update(IdentityRequest).values(opened_on=None))


def other_reason(session: Session) -> None:
    session.execute(update(IdentityRequest).where(IdentityRequest.state == "opened").values(reason="reward"))


def made_up_consent(session: Session) -> None:
    request = session.scalars(select(IdentityRequest).where(IdentityRequest.state == "asked")).one()
    seat = session.scalars(select(BoardSeat).limit(1)).one()
    row = {"office_id": seat.holder_office_id, "holder_id": seat.holder_id, "position": seat.position}
    session.add(
        IdentityAnswer(
            request_id=request.id, tip_id=request.tip_id, seat_id=seat.id, answer="consent", day=now().date(), **row
        )
    )


def other_asker(session: Session) -> None:
    """So that the shares are passed to a friend, and somebody else stands in the book."""
    friend = session.scalars(select(Staff.id).where(Staff.sign_in == "keeper1")).one()
    session.execute(update(IdentityRequest).where(IdentityRequest.state == "asked").values(asked_by=friend))


def grant_by_hand(session: Session) -> None:
    """It opens nothing; the next change of the key would make a true one of it."""
    friend = session.scalars(select(Staff).where(Staff.sign_in == "keeper1")).one()
    key = session.scalars(select(SealingKey.id).where(SealingKey.purpose == "office")).first()
    row = {"key_id": key, "holder_key_id": friend.key_id, "staff_id": friend.id, "sealed": secrets.token_bytes(64)}
    session.add(KeyGrant(made_on=now().date(), **row))


def passkey_by_hand(session: Session) -> None:
    staff = session.scalars(select(Staff).where(Staff.sign_in == "keeper1")).one()
    made = {"credential_id": secrets.token_bytes(32), "public_key": b"cose", "proof": secrets.token_bytes(32)}
    session.add(Passkey(staff_id=staff.id, sign_count=0, name="办公室电脑", made_on=now().date(), **made))


def passkey_of_another(session: Session) -> None:
    """A true row, moved to somebody else's account."""
    staff = session.scalars(select(Staff.id).where(Staff.sign_in == "keeper1")).one()
    session.execute(update(Passkey).values(staff_id=staff))


def older_check_value(session: Session) -> None:
    """The smaller of two, signed and true, stands there once more, as the newest."""
    old = session.scalars(
        select(LedgerCheckpoint).where(LedgerCheckpoint.published.is_(True)).order_by(LedgerCheckpoint.size)
    ).first()
    assert old is not None
    later = now() + timedelta(hours=1)
    again = {"size": old.size, "root": old.root, "note": old.note, "counts": old.counts}
    session.add(LedgerCheckpoint(made_at=later, published=True, **again))
    session.flush()
    newest = latest_checkpoint(session, site().checkpoint_vkey, published=True)
    assert newest is not None and newest.checkpoint.size == old.size, "this is what would be shown and built on"


def unknown_witness(session: Session) -> None:
    """A line of the form that a true one has, under another name."""
    line = session.scalars(select(LedgerCosignature)).first()
    assert line is not None
    forged = line.line.replace("w.example", "other.example")
    session.add(
        LedgerCosignature(
            checkpoint_id=line.checkpoint_id, witness="other.example", line=forged, added_at=line.added_at
        )
    )


def moved_cosignature(session: Session) -> None:
    """A witness's true line, under a check value that it did not sign."""
    line = session.scalars(select(LedgerCosignature)).first()
    unsigned = session.scalars(select(LedgerCheckpoint).where(LedgerCheckpoint.published.is_(False))).first()
    assert line is not None and unsigned is not None
    row = {"witness": line.witness, "line": line.line, "added_at": line.added_at}
    session.add(LedgerCosignature(checkpoint_id=unsigned.id, **row))


HANDS: dict[str, tuple[Hand, str]] = {
    "the public key of an office is swapped": (swapped_key(Purpose.OFFICE), "its public half was swapped"),
    "the public key of a seat is swapped": (swapped_key(Purpose.SEAT), "its public half was swapped"),
    "a key of one's own is added": (own_key_row, "no signed checkpoint vouches for it"),
    "the digest of a share is swapped": (swapped_digest, "the digest of a share is not that of the book"),
    "a sealed name is dropped": (dropped_name, "its sealed identity"),
    "an opening is hidden from the reporter": (hidden_opening, "do not say who asked for the name"),
    "an opening is said not to have been": (unopened, "do not say that the name was opened"),
    "the reason of an opening is changed": (other_reason, "do not say who asked for the name"),
    "another asker is put in": (other_asker, "do not say who asked for the name"),
    "a grant is written by hand": (grant_by_hand, "the book does not say that it was made"),
    "a consent is made up": (made_up_consent, "do not say what the seats answered"),
    "a passkey is written by hand": (passkey_by_hand, "the book does not say that it was made"),
    "a passkey is moved to another account": (passkey_of_another, "the book does not say that it was made"),
    "an older check value is replayed": (older_check_value, "replayed"),
    "a cosignature of an unknown witness is added": (unknown_witness, "no witness of the settings made it"),
    "a cosignature is put under another check value": (moved_cosignature, "no witness of the settings made it"),
}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("what", HANDS)
def test_what_the_owner_writes_into_what_is_trusted_is_named(what: str) -> None:
    assert faults() == []
    hand, said = HANDS[what]
    with transaction() as session:
        hand(session)
    found = faults()
    assert any(said in fault for fault in found), found


@pytest.mark.usefixtures("trusted")
def test_a_passkey_that_was_taken_back_does_not_come_back_unseen() -> None:
    with reading() as session:
        kept = session.scalars(select(Passkey)).one()
    with transaction() as session:
        remove_passkey(session, kept.staff_id, kept.id, Actor(ActorKind.STAFF, kept.staff_id), now())
    assert faults() == []
    with transaction() as session:
        columns = {column.key: getattr(kept, column.key) for column in Passkey.__table__.columns}
        session.add(Passkey(**columns))
    assert any("taken back" in fault for fault in faults())
