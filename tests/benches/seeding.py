"""A million reports, sealed for real: every body, wrapped key and letter opens as if it had come through the form.

Only the receipt code is left out: its slow hash alone would take ten hours, so the value behind it is drawn at random
(``secrets_from_seed``). Two processes seal, this one stores, a batch a transaction; a run that was broken off goes on
where it stopped.
"""

from __future__ import annotations

import hashlib
import random
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from typing import Any, cast

import psutil
from sqlalchemy import Table, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crypto.keys import PublicKey, Purpose
from crypto.receipts import secrets_from_seed
from crypto.sealing import Padding, seal
from portal.directory.models import BoardSeat, Office
from portal.kernel import shred
from portal.kernel.actors import ActorKind
from portal.kernel.clock import Utc, now
from portal.kernel.db import Database
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, TipNumber, new_id, new_tip_number
from portal.ledger.events import LetterSent, TipReceived
from portal.ledger.models import LedgerEntry, LedgerNonce, LedgerQueue
from portal.ledger.sequencer import sequence
from portal.mailbox.letters import OUT, PURPOSE, LetterBody
from portal.mailbox.models import Letter, Mailbox
from portal.mailbox.notices import NoticeKind
from portal.routing.choose import directory
from portal.tips.catalogue import conducts_for
from portal.tips.deadlines import deadline, rule
from portal.tips.intake import RECEIPT_RULE
from portal.tips.models import Clock, Tip, TipBody, TipEvent, TipHolding, TipKey
from portal.tips.sealing import ReportKeys, seal_body
from portal.tips.states import OPEN_STATES, State
from portal.tips.values import Report, SubjectType
from portal.workdays.setapart import calendar_of

BATCH = 1000
DAYS = 720
"""Reports come in over the last two years."""

Rows = dict[str, list[dict[str, Any]]]
MODELS = (Tip, TipBody, TipKey, TipHolding, TipEvent, Clock, Mailbox, Letter, LedgerEntry, LedgerNonce, LedgerQueue)
TABLES: Mapping[str, Table] = {model.__tablename__: cast("Table", model.__table__) for model in MODELS}
INDEXES = tuple(one for name, made in TABLES.items() if "ledger" not in name for one in made.indexes if not one.unique)
"""What no insert needs."""

MANY = 20_000
REGIONS = ("320102", "320104", "320105", "320106", "320111", "320113", "320114", "320115")
CHANNELS = ("web",) * 7 + ("12393", "12393", "visit")
ENDED = tuple(sorted(set(State) - set(OPEN_STATES) - {State.MERGED}))


@dataclass(frozen=True, slots=True)
class Ground:
    """What every seeded report shares: who answers, under which key, and when what was due."""

    office: Id
    office_code: str
    office_key: bytes
    key_id: bytes
    board: Id
    rule: str
    now: Utc
    dues: Mapping[date, tuple[date, bool]]
    calendar: str
    conducts: Mapping[str, tuple[str, ...]]


def seed(
    database: Database, target: int, office_code: str, processes: int = 2, say: Callable[[str], None] = print
) -> float:
    """Bring the book to *target* reports, nearly all of them with one office; returns the seconds it took.

    The site and the database must be bound.
    """
    begun, filled = time.monotonic(), False
    while True:
        with reading() as session:
            there = session.scalar(select(func.count()).select_from(Tip)) or 0
            ground = _ground(session, office_code)
        if there >= target:
            break
        say(f"seeding {target - there:,} reports (there are {there:,})")
        _fill(database, ground, target - there, processes, say)
        filled = True
    make_indexes(database)
    return time.monotonic() - begun if filled else 0.0


def _fill(database: Database, ground: Ground, missing: int, processes: int, say: Callable[[str], None]) -> None:
    begun = time.monotonic()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool, hurried(database):
        if missing > MANY:
            drop_indexes(database)
        for done, rows in enumerate(_sealed(pool, ground, missing), start=1):
            try:
                _store(database, rows)
            except IntegrityError:  # of a million random numbers two may be alike
                say("  a number was drawn twice: another batch instead")
            if done % 50 == 0 and missing > MANY:
                say(f"  {done * BATCH:,} of {missing:,} after {time.monotonic() - begun:.0f} s")
        make_indexes(database)
        with database.engine.begin() as connection:
            connection.execute(text("ANALYZE"))


