"""Reads of the dashboard: clear columns only, no key, and never a report about an office of the reader."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips.branches import outside_accused, scope_of
from portal.custody.models import IdentityRequest
from portal.custody.states import LIVE
from portal.disclosures.models import Disclosure
from portal.disclosures.states import DisclosureState
from portal.kernel.actors import Actor
from portal.tips.models import Proposal, Tip

PAGE = 100


def proposals(session: Session, actor: Actor) -> Sequence[tuple[Proposal, Tip]]:
    """Proposals on reports that wait for the decision of *actor*: never their own, the oldest first."""
    wanted = (
        select(Proposal, Tip)
        .join(Tip, Tip.id == Proposal.tip_id)
        .where(
            Proposal.office_id.in_(actor.offices_with(Permission.APPROVE)),
            Proposal.state == "open",
            Proposal.proposed_by != actor.id,
            Tip.office_id.in_(actor.offices_with(Permission.READ_QUEUE)),
            *outside_accused(scope_of(actor)),
        )
        .order_by(Proposal.proposed_on, Proposal.id)
        .limit(PAGE)
    )
    return [(proposal, tip) for proposal, tip in session.execute(wanted)]


def openings(session: Session, actor: Actor) -> Sequence[tuple[IdentityRequest, Tip]]:
    """Identities that *actor* asked to open, as long as anything can still happen; what ends first on top."""
    wanted = (
        select(IdentityRequest, Tip)
        .join(Tip, Tip.id == IdentityRequest.tip_id)
        .where(
            IdentityRequest.office_id.in_(actor.offices_with(Permission.ASK_IDENTITY)),
            IdentityRequest.asked_by == actor.id,
            IdentityRequest.state.in_([one.value for one in LIVE]),
            Tip.office_id.in_(actor.offices_with(Permission.ASK_IDENTITY)),
            *outside_accused(scope_of(actor)),
        )
        .order_by(IdentityRequest.expires_on, IdentityRequest.id)
        .limit(PAGE)
    )
    return [(request, tip) for request, tip in session.execute(wanted)]


def disclosures(session: Session, actor: Actor) -> int:
    """How many fund accounts wait for *actor*: drafts of their offices, and what somebody else had checked."""
    wanted = select(func.count()).where(
        or_(
            and_(
                Disclosure.office_id.in_(actor.offices_with(Permission.EDIT_DISCLOSURE)),
                Disclosure.state == DisclosureState.DRAFT.value,
            ),
            and_(
                Disclosure.office_id.in_(actor.offices_with(Permission.PUBLISH_DISCLOSURE)),
                Disclosure.state.in_((DisclosureState.CHECKED.value, DisclosureState.APPROVED.value)),
                Disclosure.made_by != actor.id,
            ),
        )
    )
    return session.scalar(wanted) or 0
