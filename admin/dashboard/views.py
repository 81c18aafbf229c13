"""Pages of the dashboard: the numbers, and the lists that no other page has."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from admin.custody import wording as custody_wording
from admin.dashboard import queries
from admin.dashboard.mine import dashboard
from admin.staff.roles import Permission
from admin.tips import wording
from admin.tips.filters import Place
from admin.web.guard import current_staff, needs, signed_in
from portal.kernel.clock import today
from portal.kernel.transaction import reading

blueprint = Blueprint("dashboard", __name__, url_prefix="/dashboard")

WHICH = {"running": "正在计算", "late": "已超期", "soon": "7 天内到期"}


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
    """The clocks behind one number of the table, each with its report; those of all rules when none is named."""
    rule, which = request.args.get("rule", ""), request.args.get("which", "running")
    after = Place.parse(request.args.get("after", ""))
    with reading() as session:
        rows, following = queries.clock_rows(session, current_staff().actor, rule, which, today(), after)
    return render_template(
        "dashboard/clocks.html", rows=rows, following=following, after=after, rule=rule, which=which,
        name=queries.rule_words(rule, today()) or "全部期限", words=WHICH[which], today=today(), w=wording,
    )  # fmt: skip


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
