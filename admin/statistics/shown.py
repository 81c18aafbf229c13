"""One bulletin as its page shows it: what the public will see, its history, what may be done with it by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.statistics import kept
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.statistics.models import Bulletin, BulletinStep
from portal.statistics.showing import Shown, figures
from portal.statistics.states import BulletinAction, BulletinState, bulletin_actions_from
from portal.statistics.wording import office_names

_OF_WHOM: Mapping[BulletinAction, Permission] = {
    BulletinAction.COUNT_AGAIN: Permission.EDIT_BULLETIN,
    BulletinAction.DROP: Permission.EDIT_BULLETIN,
    BulletinAction.SEND_BACK: Permission.PUBLISH_BULLETIN,
    BulletinAction.APPROVE: Permission.PUBLISH_BULLETIN,
    BulletinAction.PUBLISH: Permission.PUBLISH_BULLETIN,
}


@dataclass(frozen=True, slots=True)
class Whole:
    """``own``: this person had it counted and may not decide on it. ``corrects``: it may be said again by this person.
    ``before``: the version that is published now, when this one is not."""

    row: Bulletin
    office: str
    figures: Sequence[Shown]
    most: int
    before: Sequence[Shown]
    steps: Sequence[tuple[BulletinStep, str]]
    actions: frozenset[str]
    own: bool
    corrects: bool


def whole(session: Session, bulletin_id: Id, actor: Actor) -> Whole:
    """The bulletin with everything around it. NotFound when it is none of this person's."""
    row = kept.shown(session, bulletin_id, actor)
    names = office_names(session)
    other = kept.is_another(session, row, actor)
    newest = kept.newest_published(session, row.month)
    return Whole(
        row=row, office=session.get_one(Office, row.office_id).name, figures=figures(row.said, names),
        most=row.said["withheld_from_1_to"],
        before=figures(newest.said, names) if newest is not None and newest.version < row.version else (),
        steps=kept.steps_of(session, row), actions=_actions(row, actor, other),
        own=actor.may(Permission.PUBLISH_BULLETIN, row.office_id) and not other,
        corrects=_corrects(session, row, actor, newest.version if newest is not None else 0),
    )  # fmt: skip


def _actions(row: Bulletin, actor: Actor, other: bool) -> frozenset[str]:
    """What the table and this person's permissions allow together."""
    return frozenset(
        one.value
        for one in bulletin_actions_from(BulletinState(row.state))
        if actor.may(_OF_WHOM[one], row.office_id) and (other or _OF_WHOM[one] is Permission.EDIT_BULLETIN)
    )


def _corrects(session: Session, row: Bulletin, actor: Actor, newest: int) -> bool:
    published = row.state == BulletinState.PUBLISHED.value and row.version == newest
    return published and actor.may(Permission.EDIT_BULLETIN, row.office_id) and not kept.under_way(session, row.month)
