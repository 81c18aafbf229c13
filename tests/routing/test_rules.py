"""Who answers for a report: the shipped rulebook over the demo offices, and promises over random books and trees."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.kernel.errors import Refused
from portal.kernel.values import Id
from portal.routing.rulebook import shipped_rulebook
from portal.routing.rules import FALLBACK, Unroutable, barred_by, board_usable, boardless_without, region_line, route
from portal.routing.values import (
    BoardInfo,
    OfficeInfo,
    Routed,
    RouteQuery,
    RoutingRule,
    SeatInfo,
    Target,
)

TODAY = date(2026, 11, 22)
BOOK = shipped_rulebook().rules


def an_id(number: int) -> Id:
    return uuid.UUID(int=number)


def demo_offices() -> dict[str, OfficeInfo]:
    """The demo directory, every office with two members and a key."""
    entries = tomllib.loads(Path(__file__).with_name("offices.toml").read_text(encoding="utf-8"))["offices"]
    ids = {entry["code"]: an_id(number) for number, entry in enumerate(entries, 1)}
    return {
        entry["code"]: OfficeInfo(
            ids[entry["code"]],
            entry["code"],
            entry["name"],
            entry["kind"],
            entry["region"],
            entry["level"],
            ids.get(entry["superior"]),
            members=2,
            has_key=True,
        )
        for entry in entries
    }


def board(number: int, office: Id | None, *holders: Id, k: int = 2) -> BoardInfo:
    seats = tuple(SeatInfo(an_id(number * 100 + at), True, holder) for at, holder in enumerate(holders))
    return BoardInfo(an_id(number), office, k, seats)


DEMO = demo_offices()
TOP = DEMO["320000-yb"].id
SITE_BOARD = board(900, None, TOP, TOP, DEMO["320000-jw"].id)
DISCIPLINE_BOARD = board(950, DEMO["320000-jw"].id, DEMO["320000-jw"].id, DEMO["320100-jw"].id)


def ask(
    query: RouteQuery,
    *,
    offices: Mapping[str, OfficeInfo] = DEMO,
    boards: tuple[BoardInfo, ...] = (SITE_BOARD, DISCIPLINE_BOARD),
) -> Routed:
    return route(query, BOOK, offices.values(), boards, TODAY)


def code_of(routed: Routed) -> str:
    return next(office.code for office in DEMO.values() if office.id == routed.office_id)


@pytest.mark.parametrize(
    ("query", "office", "rule"),
    [
        (RouteQuery("institution", "320104"), "320104-yb", "place"),
        (RouteQuery("person", "320191"), "320191-yb", "place"),
        (RouteQuery("institution", "320100"), "320100-yb", "place"),
        (RouteQuery("other", "320000"), "320000-yb", "place"),
        (RouteQuery("institution", "320505"), "320000-yb", "place"),  # a city without offices here
        (RouteQuery("institution", "320199"), "320100-yb", "place"),  # no such county: the city it would be in
        (RouteQuery("institution", "999999"), "320000-yb", "place-unknown"),
        (RouteQuery("institution", "110101"), "320000-yb", "place-unknown"),
        (RouteQuery("unknown"), "320000-yb", "place-unknown"),
        (RouteQuery("agency", "320104"), "320104-yb", "place"),
        (RouteQuery("official", "320104"), "320104-jw", "official-discipline"),
        (RouteQuery("official"), "320000-jw", "official-discipline-top"),
        (RouteQuery("institution", "320104", against_office="320104-yb"), "320100-yb", "place"),
        (RouteQuery("agency", "320104", against_office="320104-jb"), "320104-yb", "place"),
        (RouteQuery("official", "320104", against_office="320104-jw"), "320100-jw", "official-discipline"),
        (RouteQuery("institution", "320104", against_office="320100-yb"), "320000-yb", "place"),
        (RouteQuery("official", "320000", against_office="320000-yb"), "320000-jw", "official-discipline"),
    ],
)
def test_the_shipped_rulebook_over_the_demo_offices(query: RouteQuery, office: str, rule: str) -> None:
    routed = ask(query)
    assert (code_of(routed), routed.rule_id) == (office, f"2026-1/{rule}")


def test_an_office_that_cannot_take_it_is_passed_over_for_its_superior_and_named() -> None:
    empty = DEMO | {"320104-yb": replace(DEMO["320104-yb"], members=0)}
    routed = ask(RouteQuery("institution", "320104"), offices=empty)
    assert code_of(routed) == "320100-yb"
    assert routed.passed_over == ((DEMO["320104-yb"].id, "no_members"),)
    keyless, closed = replace(DEMO["320104-yb"], has_key=False), replace(DEMO["320104-yb"], active=False)
    for changed, why in ((keyless, "no_key"), (closed, "inactive")):
        offices = DEMO | {"320104-yb": changed}
        assert ask(RouteQuery("institution", "320104"), offices=offices).passed_over[0][1] == why


def test_an_office_whose_people_all_belong_to_the_accused_one_is_passed_over_for_that_report_alone() -> None:
    agency = DEMO["320104-jb"]
    bureau = replace(DEMO["320104-yb"], members=2, shared={agency.id: 2})
    query = RouteQuery("agency", "320104", against_office=agency.code)
    routed = ask(query, offices=DEMO | {bureau.code: bureau})
    assert (code_of(routed), routed.passed_over) == ("320100-yb", ((bureau.id, "no_members"),))
    for one_left, asked in (
        (replace(bureau, members=3), query),
        (bureau, RouteQuery("institution", "320104")),
        (bureau, RouteQuery("agency", "320104", against_office="320106-jb")),
    ):
        assert code_of(ask(asked, offices=DEMO | {bureau.code: one_left})) == "320104-yb"


def test_the_accused_is_known_by_name_or_presumed_from_the_place() -> None:
    assert ask(RouteQuery("official", "320104")).against_office_id == DEMO["320104-yb"].id
    assert ask(RouteQuery("agency", "320104")).against_office_id == DEMO["320104-jb"].id
    assert ask(RouteQuery("institution", "320104")).against_office_id is None
    named = ask(RouteQuery("institution", "320104", against_office="320106-yb"))
    assert named.against_office_id == DEMO["320106-yb"].id
    assert code_of(named) == "320104-yb"


def test_a_report_about_the_top_bureau_goes_to_discipline_inspection_when_nothing_else_is_left() -> None:
    routed = ask(RouteQuery("institution", "320104", against_office="320000-yb"))
    assert (code_of(routed), routed.rule_id) == ("320000-jw", FALLBACK)
    assert routed.board_id == DISCIPLINE_BOARD.id  # the site's board has a seat of the accused


def test_an_unknown_accused_office_is_refused_not_ignored() -> None:
    with pytest.raises(Refused) as caught:
        ask(RouteQuery("institution", "320104", against_office="320104-xx"))
    assert caught.value.code == "unknown_office"


def test_a_board_with_a_seat_of_the_accused_is_passed_over() -> None:
    own = board(1, DEMO["320104-yb"].id, DEMO["320104-yb"].id, DEMO["320104-jw"].id)
    city = board(2, DEMO["320100-yb"].id, DEMO["320100-yb"].id, DEMO["320104-jb"].id)
    boards = (own, city, SITE_BOARD)
    assert ask(RouteQuery("institution", "320104"), boards=boards).board_id == own.id
    about_bureau = RouteQuery("institution", "320104", against_office="320104-yb")
    assert ask(about_bureau, boards=boards).board_id == SITE_BOARD.id  # the agency under it sits on the city's board


def test_a_board_with_too_few_filled_seats_is_passed_over() -> None:
    seats = (SeatInfo(an_id(11), True, TOP), SeatInfo(an_id(12), False, TOP), SeatInfo(an_id(13), True, None))
    thin = BoardInfo(an_id(10), DEMO["320104-yb"].id, 3, seats)
    assert not board_usable(thin, frozenset())
    assert ask(RouteQuery("institution", "320104"), boards=(thin, SITE_BOARD)).board_id == SITE_BOARD.id
    with pytest.raises(Unroutable):
        ask(RouteQuery("institution", "320104"), boards=(thin,))


def test_a_board_whose_keepers_left_is_passed_over_but_turns_no_report_away_when_it_is_the_last() -> None:
    gone = tuple(SeatInfo(an_id(at), False, TOP, keyed=True) for at in (21, 22, 23))
    left = BoardInfo(an_id(20), DEMO["320104-yb"].id, 2, gone)
    assert not board_usable(left, frozenset())
    assert ask(RouteQuery("institution", "320104"), boards=(left, SITE_BOARD)).board_id == SITE_BOARD.id
    assert ask(RouteQuery("institution", "320104"), boards=(left,)).board_id == left.id


def test_a_grid_area_decides_before_the_place() -> None:
    query = RouteQuery("institution", "320104", grid="g-7")
    offices, grids = DEMO.values(), {"g-7": DEMO["320106-yb"].id}
    routed = route(query, BOOK, offices, [SITE_BOARD], TODAY, grids=grids)
    assert (code_of(routed), routed.rule_id) == ("320106-yb", "2026-1/grid")
    assert code_of(route(query, BOOK, offices, [SITE_BOARD], TODAY, grids={})) == "320104-yb"


def test_rules_count_only_while_in_force_and_by_every_condition() -> None:
    to = Target(office="320106-yb")
    special = RoutingRule(
        "special",
        date(2026, 6, 1),
        to,
        in_force_to=date(2026, 12, 31),
        priority=1,
        subject_types=frozenset({"institution"}),
        region="320100",
        level="county",
        conducts=frozenset({"inst-40"}),
    )
    hit = RouteQuery("institution", "320104", conduct="inst-40-2")

    def rule_for(query: RouteQuery, on: date = TODAY) -> str:
        return route(query, [*BOOK, special], DEMO.values(), [SITE_BOARD], on).rule_id

    assert rule_for(hit) == "special"
    assert rule_for(hit, date(2026, 5, 31)) == rule_for(hit, date(2027, 1, 1)) == "2026-1/place"
    for other in (
        replace(hit, subject_type="person"),
        replace(hit, region="320100"),
        replace(hit, region="320505"),
        replace(hit, region=None),
        replace(hit, conduct="inst-4"),
        replace(hit, conduct=None),
    ):
        assert rule_for(other) != "special"


def test_the_line_of_a_place_ends_at_its_province() -> None:
    assert region_line("320104") == ("320104", "320100", "320000")
    assert region_line("110101") == ("110101", "110000")
    assert region_line("320199") == ("320100", "320000")
    assert region_line("999999") == region_line(None) == ()


# --- promises over random rulebooks and office trees

IDS = [an_id(number) for number in range(1, 9)]
REGIONS = ["320104", "320106", "320100", "320000", "110101", "659001"]
SUBJECTS = ["institution", "agency", "person", "other", "official", "unknown"]


@st.composite
def office_trees(draw: st.DrawFn) -> list[OfficeInfo]:
    ids = IDS[: draw(st.integers(1, len(IDS)))]
    return [
        OfficeInfo(
            id=office,
            code=f"o{office.int}",
            name="",
            kind=draw(st.sampled_from(["bureau", "agency", "discipline"])),
            region=draw(st.sampled_from(REGIONS)),
            level=draw(st.sampled_from(["nation", "province", "city", "county"])),
            superior_id=draw(st.none() | st.sampled_from(IDS)),  # circles and missing superiors too
            active=draw(st.integers(0, 4)) > 0,
            members=draw(st.integers(0, 2)),
            has_key=draw(st.integers(0, 4)) > 0,
            shared=draw(st.dictionaries(st.sampled_from(IDS), st.integers(1, 2), max_size=3)),
        )
        for office in ids
    ]


BOARDS = st.lists(
    st.builds(
        BoardInfo,
        id=st.integers(100, 130).map(an_id),
        office_id=st.none() | st.sampled_from(IDS),
        k=st.integers(2, 3),
        seats=st.lists(
            st.builds(
                SeatInfo,
                id=st.integers(200, 999).map(an_id),
                filled=st.booleans(),
                holder_office_id=st.none() | st.sampled_from(IDS),
            ),
            max_size=5,
        ).map(tuple),
    ),
    max_size=4,
    unique_by=lambda made: made.id,
)
TARGETS = st.builds(
    Target,
    kind=st.sampled_from(["bureau", "agency", "discipline"]),
    at=st.sampled_from(["place", "city", "province", "nation", "top", "grid"]),
    office=st.sampled_from(["", "", "o1", "o3", "nowhere"]),
)
RULES = st.lists(
    st.builds(
        RoutingRule,
        id=st.integers(0, 50).map(lambda number: f"b/{number}"),
        in_force_from=st.dates(date(2026, 1, 1), date(2027, 6, 1)),
        to=TARGETS,
        in_force_to=st.none() | st.dates(date(2026, 1, 1), date(2027, 6, 1)),
        priority=st.integers(0, 9),
        subject_types=st.frozensets(st.sampled_from(SUBJECTS), max_size=3),
        region=st.sampled_from(["", "320100", "320000"]),
        level=st.sampled_from(["", "county", "city", "province", "unknown"]),
        grid=st.sampled_from(["", "", "*", "g"]),
    ),
    max_size=8,
)
QUERIES = st.builds(
    RouteQuery,
    subject_type=st.sampled_from(SUBJECTS),
    region=st.none() | st.sampled_from([*REGIONS, "999999"]),
    grid=st.sampled_from([None, "g"]),
    against_office=st.none() | st.integers(1, 8).map(lambda number: f"o{number}"),
)


def slowly_barred(accused: Id | None, offices: list[OfficeInfo]) -> set[Id]:
    """The same set found another way: downwards from the accused until nothing is added."""
    if accused is None:
        return set()
    below, grown = {accused}, True
    while grown:
        more = {office.id for office in offices if office.superior_id in below and office.superior_id != office.id}
        grown = not more <= below
        below |= more
    return below


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(QUERIES, RULES, office_trees(), BOARDS, st.sampled_from(IDS))
def test_every_report_finds_someone_and_never_the_accused(
    query: RouteQuery, rules: list[RoutingRule], offices: list[OfficeInfo], boards: list[BoardInfo], grid: Id
) -> None:
    codes = {office.code: office.id for office in offices}
    known = {office.id: office for office in offices}
    if query.against_office is not None and query.against_office not in codes:
        with pytest.raises(Refused):
            route(query, rules, offices, boards, TODAY, grids={"g": grid})
        return
    try:
        routed = route(query, rules, offices, boards, TODAY, grids={"g": grid})
    except Unroutable as error:
        accused = codes.get(query.against_office or "") or _presumed(query, offices)
        barred = slowly_barred(accused, offices)
        able = [o for o in offices if o.active and _reads(o, accused) and o.has_key and o.id not in barred]
        usable = [made for made in boards if _usable(made, barred)]
        assert (error.code == "no_office" and not able) or (error.code == "no_board" and able and not usable)
        return
    if query.against_office is not None:
        assert routed.against_office_id == codes[query.against_office]
    barred = slowly_barred(routed.against_office_id, offices)
    assert barred == barred_by(routed.against_office_id, known)
    chosen = known[routed.office_id]
    assert chosen.id not in barred
    assert chosen.active
    assert _reads(chosen, routed.against_office_id)
    assert chosen.has_key
    (kept_by,) = [made for made in boards if made.id == routed.board_id]
    assert _usable(kept_by, barred)
    assert routed.rule_id == FALLBACK or routed.rule_id in {rule.id for rule in rules}
    assert all(why == "accused" for office, why in routed.passed_over if office in barred)


def _reads(office: OfficeInfo, accused: Id | None) -> bool:
    """Whether somebody there may read a report about *accused*."""
    return office.members > (office.shared.get(accused, 0) if accused else 0)


def _usable(made: BoardInfo, barred: set[Id]) -> bool:
    holders = {seat.holder_office_id for seat in made.seats} | {made.office_id}
    return sum(seat.filled for seat in made.seats) >= made.k and not holders & barred


def _presumed(query: RouteQuery, offices: list[OfficeInfo]) -> Id | None:
    kind = {"official": "bureau", "agency": "agency"}.get(query.subject_type)
    for place in region_line(query.region):
        here = sorted((o for o in offices if o.kind == kind and o.region == place), key=lambda o: o.code)
        if here:
            return here[0].id
    return None


def test_the_board_that_an_office_chose_goes_before_its_own_and_its_superiors_choice_is_followed() -> None:
    county, city = DEMO["320104-yb"], DEMO["320100-yb"]
    own, citys = board(1, county.id, county.id, TOP), board(2, city.id, city.id, TOP)
    boards = (own, citys, SITE_BOARD)
    chosen = DEMO | {county.code: replace(county, board_id=citys.id)}
    assert ask(RouteQuery("institution", "320104"), boards=boards).board_id == own.id
    assert ask(RouteQuery("institution", "320104"), offices=chosen, boards=boards).board_id == citys.id
    above = DEMO | {city.code: replace(city, board_id=SITE_BOARD.id)}
    assert ask(RouteQuery("institution", "320104"), offices=above, boards=(citys, SITE_BOARD)).board_id == SITE_BOARD.id


def test_a_chosen_board_with_a_seat_of_the_accused_is_passed_over_like_any_other() -> None:
    county, city = DEMO["320104-yb"], DEMO["320100-yb"]
    citys = board(2, city.id, city.id, county.id)
    chosen = DEMO | {code: replace(office, board_id=citys.id) for code, office in DEMO.items()}
    about = RouteQuery("institution", "320104", against_office="320104-yb")
    assert ask(about, offices=chosen, boards=(citys, SITE_BOARD)).board_id == SITE_BOARD.id


def test_a_retired_board_keeps_nothing_new() -> None:
    county = DEMO["320104-yb"]
    own = replace(board(1, county.id, county.id, TOP), retired=True)
    assert not board_usable(own, frozenset())
    assert ask(RouteQuery("institution", "320104"), boards=(own, SITE_BOARD)).board_id == SITE_BOARD.id


def test_what_would_be_left_without_a_board_is_known_before_one_is_retired() -> None:
    offices, top = {office.id: office for office in DEMO.values()}, DEMO["320000-yb"]
    assert boardless_without(SITE_BOARD.id, offices, [SITE_BOARD])[0] is None
    both = [SITE_BOARD, DISCIPLINE_BOARD]
    spare = board(970, None, DEMO["320106-yb"].id, DEMO["320106-jb"].id)
    assert boardless_without(SITE_BOARD.id, offices, [*both, spare]) == ()
    assert boardless_without(SITE_BOARD.id, offices, both) == (DEMO["320100-jw"].id,)  # a seat of it is on the other
    assert top.id in boardless_without(DISCIPLINE_BOARD.id, offices, both)  # the site's has a seat of the top bureau
    retired = replace(SITE_BOARD, retired=True)
    assert boardless_without(retired.id, offices, [retired, DISCIPLINE_BOARD]) == ()
