"""The queue: filters, pages, search, several reports at once, saved views, and a printed list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.staff.boards import weak_used_by
from admin.staff.roles import Permission
from admin.tips import queries, wording
from admin.tips.beside import drop_view, keep_view, saved_views
from admin.tips.casework import find, followers_of, locked
from admin.tips.filters import ENDED, OPEN, Filters, Place, Whose, day_in, period_words
from admin.tips.lines import QueueLine, queue_lines
from admin.tips.queueforms import BulkForm, SaveViewForm, bulk_choices, narrowings
from admin.tips.reading import keys_for
from admin.tips.transfer import transfer
from admin.tips.triage import assign
from admin.web.guard import SignedIn, current_staff, needs
from portal.directory.models import Office
from portal.kernel.clock import now, today
from portal.kernel.errors import DomainError, NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, parse_tip_number
from portal.ledger.book import append
from portal.ledger.events import PrintMade
from portal.tips.models import Tip
from portal.web.errors import page_of

blueprint = Blueprint("queue", __name__)

PRINTED = 500
TABS = (
    ("在办", Filters()),
    ("已超期", Filters(overdue=True)),
    ("分给我的", Filters(whose=Whose.MINE)),
    ("没有分派", Filters(whose=Whose.NOBODY)),
    ("还没有打开", Filters(show="received")),
    ("已办结", Filters(show=ENDED)),
)


@blueprint.get("/")
@needs(Permission.READ_QUEUE)
def index() -> str | Response:
    """One page of the queue; a search for a number opens that report, one for a day lists it."""
    asked = request.args.get("q", "").strip()
    if asked:
        return _search(asked)
    return _page(Filters.parse(request.args), *_where())


@blueprint.post("/several/")
@needs(Permission.READ_QUEUE)
def several() -> str | Response:
    """Assign or transfer the reports that were marked, each on its own: what one refuses does not hold up the rest."""
    me, form = current_staff(), BulkForm()
    if not form.validate():
        raise Refused("bad_choice", "请先勾选举报，再选择要办的事。")
    done, failed = 0, []
    for number in request.form.getlist("number")[: queries.PAGE]:
        try:
            with transaction() as session:
                _one_of_several(session, me, number, form)
            done += 1
        except DomainError as error:
            failed.append((number, error.message or str(page_of(error).title)))
    return _page(Filters.parse(request.args), *_where(), (done, failed))


@blueprint.post("/views/")
@needs(Permission.READ_QUEUE)
def save_view() -> Response:
    """Keep the present filters under a name; the same name again replaces them."""
    me, form = current_staff(), SaveViewForm()
    if not form.validate():
        raise Refused("bad_name", "请给这个视图起一个名字，最多 40 个字。")
    filters = Filters.parse(request.args)
    with transaction() as session:
        keep_view(session, me.staff.id, form.name.data, _query_text(filters))
    return redirect(url_for("queue.index", **filters.query()))


@blueprint.post("/views/<uuid:view>/remove/")
@needs(Permission.READ_QUEUE)
def remove_view(view: Id) -> Response:
    """Forget one of the own saved views."""
    me = current_staff()
    with transaction() as session:
        drop_view(session, me.staff.id, view)
    return redirect(url_for("queue.index"))


@blueprint.get("/print/")
@needs(Permission.PRINT)
def printed() -> str:
    """The list on paper, with the reader's name, and on record: at most the first 500."""
    me, filters = current_staff(), Filters.parse(request.args)
    with reading() as session:
        page = queries.page(session, me.actor, filters, today(), None, PRINTED)
        offices = queries.offices_of(session, me.actor)
    with transaction() as session:
        for office in offices:
            rows = sum(row.office_id == office for row in page.rows)
            append(session, PrintMade("queue", office.hex, rows), me.actor, now())
    return render_template("queue/print.html", page=page, filters=filters, offices=offices, moment=now(), w=wording)


def _search(asked: str) -> str | Response:
    number, day = parse_tip_number(asked), day_in(asked)
    if number is not None:
        try:
            with reading() as session:
                find(session, number, current_staff().actor)
            return redirect(url_for("tips.case", number=number))
        except NotFound:
            return _page(Filters(), searched=asked)
    if day is not None:
        return redirect(url_for("queue.index", **Filters(received=day).query()))
    return _page(Filters(), searched=asked)


def _where() -> tuple[Place | None, Place | None]:
    """After which row, or ahead of which, the page stands."""
    return Place.parse(request.args.get("after", "")), Place.parse(request.args.get("before", ""))


def _page(
    filters: Filters,
    after: Place | None = None,
    before: Place | None = None,
    result: tuple[int, list[tuple[str, str]]] | None = None,
    searched: str = "",
) -> str:
    me, day = current_staff(), today()
    with reading() as session:
        page = queries.page(session, me.actor, filters, day, after, before=before)
        numbers = iter(queries.counts(session, me.actor, [one for _, one in TABS if one.show != ENDED], day))
        tabs = [(words, one, None if one.show == ENDED else next(numbers)) for words, one in TABS]
        offices = queries.offices_of(session, me.actor)
        views = saved_views(session, me.staff.id)
        alerts = queries.pressured_below(session, me.actor)
        weak = weak_used_by(session, me.actor, now())
        bulk = bulk_choices(session, me.actor, list(offices.values()), page.rows)
    return render_template(
        "queue/index.html",
        page=page,
        lines=_lines(page, offices, day),
        filters=filters,
        after=after,
        before=before,
        tabs=tabs,
        offices=offices,
        views=views,
        alerts=alerts,
        weak=weak,
        bulk=bulk,
        form=None,
        narrowings=narrowings(filters, list(offices.values())),
        result=result,
        searched=searched,
        done=request.args.get("done", ""),
        today=day,
        w=wording,
        standard=OPEN,
        period_words=period_words,
    )


def _lines(page: queries.Page, offices: Mapping[Id, Office], day: date) -> list[QueueLine]:
    names = {office.id: office.name for office in offices.values()}
    return queue_lines(page.rows, page.people, page.with_letters, names, day)


def _query_text(filters: Filters) -> str:
    return "&".join(f"{name}={value}" for name, value in filters.query().items())


def _one_of_several(session: Session, me: SignedIn, number: str, form: Any) -> None:
    tip = locked(session, number, me.actor)
    if form.what.data == "assign":
        assign(session, tip, Id(form.person.data) if form.person.data else None, me.actor, now())
        return
    if not form.office.data:
        raise Refused("bad_office", "请选择接收单位。")
    followers = {one.id: _keys(session, me, one) for one in followers_of(session, tip)}
    reason = form.reason.data or ""
    transfer(session, tip, Id(form.office.data), reason, me.actor, now(), _keys(session, me, tip), followers)


def _keys(session: Session, me: SignedIn, tip: Tip) -> Any:
    return keys_for(session, tip, me.office_key(tip.office_id))
