"""Public pages of the figures on handling. They set no cookie and are the same for every reader of a language."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import Blueprint, abort, render_template
from sqlalchemy.orm import Session

from portal.charts import Drawing, Series, line_chart
from portal.kernel.transaction import reading
from portal.statistics import queries
from portal.statistics.models import PublishedBulletin
from portal.statistics.showing import figures
from portal.statistics.wording import FIGURES, REASONS, office_names
from portal.web.caching import changed
from portal.web.limits import limiter
from portal.web.locale import gettext as _
from portal.web.locale import month_words

blueprint = Blueprint("figures", __name__, url_prefix="/figures")

OFTEN = "120/minute"
DRAWN = 24
"""Months on the chart."""
COURSE = ("received", "decided")
"""Totals that are drawn over time."""


@blueprint.get("/")
@limiter.limit(OFTEN)
def index() -> str:
    """The newest month in short, how it went month by month, and the way to every month."""
    with reading() as session:
        found = queries.months(session)
        if not found:
            return render_template("figures/empty.html")
        _since(session)
        told = figures(found[0].said, office_names(session))
    return render_template(
        "figures/index.html", newest=found[0], found=found, told=told, drawing=_course(found[:DRAWN]),
        words=month_words,
    )  # fmt: skip


@blueprint.get("/<month>/")
@limiter.limit(OFTEN)
def month(month: str) -> str:
    """Everything that is published of a month, as it reads now."""
    return _month(month, None)


@blueprint.get("/<month>/<int:version>/")
@limiter.limit(OFTEN)
def version(month: str, version: int) -> str:
    """What a month said before it was corrected."""
    return _month(month, version)


def _month(name: str, version: int | None) -> str:
    with reading() as session:
        versions = queries.versions(session, name)
        one = next((row for row in versions if version in (None, row.version)), None)
        if one is None:
            abort(404)
        _since(session)  # it leads to the months beside it, which may be published later
        before, after = queries.neighbours(session, name)
        told = figures(one.said, office_names(session))
    return render_template(
        "figures/month.html", one=one, versions=versions, told=told, before=before, after=after, words=month_words,
        most=one.said["withheld_from_1_to"], reasons=REASONS,
    )  # fmt: skip


def _since(session: Session) -> None:
    day = queries.last_change(session)
    if day is not None:
        changed(day)


def _course(found: Sequence[PublishedBulletin]) -> Drawing | None:
    """Totals by month, the earliest first, with a gap where a total is not published or a month is missing."""
    said = {one.month: one.said for one in found}
    labels = _every(min(said), max(said))
    series = []
    for name in COURSE:
        totals = [said[month][name]["total"] if month in said else None for month in labels]
        if any(total is not None for total in totals):
            words = tuple(_("不公布") if total is None else f"{total:,}" for total in totals)
            values = tuple(None if total is None else Decimal(total) for total in totals)
            series.append(Series(str(FIGURES[name]), values, words))
    if len(labels) < 2 or not series:
        return None
    says = _("每个月的合计；没有月报或者不公布的月份空着，不连线。")
    return Drawing(line_chart([month_words(one) for one in labels], series), _("一个月一个月地看"), says)


def _every(first: str, last: str) -> list[str]:
    """Each month from the first to the last."""
    at, end = (int(year) * 12 + int(number) - 1 for year, number in (first.split("-"), last.split("-")))
    return [f"{one // 12:04}-{one % 12 + 1:02}" for one in range(at, end + 1)]
