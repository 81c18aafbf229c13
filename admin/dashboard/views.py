"""Pages of the dashboard: the numbers, and the lists that no other page has."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request

from admin.custody import wording as custody_wording
from admin.dashboard import queries
from admin.dashboard.areas import open_by_area, tiles
from admin.dashboard.clocks import clock_rows, rule_words, which_clocks
from admin.dashboard.mine import dashboard
from admin.dashboard.offices import offices as office_step
from admin.staff.roles import Permission
from admin.tips import wording
from admin.tips.filters import ALL, YEAR, Filters, Place, period_words
from admin.tips.queries import counted_scope
from admin.web.guard import current_staff, needs, signed_in
from portal.directory.regions import regions
from portal.kernel.clock import today
from portal.kernel.transaction import reading
from portal.kernel.values import Id

blueprint = Blueprint("dashboard", __name__, url_prefix="/dashboard")

WHICH = {"running": "正在计算", "late": "已超期", "soon": "7 天内到期", "missed": "超过的期限"}


@blueprint.get("/")
@signed_in
def index() -> str:
    """What waits for the person, and how their offices stand."""
    with reading() as session:
        shown = dashboard(session, current_staff().actor, today())
    return render_template("dashboard/index.html", seen=shown, today=today())


@blueprint.get("/clocks/")
@needs(Permission.READ_QUEUE)
def clocks() -> str:
    """The clocks behind one number, each with its report; those of all rules when none is named."""
    actor, rule, which = current_staff().actor, request.args.get("rule", ""), request.args.get("which", "running")
    missed = Filters(show=ALL, missed=Filters.parse({"missed": request.args.get("period", "")}).missed or YEAR)
    after = Place.parse(request.args.get("after", ""))
    wanted = which_clocks(which, missed.missed, today())
    with reading() as session:
        rows, following = clock_rows(session, actor, rule, wanted, after)
    words = period_words(missed.missed) + WHICH[which] if which == "missed" else WHICH[which]
    address = {"rule": rule, "which": which, **({"period": missed.missed} if which == "missed" else {})}
    return render_template(
        "dashboard/clocks.html", rows=rows, following=following, after=after, address=address, words=words,
        name=rule_words(rule, today()) or "全部期限", rules=partial(rule_words, today=today()), today=today(),
        w=wording, which=which, queue=missed.query(), here=actor.offices_with(Permission.READ_QUEUE),
    )  # fmt: skip


@blueprint.get("/areas/")
@needs(Permission.READ_QUEUE)
def areas() -> str:
    """The open reports of one area, by the areas in it. NotFound for an area that there is not."""
    area = request.args.get("area", "")
    with reading() as session:
        found = tiles(open_by_area(session, counted_scope(session, current_staff().actor)), area)
    above = regions().parents(area) if area else ()
    return render_template(
        "dashboard/areas.html", tiles=found, above=above, words=wording.region_words(area) if area else "全部地区"
    )


@blueprint.get("/offices/")
@needs(Permission.READ_FIGURES)
def offices() -> str:
    """What is open and late in the offices below, one step at a time. Numbers alone."""
    actor, under = current_staff().actor, request.args.get("under", type=Id)
    with reading() as session:
        step = office_step(session, actor, under, today())
    return render_template("dashboard/offices.html", step=step, here=actor.offices_with(Permission.READ_QUEUE))


@blueprint.get("/proposals/")
@needs(Permission.APPROVE)
def proposals() -> str:
    """What colleagues proposed on reports and this person may decide."""
    with reading() as session:
        rows = queries.proposals(session, current_staff().actor)
    return render_template("dashboard/proposals.html", rows=rows, w=wording)


@blueprint.get("/openings/")
@needs(Permission.ASK_IDENTITY)
def openings() -> str:
    """Identities that this person asked a board to open and that have not ended. Nothing sealed is read."""
    with reading() as session:
        rows = queries.openings(session, current_staff().actor)
    return render_template("dashboard/openings.html", rows=rows, c=custody_wording)
