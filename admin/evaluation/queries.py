"""The table of the evaluation: which offices somebody sees, each rated, and its place. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.evaluation.counting import counts
from admin.staff.queries import offices_below
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.errors import NotFound
from portal.kernel.values import Id
from portal.statistics.evaluation import Evaluation, Period, Version, evaluate, ranks


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """An office in the table; ``rank`` among the ``beside`` offices shown, None without a total or when it is alone."""

    office: Office
    evaluation: Evaluation
    rank: int | None
    beside: int


def table(session: Session, actor: Actor, period: Period, version: Version, today: date) -> list[OfficeLine]:
    """The offices that *actor* may see: their own and all below, never one beside. The best total first, then by
    code."""
    return _rated(session, _offices(session, actor), period, version, today)


def table_of(session: Session, home: Id, period: Period, version: Version, today: date) -> list[OfficeLine]:
    """The same of one office and all below it, whoever asks: what that office tells of them."""
    seen = {home, *offices_below(session).get(home, set())}
    return _rated(session, _by_code(session, seen), period, version, today)


def _rated(
    session: Session, offices: Sequence[Office], period: Period, version: Version, today: date
) -> list[OfficeLine]:
    counted = counts(session, {one.id for one in offices}, period, version, today)
    found = [evaluate(version, counted[one.id]) for one in offices]
    places = ranks([one.total for one in found]) if len(found) > 1 else [None] * len(found)
    lines = [OfficeLine(*one, len(found)) for one in zip(offices, found, places, strict=True)]
    return sorted(lines, key=lambda one: (one.rank is None, one.rank or 0, one.office.code))


def line_of(session: Session, actor: Actor, office: Id, period: Period, version: Version, today: date) -> OfficeLine:
    """One of :func:`table`. NotFound alike for an office that is not there and one that *actor* may not see."""
    for one in table(session, actor, period, version, today):
        if one.office.id == office:
            return one
    raise NotFound("no_office", "没有找到这个单位。")


def _offices(session: Session, actor: Actor) -> Sequence[Office]:
    below, mine = offices_below(session), actor.offices_with(Permission.READ_FIGURES)
    seen = set(mine).union(*(below.get(one, set()) for one in mine))
    return _by_code(session, seen)


def _by_code(session: Session, offices: Collection[Id]) -> Sequence[Office]:
    return session.scalars(select(Office).where(Office.id.in_(offices)).order_by(Office.code)).all()
