"""A small world for casework: five offices with keys, a custody board, people, and reports made by the real verb."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from admin.staff.granting import add_grant
from admin.staff.models import Staff, StaffRole
from admin.staff.roles import LABELS, ROLES, Role
from admin.staff.unlocking import full_payload
from admin.tips.casework import locked
from admin.tips.reading import keys_for
from admin.web import cookies
from crypto.keys import InnerKey, Purpose, generate_inner
from crypto.receipts import ReceiptSecrets, secrets_from_seed
from crypto.sealing import new_key, seal_stream
from portal.attachments.models import Attachment
from portal.attachments.store import site_store
from portal.attachments.values import FileEntry
from portal.directory.keys import publish_key
from portal.directory.models import BoardSeat, CustodyBoard, Office
from portal.kernel.actors import REPORTER, SYSTEM, Actor, ActorKind
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.shred import create_shred_key
from portal.kernel.transaction import reading, session_transaction, transaction
from portal.kernel.values import Id, new_id
from portal.mailbox.letters import OpenLetter
from portal.signin.sessions import SessionKind, open_session
from portal.tips import reporter
from portal.tips.findings import Findings
from portal.tips.intake import Received, Submission, receive_tip
from portal.tips.models import Tip
from portal.tips.sealing import FILE, ReportKeys, file_key
from portal.tips.values import AnswerWay, Channel, Identity, KnownAs, Report, SubjectType
from tests.rows_kept import Rows

PROVINCE, CITY, DISTRICT, OTHER, DISCIPLINE = "320000", "320100", "320104", "320105", "320100-jw"
_OFFICES = [
    (PROVINCE, "演示省医疗保障局", "bureau", "province", "320000", None),
    (CITY, "演示市医疗保障局", "bureau", "city", "320100", PROVINCE),
    (DISTRICT, "演示甲区医疗保障局", "bureau", "county", "320104", CITY),
    (OTHER, "演示乙区医疗保障局", "bureau", "county", "320105", CITY),
    (DISCIPLINE, "演示市纪检监察组", "discipline", "city", "320100", PROVINCE),
]


def found(**given: Any) -> Findings:
    """What a decision found: a loss of 50,000 yuan, as reported, and whatever else is *given*."""
    whole = {"loss_fen": 5_000_000, "subject_type": "institution", "nature": "general", "grade": "none"}
    return Findings(**{**whole, "relation": "unknown", "match": "complete", **given})


@dataclass
class World:
    """Offices by code, their keys, and people by (office code, role)."""

    database: Database
    signer: str
    offices: dict[str, Office] = field(default_factory=dict)
    keys: dict[Id, InnerKey] = field(default_factory=dict)
    seat_keys: dict[Id, InnerKey] = field(default_factory=dict)
    people: dict[tuple[str, Role], Actor] = field(default_factory=dict)
    mailboxes: dict[str, ReceiptSecrets] = field(default_factory=dict)
    staff_keys: dict[Id, InnerKey] = field(default_factory=dict)

    def person(self, office: str, role: Role) -> Actor:
        """Somebody with this role for this office and no other."""
        if (office, role) not in self.people:
            self.people[office, role] = self.new_person(office, role)
        return self.people[office, role]

    def new_person(self, office: str, role: Role) -> Actor:
        """One more such person."""
        home = self.offices[office]
        name = f"{LABELS[role]}{len(self.staff_keys) + 1}"
        own, office_key = generate_inner(Purpose.STAFF), self.keys[home.id]
        row = Staff(
            id=new_id(),
            sign_in=secrets.token_hex(6),
            name=name,
            state="active",
            made_on=today(),
            must_change=False,
            key_id=own.public.key_id,
        )
        self.staff_keys[row.id] = own
        with transaction() as session:
            session.add(row)
            session.flush()
            session.add(StaffRole(staff_id=row.id, office_id=home.id, role=role.value))
            publish_key(session, row.id, own.public, SYSTEM, now())
            session.flush()
            add_grant(session, office_key, home.id, own.public, row, SYSTEM, now())
        return Actor(ActorKind.STAFF, row.id, row.name, {home.id: frozenset(ROLES[role])})

    def sign_in(self, client: FlaskClient, actor: Actor) -> None:
        """Give *client* the session of this person, as after a whole sign-in."""
        assert actor.id is not None
        with session_transaction() as store:
            cookie = open_session(
                store, SessionKind.STAFF, full_payload(self.staff_keys[actor.id].seed), now(), owner=actor.id
            )
        client.set_cookie(cookies.SESSION, cookie)

    def report(self, region: str | None = "320104", **given: Any) -> str:
        """Hand in a report; returns its number. ``named``: with an identity. ``way``: how the answer goes back."""
        way = AnswerWay(given.pop("way", AnswerWay.CODE))
        person = Identity(name="测试人甲", phone="13900000000") if given.pop("named", False) else None
        code = secrets_from_seed(secrets.token_bytes(32), 1) if way is AnswerWay.CODE else None
        sent = given.pop("files", ())
        words = {"words": "虚构住院，多次结算。", "target": "演示第一医院", **given}
        words.setdefault("subject_type", SubjectType.INSTITUTION)
        tip_id = new_id()
        shred_key = create_shred_key(tip_id, today())
        files = tuple(self._store(tip_id, shred_key, *one) for one in sent)
        submission = Submission(
            tip_id=tip_id,
            report=Report(region=region, **words),
            known_as=KnownAs.NAMED if person else KnownAs.NO_NAME,
            channel=Channel.WEB,
            answer_way=way,
            identity=person,
            contact=Identity(phone="13900000001") if way in (AnswerWay.CALLBACK, AnswerWay.LETTER) else None,
            files=files,
            secrets=code,
        )
        with transaction() as session:
            received: Received = receive_tip(session, submission, REPORTER, now())
        if code is not None:
            self.mailboxes[received.number] = code
        return received.number

    def _store(self, tip_id: Id, shred_key: bytes, name: str, content: bytes) -> FileEntry:
        """A sealed blob as an upload leaves it."""
        entry = FileEntry(new_id(), name, "image/png", len(content), hashlib.sha256(content).hexdigest(), new_key())
        blob = site_store().create(entry.id, now())
        sealer = seal_stream(file_key(entry.key, shred_key, entry.id), FILE, entry.id.bytes, blob)  # type: ignore[arg-type]
        sealer.write(content)
        sealed = sealer.finish()
        blob.keep()
        with transaction() as session:
            row = Attachment(id=entry.id, record_id=tip_id, made_on=today(), state="sealed")
            row.sealed_size = sealed.sealed_length
            session.add(row)
        return entry

    @contextmanager
    def at(self, number: str, actor: Actor) -> Iterator[tuple[Session, Tip, ReportKeys]]:
        """A transaction with the report locked and its keys, as a view has them."""
        with transaction() as session:
            tip = locked(session, number, actor)
            yield session, tip, self.keys_of(session, tip)

    def do(self, number: str, verb: Callable[..., Any], *args: Any, by: Actor, **named: Any) -> Any:
        """One verb in a transaction of its own."""
        with self.at(number, by) as (session, tip, keys):
            return verb(session, tip, *args, by, now(), keys, **named)

    def keys_of(self, session: Session, tip: Tip) -> ReportKeys:
        return keys_for(session, tip, self.keys[tip.office_id])

    def tip(self, number: str) -> Tip:
        """The row as it is now."""
        with reading() as session:
            tip = session.scalar(select(Tip).where(Tip.number == number))
            assert tip is not None
            return tip

    def letters(self, number: str) -> list[OpenLetter]:
        """What the reporter finds in the mailbox, oldest first."""
        code = self.mailboxes[number]
        with reading() as session:
            return list(reporter.view(session, reporter.open_own(session, code.tag, code.mailbox)).letters)

    def notices(self, number: str) -> list[str]:
        """The kinds of notices in the mailbox, oldest first."""
        return [letter.body.notice for letter in self.letters(number)]


_kept: dict[tuple[bool, str, datetime], tuple[dict[Id, InnerKey], dict[Id, InnerKey], Rows]] = {}


def make_world(database: Database, signer: str) -> World:
    """Offices, keys under a signed checkpoint, and a board of three seats in the province of which two must agree.

    It is made once in a test process for each moment and kind of database, and copied into an empty one from then on.
    """
    key = database.is_postgresql, signer, now()
    if key not in _kept:
        made = _made(database, signer)
        _kept[key] = dict(made.keys), dict(made.seat_keys), Rows.of(database)
        return made
    keys, seat_keys, rows = _kept[key]
    rows.put(database)
    with reading() as session:
        offices = {office.code: office for office in session.scalars(select(Office))}
    return World(database, signer, offices, dict(keys), dict(seat_keys))


def _made(database: Database, signer: str) -> World:
    world = World(database, signer)
    with transaction() as session:
        for code, name, kind, level, region, above in _OFFICES:
            superior = world.offices[above].id if above else None
            office = Office(
                id=new_id(),
                code=code,
                name=name,
                kind=kind,
                level=level,
                region=region,
                superior_id=superior,
                members=3,
            )
            session.add(office)
            session.flush()
            world.offices[code] = office
            key = generate_inner(Purpose.OFFICE)
            publish_key(session, office.id, key.public, SYSTEM, now())
            world.keys[office.id] = key
        board = CustodyBoard(id=new_id(), name="演示保管委员会", k=2)
        session.add(board)
        session.flush()
        for position in (1, 2, 3):
            seat = BoardSeat(
                id=new_id(),
                board_id=board.id,
                position=position,
                holder_office_id=world.offices[PROVINCE].id,
                holder_id=new_id(),
            )
            session.add(seat)
            session.flush()
            world.seat_keys[seat.id] = generate_inner(Purpose.SEAT)
            publish_key(session, seat.id, world.seat_keys[seat.id].public, SYSTEM, now())
    with transaction() as session:
        make_checkpoint(session, signer, now(), publish=True)
    return world