def _ground(session: Session, office_code: str) -> Ground:
    moment = now()
    known = directory(session, moment, site().checkpoint_vkey)
    office = session.scalars(select(Office).where(Office.code == office_code)).one()
    board = session.scalars(select(BoardSeat.board_id).limit(1)).one()
    calendar, chosen = calendar_of(session), rule(RECEIPT_RULE, moment.date())
    days = [moment.date() - timedelta(days=back) for back in range(DAYS)]
    dues = {day: deadline(chosen, day, calendar) for day in days}
    key = known.office_keys[office.id]
    return Ground(
        office.id,
        office.code,
        key.raw,
        key.key_id,
        board,
        "seeded",
        moment,
        {day: (found.due, found.provisional) for day, found in dues.items()},
        calendar.calendar_version,
        {kind.value: tuple(one.code for one in conducts_for(kind, moment.date())) for kind in SubjectType},
    )


def _sealed(pool: ProcessPoolExecutor, ground: Ground, missing: int) -> Iterator[Rows]:
    """Batches as they are ready; never more than a few ahead of the database."""
    sizes = [BATCH] * (missing // BATCH) + ([missing % BATCH] if missing % BATCH else [])
    waiting: set[Future[Rows]] = set()
    for size in sizes:
        waiting.add(pool.submit(seal_batch, ground, size, secrets.randbits(64)))
        if len(waiting) >= 6:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in ready)
    for one in waiting:
        yield one.result()


def seal_batch(ground: Ground, size: int, salt: int) -> Rows:
    """*size* reports as rows, with their shred keys. Runs in a process of its own: nothing is bound there."""
    chance = random.Random(salt)  # for what a report is like; keys come from the system's generator
    office = PublicKey(Purpose.OFFICE, ground.office_key)
    rows: Rows = {name: [] for name in (*TABLES, "shred_key")}
    for _ in range(size):
        _seal_one(ground, office, chance, rows)
    return rows


def _seal_one(ground: Ground, office: PublicKey, chance: random.Random, rows: Rows) -> None:
    tip_id, day = new_id(), ground.now.date() - timedelta(days=chance.randrange(DAYS))
    keys = ReportKeys.fresh(tip_id, secrets.token_bytes(32))
    tip = _tip(ground, chance, tip_id, day)
    subject, conduct = SubjectType(tip["subject_type"]), tip["conduct"] or None
    report = Report(
        words="药店串换药品，医保卡被多次刷卡。", region=tip["region"], subject_type=subject, conduct=conduct
    )
    body = seal_body(report, (), keys)
    tip["sealed_size"] = len(body.report)
    rows["shred_key"].append({"id": tip_id, "key": keys.shred_key, "made_on": day})
    rows["tip"].append(tip)
    rows["tip_body"].append({"tip_id": tip_id, "report": body.report, "manifest": body.manifest})
    key = {"id": new_id(), "tip_id": tip_id, "office_id": ground.office, "key_id": ground.key_id}
    rows["tip_key"].append({**key, "wrapped": keys.wrapped_to(office)})
    _history(ground, tip, rows)
    number = TipNumber(tip["number"])
    hashes = hashlib.sha256(body.report + body.manifest).hexdigest()
    _record(TipReceived(number, ground.office_code, str(ground.board), ground.rule, hashes, ()), day, ground, rows)
    _mailbox(ground, tip, keys, rows)


def _tip(ground: Ground, chance: random.Random, tip_id: Id, day: date) -> dict[str, Any]:
    """A third of all reports is open; what has ended has no day by which something must happen."""
    state = State.RECEIVED if chance.random() < 0.1 else chance.choice(tuple(OPEN_STATES) + ENDED * 2)
    open_now = state in OPEN_STATES
    due, provisional = ground.dues[day]
    subject = chance.choice(tuple(SubjectType)).value
    return {
        "id": tip_id,
        "number": str(new_tip_number()),
        "received_on": day,
        "office_id": ground.office,
        "region": chance.choice(REGIONS),
        "subject_type": subject,
        "conduct": chance.choice(ground.conducts[subject] or ("",)),
        "channel": chance.choice(CHANNELS),
        "answer_way": "code",
        "named": False,
        "state": state.value,
        "due_on": due if open_now else None,
        "provisional": provisional and open_now,
        "board_id": ground.board,
        "rule": ground.rule,
        "pressured": False,
        "attachments": 0,
    }


