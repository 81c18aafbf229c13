"""An office that tells others how they were evaluated, over the world of casework."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from admin.evaluation import circulating
from admin.exposures import circularqueries
from admin.exposures.delivering import find, sign
from admin.staff.roles import Role
from portal.exposures.circular_sheets import EvaluationSheet
from portal.exposures.models import Circular
from portal.kernel.actors import Actor, ActorKind
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from portal.statistics.evaluation import Period
from tests.admin_tips.world import CITY, DISTRICT, OTHER, World
from tests.conftest import StandingClock
from tests.dashboard.test_dashboard import fill

QUARTER = Period(2026, 3)
OCTOBER = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
"""The third quarter is over."""


@dataclass
class Teller:
    """The people of the city's office."""

    world: World

    @property
    def accountant(self) -> Actor:
        return self.world.person(CITY, Role.FUND_ACCOUNTANT)

    @property
    def head(self) -> Actor:
        return self.world.person(CITY, Role.HEAD)

    @property
    def office(self) -> Id:
        return self.world.offices[CITY].id

    def proposed(self, *to: str, words: str = "", by: Actor | None = None, **given: Any) -> str:
        """The number of a circular that waits for the second person."""
        chosen = [self.world.offices[one].id for one in to or (DISTRICT, OTHER)]
        period, answered = given.get("period", QUARTER), given.get("answered", ())
        with transaction() as session:
            who = by or self.accountant
            return circulating.propose(session, self.office, period, words, chosen, answered, who, now()).number

    def do(self, number: str, verb: Any, *args: Any, by: Actor | None = None) -> None:
        who = by or self.head
        with transaction() as session:
            verb(session, circulating.locked(session, number, who), *args, who, now())

    def mark(self, number: str) -> str:
        with reading() as session:
            return circulating.mark(session, self.row(number))

    def send(self, number: str, seen: str = "", by: Actor | None = None) -> None:
        self.do(number, circulating.send, seen or self.mark(number), by=by)

    def sent(self, *to: str, **given: Any) -> str:
        number = self.proposed(*to, **given)
        self.send(number)
        return number

    def row(self, number: str) -> Circular:
        with reading() as session:
            return session.scalars(select(Circular).where(Circular.number == number)).one()


def teller(world: World, clock: StandingClock) -> Teller:
    """12 October 2026; the districts have reports of the quarter that is over, one of them few."""
    world.report()
    fill(world, DISTRICT, 90)
    fill(world, OTHER, 12)
    clock.set(OCTOBER)
    return Teller(world)


def waiting(world: World) -> str:
    """A circular on the quarter before, which somebody of the district proposed; its number."""
    with transaction() as session:
        by, to = world.person(DISTRICT, Role.FUND_ACCOUNTANT), world.offices[CITY].id
        home, period = world.offices[DISTRICT].id, Period(2026, 2)
        return circulating.propose(session, home, period, "", [to], (), by, now()).number


def signs(number: str, reader: Actor) -> int:
    """How many receipts it made."""
    with transaction() as session:
        circular, copies = find(session, number, reader)
        return sign(session, circular, [one.office_id for one in copies], reader, now())


def text_for(number: str, reader: Actor) -> EvaluationSheet:
    """What somebody of an office that got a copy reads."""
    with reading() as session:
        circular, _copies = find(session, number, reader)
        return circularqueries.fixed(session, circular)


def booked(number: str) -> list[str]:
    """The kinds of what the book has of it."""
    with reading() as session:
        return sorted(session.scalars(select(LedgerEntry.kind).where(LedgerEntry.subject == number)))


def both(one: Actor, other: Actor) -> Actor:
    """*one* with the permissions of *other* besides."""
    held = {office: one.permissions.get(office, frozenset()) | has for office, has in other.permissions.items()}
    return Actor(ActorKind.STAFF, one.id, one.name, held)
