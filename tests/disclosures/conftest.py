"""A fund accountant and somebody who approves, over the offices of casework, on each database."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from admin.disclosures import drafting, publishing
from admin.disclosures.drafting import File, Purpose
from admin.disclosures.kept import checks_of, locked, unexplained
from admin.staff.roles import Role
from portal.disclosures.models import Disclosure, PublishedFigure
from portal.disclosures.reading import Line, Reading
from portal.disclosures.values import CorrectionReason, Figure, Kind, Period, Pooling, Series
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from tests.admin_tips.world import CITY, World, make_world
from tests.conftest import StandingClock

NEW = Purpose("2025年收支（虚构）")
CORRECTION = Purpose("更正（虚构）", Kind.CORRECTION, CorrectionReason.MISTYPED, "录入时看错了一位（虚构）。")


def figure(amount: str = "428.10", measure: str = "income", year: int = 2025, **given: Any) -> Figure:
    """An invented figure of the employees' fund of the demonstration city."""
    named = {"region": "320100", "place": "演示市", "pooling": Pooling.CITY, "fund": "employee", "edition": "notice"}
    period = Period(start=date(year, 1, 1), end=date(year, 12, 31))
    about = Series(**{**named, "measure": measure, "period": period, **given.pop("series", {})})
    return Figure(**{"series": about, "amount": amount, "unit": "亿元", "source": "演示公告（虚构）", **given})


def file_of(*figures: Figure, name: str = "演示.csv") -> File:
    """A file that was read without a fault; its rows begin below the heading."""
    said = hashlib.sha256(repr(figures).encode()).hexdigest()
    return File(name, said, Reading(tuple(Line(row, one) for row, one in enumerate(figures, 2)), ()))


@dataclass
class Accounts:
    """The people of one office around its fund accounts."""

    world: World
    home: str = CITY

    @property
    def accountant(self) -> Actor:
        return self.world.person(self.home, Role.FUND_ACCOUNTANT)

    @property
    def publisher(self) -> Actor:
        return self.world.person(self.home, Role.FUND_PUBLISHER)

    @property
    def office(self) -> Id:
        return self.world.offices[self.home].id

    def taken(self, *figures: Figure, purpose: Purpose = NEW, by: Actor | None = None) -> Id:
        """The id of a draft with these figures."""
        who = by or self.accountant
        with transaction() as session:
            return drafting.take_in(session, self.office, file_of(*figures), purpose, who, now()).id

    def do(self, one: Id, verb: Any, *args: Any, by: Actor | None = None) -> Any:
        """A verb of the accountant, or of whoever is named."""
        who = by or self.accountant
        with transaction() as session:
            return verb(session, locked(session, one, who), *args, who, now())

    def row(self, one: Id) -> Disclosure:
        with reading() as session:
            return session.get_one(Disclosure, one)

    def checked(self, *figures: Figure, **given: Any) -> Id:
        """A draft that waits for the second person, everything explained."""
        one = self.taken(*figures, **given)
        with reading() as session:
            asked = [check.id for check in unexplained(self.row(one), checks_of(session, figures))]
        for check_id in asked:
            self.do(one, drafting.explain, check_id, "来源就是这样写的（虚构）。")
        self.do(one, drafting.check)
        return one

    def approved(self, *figures: Figure, **given: Any) -> Id:
        one = self.checked(*figures, **given)
        self.do(one, publishing.approve, self.row(one).mark, by=self.publisher)
        return one

    def published(self, *figures: Figure, **given: Any) -> str:
        """The code under which these figures were published."""
        one = self.approved(*figures, **given)
        code: str = self.do(one, publishing.publish, self.row(one).mark, by=self.publisher).code
        return code


def versions() -> Sequence[tuple[int, str]]:
    """Version and amount of every published figure."""
    with reading() as session:
        wanted = select(PublishedFigure.version, PublishedFigure.amount)
        rows = session.execute(wanted.order_by(PublishedFigure.code, PublishedFigure.version)).all()
        return [(version, amount) for version, amount in rows]


def counted(table: Any) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def accounts(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Accounts:
    """Monday, 28 September 2026; nothing is published."""
    return Accounts(make_world(database, checkpoint_key[0]))
