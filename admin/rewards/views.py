"""Pages of rewards: the list, one reward, proposing, deciding, answering a review, taking back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.rewards import deciding, proposing, queries, wording
from admin.rewards.acts import acts
from admin.rewards.budgeting import fit
from admin.rewards.forms import WORDS_LIMIT, PayeeForm, ProposeForm, RecoverForm
from admin.rewards.proposing import Work
from admin.rewards.reckoning import Reckoned, main_of, reckon, rule_of
from admin.staff.roles import Permission
from admin.tips.casework import find, locked
from admin.tips.reading import keys_for, mailbox_of
from admin.tips.triage import record_reading
from admin.web.guard import SignedIn, current_staff, needs
from admin.web.stepup import Asked, ask_factor
from portal.kernel.clock import now, today
from portal.kernel.errors import DomainError, IllegalMove, NotAllowed, NotFound, Refused, Unavailable
from portal.kernel.transaction import reading, transaction
from portal.mailbox.reasons import RecoveryReason, reason_words
from portal.rewards.claim_queries import reward_of
from portal.rewards.claiming import locked_reward, take_claim
from portal.rewards.claims import Kind
from portal.rewards.states import RewardState
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys

Page = Asked | Response
_SHOWN_ABOVE_THE_FORM = (Refused, NotAllowed, IllegalMove, NotFound, Unavailable)
DECISIONS = {
    "approve": ("批准", deciding.approve),
    "send-back": ("退回", deciding.send_back),
}
REVIEWS = {"uphold": ("复核后维持原决定", True), "look-again": ("复核后重新审查", False)}

blueprint = Blueprint("rewards", __name__, url_prefix="/rewards")


@blueprint.get("/")
@needs(Permission.READ_TIP)
def index() -> str:
    """What waits for this person, or everything."""
    me, show = current_staff(), request.args.get("show", "todo")
    show = show if show in ("todo", "open", "all") else "todo"
    with reading() as session:
        found, count = queries.lines(session, me.actor, queries.shown_states(show, me.actor))
    return render_template("reward/index.html", lines=found, count=count, show=show, today=today(), w=wording)


@blueprint.get("/<number>/")
@needs(Permission.READ_TIP)
def case(number: str) -> str:
    """One reward: what it rests on, what was proposed, what may be done. The reading is recorded first."""
    me = current_staff()
    _record_reading(me, number)
    with reading() as session:
        tip, reward = _found(session, me, number)
        keys = _keys(session, me, tip)
        given = queries.proposals_of(session, tip, keys, me.actor)
        history = queries.history_of(session, tip)
        mailbox = mailbox_of(session, tip) is not None
        own = bool(given) and given[0].own
        can = acts(RewardState(reward.state), me.actor, tip.office_id, own=own, mailbox=mailbox)
        asked = given[0].row.amount_fen if can.decide and given else 0
        budget = fit(session, tip.office_id, today().year, asked) if asked and given[0].row.kind == Kind.GIVE else None
    return render_template(
        "reward/case.html", tip=tip, reward=reward, proposals=given, history=history, can=can, own=own,
        mailbox=mailbox, budget=budget, reason_words=reason_words, w=wording,
    )  # fmt: skip


@blueprint.route("/<number>/propose/", methods=["GET", "POST"])
@needs(Permission.PROPOSE)
def propose(number: str) -> Page:
    """The figure as it comes out, what is left open, and the proposal."""
    me, form, status = current_staff(), ProposeForm(), 200
    _record_reading(me, number)
    found, refused = None, ""
    with reading() as session:
        tip, reward = _found(session, me, number)
        me.actor.must(Permission.PROPOSE, tip.office_id)
        form.prepare(_rule_or_none(session, tip))
        valid = form.validate_on_submit() if form.is_submitted() else True
        if valid:
            found, refused = _reckoned(session, me, tip, form)
    if form.is_submitted() and valid and found is not None and request.form.get("do") == "propose":
        try:
            _propose(me, number, form)
            return redirect(url_for("rewards.case", number=number), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template(
        "reward/propose.html", tip=tip, reward=reward, form=form, found=found, refused=refused, limit=WORDS_LIMIT,
        reason_words=reason_words, w=wording,
    )  # fmt: skip
    return page, 400 if form.errors and status == 200 else status


def _rule_or_none(session: Session, tip: Tip) -> Any:
    try:
        return rule_of(session, main_of(session, tip), today())
    except Refused:
        return None


def _reckoned(session: Session, me: SignedIn, tip: Tip, form: ProposeForm) -> tuple[Reckoned | None, str]:
    main_keys = _keys(session, me, main_of(session, tip))
    try:
        return reckon(session, tip, main_keys, form.to_choices(), today()), ""
    except Refused as error:
        return None, error.message


def _propose(me: SignedIn, number: str, form: ProposeForm) -> None:
    with transaction() as session:
        work = _work(session, me, number)
        proposing.propose(session, work, form.to_choices(), form.why.data or "", me.actor, now())


@blueprint.post("/<number>/decide/<answer>/")
@needs(Permission.REVIEW_REWARD)
def decide(number: str, answer: str) -> Page:
    """The second person agrees, or sends it back; with a fresh second factor."""
    if answer not in DECISIONS:
        raise NotFound("no_page", "没有这个页面。")
    words, verb = DECISIONS[answer]
    me = current_staff()
    _must_review(me, number)
    asked = ask_factor(f"{words}举报 {number} 的奖励意见", url_for("rewards.case", number=number))
    if asked is not None:
        return asked
    with transaction() as session:
        verb(session, _work(session, me, number), me.actor, now())
    return redirect(url_for("rewards.case", number=number), 303)


@blueprint.post("/<number>/review/<answer>/")
@needs(Permission.REVIEW_REWARD)
def review(number: str, answer: str) -> Page:
    """A third person answers the reporter's request for a review."""
    if answer not in REVIEWS:
        raise NotFound("no_page", "没有这个页面。")
    words, uphold = REVIEWS[answer]
    me = current_staff()
    _must_review(me, number)
    asked = ask_factor(f"{words}：举报 {number} 的奖励", url_for("rewards.case", number=number))
    if asked is not None:
        return asked
    with transaction() as session:
        deciding.answer_review(session, _work(session, me, number), uphold, me.actor, now())
    return redirect(url_for("rewards.case", number=number), 303)