def _history(ground: Ground, tip: dict[str, Any], rows: Rows) -> None:
    tip_id, day, office = tip["id"], tip["received_on"], ground.office
    due, provisional = ground.dues[day]
    rows["tip_holding"].append(
        {"id": new_id(), "tip_id": tip_id, "office_id": office, "from_day": day, "reason": "received"}
    )
    line = {"id": new_id(), "tip_id": tip_id, "position": 1, "day": day, "action": "receive", "state": tip["state"]}
    rows["tip_event"].append({**line, "office_id": office, "code": tip["channel"]})
    running = tip["due_on"] is not None
    clock = {"id": new_id(), "tip_id": tip_id, "office_id": office, "rule": RECEIPT_RULE, "started_on": day}
    ended = {"state": "running" if running else "met", "ended_on": None if running else due}
    rows["clock"].append({**clock, "due_on": due, "calendar": ground.calendar, "provisional": provisional, **ended})


def _mailbox(ground: Ground, tip: dict[str, Any], keys: ReportKeys, rows: Rows) -> None:
    """The reporter's side: a mailbox whose code nobody has, its first letter, and the receipt leaf."""
    with_seed = secrets_from_seed(secrets.token_bytes(32), 1)
    public = with_seed.mailbox.public
    mailbox_id, letter_id, day = new_id(), new_id(), tip["received_on"]
    box = {"id": mailbox_id, "tag": with_seed.tag, "pepper_version": 1, "public": public.raw}
    rows["mailbox"].append({
        **box, "tip_id": tip["id"], "wrapped_report_key": keys.wrapped_to(public), "first_use_only": False
    })  # fmt: skip
    rows["ledger_queue"].append({"id": new_id(), "entry_id": None, "leaf": with_seed.leaf, "arrived_at": ground.now})
    body = LetterBody(notice=NoticeKind.RECEIVED, params={"due": str(ground.dues[day][0]), "rule": RECEIPT_RULE})
    sealed = seal(body.to_bytes(), keys.letter(letter_id), PURPOSE, letter_id.bytes, Padding.MESSAGE)
    letter = {"id": letter_id, "mailbox_id": mailbox_id, "tip_id": tip["id"], "position": 1, "direction": OUT}
    rows["letter"].append(
        {**letter, "notice": str(NoticeKind.RECEIVED), "day": day, "sealed": sealed, "attachments": 0}
    )
    digest = hashlib.sha256(sealed).hexdigest()
    _record(LetterSent(TipNumber(tip["number"]), OUT, digest), day, ground, rows)


def _record(what: TipReceived | LetterSent, day: date, ground: Ground, rows: Rows) -> None:
    entry = new_id()
    payload = what.payload(day, ActorKind.REPORTER, None)
    rows["ledger_entry"].append(
        {"id": entry, "kind": what.kind, "day": day, "subject": what.subject, "actor_id": None, "payload": payload}
    )
    rows["ledger_nonce"].append({"entry_id": entry, "nonce": secrets.token_bytes(32)})
    rows["ledger_queue"].append({"id": new_id(), "entry_id": entry, "leaf": None, "arrived_at": ground.now})


def _store(database: Database, rows: Rows) -> None:
    """Shred keys first, as a real report has it; then the batch with its place on the ledger, in one transaction."""
    with database.shred.begin() as connection:
        connection.execute(insert(shred.shred_key), rows["shred_key"])
    with transaction() as session:
        for name, table in TABLES.items():
            session.execute(insert(table), rows[name])
        while sequence(session, now(), BATCH * 3):
            pass


@contextmanager
def hurried(database: Database) -> Iterator[None]:
    """SQLite without waiting for the disk: what a crash takes from a seeded book is seeded again."""
    engines = [one for one in (database.engine, database.shred) if one.dialect.name == "sqlite"]
    cache_kib = psutil.virtual_memory().available // 3 // 1024  # keys are random: what is not in it is read again
    hurry = ("synchronous=OFF", f"cache_size=-{cache_kib}", "secure_delete=OFF", "wal_autocheckpoint=20000")

    def speed_up(connection: sqlite3.Connection, *_rest: object) -> None:
        for pragma in hurry:
            connection.execute(f"PRAGMA {pragma}")

    for engine in engines:
        engine.dispose()
        event.listen(engine, "connect", speed_up)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "connect", speed_up)
            engine.dispose()


def make_indexes(database: Database) -> None:
    with database.engine.begin() as connection:
        for one in INDEXES:
            one.create(connection, checkfirst=True)


def drop_indexes(database: Database) -> None:
    """Sorting them once at the end is much less than a place for each key. Broken off, the next run makes them."""
    with database.engine.begin() as connection:
        for one in INDEXES:
            one.drop(connection, checkfirst=True)
