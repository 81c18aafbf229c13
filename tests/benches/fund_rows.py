"""Rows of fund accounts at 384,000 figures: pages and data, whole, and for whoever has them already.

Ten years, four hundred regions, twelve months, eight funds. The same pages of a site with one region are measured in
turns with them, so that it can be seen that a page costs what it shows and not what there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
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
from tests.benches.deployment import Deployment, make_deployment
from tests.benches.measuring import Row, cost, cpu_row
from tests.benches.page_rows import WARM, in_a_row, paired_rows
from tests.benches.served import PUBLIC, Served, serving
from tests.benches.visitor import Visitor

YEARS, REGIONS, MONTHS = range(2016, 2026), 400, 12
FUNDS = ("basic-with", "employee-with", "resident", "maternity", "aid", "care", "critical", "civil")
DAY = date(2026, 1, 31)
_PERIOD = Period(start=date(2025, 1, 1), end=date(2025, 12, 31))
CHUNK = 8_000


def rows(deployment: Deployment, large: Served, times: int) -> list[Row]:
    """All of them: of the site that tells of four hundred regions, beside one of its kind that tells of one."""
    asked, region = min(times, MOST_ASKED), deployment.settings.site.region
    places = [region, *some_places()][:REGIONS]
    alone = make_deployment(deployment.folder.parent / "fund-of-one-region", enrolled=())
    for one, whose in ((alone, places[:1]), (deployment, places)):
        fill(one, whose[:1])
        with one.opened(), transaction() as session:
            publish_years(session, _office(session), region)
        fill(one, whose[1:])
    with serving(PUBLIC, alone.environment(), alone.folder / "public.log", options="--max-requests 0") as small:
        pages = {name: (_path(path, 1), _path(path, len(places))) for name, path in _pages(region).items()}
        found = paired_rows(small, large, pages, f"{REGIONS} regions", asked)
    visitor = Visitor(large.port)
    visitor.get(NOTHING)
    spent = cost(large, [partial(visitor.get, NOTHING)] * (in_a_row(times) + WARM), WARM)
    assert visitor.status == 200, f"{NOTHING} answered {visitor.status}"
    return [*found, cpu_row("fund: data that there is none of", spent, f"<= {MOST_MS} ms CPU", MOST_MS)]


NOTHING = "/fund/data/figures.json?edition=quick"
MOST_MS = 100
MOST_ASKED = 140


def _path(path: str, places: int) -> str:
    """*path* with the disclosure that told of most."""
    return path.format(told=f"2026-{max(1, places - 1):04}")


def _pages(region: str) -> dict[str, str]:
    of_region, compared = (
        f"/fund/data/figures.json?region={region}",
        f"place={region}&year=2024&place={region}&year=2025",
    )
    return {
        "fund: overview": "/fund/",
        "fund: one region": f"/fund/{region}/",
        "fund: one region, one year": f"/fund/{region}/2025/",
        "fund: one fund": f"/fund/{region}/funds/resident/",
        "fund: one figure": f"/fund/figures/{_series(region, _PERIOD, 'resident').code}/",
        "fund: two years compared": f"/fund/compare/?{compared}",
        "fund: regions": "/fund/regions/",
        "fund: changes": "/fund/changes/",
        "fund: not confirmed": "/fund/unconfirmed/",
        "fund: schedule": "/fund/schedule/",
        "fund: a disclosure": "/fund/disclosures/{told}/",
        "fund: a disclosure, near its end": "/fund/disclosures/{told}/?after=paaaaaaaaaaa",
        "fund: all tables": "/fund/data/",
        "fund: the catalogue": "/fund/data/figures.csv-metadata.json",
        "fund: data of a region": f"{of_region}&year=2025",
        "fund: data of all": "/fund/data/figures.json",
        "fund: data of a fund": "/fund/data/figures.json?fund=resident",
        "fund: data of corrections": "/fund/data/changes.json",
    }


def some_places() -> list[str]:
    """The whole country's most common kind: cities and counties, in the order of their codes."""
    known = regions()
    cities = [city for province in known.children() for city in known.children(province.code)]
    return [city.code for city in cities][:REGIONS]


def fill(deployment: Deployment, places: list[str]) -> int:
    """Publish every month's income of these places; how many figures that were."""
    with deployment.opened(), transaction() as session:
        return publish_months(session, _office(session), places) if places else 0


def _office(session: Session) -> Id:
    return session.scalars(select(Office.id).order_by(Office.code).limit(1)).one()


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
