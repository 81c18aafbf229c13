"""What a reporter may do beside writing: say who I am, withdraw, tell of pressure."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for

from portal.followup import visit
from portal.followup.forms import LETTER_LIMIT, IdentityForm, PressureForm, WithdrawForm
from portal.followup.letterviews import opened_view
from portal.followup.visit import Page, followup
from portal.kernel.clock import now
from portal.kernel.errors import Refused
from portal.kernel.transaction import transaction
from portal.tips import reporter
from portal.tips.states import OPEN_STATES, State
from portal.web.limits import limiter
from portal.web.locale import gettext as _


@followup.route("/identity/", methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def identity() -> Page:
    """Say who I am, later: sealed like at the start, once."""
    _mine, view = opened_view()
    form = IdentityForm(request.form if request.method == "POST" else None)
    form.under_14 = view.report.under_14
    if request.method == "POST" and view.identity_on is None and form.validate():
        try:
            who = form.to_identity()
            with transaction() as session:
                reporter.add_identity(session, visit.locked(session), who, now())
            return redirect(url_for("followup.overview", said="identity"), 303)
        except Refused as error:
            form.form_errors = [_(error.message)]
    return render_template("followup/identity.html", form=form, view=view), 400 if form.errors else 200


@followup.route("/withdraw/", methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def withdraw() -> Page:
    """Withdraw, after the consequences were read and ticked (RW-5.3)."""
    _mine, view = opened_view()
    form = WithdrawForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and view.tip.withdrawn_on is None and form.validate():
        with transaction() as session:
            reporter.withdraw(session, visit.locked(session), now())
        return redirect(url_for("followup.overview", said="withdrawn"), 303)
    going_on = State(view.tip.state) in OPEN_STATES
    page = render_template("followup/withdraw.html", form=form, view=view, going_on=going_on)
    return page, 400 if form.errors else 200


@followup.route("/pressure/", methods=["GET", "POST"])
@limiter.limit("10/minute", methods=["POST"])
def pressure() -> Page:
    """Somebody leans on me: the superior office is alerted."""
    _mine, view = opened_view()
    form = PressureForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate():
        try:
            with transaction() as session:
                reporter.report_pressure(session, visit.locked(session), form.text.data or "", now())
            return redirect(url_for("followup.overview", said="pressure"), 303)
        except Refused as error:
            form.text.errors = [_(error.message)]
    page = render_template("followup/pressure.html", form=form, view=view, limit=LETTER_LIMIT)
    return page, 400 if form.errors else 200
