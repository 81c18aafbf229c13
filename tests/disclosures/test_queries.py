"""Reads of published figures: the newest version of each, and never a walk through all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from portal.disclosures import dataqueries, front, queries
from portal.disclosures.dataqueries import Cut, Wanted
from portal.disclosures.models import PublishedDisclosure
from portal.disclosures.overview import HEADS, MAIN, funds_of
from portal.disclosures.seen import Newest
from portal.disclosures.values import COUNTRY, Kind
from portal.kernel.db import Database
from portal.kernel.values import Id, new_id
from tests.disclosures.figures import bulletins, figure, publish

BEFORE, AFTER = figure("resident", "income", "12.5"), figure("resident", "income", "12.6")
UNSURE = figure("resident", "income", "3", region="", place="某市（推定）")


@pytest.fixture
def corrected(session: Session) -> Session:
    """A figure that was corrected, another that was not, and one of a place that is not sure."""
    publish(session, [BEFORE, figure("resident", "expenditure", "10"), UNSURE])
    publish(
        session, [AFTER], version=2, code="2026-0002", day=date(2026, 9, 20), kind=Kind.CORRECTION, reason="mistyped"
    )
    return session


def test_a_figure_says_its_newest_version_and_keeps_the_others(corrected: Session) -> None:
    found = queries.current(corrected, COUNTRY, [2025], measures=["income"])
    assert [one.amount for one in found] == ["12.6"]
    kept = queries.history(corrected, AFTER.series.code)
    assert [(one.figure.amount, one.version) for one in kept] == [("12.6", 2), ("12.5", 1)]
    assert queries.history(corrected, "aaaaaaaaaaaa") == []


def test_a_place_that_is_not_sure_is_found_as_such_only(corrected: Session) -> None:
    assert UNSURE.series.code not in {one.series.code for one in queries.current(corrected, COUNTRY, [2025])}
    (((place, found),), more) = queries.unsure(corrected, 1)
    assert (place, found, more) == (UNSURE.series.place, [UNSURE], False)
    assert queries.place(corrected, "") is None
    assert [one.region for one in queries.places(corrected)] == [COUNTRY, ""]


def test_places_that_are_not_sure_come_a_few_at_a_time_with_their_last_years(session: Session) -> None:
    places = [f"某市{number:02}（推定）" for number in range(queries.PLACES + 1)]
    publish(session, [figure("resident", "income", "3", year, region="", place=place)
                      for place in places for year in (2000, 2014, 2025)])  # fmt: skip
    (first, more), (second, end) = queries.unsure(session, 1), queries.unsure(session, 2)
    assert [place for place, _figures in (*first, *second)] == places
    assert (len(first), more, len(second), end) == (queries.PLACES, True, 1, False)
    assert [sorted(one.series.period.end.year for one in told) for _place, told in first] == [[2014, 2025]] * 10
    assert queries.unsure(session, 3) == ([], False)


def test_a_correction_is_logged_with_what_it_said_before(corrected: Session) -> None:
    found, more = queries.changes(corrected, 1)
    assert [(one.before.figure.amount, one.now.figure.amount, one.disclosure.code) for one in found] == [
        ("12.5", "12.6", "2026-0002")
    ]
    assert not more


def test_editions_of_a_figure_are_those_of_the_same_place_and_period(session: Session) -> None:
    quick, other = (
        figure("resident", "income", "1", edition="quick"),
        figure("resident", "income", "1", months="1-12月"),
    )
    part = figure("resident", "income", "1", months="4季度")
    publish(session, [BEFORE, quick, part])
    assert other.series.code == BEFORE.series.code  # the same period in other words
    assert {one.series.code for one in queries.editions(session, BEFORE)} == {BEFORE.series.code, quick.series.code}


def test_whole_years_leave_out_parts_of_years_and_periods_that_are_not_sure(session: Session) -> None:
    publish(session, [figure("resident", "income", "1", months="1-11月"), BEFORE,
                      figure("resident", "income", "9", 2024, months="全年(推定)")])  # fmt: skip
    found = queries.whole_years(session, COUNTRY, [2024, 2025], ["resident"], MAIN)
    assert [one.amount for one in found] == ["12.5"]


BY_CORRECTION = "ix_published_figure_corrected"
"""An index of corrected figures alone: walking along it is what the log of changes is."""
READS: dict[str, Callable[[Session], Any]] = {
    "a year": lambda session: queries.current(session, COUNTRY, [2025]),
    "years of one fund": lambda session: queries.current(session, COUNTRY, range(2018, 2026), funds=["resident"]),
    "whole years": lambda session: queries.whole_years(session, COUNTRY, range(2018, 2026), funds_of(HEADS), MAIN),
    "not sure": lambda session: queries.unsure(session, 1),
    "history": lambda session: queries.history(session, BEFORE.series.code),
    "editions": lambda session: queries.editions(session, BEFORE),
    "changes": lambda session: queries.changes(session, 1),
    "home": lambda session: front.latest_sentences(session, ""),
}
ASKED = "ix_published_figure_asked"
"""What programs may ask by, with the code: walking along it looks at no row."""
BY_CODE: dict[str, Callable[[Session], Any]] = {
    "of a disclosure": lambda session: queries.in_disclosure(session, _told(session), "m"),
    "before in a disclosure": lambda session: queries.page_before(session, _told(session), "m"),
    "everything": lambda session: dataqueries.figures(session, Wanted(), 10, "m"),
    "a fund": lambda session: dataqueries.figures(session, Wanted(fund="resident"), 10),
    "a year": lambda session: dataqueries.figures(session, Wanted(year=2025, measure="income"), 10),
    "some years": lambda session: dataqueries.figures(session, Wanted(since=2020, until=2021, edition="quick"), 10),
    "not confirmed": lambda session: dataqueries.figures(session, Wanted(confirmed=False), 10),
    "not disclosed": lambda session: dataqueries.figures(session, Wanted(disclosed=False), 10),
    "corrected": lambda session: dataqueries.corrected(session, 10, ""),
    "the log of changes": lambda session: queries.changes(session, 2),
}


def _told(session: Session) -> Id:
    return session.scalars(select(PublishedDisclosure.id).where(PublishedDisclosure.code == "2026-0001")).one()


@pytest.fixture
def plans(session: Session, database: Database) -> Iterator[Callable[[Callable[[Session], Any]], list[str]]]:
    """How the database goes about each statement of a read, told by itself."""
    publish(session, bulletins())
    publish(session, [next(one for one in bulletins() if one.series.region == COUNTRY)], version=2, code="2026-0002")
    if database.is_postgresql:  # on a few hundred rows it would rather read them all than look anything up, and sort
        for way in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin"):
            session.execute(text(f"SET LOCAL enable_{way} = off"))
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    def plan(read: Callable[[Session], Any]) -> list[str]:
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            read(session)
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        prefix = "EXPLAIN " if database.is_postgresql else "EXPLAIN QUERY PLAN "
        connection = session.connection()
        return [
            "\n".join(" ".join(map(str, row)) for row in connection.exec_driver_sql(prefix + statement, parameters))
            for statement, parameters in asked
            if "published_figure" in statement
        ]

    yield plan


def refuse_walks(plan: str, *along: str) -> None:
    """Nothing is walked through but these indexes."""
    assert "Seq Scan on published_figure" not in plan, plan
    walked = [line for line in plan.splitlines() if "SCAN published_figure" in line]
    assert [line for line in walked if not any(index in line for index in along)] == [], plan


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_no_read_walks_through_all_figures(
    plans: Callable[[Callable[[Session], Any]], list[str]], read: Callable[[Session], Any]
) -> None:
    found = plans(read)
    assert 1 <= len(found) <= 2
    for plan in found:
        refuse_walks(plan, BY_CORRECTION)


@pytest.mark.parametrize("read", BY_CODE.values(), ids=BY_CODE)
def test_a_page_in_the_order_of_codes_is_read_along_an_index_and_not_sorted(
    plans: Callable[[Callable[[Session], Any]], list[str]], read: Callable[[Session], Any]
) -> None:
    found = plans(read)
    assert 1 <= len(found) <= 2
    for plan in found:
        refuse_walks(plan, BY_CORRECTION, ASKED)
        for word in ("Sort", "B-TREE FOR ORDER BY"):
            assert word not in plan, plan


def test_a_disclosure_is_paged_through_forwards_and_backwards(session: Session) -> None:
    told = publish(
        session, [figure("resident", "income", "1", year) for year in range(1900, 1900 + 2 * queries.A_PAGE + 3)]
    )
    publish(session, [BEFORE], code="2026-0002")
    begins, codes = [""], list[str]()
    while True:
        page, more = queries.in_disclosure(session, told.id, begins[-1])
        codes += [one.code for one in page]
        if not more:
            break
        begins.append(page[-1].code)
    assert codes == sorted(codes)
    assert (len(codes), len(begins)) == (told.figures, 3)
    assert [queries.page_before(session, told.id, at) for at in begins[1:]] == begins[:-1]
    assert queries.in_disclosure(session, told.id, codes[-1]) == ([], False)


def test_places_are_counted_by_province_and_listed_in_the_order_of_their_codes(session: Session) -> None:
    some = {"320100": (2019, 2021), "320000": (2020,), "330100": (2025,), COUNTRY: (2025,)}
    publish(session, [figure("resident", "income", "1", year, region=region)
                      for region, years in some.items()
                      for year in years] + [UNSURE])  # fmt: skip
    assert queries.areas(session) == [
        (COUNTRY, 1, 2025, 2025, 1),
        ("320000", 2, 2019, 2021, 3),
        ("330000", 1, 2025, 2025, 1),
    ]
    assert queries.within(session, "320000") == [("320000", 2020, 2020, 1), ("320100", 2019, 2021, 2)]
    assert [one.region for one in queries.listed(session)] == [COUNTRY, "320000", "320100", "330100"]
    assert [one.region for one in queries.some_of(session, ["330100", "999999", "320000"])] == ["330100", "320000"]
    assert queries.some_of(session, []) == []


def test_the_tables_that_hold_everything_are_counted_without_corrections(corrected: Session) -> None:
    newest = Newest(new_id(), date(2026, 9, 20))
    assert dataqueries.cuts(corrected, 3, newest) == [Cut()]
    assert dataqueries.cuts(corrected, 2, newest) == [Cut(2025, 1), Cut(2025, 2)]
