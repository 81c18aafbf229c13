"""The first keys of a deployment: offices, custody boards and the first people. Used by ``mingjing setup``.

Every public key made here is an entry of the ledger; the seeds go to people's keys and to recovery sheets on paper,
and nowhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from admin.staff.accounts import make_account
from admin.staff.granting import add_grant
from admin.staff.models import Staff
from admin.staff.roles import Role
from admin.staff.vault import Vault
from crypto import passphrase, recovery
from crypto.keys import InnerKey, PublicKey, Purpose, generate_inner
from portal.directory.keys import publish_key
from portal.directory.models import BoardSeat, CustodyBoard, Office
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import SettingChanged, canonical

THRESHOLD, COUNT = 2, 3
"""Two of three recovery sheets open: one may burn, one may be stolen."""


@dataclass(frozen=True, slots=True)
class Founder:
    """One of the first people: the account, the set-up passphrase, and the public half of the set-up key."""

    staff: Staff
    words: str = field(repr=False)
    public: PublicKey


@dataclass(frozen=True, slots=True)
class Sheets:
    """Recovery sheets of an office or board: any ``threshold`` of them give its recovery key back. Printed once."""

    owner: str
    threshold: int
    words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat to be filled: the office it belongs to and who holds it (None: not filled)."""

    office: Office | None
    holder: Founder | None


def found_office(session: Session, office: Office, actor: Actor, now: Utc) -> None:
    """Put an office into the directory and say so on the ledger."""
    session.add(office)
    session.flush()
    record_office(session, office, actor, now)


def record_office(session: Session, office: Office, actor: Actor, now: Utc) -> None:
    """Bind the office's row, as it is now, to the ledger."""
    form = {
        "code": office.code,
        "name": office.name,
        "kind": office.kind,
        "level": office.level,
        "region": office.region,
        "superior": str(office.superior_id) if office.superior_id else None,
        "active": office.active,
    }
    _record(session, "office", office.code, form, actor, now)


def _record(session: Session, what: str, name: str, form: Mapping[str, object], actor: Actor, now: Utc) -> None:
    append(session, SettingChanged(what, name, hashlib.sha256(canonical(form)).hexdigest()), actor, now)


def found_member(
    session: Session, sign_in: str, name: str, office: Office, roles: list[Role], vault: Vault, actor: Actor, now: Utc
) -> Founder:
    """Make an account whose set-up key is published, so that keys can be granted to it before its first sign-in."""
    with generate_inner(Purpose.STAFF) as key:
        words = passphrase.generate()
        staff = make_account(session, sign_in, name, office, roles, vault.lock(key.seed, words), actor, now)
        publish_key(session, staff.id, key.public, actor, now)
        session.flush()
        staff.key_id = key.public.key_id
        return Founder(staff, words, key.public)


def found_office_key(
    session: Session,
    office: Office,
    members: Sequence[Founder],
    actor: Actor,
    now: Utc,
) -> Sheets:
    """Make the key of an office, grant it to *members*, and seal it to a recovery key whose sheets are returned."""
    with generate_inner(Purpose.OFFICE) as key, generate_inner(Purpose.OFFICE_RECOVERY) as paper:
        publish_key(session, office.id, key.public, actor, now)
        publish_key(session, office.id, paper.public, actor, now)
        session.flush()
        _grant(session, key, office.id, [*members], paper, actor, now)
        return _sheets(office.name, paper)


def found_board(
    session: Session,
    name: str,
    office: Office | None,
    k: int,
    seats: Sequence[Seat],
    actor: Actor,
    now: Utc,
) -> Sheets:
    """Make a custody board and a key for each seat, held by its holder and, all of them, by the board's sheets."""
    board = CustodyBoard(id=new_id(), name=name, office_id=office.id if office else None, k=k)
    session.add(board)
    session.flush()
    with generate_inner(Purpose.BOARD_RECOVERY) as paper:
        publish_key(session, board.id, paper.public, actor, now)
        session.flush()
        for position, seat in enumerate(seats, start=1):
            _found_seat(session, board.id, position, seat, paper, actor, now)
        form = {"name": name, "office": office.code if office else None, "k": k, "seats": len(seats)}
        _record(session, "custody-board", str(board.id), form, actor, now)
        return _sheets(name, paper)


def _sheets(owner: str, paper: InnerKey) -> Sheets:
    return Sheets(owner, THRESHOLD, tuple(recovery.to_words(paper.seed, THRESHOLD, COUNT)))


def _found_seat(
    session: Session, board: Id, position: int, seat: Seat, paper: InnerKey, actor: Actor, now: Utc
) -> None:
    row = BoardSeat(
        id=new_id(),
        board_id=board,
        position=position,
        holder_office_id=seat.office.id if seat.office else None,
        holder_id=seat.holder.staff.id if seat.holder else None,
    )
    session.add(row)
    session.flush()
    with generate_inner(Purpose.SEAT) as key:
        publish_key(session, row.id, key.public, actor, now)
        session.flush()
        _grant(session, key, row.id, [seat.holder] if seat.holder else [], paper, actor, now)


def _grant(
    session: Session, key: InnerKey, owner: Id, people: list[Founder], paper: InnerKey, actor: Actor, now: Utc
) -> None:
    for one in people:
        add_grant(session, key, owner, one.public, one.staff, actor, now)
    add_grant(session, key, owner, paper.public, None, actor, now)
