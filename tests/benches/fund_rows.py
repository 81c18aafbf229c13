"""Rows of fund accounts at 384,000 figures: pages and data, whole, and for whoever has them already.

Ten years, four hundred regions, twelve months, eight funds. The same pages over a handful of figures stand beside them,
so that it can be seen that a page costs what it shows and not what there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.directory.regions import regions
from portal.disclosures.models import PublishedDisclosure, PublishedFigure, PublishedPlace, columns_of
from portal.disclosures.values import COUNTRY, Confidence, Figure, Period, Pooling, Series
from portal.kernel.transaction import transaction
from portal.kernel.values import Id, new_id
from tests.benches.deployment import Deployment
from tests.benches.measuring import Row
from tests.benches.page_rows import in_a_row, page_rows
from tests.benches.served import Served

YEARS, REGIONS, MONTHS = range(2016, 2026), 400, 12
FUNDS = ("basic-with", "employee-with", "resident", "maternity", "aid", "care", "critical", "civil")
DAY = date(2026, 1, 31)
_PERIOD = Period(start=date(2025, 1, 1), end=date(2025, 12, 31))
CHUNK = 8_000


def rows(deployment: Deployment, public: Served, times: int) -> list[Row]:
    """All of them: first over one region's figures, then over four hundred regions'. Shown without a bar."""
    asked = in_a_row(times)
    places = some_places()
    fill(deployment, places[:1])
    found = _measured(public, "1 region", places[0], asked)
    fill(deployment, places[1:])
    return found + _measured(public, f"{REGIONS} regions", places[0], asked)


def _measured(public: Served, size: str, region: str, asked: int) -> list[Row]:
    pages = {
        "fund: overview": "/fund/",
        "fund: one region": f"/fund/{region}/",
        "fund: one region, one year": f"/fund/{region}/2025/",
        "fund: one fund": f"/fund/{region}/funds/resident/",
        "fund: one figure": f"/fund/figures/{_series(region, _PERIOD, 'resident').code}/",
        "fund: two years compared": f"/fund/compare/?place={region}&year=2024&place={region}&year=2025",
        "fund: regions": "/fund/regions/",
        "fund: changes": "/fund/changes/",
        "fund: schedule": "/fund/schedule/",
        "fund: data, a page": f"/fund/data/figures.json?region={region}&year=2025",
    }
    return page_rows(public, {f"{name} ({size})": path for name, path in pages.items()}, asked)


def some_places() -> list[str]:
    """The whole country's most common kind: cities and counties, in the order of their codes."""
    known = regions()
    cities = [city for province in known.children() for city in known.children(province.code)]
    return [city.code for city in cities][:REGIONS]


def fill(deployment: Deployment, places: list[str]) -> int:
    """Publish every month's income of these places; how many figures that were."""
    with deployment.opened(), transaction() as session:
        office = session.scalars(select(Office.id)).first()
        assert office is not None
        return publish_months(session, office, places)


def publish_months(session: Session, office: Id, places: list[str]) -> int:
    """The same in a session that is open already: YEARS × MONTHS × FUNDS figures of each place, in bulk."""
    made = _disclosure(office, f"2026-{len(places):04}", len(places) * len(YEARS) * MONTHS * len(FUNDS))
    session.add(made)
    session.flush()
    lines = _lines(places, made.id)
    while chunk := list(islice(lines, CHUNK)):
        session.execute(insert(PublishedFigure), chunk)
    session.execute(insert(PublishedPlace), [_place(region, made.id) for region in places])
    return made.figures


def publish_years(session: Session, office: Id, region: str) -> None:
    """What went out of a region in each year and what was left, so that its pages have something to compute."""
    made = _disclosure(office, "2026-0002", 2 * len(YEARS))
    session.add(made)
    session.flush()
    periods = [Period(start=date(year, 1, 1), end=date(year, 12, 31)) for year in YEARS]
    told = [_line(region, one, FUNDS[0], f"11.{one.end.year % 100:02}", made.id, name)
            for one in periods for name in ("expenditure", "cumulative")]  # fmt: skip
    session.execute(insert(PublishedFigure), told)
    place = session.scalars(select(PublishedPlace).where(PublishedPlace.region == region)).one()
    place.figures, place.changed_by = place.figures + len(told), made.id


def _disclosure(office: Id, code: str, figures: int) -> PublishedDisclosure:
    return PublishedDisclosure(
        id=new_id(), code=code, office_id=office, kind="publication", title="测速用的虚构数字", figures=figures,
        sha256="0" * 64, published_on=DAY,
    )  # fmt: skip


def _lines(places: list[str], disclosure: Id) -> Iterator[dict[str, Any]]:
    for region in places:
        for year in YEARS:
            for month in range(1, MONTHS + 1):
                first = date(year + month // 12, month % 12 + 1, 1)
                period = Period(start=date(year, 1, 1), end=first - timedelta(days=1))
                for number, fund in enumerate(FUNDS):
                    yield _line(region, period, fund, f"{month * (number + 1)}.{year % 100:02}", disclosure)


def _line(
    region: str, period: Period, fund: str, amount: str, disclosure: Id, measure: str = "income"
) -> dict[str, Any]:
    series = _series(region, period, fund, measure)
    figure = Figure(series=series, amount=amount, unit="亿元", source="测速用的虚构数字", confidence=Confidence.HIGH)
    own = {"id": new_id(), "code": series.code, "version": 1, "disclosure_id": disclosure}
    return {**columns_of(figure), **own, "year": period.end.year, "published_on": DAY}


def _series(region: str, period: Period, fund: str, measure: str = "income") -> Series:
    pooling = Pooling.COUNTRY if region == COUNTRY else Pooling.CITY
    return Series(
        region=region, place="", pooling=pooling, fund=fund, measure=measure, period=period, edition="monthly"
    )


def _place(region: str, disclosure: Id) -> dict[str, Any]:
    told = {"first_year": YEARS[0], "last_year": YEARS[-1], "figures": len(YEARS) * MONTHS * len(FUNDS)}
    changed = {"changed_on": DAY, "changed_by": disclosure}
    return {"id": new_id(), "region": region, "place": "", **told, **changed}
