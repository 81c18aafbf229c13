"""Rows of what reporters trust: names sealed to a quorum and opened, a seat that changes its key, the long ledger.

What is measured in this process is CPU of this process; what is served is CPU of the site, like every other page.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from admin.custody import seats
from crypto import custody, sealing, tree
from crypto.checkpoints import Checkpoint
from crypto.custody import PassedShare
from crypto.keys import InnerKey, PublicKey, Purpose, generate_inner
from crypto.receipts import parse
from portal.directory.models import SealingKey
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.ledger.models import LedgerLeaf
from portal.ledger.proofs import inclusion, latest_checkpoint, node_reader
from portal.ledger.queries import LEAVES_A_PAGE, receipt_proof
from portal.ledger.sequencer import take_pen, tree_size
from portal.tips.models import IdentityRecord, IdentityShare
from portal.tips.receipt_hash import submit_secrets
from portal.tips.sealing import IDENTITY
from portal.tips.values import Identity
from tests.benches.deployment import KEEPERS, Deployment
from tests.benches.journey import send, to_check
from tests.benches.keepers import actor, covered, named_report, own_key, seat_key, seat_of
from tests.benches.measuring import ROUNDS, Row, cost, cpu_row
from tests.benches.public_rows import PLAIN, counted
from tests.benches.served import Served
from tests.benches.visitor import Visitor

RECORD, REQUEST, SHRED = bytes(16), bytes(range(16)), bytes(32)
WHO = Identity(name="测速人（虚构）", phone="13800000000", address="虚构路 1 号").to_json().encode()
LONG = 1_000_000
PLACED_AT_ONCE = 100_000
RESEALED = 10_000


def best_ms(work: Callable[[], object], times: int) -> tuple[float, float]:
    """CPU of *work* in this process, in ms: in the best of five rounds of *times*, and in the middle one."""
    rounds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - begun) * 1000 / times)
    return min(rounds), median(rounds)


def quorum_rows(times: int = 100) -> list[Row]:
    """Sealing a name for k of n, as intake does; and opening it, from the shares that were passed on to the words."""
    rows = []
    for k, n in ((2, 3), (4, 7)):
        keys = [generate_inner(Purpose.SEAT) for _ in range(n)]
        seal = partial(sealing.seal_for_quorum, WHO, [key.public for key in keys], k, IDENTITY, RECORD, SHRED)
        best, usual = best_ms(seal, times)
        rows.append(Row(f"sealing a name for {k} of {n}", f"{best:.1f} ms CPU", note=f"usually {usual:.1f}"))
        once, asker = generate_inner(Purpose.OPENING), generate_inner(Purpose.STAFF)
        sealed = seal()
        passed = [_passed(sealed, keys, position, once, asker) for position in range(1, k + 1)]
        known = (once, asker, REQUEST, IDENTITY, RECORD, SHRED)
        best, usual = best_ms(partial(custody.open_quorum, sealed.body, passed, k, *known), times)
        rows.append(Row(f"opening it with {k} shares", f"{best:.1f} ms CPU", note=f"usually {usual:.1f}"))
    return rows


def _passed(
    sealed: sealing.QuorumSealed, keys: Sequence[InnerKey], position: int, once: InnerKey, asker: InnerKey
) -> PassedShare:
    mine = sealed.shares[position - 1]
    clear = custody.open_share(mine.sealed, keys[position - 1], position, mine.digest, IDENTITY, RECORD)
    return PassedShare(position, custody.pass_share(clear, once.public, asker.public, REQUEST), mine.digest)


def resealing_row(deployment: Deployment, records: int = RESEALED) -> Row:
    """A seat's shares sealed anew by the verb of the page, a batch a transaction, in five rounds of two thousand."""
    with deployment.opened() as database:
        _names(database, named_report([]), records)
        seat, keeper = _new_generation(deployment), actor(KEEPERS[0])
        with reading() as session:
            old, new = (seat_key(deployment, session, KEEPERS[0], row.id) for row in seats.generations(session, seat))
        assert old is not None and new is not None
        rounds = []
        for _ in range(ROUNDS):
            begun = time.process_time()
            for _ in range(records // ROUNDS // seats.BATCH):
                with transaction() as session:
                    row = seats.find_seat(session, seat, lock=True)
                    left = seats.reseal_some(session, row, old, new, keeper, now())
            rounds.append(time.process_time() - begun)
        assert left < records // ROUNDS, "the names of other parts of the bench are few beside these"
    each = min(rounds) * ROUNDS * 1000 / records
    note = f"{each:.2f} ms a record; usually {median(rounds) * ROUNDS:.1f} s"
    return Row(f"a seat changes its key, {records:,} records", f"{min(rounds) * ROUNDS:.1f} s CPU", note=note)


def _names(database: Database, tip: Id, records: int) -> None:
    """So many names, each sealed to the board's keys for real."""
    with reading() as session:
        board = seat_of(session, KEEPERS[0]).board_id
        rows = [seat_of(session, name) for name in KEEPERS]
        found = {row.owner_id: PublicKey(Purpose.SEAT, row.public) for row in session.scalars(
            select(SealingKey).where(SealingKey.purpose == "seat", SealingKey.retired_on.is_(None))
        )}  # fmt: skip
    publics = [(row.id, found[row.id]) for row in sorted(rows, key=lambda row: row.position)]
    for _ in range(0, records, seats.BATCH):
        made: list[dict[str, object]] = []
        shares: list[dict[str, object]] = []
        for _ in range(seats.BATCH):
            record = new_id()
            sealed = sealing.seal_for_quorum(WHO, [one for _, one in publics], 2, IDENTITY, record.bytes, SHRED)
            row = {"id": record, "tip_id": tip, "board_id": board, "kind": "identity", "k": 2}
            made.append({**row, "sealed": sealed.body, "made_on": now().date()})
            for (seat, _), one in zip(publics, sealed.shares, strict=True):
                share = {"id": new_id(), "record_id": record, "seat_id": seat, "key_id": one.seat}
                shares.append({**share, "position": one.index, "sealed": one.sealed, "digest": one.digest})
        with database.engine.begin() as connection:
            connection.execute(insert(IdentityRecord), made)
            connection.execute(insert(IdentityShare), shares)


def _new_generation(deployment: Deployment) -> Id:
    covered(deployment)
    with transaction() as session:
        seat = seats.find_seat(session, seat_of(session, KEEPERS[0]).id, lock=True)
        own = own_key(deployment, KEEPERS[0]).public
        seats.begin_generation(session, seat, own, actor(KEEPERS[0]), now())
    covered(deployment)
    return seat.id


def ledger_rows(deployment: Deployment, public: Served, times: int, leaves: int = LONG) -> list[Row]:
    """Proofs in a tree of a million leaves: out of the database, and as the public site serves them."""
    visitor = send(to_check(Visitor(public.port), PLAIN))
    code = visitor.code
    with deployment.opened() as database:
        took = _grown(deployment, database, leaves)
        vkey, leaf = site().checkpoint_vkey, submit_secrets(parse(code)).leaf
        with reading() as session:
            signed = latest_checkpoint(session, vkey, published=True)
            size = session.scalar(select(func.count()).select_from(LedgerLeaf)) or 0
            assert signed is not None and signed.checkpoint.size == size >= leaves
            somewhere = partial(_prove_somewhere, session, signed.checkpoint)
            any_leaf, usual = best_ms(somewhere, times)
            mine, _ = best_ms(partial(receipt_proof, session, leaf, vkey), times)
            statements = len(counted(database, somewhere))
    work = f"{size:,} lines"
    note = f"usually {usual:.1f}; {statements} statements; the tree was grown in {took:.0f} s"
    rows = [
        Row(f"the proof of any line, {work}", f"{any_leaf:.1f} ms CPU", note=note),
        Row(f"one's own line and its proof, {work}", f"{mine:.1f} ms CPU"),
    ]
    middle = f"/ledger/leaves/{leaves // 2 // LEAVES_A_PAGE}"
    for name, path in (("the page of the record", "/ledger/"), ("a page of its lines", middle)):
        spent = cost(public, [partial(visitor.get, path)] * (times + 8), 8)
        assert visitor.status == 200, f"{path} answered {visitor.status}"
        row = cpu_row(f"{name}, {work}", spent, "<= 15 ms CPU", 15)
        rows.append(row)
    visitor.get("/followup/").post("/followup/", code=code)
    spent = cost(public, [partial(visitor.get, "/followup/record/")] * (times + 8), 8)
    assert "第" in visitor.words and visitor.status == 200
    return [*rows, cpu_row(f"the reporter's own proof as a page, {work}", spent, "<= 15 ms CPU", 15)]


def _prove_somewhere(session: Session, checkpoint: Checkpoint) -> None:
    """The path of a leaf drawn at random, read anew, and checked up to the signed root."""
    place = secrets.randbelow(checkpoint.size)
    path = inclusion(session, place, checkpoint)
    leaf = session.scalars(select(LedgerLeaf.leaf).where(LedgerLeaf.seq == place)).one()
    tree.verify_inclusion(tree.leaf_hash(leaf), place, checkpoint.size, path, checkpoint.root)


def _grown(deployment: Deployment, database: Database, leaves: int) -> float:
    """Random leaves up to that many, each with the nodes above it, and a published checkpoint over them; seconds."""
    begun = time.monotonic()
    covered(deployment)
    while _placed(database, leaves):
        pass
    with transaction() as session:
        make_checkpoint(session, deployment.settings.signer(), now(), publish=True)
    return time.monotonic() - begun


def _placed(database: Database, leaves: int) -> int:
    """Some leaves more, written as the sequencer does and past the ORM, whose care is most of the time; how many are
    still missing."""
    with transaction() as session:
        take_pen(session)
        size = tree_size(session)
        fresh = [secrets.token_bytes(tree.HASH_SIZE) for _ in range(min(leaves - size, PLACED_AT_ONCE))]
        nodes = tree.new_nodes(size, [tree.leaf_hash(leaf) for leaf in fresh], node_reader(session))
        sign = "%s" if database.is_postgresql else "?"
        for table, columns, rows in (
            ("ledger_leaf", "seq, leaf", list(enumerate(fresh, size))),
            ("ledger_node", "level, position, hash", [node for node in nodes if node[0]]),
        ):
            marks = ", ".join(sign for _ in columns.split(", "))
            if rows:
                session.connection().exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        return max(0, leaves - size - len(fresh))
