"""What the pages of rewards show. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from admin.staff.models import Staff
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.tips.casework import own_offices
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.rewards.claim_models import RewardCase, RewardProposal, RewardStep
from portal.rewards.claim_queries import steps_of
from portal.rewards.claims import Kind, ProposalState, Record
from portal.rewards.record import open_record
from portal.rewards.states import ENDED, RewardState
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys, open_words

PAGE = 100
TO_PROPOSE = (RewardState.REVIEW, RewardState.DECIDED)
TO_DECIDE = (
    RewardState.PROPOSED,
    RewardState.FIGURE_REVIEW,
    RewardState.REFUSAL_REVIEW,
    RewardState.RECOVERING,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A reward in the list."""

    case: RewardCase
    tip: Tip
    office: str


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal as it is read: ``record`` and ``words`` opened, who, and whether it is the reader's own."""

    row: RewardProposal
    record: Record | None = field(repr=False)
    words: str = field(repr=False)
    by: str
    decider: str
    own: bool


def todo_of(actor: Actor) -> tuple[RewardState, ...]:
    """The states in which this person may have something to do."""
    proposes = TO_PROPOSE if actor.offices_with(Permission.PROPOSE) else ()
    decides = TO_DECIDE if actor.offices_with(Permission.REVIEW_REWARD) else ()
    return proposes + decides


def lines(session: Session, actor: Actor, states: Collection[RewardState]) -> tuple[list[Line], int]:
    """The rewards of the person's offices in these states, what is due first; and how many there are in all.

    Never one for a report about an office of theirs.
    """
    where = _listed(actor, states)
    last = func.coalesce(RewardCase.due_on, RewardCase.claim_until, RewardCase.opened_on)
    found = (
        select(RewardCase, Tip, Office.name)
        .join(Tip, Tip.id == RewardCase.tip_id)
        .join(Office, Office.id == Tip.office_id)
        .where(*where)
        .order_by(last, RewardCase.tip_id)
        .limit(PAGE)
    )
    return [Line(*row) for row in session.execute(found)], count(session, actor, states)


def count(session: Session, actor: Actor, states: Collection[RewardState]) -> int:
    """How many rewards :func:`lines` has in all."""
    wanted = select(func.count()).select_from(RewardCase).join(Tip, Tip.id == RewardCase.tip_id)
    return session.scalar(wanted.where(*_listed(actor, states))) or 0


def _listed(actor: Actor, states: Collection[RewardState]) -> tuple[ColumnElement[bool], ...]:
    held = func.coalesce(Tip.office_id, Tip.office_id)  # not by the index of an office's reports: rewards are few
    return (
        held.in_(actor.offices_with(Permission.READ_TIP)),
        or_(Tip.against_office_id.is_(None), Tip.against_office_id.not_in(own_offices(actor))),
        Tip.destroyed_on.is_(None),
        RewardCase.state.in_([state.value for state in states]),
    )


def shown_states(show: str, actor: Actor) -> tuple[RewardState, ...]:
    """What a filter stands for: what this person may do something about, what is under way, or all."""
    if show == "todo":
        return todo_of(actor)
    return tuple(state for state in RewardState if show == "all" or state not in ENDED)


def proposals_of(session: Session, tip: Tip, keys: ReportKeys, actor: Actor) -> list[ProposalView]:
    """All that was proposed, the last first. Raises crypto errors when a byte was changed underneath."""
    rows = session.scalars(
        select(RewardProposal).where(RewardProposal.tip_id == tip.id).order_by(RewardProposal.turn.desc())
    ).all()
    people = names(session, {person for row in rows for person in (row.proposed_by, row.decided_by) if person})
    return [
        ProposalView(
            row,
            open_record(row) if row.kind != Kind.RECOVER else None,
            open_words(row.words, keys, row.id) if row.words else "",
            people.get(row.proposed_by, ""),
            people.get(row.decided_by, "") if row.decided_by else "",
            row.state == ProposalState.OPEN and is_own(session, row.proposed_by, actor),
        )
        for row in rows
    ]


def history_of(session: Session, tip: Tip) -> list[tuple[RewardStep, str]]:
    """Every step with the name of whoever made it; "" for the reporter and the system."""
    steps = steps_of(session, tip.id)
    people = names(session, {step.actor_id for step in steps if step.actor_id})
    return [(step, people.get(step.actor_id, "") if step.actor_id else "") for step in steps]


def names(session: Session, ids: Collection[Id]) -> Mapping[Id, str]:
    """Shown names of people."""
    return {row.id: row.name for row in session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))}
