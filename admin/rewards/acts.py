"""What one person may do with one reward now: state, permissions and facts together. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from admin.staff.roles import Permission
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.rewards.states import RewardState

_S = RewardState


@dataclass(frozen=True, slots=True)
class Acts:
    """What the page offers."""

    propose: bool
    decide: bool
    review: bool
    tell: bool
    claim: bool
    recover: bool


def acts(state: RewardState, actor: Actor, office: Id, *, own: bool, mailbox: bool) -> Acts:
    """*own*: this person proposed what waits; *mailbox*: the reporter has a code and does the rest alone."""
    proposes, decides = actor.may(Permission.PROPOSE, office), actor.may(Permission.REVIEW_REWARD, office)
    return Acts(
        propose=proposes and state is _S.REVIEW,
        decide=decides and not own and state in (_S.PROPOSED, _S.RECOVERING),
        review=decides and state in (_S.FIGURE_REVIEW, _S.REFUSAL_REVIEW),
        tell=proposes and state is _S.DECIDED,
        claim=proposes and not mailbox and state in (_S.NOTIFIED, _S.RETURNED),
        recover=proposes and state is _S.PAID,
    )
