"""What a reporter does about the own reward, behind the receipt code: wish for it, claim, correct, waive, ask again.

``(session, mine, …, now)``: *mine* from a locked mailbox, so that two claims at one moment meet at its row. Whom to pay
is sealed to the payment board by :func:`portal.payments.payees.register`; nothing of it stays here.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.kernel.actors import REPORTER, Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotFound, Refused
from portal.kernel.values import Fen
from portal.mailbox.letters import IN, OUT, LetterBody, post
from portal.mailbox.notices import NoticeKind
from portal.payments.payees import register
from portal.payments.values import Payee
from portal.rewards.claim_models import RewardCase
from portal.rewards.moving import begin, move
from portal.rewards.states import RewardAction, RewardState, next_state
from portal.tips.models import Tip
from portal.tips.reporter import OwnTip

MOST_CORRECTIONS = 1
"""How often an account that the bank sent back can be corrected here; then somebody has to talk."""


def wish(session: Session, mine: OwnTip, now: Utc) -> RewardCase:
    """Say that a reward is wanted: it opens when a loss is found, or within seconds where one was.

    Refused ("withdrawn", "wished" when there is one already).
    """
    if mine.tip.withdrawn_on is not None:
        raise Refused("withdrawn", "这份举报已经撤回，不再发给奖励。")
    if session.get(RewardCase, mine.tip.id) is not None:
        raise Refused("wished", "您已经说过想领奖励。")
    return begin(session, mine.tip, RewardState.WISHED, REPORTER, now)


def claim(session: Session, mine: OwnTip, payee: Payee, now: Utc) -> None:
    """Claim the reward, or correct an account that the bank sent back.

    Refused: "second_claim", "claim_over" once the time has passed, "corrected_already", what a payee is refused for;
    Unavailable where nobody could open the payee. Nothing is stored then.
    """
    case = locked_reward(session, mine.tip)
    if case.state == RewardState.RETURNED and case.returned > MOST_CORRECTIONS:
        raise Refused("corrected_already", "收款信息已经更正过一次，还是没有付成。请写信给办理单位，当面核对。")
    take_claim(session, case, mine.tip, payee, REPORTER, now)
    _notice(session, mine, NoticeKind.REWARD_CLAIMED, now)


def take_claim(session: Session, case: RewardCase, tip: Tip, payee: Payee, actor: Actor, now: Utc) -> None:
    """The same whoever fills in the form: the reporter, or a member of staff beside a reporter without a code."""
    if case.state in (RewardState.CLAIMED, RewardState.PAID):
        raise Refused("second_claim", "这笔奖励已经领取，不能再领一次。")
    next_state(RewardState(case.state), RewardAction.CLAIM)
    if case.claim_until is not None and case.claim_until < day_of(now):
        raise Refused("claim_over", "领取的期限已经过了，视为主动放弃。")
    register(session, case.claim_id, tip.office_id, day_of(now).year, Fen(case.amount_fen), payee, now, actor)
    move(session, case, tip, RewardAction.CLAIM, actor, now)
    case.claim_until = case.review_until = None


def waive(session: Session, mine: OwnTip, now: Utc) -> None:
    """Give it up, in one press. IllegalMove where there is nothing to give up any more."""
    case = locked_reward(session, mine.tip)
    move(session, case, mine.tip, RewardAction.WAIVE, REPORTER, now)
    case.claim_until = case.review_until = case.due_on = None
    _notice(session, mine, NoticeKind.REWARD_WAIVED, now)


def ask_review(session: Session, mine: OwnTip, text: str, now: Utc) -> None:
    """Ask somebody else to look at a refusal or a figure again, once, with reasons or without.

    Refused ("reviewed" the second time, "review_over" after the last day).
    """
    case = locked_reward(session, mine.tip)
    if case.reviewed:
        raise Refused("reviewed", "复核只能申请一次。")
    if case.review_until is None or case.review_until < day_of(now):
        raise Refused("review_over", "申请复核的期限已经过了。")
    move(session, case, mine.tip, RewardAction.ASK_REVIEW, REPORTER, now)
    case.reviewed, case.claim_until, case.review_until = True, None, None
    if text.strip():
        _post(session, mine, IN, LetterBody(text=text.strip()), now)
    _notice(session, mine, NoticeKind.REWARD_REVIEW_ASKED, now)


def locked_reward(session: Session, tip: Tip) -> RewardCase:
    """The reward of a report, locked until the transaction ends. NotFound ("no_reward") where there is none."""
    case = session.get(RewardCase, tip.id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound("no_reward", "这份举报没有奖励可以办理。")
    return case


def _notice(session: Session, mine: OwnTip, kind: NoticeKind, now: Utc) -> None:
    _post(session, mine, OUT, LetterBody(notice=kind), now)


def _post(session: Session, mine: OwnTip, direction: str, body: LetterBody, now: Utc) -> None:
    post(session, mine.mailbox.id, mine.tip.id, mine.number, direction, body, mine.keys.letter, REPORTER, now)
