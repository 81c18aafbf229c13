"""One disclosure as its page shows it: figures old and new, checks and what was said of them, history, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from admin.disclosures import kept
from admin.disclosures.publishing import is_another
from admin.disclosures.wording import VERDICTS, beside, moved, told
from admin.staff.models import Staff
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.disclosures.checks import Check
from portal.disclosures.models import Disclosure, DisclosureRow, DisclosureStep, PublishedDisclosure, PublishedFigure
from portal.disclosures.states import DisclosureAction, DisclosureState, disclosure_actions_from
from portal.disclosures.values import Figure
from portal.kernel.actors import Actor
from portal.kernel.values import Id

ROWS = 100
"""Figures on one page."""
_OF_WHOM = {
    DisclosureAction.REPLACE: Permission.EDIT_DISCLOSURE,
    DisclosureAction.EXPLAIN: Permission.EDIT_DISCLOSURE,
    DisclosureAction.CHECK: Permission.EDIT_DISCLOSURE,
    DisclosureAction.DROP: Permission.EDIT_DISCLOSURE,
    DisclosureAction.SEND_BACK: Permission.PUBLISH_DISCLOSURE,
    DisclosureAction.APPROVE: Permission.PUBLISH_DISCLOSURE,
    DisclosureAction.PUBLISH: Permission.PUBLISH_DISCLOSURE,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A figure in words; ``old``: the amount that is, or was, published before it, "" for none.

    ``beside``: what else is published with it, ``moved``: what of that is another than before.
    """

    position: int
    words: Mapping[str, str]
    old: str
    beside: Mapping[str, str]
    moved: Sequence[str]


@dataclass(frozen=True, slots=True)
class Whole:
    """All that the page of one disclosure shows. ``own``: this person brought figures of it."""

    row: Disclosure
    office: str
    figures: Sequence[Told]
    page: int
    pages: int
    checks: Sequence[Check]
    said: Mapping[str, str]
    steps: Sequence[tuple[DisclosureStep, str]]
    actions: frozenset[str]
    own: bool

    @property
    def differing(self) -> list[Check]:
        """Checks that have to be explained, those first that nobody has explained."""
        return sorted((one for one in self.checks if one.explain), key=lambda one: one.id in self.said)

    @property
    def tally(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """:func:`tally` of its checks."""
        return tally(self.checks)

    @property
    def unexplained(self) -> int:
        """How many of them nobody has explained."""
        return sum(one.id not in self.said for one in self.differing)


def whole(session: Session, disclosure_id: Id, actor: Actor, page: int) -> Whole:
    """The disclosure with the figures of one page. NotFound when it is none of this person's."""
    row = kept.shown(session, disclosure_id, actor)
    published = row.code is not None
    rows = [] if published else kept.rows_of(session, row)
    pages = max(1, -(-row.rows // ROWS))
    page = min(max(page, 1), pages)
    begin = (page - 1) * ROWS
    figures = _published(session, row, begin) if published else _waiting(session, rows[begin : begin + ROWS])
    return Whole(
        row=row, office=session.get_one(Office, row.office_id).name, figures=figures, page=page, pages=pages,
        checks=kept.checks_of(session, [one.figure for one in rows]), said=kept.explanations_of(row),
        steps=_steps(session, row), actions=_actions(session, row, actor),
        own=actor.may(Permission.PUBLISH_DISCLOSURE, row.office_id) and not is_another(session, row, actor),
    )  # fmt: skip


def tally(checks: Sequence[Check]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Name of a check → how often each verdict, those that differ first."""
    counted = Counter((one.name, one.verdict) for one in checks)
    names = dict.fromkeys(one.name for one in checks)
    order = list(VERDICTS)[::-1]
    return [(name, [(one, counted[name, one]) for one in order if counted[name, one]]) for name in names]


def _waiting(session: Session, rows: Sequence[DisclosureRow]) -> list[Told]:
    newest = kept.newest_of(session, [one.figure.series.code for one in rows])
    found = []
    for row in rows:
        figure = row.figure
        old = newest.get(figure.series.code)
        found.append(_told(row.position, figure, old.figure if old else None))
    return found


def _told(position: int, figure: Figure, old: Figure | None) -> Told:
    return Told(position, told(figure), told(old)["amount"] if old else "", beside(figure), moved(figure, old))


def _published(session: Session, row: Disclosure, begin: int) -> list[Told]:
    """Those that it brought, with what stood there before each."""
    before = aliased(PublishedFigure)
    wanted = (
        select(PublishedFigure, before)
        .join(PublishedDisclosure, PublishedDisclosure.id == PublishedFigure.disclosure_id)
        .outerjoin(before, (before.code == PublishedFigure.code) & (before.version == PublishedFigure.version - 1))
        .where(PublishedDisclosure.code == row.code)
        .order_by(PublishedFigure.region, PublishedFigure.place, PublishedFigure.end_on, PublishedFigure.code)
    )
    shown = session.execute(wanted.offset(begin).limit(ROWS))
    return [_told(at, one.figure, old.figure if old else None) for at, (one, old) in enumerate(shown, begin + 1)]


def _steps(session: Session, row: Disclosure) -> list[tuple[DisclosureStep, str]]:
    wanted = select(DisclosureStep, func.coalesce(Staff.name, "")).outerjoin(Staff, Staff.id == DisclosureStep.actor_id)
    of_it = wanted.where(DisclosureStep.disclosure_id == row.id).order_by(DisclosureStep.position)
    return [(step, who) for step, who in session.execute(of_it)]


def _actions(session: Session, row: Disclosure, actor: Actor) -> frozenset[str]:
    """What the table and this person's permissions allow together."""
    able = disclosure_actions_from(DisclosureState(row.state))
    other = is_another(session, row, actor)
    return frozenset(
        one.value
        for one in able
        if actor.may(_OF_WHOM[one], row.office_id) and (other or _OF_WHOM[one] is Permission.EDIT_DISCLOSURE)
    )
