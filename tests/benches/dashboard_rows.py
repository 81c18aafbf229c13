"""Rows of the dashboard: what it costs on top of an office without a report, at 1,000 reports and at 120,000.

Half of them is open, half was decided within the last thirteen months, all of one office, which is the worst that it
can be asked to count. Clear rows without bodies: the dashboard opens nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.directory.models import CustodyBoard, Office
from portal.kernel.clock import today
from portal.kernel.db import Database
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id, new_tip_number
from portal.tips.models import Clock, Tip, TipEvent
from portal.tips.states import Action, State
from tests.benches.deployment import HEAD, Deployment
from tests.benches.measuring import Cost, Row, cost, cpu_row
from tests.benches.seeding import CHANNELS, MANY, REGIONS, drop_indexes, hurried, make_indexes
from tests.benches.served import Served
from tests.benches.staff_rows import signed_in
from tests.benches.visitor import Visitor

OPEN_NOW = (State.RECEIVED, State.SCREENING, State.VERIFYING, State.FILED)
RULES = ("HR-12.1", "PP-45", "HR-10.1")
SIZES = (500, 60_000)
"""So many are open, and as many decided."""
HANDLERS = 40
MOST_MS = 50
CHUNK = 2_000
Ground = tuple[Id, Id, date, Sequence[Id | None]]
"""Office, board, today, and who has reports in hand."""
Rows = dict[type[Tip | Clock | TipEvent], list[dict[str, Any]]]


def rows(deployment: Deployment, staff: Served, office_code: str, times: int) -> list[Row]:
    """The page of the head of the office, which is to hold no report yet."""
    visitor = signed_in(staff, deployment.people[HEAD])
    empty = _cost(visitor, staff, times)
    found = [
        Row("dashboard, an office without reports", f"{empty.cpu_ms:.1f} ms CPU", note=f"{empty.wall_ms:.1f} ms wall")
    ]
    there = 0
    for size in SIZES:
        with deployment.opened() as database:
            fill(database, office_code, size - there)
        there = size
        words = f"dashboard, {size:,} open and {size:,} decided"
        bar = f"<= {MOST_MS} ms CPU more than without"
        found.append(cpu_row(words, _cost(visitor, staff, times), bar, empty.cpu_ms + MOST_MS))
    return found


def _cost(visitor: Visitor, staff: Served, times: int) -> Cost:
    visitor.get("/dashboard/")
    assert visitor.status == 200, f"the dashboard answered {visitor.status}"
    return cost(staff, [partial(visitor.get, "/dashboard/")] * (times + 4), 4)


def fill(database: Database, office_code: str, many: int) -> None:
    """*many* open reports of the office and as many that were decided, with clocks, one in ten of which was missed."""
    with reading() as session:
        ground = _ground(session, office_code)
    if many > MANY:
        drop_indexes(database)
    with hurried(database):
        for chunk in _chunks(ground, many):
            with transaction() as session:
                for table, lines in chunk.items():
                    session.execute(insert(table), lines)
    make_indexes(database)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if database.is_postgresql else "ANALYZE"))


def _ground(session: Session, office_code: str) -> Ground:
    office = session.scalars(select(Office.id).where(Office.code == office_code)).one()
    people = [None, None, *(new_id() for _ in range(HANDLERS))]
    return office, session.scalars(select(CustodyBoard.id).limit(1)).one(), today(), people


def _chunks(ground: Ground, many: int) -> Iterator[Rows]:
    chance = random.Random(many)  # for what a report is like
    for begin in range(0, many, CHUNK):
        chunk: Rows = {Tip: [], Clock: [], TipEvent: []}
        for _ in range(min(CHUNK, many - begin)):
            for decided in (False, True):
                _report(ground, chance, decided, chunk)
        yield chunk


def _report(ground: Ground, chance: random.Random, decided: bool, chunk: Rows) -> None:
    office, board, day, people = ground
    waited = chance.randrange(3, 120)
    received = day - timedelta(days=chance.randrange(390) + waited if decided else chance.randrange(200))
    ended = received + timedelta(days=waited)
    due = day + timedelta(days=chance.randrange(-20, 80))
    state = chance.choice((State.DECIDED, *[State.CLOSED] * 9) if decided else OPEN_NOW)
    running = not decided
    tip = {
        "id": new_id(), "number": new_tip_number(), "received_on": received, "office_id": office,
        "region": chance.choice(REGIONS), "subject_type": "institution", "channel": chance.choice(CHANNELS),
        "answer_way": "code", "state": state.value, "due_on": due if running else None, "board_id": board,
        "rule": "bench", "assignee_id": chance.choice(people),
        "decided_month": f"{ended:%Y-%m}" if decided else None, "decided_after": waited if decided else None,
    }  # fmt: skip
    chunk[Tip].append(tip)
    shared = {"tip_id": tip["id"], "office_id": office}
    for rule in RULES[: 2 if decided else 1]:
        missed = decided and chance.random() < 0.1
        chunk[Clock].append({
            **shared, "id": new_id(), "rule": rule, "started_on": received, "calendar": "bench",
            "due_on": due if running else ended - timedelta(days=2 if missed else -2),
            "state": "running" if running else "missed" if missed else "met", "ended_on": None if running else ended,
        })  # fmt: skip
    steps = [(Action.OPEN, received + timedelta(days=1))]
    steps += [(Action.DECIDE, ended)] if decided else []
    for position, (action, on) in enumerate(steps, 2):
        chunk[TipEvent].append({
            **shared, "id": new_id(), "position": position, "day": on, "action": action.value, "state": state.value
        })  # fmt: skip
