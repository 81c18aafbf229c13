"""The first keys: of a deployment (``mingjing setup``), and of an office that was added later, by its first member.

Every public key made here is an entry of the ledger; the seeds go to people's keys and to recovery sheets on paper,
and nowhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.accounts import make_account
from admin.staff.enrolling import activate_if_ready
from admin.staff.granting import add_grant
from admin.staff.membership import count_members, offices_to_found
from admin.staff.models import Staff
from admin.staff.roles import Role
from admin.staff.vault import Vault
from crypto import passphrase, recovery
from crypto.keys import InnerKey, PublicKey, Purpose, generate_inner
from portal.directory.keys import publish_key
from portal.directory.models import BoardSeat, CustodyBoard, Office, SealingKey
from portal.directory.values import BoardPurpose
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import NotFound, Refused
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import SettingChanged, canonical

THRESHOLD, COUNT = 2, 3
"""Two of three recovery sheets open: one may burn, one may be stolen."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody a key is granted to: the account and the public half of the own key."""

    staff: Staff
    public: PublicKey


@dataclass(frozen=True, slots=True)
class Founder(Holder):
    """One of the first people, with the set-up passphrase that opens the set-up key."""

    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheets:
    """Recovery sheets of an office or board: any ``threshold`` of them give its recovery key back. Printed once."""

    owner: str
    threshold: int
    words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Paper:
    """A recovery key that is nowhere but on its sheets; what is to be recoverable is sealed to its public half."""

    public: PublicKey
    sheets: Sheets


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat to be filled: the office it belongs to and who holds it (None: not filled)."""

    office: Office | None
    holder: Holder | None


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
        return Founder(staff, key.public, words)


def new_paper(owner: str, purpose: Purpose) -> Paper:
    """A fresh recovery key, split over sheets; its seed is wiped before this returns."""
    with generate_inner(purpose) as key:
        return Paper(key.public, Sheets(owner, THRESHOLD, tuple(recovery.to_words(key.seed, THRESHOLD, COUNT))))


def found_office_key(
    session: Session,
    office: Office,
    members: Sequence[Holder],
    paper: PublicKey,
    actor: Actor,
    now: Utc,
) -> None:
    """Make the key of an office, grant it to *members*, and seal it to the recovery key on *paper*."""
    with generate_inner(Purpose.OFFICE) as key:
        publish_key(session, office.id, key.public, actor, now)
        publish_key(session, office.id, paper, actor, now)
        session.flush()
        _grant(session, key, office.id, members, paper, actor, now)
    count_members(session, [office.id])


def found_own_office_key(
    session: Session, office_id: Id, founder: Holder, paper: PublicKey, actor: Actor, now: Utc
) -> None:
    """The first member of an office that never had a key makes it: from the next checkpoint on it receives reports.

    Raises NotFound without a role that may do it, Refused when a colleague was faster or the founder's key changed.
    """
    office = session.get(Office, office_id, with_for_update=True)  # of two who begin at once the later finds the key
    there = select(SealingKey.id).where(SealingKey.purpose == Purpose.OFFICE, SealingKey.owner_id == office_id)
    if session.scalar(there.limit(1)) is not None:
        raise Refused("key_there", "这个单位已经有密钥了。请联系持有密钥的同事，在“授予密钥”页面为您办理。")
    if office is None or office not in offices_to_found(session, founder.staff):
        raise NotFound("nothing_to_found", "没有等您建立密钥的单位。")
    if founder.staff.key_id != founder.public.key_id or paper.purpose is not Purpose.OFFICE_RECOVERY:
        raise Refused("key_changed", "您的密钥刚刚换过。请重新登录后再办理。")
    found_office_key(session, office, [founder], paper, actor, now)
    activate_if_ready(session, founder.staff, actor, now)


def found_board(
    session: Session,
    name: str,
    office: Office | None,
    k: int,
    seats: Sequence[Seat],
    actor: Actor,
    now: Utc,
    purpose: BoardPurpose = BoardPurpose.IDENTITY,
) -> Sheets:
    """Make a board and a key for each seat, held by its holder and, all of them, by the board's sheets."""
    board = CustodyBoard(id=new_id(), name=name, office_id=office.id if office else None, k=k, purpose=purpose.value)
    session.add(board)
    session.flush()
    paper = new_paper(name, Purpose.BOARD_RECOVERY)
    publish_key(session, board.id, paper.public, actor, now)
    session.flush()
    for position, seat in enumerate(seats, start=1):
        _found_seat(session, board.id, position, seat, paper.public, actor, now)
    record_board(session, board, len(seats), actor, now)
    return paper.sheets


def record_board(session: Session, board: CustodyBoard, seats: int, actor: Actor, now: Utc) -> None:
    """Bind a board, as it is now, to the ledger."""
    office = session.get_one(Office, board.office_id).code if board.office_id else None
    form: dict[str, object] = {"name": board.name, "office": office, "k": board.k, "seats": seats}
    if board.purpose != BoardPurpose.IDENTITY:
        form["purpose"] = board.purpose
    if board.retired_on is not None:
        form["retired"] = board.retired_on.isoformat()
    _record(session, "custody-board", str(board.id), form, actor, now)


def record_choice(session: Session, office: Office, actor: Actor, now: Utc) -> None:
    """Bind an office's choice of a custody board to the ledger."""
    form = {"office": office.code, "board": str(office.board_id) if office.board_id else None}
    _record(session, "office-board", office.code, form, actor, now)


def _found_seat(
    session: Session, board: Id, position: int, seat: Seat, paper: PublicKey, actor: Actor, now: Utc
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
    found_seat_key(session, row.id, seat.holder, paper, actor, now)


def found_seat_key(session: Session, seat: Id, holder: Holder | None, paper: PublicKey, actor: Actor, now: Utc) -> None:
    """The first key of a seat: granted to its holder, and sealed to the recovery key on *paper*."""
    with generate_inner(Purpose.SEAT) as key:
        publish_key(session, seat, key.public, actor, now)
        session.flush()
        _grant(session, key, seat, [holder] if holder else [], paper, actor, now)


def _grant(
    session: Session, key: InnerKey, owner: Id, people: Sequence[Holder], paper: PublicKey, actor: Actor, now: Utc
) -> None:
    for one in people:
        add_grant(session, key, owner, one.public, one.staff, actor, now)
    add_grant(session, key, owner, paper, None, actor, now)
