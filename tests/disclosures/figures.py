"""Published figures put straight into the tables: the real bulletins of the demonstration, or figures made up here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

import admin.demo
from portal.directory.models import Office
from portal.disclosures.models import PublishedDisclosure, PublishedFigure, PublishedPlace, columns_of
from portal.disclosures.periods import read_period
from portal.disclosures.reading import read_figures
from portal.disclosures.values import COUNTRY, Confidence, Figure, Kind, Pooling, Series
from portal.kernel.values import Id, new_id

BULLETINS = Path(admin.demo.__file__).parent / "data" / "fund_bulletins.csv"


@cache
def bulletins() -> tuple[Figure, ...]:
    """The 335 figures of the real bulletins, 2018 to 2025."""
    return tuple(read_figures(BULLETINS.read_bytes(), BULLETINS.name).figures)


def figure(
    fund: str, measure: str, amount: str, year: int = 2025, *, months: str = "全年", edition: str = "bulletin",
    unit: str = "亿元", region: str = COUNTRY, place: str = "", restated: int = 0,
    confidence: Confidence = Confidence.HIGH,
) -> Figure:  # fmt: skip
    """An invented figure."""
    period = read_period(year, months)
    assert period is not None
    series = Series(
        region=region, place=place or "某地", pooling=Pooling.UNSTATED, fund=fund, measure=measure, period=period,
        edition=edition, restated=restated,
    )  # fmt: skip
    return Figure(series=series, amount=amount, unit=unit, source="演示公告（虚构）", confidence=confidence)


def publish(
    session: Session, figures: Sequence[Figure], *, version: int = 1, code: str = "2026-0001",
    day: date = date(2026, 9, 1), kind: Kind = Kind.PUBLICATION, reason: str = "", words: str = "",
) -> PublishedDisclosure:  # fmt: skip
    """Put *figures* into the tables as one disclosure, as version *version* of each."""
    told = PublishedDisclosure(
        id=new_id(), code=code, office_id=_office(session), kind=kind.value, title="基金收支情况公告（演示）",
        reason=reason, words=words, figures=len(figures), sha256="ab" * 32, published_on=day,
    )  # fmt: skip
    session.add(told)
    session.flush()
    session.add_all(
        PublishedFigure(
            code=one.series.code, version=version, disclosure_id=told.id, year=one.series.period.end.year,
            published_on=day, **columns_of(one),
        )
        for one in figures
    )  # fmt: skip
    _touch_places(session, figures, told, fresh=version == 1)
    session.flush()
    return told


def _office(session: Session) -> Id:
    found = session.scalars(select(Office.id).where(Office.code == "fund-demo")).first()
    if found is None:
        found = new_id()
        names = {"name": "演示区医疗保障局", "name_en": "Demo District Healthcare Security Bureau"}
        session.add(Office(id=found, code="fund-demo", kind="bureau", level="county", region="320104", **names))
        session.flush()
    return found


def _touch_places(
    session: Session, figures: Iterable[Figure], told: PublishedDisclosure, *, fresh: bool
) -> None:  # as admin/disclosures/publishing.py does
    years: dict[tuple[str, str], list[int]] = {}
    for one in figures:
        region = one.series.region
        years.setdefault((region, "" if region else one.series.place), []).append(one.series.period.end.year)
    for (region, place), some in years.items():
        known = select(PublishedPlace).where(PublishedPlace.region == region, PublishedPlace.place == place)
        row = session.scalars(known).first()
        if row is None:
            row = PublishedPlace(region=region, place=place, first_year=min(some), last_year=max(some), figures=0)
            session.add(row)
        row.first_year, row.last_year = min(row.first_year, *some), max(row.last_year, *some)
        row.figures += len(some) if fresh else 0
        row.changed_on, row.changed_by = told.published_on, told.id
