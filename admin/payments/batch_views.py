"""Pages of payments: what waits, batches and the bank's answer, budgets. Nobody's name is on any of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.payments import answering, batches, budgeting, queries, wording
from admin.payments.answering import AnswerFile, FaultyAnswer
from admin.payments.forms import AnswerForm, BudgetForm
from admin.staff.queries import offices_where
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from admin.web.stepup import Asked, ask_factor, take_factor
from portal.attachments.upload import take_in_clear
from portal.directory.institutions import RowError
from portal.kernel.clock import now, today
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused, Throttled
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.payments.answers import MOST_LINES
from portal.payments.batching import MOST_IN_BATCH, WARN_PERCENT, BudgetReason
from portal.payments.values import parse_payment_number
from portal.web.fields import options

Page = Asked | Response
_SHOWN_ABOVE_THE_FORM = (Refused, NotAllowed, IllegalMove, NotFound, Throttled)

blueprint = Blueprint("payments", __name__, url_prefix="/payments")
blueprint.record_once(lambda state: take_in_clear(cast(Flask, state.app), "payments.answer"))


@blueprint.get("/")
@needs(Permission.PAY_REWARD)
def index() -> str:
    """What waits by office and year, how the budgets stand, and the batches."""
    year = today().year
    with reading() as session:
        offices = offices_where(session, current_staff().actor, Permission.PAY_REWARD)
        waiting = queries.waiting(session, offices)
        budgets = queries.budgets(session, offices, sorted({year, *(one.year for one in waiting)}))
        made = queries.batches(session, offices)
    return render_template(
        "payments/index.html", waiting=waiting, budgets=budgets, batches=made, most=MOST_IN_BATCH, warn=WARN_PERCENT,
        w=wording,
    )  # fmt: skip


@blueprint.post("/propose/<uuid:office_id>/<int:year>/")
@needs(Permission.PAY_REWARD)
def propose(office_id: Id, year: int) -> Page:
    """Put what waits into a draft. No second factor: it pays nothing, and others release it."""
    with transaction() as session:
        batch = batches.propose(session, office_id, year, current_staff().actor, now())
    return redirect(url_for("payments.batch", payment_batch_id=batch.id), 303)


@blueprint.get("/batches/<uuid:payment_batch_id>/")
@needs(Permission.PAY_REWARD)
def batch(payment_batch_id: Id) -> str:
    """What is in a batch, and what the bank said of it."""
    shown, items = _batch(payment_batch_id)
    return render_template("payments/batch.html", batch=shown, items=items, w=wording)


def _batch(batch_id: Id) -> tuple[queries.NamedBatch, list[queries.Item]]:
    with reading() as session:
        found = queries.one_batch(session, current_staff().actor, batch_id)
    if found is None:
        raise NotFound("no_batch", "没有找到这一批。")
    return found


@blueprint.post("/batches/<uuid:payment_batch_id>/out/")
@needs(Permission.PAY_REWARD)
def take_out(payment_batch_id: Id) -> Page:
    """One payment of a draft waits again."""
    _batch(payment_batch_id)
    number = parse_payment_number(request.form.get("number", ""))
    if number is None:
        raise Refused("no_number", "请从清单里选择要移出的一笔。")
    with transaction() as session:
        batches.take_out(session, payment_batch_id, number, current_staff().actor, now())
    return redirect(url_for("payments.batch", payment_batch_id=payment_batch_id), 303)


@blueprint.post("/batches/<uuid:payment_batch_id>/drop/")
@needs(Permission.PAY_REWARD)
def drop(payment_batch_id: Id) -> Page:
    """Give a draft up."""
    with transaction() as session:
        batches.drop(session, payment_batch_id, current_staff().actor, now())
    return redirect(url_for("payments.index"), 303)


@blueprint.route("/batches/<uuid:payment_batch_id>/answer/", methods=["GET", "POST"])
@needs(Permission.PAY_REWARD)
def answer(payment_batch_id: Id) -> Page:
    """Take in the bank's answer: all of it, or nothing and every fault."""
    form, status, taken = AnswerForm(), 200, None
    faults: Sequence[RowError] = ()
    shown, _ = _batch(payment_batch_id)
    if form.validate_on_submit():
        try:
            file = AnswerFile.read(form.file.data.read(), form.file.data.filename or "")
            take_factor(form.code.data)
            with transaction() as session:
                taken = answering.take_answer(session, payment_batch_id, file, current_staff().actor, now())
            shown, _ = _batch(payment_batch_id)
        except FaultyAnswer as error:
            status, faults = 422, error.errors
        except _SHOWN_ABOVE_THE_FORM as error:
            form.form_errors.append(error.message)
            status = 429 if isinstance(error, Throttled) else 422
    form.code.data = ""  # it is used up
    page = render_template(
        "payments/answer.html", batch=shown, form=form, taken=taken, faults=faults, most=MOST_LINES, w=wording
    )
    return page, 400 if form.errors and status == 200 else status


@blueprint.route("/budget/", methods=["GET", "POST"])
@needs(Permission.SET_BUDGET)
def budget() -> Page:
    """How the budgets stand, and the form that sets one."""
    form, status, year = BudgetForm(), 200, today().year
    with reading() as session:
        offices = offices_where(session, current_staff().actor, Permission.SET_BUDGET)
    form.office.choices = options((office.id, office.name) for office in offices)
    form.year.choices = options((one, f"{one} 年") for one in (year, year + 1, year - 1))
    if form.validate_on_submit():
        try:
            done = _set_budget(form)
            return done or redirect(url_for("payments.budget"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            form.form_errors.append(error.message)
            status = 422
    with reading() as session:
        states = queries.budgets(session, offices, (year - 1, year, year + 1))
        history = queries.budget_history(session, offices)
    page = render_template(
        "payments/budget.html", form=form, budgets=states, history=history, warn=WARN_PERCENT, w=wording
    )
    return page, 400 if form.errors and status == 200 else status


def _set_budget(form: BudgetForm) -> Asked | None:
    asked = ask_factor(f"把 {form.year.data} 年的奖励预算设定为 {form.amount.data} 元", url_for("payments.budget"))
    if asked is not None:
        return asked
    with transaction() as session:
        budgeting.set_budget(
            session,
            Id(form.office.data),
            form.year.data,
            form.amount_fen,
            bool(form.strict.data),
            BudgetReason(form.reason.data),
            current_staff().actor,
            now(),
        )
    return None