@blueprint.post("/<number>/told/")
@needs(Permission.PROPOSE)
def told(number: str) -> Page:
    """A reporter without a code was told by telephone or letter."""
    me = current_staff()
    with transaction() as session:
        deciding.record_told(session, _work(session, me, number), me.actor, now())
    return redirect(url_for("rewards.case", number=number), 303)


@blueprint.route("/<number>/claim/", methods=["GET", "POST"])
@needs(Permission.PROPOSE)
def claim(number: str) -> Page:
    """Whom to pay, told by a reporter without a code. Sealed to the payment board at once."""
    me, form, status = current_staff(), PayeeForm(), 200
    with reading() as session:
        tip, reward = _found(session, me, number)
        me.actor.must(Permission.PROPOSE, tip.office_id)
        if mailbox_of(session, tip) is not None:
            raise Refused("by_code", "举报人有回执码，由举报人自己领取。")
    if form.validate_on_submit():
        try:
            with transaction() as session:
                work = _work(session, me, number)
                take_claim(session, work.case, work.tip, form.to_payee(), me.actor, now())
            return redirect(url_for("rewards.case", number=number), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template("reward/claim.html", tip=tip, reward=reward, form=form, w=wording)
    return page, 400 if form.errors and status == 200 else status


@blueprint.route("/<number>/recover/", methods=["GET", "POST"])
@needs(Permission.PROPOSE)
def recover(number: str) -> Page:
    """Propose to take back what was paid."""
    me, form, status = current_staff(), RecoverForm(), 200
    with reading() as session:
        tip, reward = _found(session, me, number)
        me.actor.must(Permission.PROPOSE, tip.office_id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                reason = RecoveryReason(form.reason.data)
                proposing.propose_recovery(session, _work(session, me, number), reason, form.why.data, me.actor, now())
            return redirect(url_for("rewards.case", number=number), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template("reward/recover.html", tip=tip, reward=reward, form=form, limit=WORDS_LIMIT, w=wording)
    return page, 400 if form.errors and status == 200 else status


def _must_review(me: SignedIn, number: str) -> None:
    """Before a second factor is asked for: this person decides on rewards of that office."""
    with reading() as session:
        tip, _reward = _found(session, me, number)
        me.actor.must(Permission.REVIEW_REWARD, tip.office_id)


def _found(session: Session, me: SignedIn, number: str) -> tuple[Tip, Any]:
    tip = find(session, number, me.actor)
    reward = reward_of(session, tip.id)
    if reward is None:
        raise NotFound("no_reward", "这份举报没有奖励可以办理。")
    return tip, reward


def _work(session: Session, me: SignedIn, number: str) -> Work:
    tip = locked(session, number, me.actor)
    main = main_of(session, tip)
    return Work(tip, locked_reward(session, tip), _keys(session, me, tip), _keys(session, me, main))


def _keys(session: Session, me: SignedIn, tip: Tip) -> ReportKeys:
    return keys_for(session, tip, me.office_key(tip.office_id, session))


def _record_reading(me: SignedIn, number: str) -> None:
    with transaction() as session:
        record_reading(session, locked(session, number, me.actor), me.actor, now())


def _above(form: Any, error: DomainError) -> int:
    form.form_errors.append(error.message)
    return 422
