"""Public pages of rewards: what they are, the rule in force at a place, a calculator, and what was paid.

What is typed here is worked out and forgotten: it is in no address, no log and no table.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict

from portal.kernel.clock import today
from portal.kernel.errors import Refused
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.rewards import ruletelling, telling, totaltelling
from portal.rewards.estimating import Estimate, estimate, needs
from portal.rewards.forms import CalculatorForm, PlaceForm
from portal.rewards.places import Here, here
from portal.rewards.standing import schedules_now
from portal.rewards.totals import told
from portal.rewards.values import Case, Schedule, Subject
from portal.web.limits import limiter

blueprint = Blueprint("rewards", __name__, url_prefix="/rewards")

OFTEN = "60/minute"


@blueprint.get("/")
def index() -> str:
    """What a reward is, and the rule in force where this site serves."""
    region = site().region
    return render_template("rewards/index.html", rule=_rule(_here(region)) if region else None)


@blueprint.get("/elsewhere/")
def elsewhere() -> str:
    """The question of which place."""
    form = PlaceForm()
    form.offer(site().region)
    return render_template("rewards/elsewhere.html", form=form, rule=None)


@blueprint.post("/elsewhere/")
@limiter.limit(OFTEN)
def told_elsewhere() -> tuple[str, int]:
    """The rule in force at the place that was chosen."""
    form = PlaceForm(request.form)
    form.offer("")
    if form.missing():
        return render_template("rewards/elsewhere.html", form=form, rule=None), 400
    return render_template("rewards/elsewhere.html", form=form, rule=_rule(_here(form.code))), 200


@blueprint.get("/calculator/")
def calculator() -> str:
    """The questions, for the place where this site serves."""
    place = PlaceForm()
    place.offer(site().region)
    return _asked(place, None)


@blueprint.post("/calculator/")
@limiter.limit(OFTEN)
def calculated() -> tuple[str, int]:
    """The figure with its steps. Another place than before may ask other questions, so they are shown first."""
    place = PlaceForm(request.form)
    place.offer("")
    if place.missing():
        return _asked(place, request.form), 400
    if request.form.get("do") == "place" or request.form.get("asked") != place.code:
        return _asked(place, request.form), 200
    found = _here(place.code)
    if found.schedule is None:
        return _asked(place, request.form), 200
    asked = needs(found.schedule)
    form = CalculatorForm(request.form)
    form.keep(asked)
    if not form.validate():
        return _page(place, form, found), 400
    case = Case(
        form.fen, today(), Subject(form.subject.data), nature=form.chosen_nature(), relation=form.chosen_relation()
    )
    try:
        figure = estimate(case, found.schedule, form.chosen_grades(asked))
    except Refused as error:
        return _page(place, form, found, why=telling.why_no_figure(error.code)), 200
    return _page(place, form, found, figure=figure), 200


@blueprint.get("/paid/")
def paid() -> str:
    """What was paid, by year and place, as far as it points to nobody."""
    with reading() as session:
        years = totaltelling.years(told(session), site().region)
    return render_template("rewards/paid.html", years=years, least=site().smallest_cell)


def _here(region: str) -> Here:
    """The rule there, among those that hold now; none where the text of an adopted one was altered."""
    try:
        with reading() as session:
            return here(region, today(), schedules_now(session))
    except Refused as error:
        return Here(region, None, error.code, None)


def _asked(place: PlaceForm, posted: MultiDict[str, str] | None) -> str:
    """The page with its questions, what was answered before kept, and nothing complained about but the place."""
    found = _here(place.code) if place.code else None
    form = None
    if found is not None and found.schedule is not None:
        form = CalculatorForm(posted)
        form.keep(needs(found.schedule))
    return _page(place, form, found)


def _page(
    place: PlaceForm,
    form: CalculatorForm | None,
    found: Here | None,
    figure: Estimate | None = None,
    why: str = "",
) -> str:
    return render_template(
        "rewards/calculator.html", place=place, form=form, found=found, figure=figure, why=why,
        rule=_rule(found) if found is not None and form is None else None, telling=telling,
    )  # fmt: skip


def _rule(found: Here) -> dict[str, object]:
    """What ``rewards/rule.html`` draws."""
    schedule = found.schedule
    if schedule is None:
        return {"found": found, "why": telling.why_no_figure(found.refused)}
    return {
        "found": found,
        "schedule": schedule,
        "tables": ruletelling.tables(schedule),
        "flat": ruletelling.flat_rows(schedule),
        "uplift": ruletelling.uplift(schedule.uplift),
        "jumps": ruletelling.jumping(schedule),
        "sureness": ruletelling.sureness(schedule),
        "unknown": ruletelling.unknown(schedule, _unseen(schedule)),
        "yuan": telling.yuan,
    }


def _unseen(schedule: Schedule) -> list[str]:
    """Grades that are asked for and that no table has."""
    known = {table.when.get("grade") for table in schedule.tables}
    return [grade for grade in needs(schedule).grades if grade not in known]
