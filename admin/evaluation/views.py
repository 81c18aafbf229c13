"""Pages of the evaluation: the table of the joint meeting, one office with its calculation, and the table as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request

from admin.evaluation import circular, circularqueries, queries, wording
from admin.evaluation.circularqueries import Line as Told
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from portal.directory.models import Office
from portal.kernel.clock import today
from portal.kernel.errors import NotFound
from portal.kernel.transaction import reading
from portal.kernel.values import Id
from portal.payments.layout import guarded
from portal.statistics.evaluation import Period, Version, version_for, versions

blueprint = Blueprint("evaluation", __name__, url_prefix="/evaluation")

QUARTERS = 5
"""Quarters on offer, the running one included."""


@blueprint.get("/")
@needs(Permission.READ_FIGURES)
def index() -> str | Response:
    """The own offices and those below for a period; ``format=csv`` gives the same as a file."""
    period = asked_period()
    version = version_for(period)
    actor = current_staff().actor
    with reading() as session:
        lines = queries.table(session, actor, period, version, today())
        told = circularqueries.told_by(session, actor)
    if request.args.get("format") == "csv":
        return _file(lines, period, version)
    return render_template(
        "evaluation/index.html", lines=lines, period=period, version=version, offered=_offered(), today=today(),
        told=told, states=wording.STATES,
        senders=_senders(lines, told, period),
    )  # fmt: skip


@blueprint.get("/sheet/")
@needs(Permission.READ_FIGURES)
def sheet() -> str:
    """A period that is over as a circular, to be decided by the joint meeting and printed. NotFound for any other."""
    period = asked_period()
    version = version_for(period)
    if period.last >= today():
        raise NotFound("not_over", "这个时间段还没有结束，不能通报。")
    with reading() as session:
        lines = queries.table(session, current_staff().actor, period, version, today())
    return render_template(
        "evaluation/sheet.html", sheet=circular.sheet(lines, period, version, today()), period=period
    )


@blueprint.get("/<uuid:office_id>/")
@needs(Permission.READ_FIGURES)
def office(office_id: Id) -> str:
    """One office: every figure with its definition, source and calculation."""
    period = asked_period()
    version = version_for(period)
    with reading() as session:
        line = queries.line_of(session, current_staff().actor, office_id, period, version, today())
    return render_template("evaluation/office.html", line=line, period=period, version=version, today=today())


def _senders(lines: Sequence[queries.OfficeLine], told: Sequence[Told], period: Period) -> list[Office]:
    """The offices for which this person may propose a circular on *period* now: of none that has one waiting."""
    actor, waiting = current_staff().actor, {one.office_id for one in told if one.is_proposed and one.period == period}
    mine = [one.office for one in lines if actor.may(Permission.PROPOSE_EVALUATION, one.office.id)]
    return [one for one in mine if one.id not in waiting]


def asked_period() -> Period:
    """The period in the address; the last quarter that is over where it names none."""
    asked = request.args.get("period", "")
    return Period.read(asked) if asked else Period.last_quarter(today())


def _offered() -> Sequence[Period]:
    year, quarter = today().year, (today().month - 1) // 3 + 1
    last = year * 4 + quarter - 1
    quarters = [Period(one // 4, one % 4 + 1) for one in range(last, last - QUARTERS, -1)]
    first = versions()[0].in_force_from
    return [one for one in [*quarters, Period(year)] if one.first >= first]


def _file(lines: Sequence[queries.OfficeLine], period: Period, version: Version) -> Response:
    """RFC 4180 with a byte order mark, by which spreadsheets know UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    columns = [
        f"{one.name}{what}" for one in version.indicators for what in ("（分子）", "（分母）", "（数值）", "（得分）")
    ]
    writer.writerow(["时间段", "办法版本", "单位代码", "单位", "名次", "总分", *columns])
    for line in lines:
        office, found = line.office, line.evaluation
        cells: list[object] = [period, version.id, office.code, guarded(office.name), line.rank, found.total]
        for step in line.evaluation.steps:
            cells += [step.counted.part, step.counted.whole, step.figure, step.points]
        writer.writerow(["" if one is None else one for one in cells])
    name = f"evaluation-{period}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv", headers=headers)
