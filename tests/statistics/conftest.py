"""People around the monthly bulletin, over the offices of casework, with a September that is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from admin.audit.checkpoints import make_checkpoint
from admin.staff.roles import Role
from admin.statistics import making
from admin.statistics.kept import locked
from admin.statistics.making import Correction
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.statistics.models import Bulletin, PublishedBulletin
from portal.statistics.values import CorrectionReason, Month
from tests.admin_tips.world import PROVINCE, World, make_world
from tests.conftest import StandingClock

SEPTEMBER = Month(2026, 9)
CORRECTION = Correction(CorrectionReason.RECORD, "有的举报来源登记错了（虚构）。")


def place_all(world: World) -> None:
    """All that waits has its place in the tree, and a published checkpoint covers it."""
    with transaction() as session:
        make_checkpoint(session, world.signer, now(), publish=True)


@dataclass
class Desk:
    """The people of the highest bureau around its bulletins."""

    world: World

    @property
    def maker(self) -> Actor:
        return self.world.person(PROVINCE, Role.FUND_ACCOUNTANT)

    @property
    def approver(self) -> Actor:
        return self.world.person(PROVINCE, Role.FUND_PUBLISHER)

    @property
    def office(self) -> Id:
        return self.world.offices[PROVINCE].id

    def counted(self, month: Month = SEPTEMBER, correction: Correction | None = None, by: Actor | None = None) -> Id:
        """The id of a draft of that month."""
        with transaction() as session:
            return making.generate(session, self.office, month, correction, by or self.maker, now()).id

    def do(self, one: Id, verb: Any, *args: Any, by: Actor | None = None) -> Any:
        """A verb of the second person, or of whoever is named."""
        who = by or self.approver
        with transaction() as session:
            return verb(session, locked(session, one, who), *args, who, now())

    def row(self, one: Id) -> Bulletin:
        with reading() as session:
            return session.get_one(Bulletin, one)

    def approved(self, **given: Any) -> Id:
        one = self.counted(**given)
        self.do(one, making.approve, self.row(one).mark)
        return one

    def published(self, **given: Any) -> PublishedBulletin:
        one = self.approved(**given)
        shown: PublishedBulletin = self.do(one, making.publish, self.row(one).mark)
        return shown


def rows(table: Any) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def desk(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Desk:
    """Seven reports in September 2026; today is 9 October."""
    world = make_world(database, checkpoint_key[0])
    for _ in range(7):
        world.report()
    clock.set(datetime(2026, 10, 9, 2, 0, tzinfo=UTC))
    place_all(world)
    return Desk(world)
