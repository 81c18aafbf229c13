"""What a disclosure holds and what is published already: read-only questions of the verbs and pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from admin.staff.roles import Permission
from portal.disclosures.checks import Check, check_all
from portal.disclosures.models import Disclosure, DisclosureRow, DisclosureStep, PublishedFigure
from portal.disclosures.states import DisclosureState
from portal.disclosures.values import Figure
from portal.kernel.actors import Actor
from portal.kernel.errors import NotFound
from portal.kernel.values import Id

_AT_ONCE = 500
MAY_SEE = (Permission.READ_DISCLOSURE, Permission.EDIT_DISCLOSURE, Permission.PUBLISH_DISCLOSURE)


def offices_of(actor: Actor) -> set[Id]:
    """Offices whose fund accounts this person works on."""
    return {office for permission in MAY_SEE for office in actor.offices_with(permission)}


def disclosures_of(session: Session, actor: Actor, limit: int = 200) -> list[Disclosure]:
    """Those of this person's offices, what is under way first, then the newest."""
    wanted = select(Disclosure).where(Disclosure.office_id.in_(offices_of(actor)))
    over = Disclosure.state.in_((DisclosureState.PUBLISHED, DisclosureState.DROPPED))
    newest = func.coalesce(Disclosure.published_on, Disclosure.made_on).desc()
    return list(session.scalars(wanted.order_by(case((over, 1), else_=0), newest, Disclosure.code.desc()).limit(limit)))


def shown(session: Session, disclosure_id: Id, actor: Actor, *, lock: bool = False) -> Disclosure:
    """One to look at. NotFound when it is none of theirs."""
    found = session.get(Disclosure, disclosure_id, populate_existing=lock, with_for_update=lock)
    if found is None or found.office_id not in offices_of(actor):
        raise NotFound("no_disclosure", "没有找到这份公告。")
    return found


def locked(session: Session, disclosure_id: Id, actor: Actor) -> Disclosure:
    """The same as it is now, locked until the transaction ends."""
    return shown(session, disclosure_id, actor, lock=True)


def rows_of(session: Session, disclosure: Disclosure) -> list[DisclosureRow]:
    """Its figures in the order of the file; none once it is published."""
    wanted = select(DisclosureRow).where(DisclosureRow.disclosure_id == disclosure.id)
    return list(session.scalars(wanted.order_by(DisclosureRow.position)))


def steps_of(session: Session, disclosure: Disclosure) -> list[DisclosureStep]:
    wanted = select(DisclosureStep).where(DisclosureStep.disclosure_id == disclosure.id)
    return list(session.scalars(wanted.order_by(DisclosureStep.position)))


def newest_of(session: Session, codes: Iterable[str]) -> dict[str, PublishedFigure]:
    """The newest published version of each of these codes that has one."""
    found: dict[str, PublishedFigure] = {}
    for some in _some(codes):
        wanted = select(PublishedFigure).where(PublishedFigure.code.in_(some)).order_by(PublishedFigure.version)
        found |= {row.code: row for row in session.scalars(wanted)}
    return found


def around(session: Session, figures: Sequence[Figure]) -> Iterator[Figure]:
    """What is published of the same places in the same years and those beside them: what checks may need."""
    regions = {one.series.region for one in figures}
    years = {one.series.period.end.year + away for one in figures for away in (-1, 0, 1)}
    later = aliased(PublishedFigure)
    follows = select(later.id).where(later.code == PublishedFigure.code, later.version > PublishedFigure.version)
    for some in _some(sorted(regions)):
        wanted = select(PublishedFigure).where(
            PublishedFigure.region.in_(some), PublishedFigure.year.in_(years), ~follows.exists()
        )
        yield from (row.figure for row in session.scalars(wanted))


def checks_of(session: Session, figures: Sequence[Figure]) -> list[Check]:
    """Every check that these figures take part in, among themselves and with what is published."""
    return check_all(figures, around(session, figures))


def explanations_of(disclosure: Disclosure) -> dict[str, str]:
    """Id of a check → what was said of it."""
    return {str(key): str(words) for key, words in json.loads(disclosure.explanations).items()}


def unexplained(disclosure: Disclosure, checks: Iterable[Check]) -> list[Check]:
    """Checks that nobody goes on without explaining, and that nobody has explained."""
    said = explanations_of(disclosure)
    return [one for one in checks if one.explain and not said.get(one.id)]


def next_position(session: Session, disclosure: Disclosure) -> int:
    """The place of the next line of its history."""
    last = select(func.max(DisclosureStep.position)).where(DisclosureStep.disclosure_id == disclosure.id)
    return (session.scalar(last) or 0) + 1


def _some(names: Iterable[str]) -> Iterator[list[str]]:
    """So many at a time as one statement takes."""
    rest = iter(names)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
