"""Closed cases that found something, over the world of casework, on each database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from admin.exposures.recording import record_case
from admin.staff.roles import Role
from admin.tips import decisions, proposals, triage
from admin.tips.reading import keys_for
from portal.directory.models import Institution
from portal.exposures.record import CaseRecord
from portal.exposures.records_kept import KeptRecord, versions_of
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.mailbox.reasons import Closing, Outcome
from portal.tips.models import Proposal
from portal.tips.states import Action
from tests.admin_tips.world import DISTRICT, World, found, make_world
from tests.conftest import StandingClock


@dataclass
class Docket:
    """The people of one office around a closed case."""

    world: World

    @property
    def handler(self) -> Actor:
        return self.world.person(DISTRICT, Role.HANDLER)

    @property
    def editor(self) -> Actor:
        return self.world.person(DISTRICT, Role.EDITOR)

    @property
    def publisher(self) -> Actor:
        return self.world.person(DISTRICT, Role.PUBLISHER)

    def decided(self, **report: Any) -> str:
        """A report with a decision; its number. *report*: of :meth:`tests.admin_tips.world.World.report`."""
        number, world = self.world.report(**report), self.world
        head = world.person(DISTRICT, Role.HEAD)
        with world.at(number, self.handler) as (session, tip, _):
            triage.record_reading(session, tip, self.handler, now())
        world.do(number, triage.accept, by=world.person(DISTRICT, Role.INTAKE))
        world.do(number, proposals.propose, Action.FILE, "", "够了（虚构）。", by=self.handler)
        with world.at(number, head) as (session, tip, keys):
            asked = session.scalars(select(Proposal.id).where(Proposal.tip_id == tip.id)).one()
            proposals.approve(session, tip, asked, head, now(), keys)
        what = {"findings": found(fine_fen=10_000_000)}
        world.do(number, decisions.decide, Outcome.PENALTY, "处罚（虚构）。", by=self.handler, **what)
        return number

    def closed(self, how: Closing = Closing.PERFORMED, **report: Any) -> str:
        """The same, closed."""
        number = self.decided(**report)
        self.world.do(number, decisions.close, how, "", by=self.handler)
        return number

    def recorded(self, record: CaseRecord, why: str = "", number: str = "") -> str:
        """The same with a record."""
        number = number or self.closed()
        self.world.do(number, record_case, record, by=self.handler, why=why)
        return number

    def versions(self, number: str) -> list[KeptRecord]:
        tip = self.world.tip(number)
        with reading() as session:
            return versions_of(session, tip, keys_for(session, tip, self.world.keys[tip.office_id]))

    def judge(self, number: str, verb: Any, *args: Any, by: Actor | None = None) -> Any:
        """A verb of somebody who opens drafts and no reports."""
        tip = self.world.tip(number)
        with transaction() as session:
            return verb(session, tip, *args, by or self.publisher, now(), self.world.keys_of(session, tip))


def make_docket(world: World) -> Docket:
    """The office of the district, with one invented hospital in the register."""
    with transaction() as session:
        session.add(Institution(code="H32010400001", name="演示第一医院", kind="hospital", region="320104"))
    return Docket(world)


@pytest.fixture
def docket(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Docket:
    """Monday, 28 September 2026; one hospital in the register."""
    return make_docket(make_world(database, checkpoint_key[0]))


@pytest.fixture
def reader(public_app: Flask) -> FlaskClient:
    """Somebody who reads the public site and keeps no cookie."""
    return public_app.test_client(use_cookies=False)
