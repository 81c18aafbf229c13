"""The own reward behind the code: where it stands, claiming it, giving it up, asking for a review."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for

from portal.followup import visit
from portal.followup.forms import LETTER_LIMIT
from portal.followup.letterviews import opened_view
from portal.followup.rewardforms import ClaimForm, ReviewForm
from portal.followup.rewardwords import asked_here, reward_page
from portal.followup.visit import Page, followup
from portal.kernel.clock import now, today
from portal.kernel.errors import IllegalMove, NotFound, Refused, Unavailable
from portal.kernel.transaction import reading, transaction
from portal.rewards import claiming
from portal.rewards.claim_models import RewardCase
from portal.rewards.claim_queries import reward_of
from portal.rewards.telling_case import Told, open_told
from portal.web.limits import limiter
from portal.web.locale import gettext as _


def _own() -> tuple[RewardCase | None, Told | None]:
    mine, view = opened_view()
    with reading() as session:
        visit.opened(session)
        case = reward_of(session, view.tip.id)
    return case, open_told(case.told, mine.keys) if case is not None and case.told else None


@followup.get("/reward/")
def reward() -> Page:
    """Where the reward stands, with its figure, how that came about, and what may be done."""
    return _page(ReviewForm())


def _page(form: ReviewForm, why: str = "", status: int = 200) -> Page:
    _mine, view = opened_view()
    case, told = _own()
    with reading() as session:
        asked = asked_here(session, view, today())
    page = reward_page(case, told, today()) if case is not None else None
    return render_template(
        "followup/reward.html",
        view=view,
        case=case,
        page=page,
        asked=asked,
        form=form,
        why=why,
        limit=LETTER_LIMIT,
        said=request.args.get("said", ""),
    ), status


@followup.post("/reward/wish/")
@limiter.limit("10/minute")
def wish_reward() -> Page:
    """Say that a reward is wanted."""
    return _done("wished", claiming.wish)


@followup.post("/reward/waive/")
@limiter.limit("10/minute")
def waive_reward() -> Page:
    """Give it up."""
    return _done("waived", claiming.waive)


@followup.post("/reward/review/")
@limiter.limit("10/minute")
def review_reward() -> Page:
    """Ask for the decision to be looked at again."""
    form = ReviewForm(request.form)
    if not form.validate():
        return _page(form, status=400)
    return _done("review", claiming.ask_review, form.text.data or "")


def _done(said: str, verb: object, *args: str) -> Page:
    assert callable(verb)
    try:
        with transaction() as session:
            verb(session, visit.locked(session), *args, now())
    except (Refused, IllegalMove) as error:
        return _page(ReviewForm(), _(error.message), 409)
    return redirect(url_for("followup.reward", said=said), 303)


@followup.route("/reward/claim/", methods=["GET", "POST"])
@limiter.limit("10/minute", methods=["POST"])
def claim_reward() -> Page:
    """Whom to pay. Sealed to the payment board; the form is empty again afterwards."""
    _mine, view = opened_view()
    case, told = _own()
    if case is None:
        raise NotFound("no_reward", "这份举报没有奖励可以办理。")
    shown = reward_page(case, told, today())
    form, status = ClaimForm(request.form if request.method == "POST" else None), 200
    if request.method == "POST" and form.validate():
        try:
            with transaction() as session:
                claiming.claim(session, visit.locked(session), form.to_payee(), now())
            return redirect(url_for("followup.reward", said="claimed"), 303)
        except (Refused, IllegalMove, Unavailable) as error:
            form.form_errors = [_(error.message)]
            status = 503 if isinstance(error, Unavailable) else 409
    with reading() as session:
        asked = asked_here(session, view, today())
    page = render_template("followup/claim.html", form=form, view=view, page=shown, case=case, asked=asked)
    return page, 400 if form.errors and status == 200 else status
