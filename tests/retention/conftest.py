"""The world of casework, years later: reports that ended, an archivist who proposes, a head who approves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from admin.retention.proposing import approve, propose
from admin.retention.shredding import shred_approved
from admin.staff.roles import Role
from admin.tips import triage
from admin.tips.triage import record_reading
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.errors import NotFound
from portal.kernel.shred import read_shred_key
from portal.kernel.site import Site, site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.sequencer import sequence
from portal.ledger.verify import Report, verify_book
from portal.mailbox.reasons import DeclineReason
from portal.retention.models import ShredBatch, ShredItem
from portal.tips import reporter
from portal.tips.models import Tip
from tests.admin_tips.world import DISTRICT, World, make_world
from tests.conftest import StandingClock

YEARS = 366 * 6
"""Days after which what was not accepted is past its term, and what was closed is not."""


@dataclass
class Archive:
    """The world with its clock, and short words for what tests do with it."""

    world: World
    clock: StandingClock

    @property
    def intake(self) -> Actor:
        return self.world.person(DISTRICT, Role.INTAKE)

    @property
    def archivist(self) -> Actor:
        return self.world.person(DISTRICT, Role.ARCHIVIST)

    @property
    def head(self) -> Actor:
        return self.world.person(DISTRICT, Role.HEAD)

    @property
    def office(self) -> Id:
        return self.world.offices[DISTRICT].id

    def declined(self, **given: Any) -> str:
        """A report that was opened and not accepted."""
        number = self.world.report(**given)
        with self.world.at(number, self.intake) as (session, tip, keys):
            record_reading(session, tip, self.intake, now())
            triage.decline(session, tip, DeclineReason.NO_FACTS, "没有线索（虚构）", self.intake, now(), keys)
        return number

    def later(self, days: int = YEARS) -> None:
        """Time goes by, and every entry gets its place."""
        self.clock.advance(days=days)
        self.place()

    def place(self) -> None:
        """What the worker does before anything else: the book takes in what waits."""
        with transaction() as session:
            while sequence(session, now()):
                pass

    def proposed(self) -> Id:
        with transaction() as session:
            return propose(session, self.office, self.archivist, now()).id

    def approved(self) -> Id:
        """A batch of all that is due, on which two people agreed."""
        batch = self.proposed()
        with transaction() as session:
            approve(session, batch, self.head, now())
        self.place()
        return batch

    def shred(self) -> int:
        """One call of the worker's sweep."""
        return shred_approved(now())

    def destroy_all_due(self) -> Id:
        batch = self.approved()
        self.shred()
        self.place()
        return batch

    def batch(self, batch: Id) -> ShredBatch:
        with reading() as session:
            return session.get_one(ShredBatch, batch)

    def items(self, batch: Id) -> dict[str, ShredItem]:
        """By number of the report."""
        with reading() as session:
            query = select(Tip.number, ShredItem).join(Tip, Tip.id == ShredItem.tip_id)
            return {row.number: row.ShredItem for row in session.execute(query.where(ShredItem.batch_id == batch))}

    def has_key(self, number: str) -> bool:
        try:
            read_shred_key(self.world.tip(number).id)
        except NotFound:
            return False
        return True

    def opens(self, number: str) -> bool:
        """Whether the reporter's code opens it, with its words."""
        code = self.world.mailboxes[number]
        with reading() as session:
            try:
                seen = reporter.view(session, reporter.open_own(session, code.tag, code.mailbox))
            except NotFound:
                return False
        return bool(seen.report.words)

    def book(self) -> Report:
        """The whole book, checked."""
        with reading() as session:
            return verify_book(session, site().checkpoint_vkey)

    def destroyed_on(self, number: str) -> date | None:
        return self.world.tip(number).destroyed_on


@pytest.fixture
def archive(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Archive:
    """Monday, 28 September 2026."""
    return Archive(make_world(database, checkpoint_key[0]), clock)
