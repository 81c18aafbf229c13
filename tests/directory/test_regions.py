"""Divisions down to the county: what is offered, what answers, what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.directory.regions import regions
from portal.kernel.errors import NotFound

KNOWN = regions()
ALL = [region for top in KNOWN.children() for region in (top, *KNOWN.children(top.code))]
EVERY = {region.code: region for first in ALL for region in (first, *KNOWN.children(first.code))}


def test_all_31_provinces_with_bureaus_are_offered_and_every_code_has_six_digits() -> None:
    assert len(KNOWN.children()) == 31
    assert len(EVERY) > 3_300
    assert all(re.fullmatch("[0-9]{6}", code) for code in EVERY)


def test_no_pseudo_division_is_shown() -> None:
    names = {region.name for region in EVERY.values()}
    assert not names & {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("320104", ("江苏省", "南京市", "秦淮区")),
        ("110101", ("北京市", "东城区")),
        ("500229", ("重庆市", "城口县")),
        ("429004", ("湖北省", "仙桃市")),
        ("659001", ("新疆维吾尔自治区", "石河子市")),
        ("441900", ("广东省", "东莞市")),
        ("320191", ("江苏省", "南京市", "江北新区")),
        ("653228", ("新疆维吾尔自治区", "和田地区", "和康县")),
    ],
)
def test_children_of_pseudo_divisions_hang_on_what_people_know(code: str, path: tuple[str, ...]) -> None:
    assert KNOWN.path(code) == path


def test_every_province_and_city_has_one_english_name_and_a_county_keeps_its_own() -> None:
    above = [region for region in EVERY.values() if region.level != "county"]
    assert [region.name for region in above if not re.fullmatch("[A-ZÜ][a-zA-Zêü' ]+", region.english)] == []
    assert [region.name for region in EVERY.values() if region.level == "county" and region.english] == []
    ways = [KNOWN.path_in_english(region.code) for region in above]
    assert len(set(ways)) == len(ways)


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("320104", ("秦淮区", "Nanjing", "Jiangsu")),
        ("610100", ("Xi'an", "Shaanxi")),
        ("140400", ("Changzhi", "Shanxi")),
        ("411100", ("Luohe", "Henan")),
        ("133100", ("Xiong'an New Area", "Hebei")),
        ("500112", ("渝北区", "Chongqing")),
    ],
)
def test_english_goes_from_the_place_up(code: str, path: tuple[str, ...]) -> None:
    assert KNOWN.path_in_english(code) == path


def test_functional_areas_and_later_changes_say_on_what_they_rest() -> None:
    assert KNOWN.get("320191").kind == "functional"
    assert "GB/T 2260 没有代码" in KNOWN.get("320191").basis
    assert KNOWN.get("500157").basis


def test_what_is_retired_is_still_a_part_of_where_it_was() -> None:
    assert {one.code for one in KNOWN.parts("500000")} - {one.code for one in KNOWN.children("500000")} == {
        "500105",
        "500112",
    }
    assert KNOWN.parts("320104") == ()
    with pytest.raises(NotFound):
        KNOWN.parts("999999")


def test_a_retired_county_answers_but_is_not_offered() -> None:
    assert KNOWN.get("500112").into == ("500157", "500109")
    assert KNOWN.path("500112") == ("重庆市", "渝北区")
    assert "500112" not in {region.code for region in KNOWN.children("500000")}
    assert not [region for region in KNOWN.search("渝北") if region.retired]


@pytest.mark.parametrize("code", ["", "320100x", "999999", "110100", "３２０１０４", "32010"])
def test_an_unknown_code_is_refused(code: str) -> None:
    assert code not in KNOWN
    for ask in (KNOWN.get, KNOWN.children, KNOWN.parents, KNOWN.path):
        with pytest.raises(NotFound) as caught:
            ask(code)
        assert caught.value.code == "unknown_region"


def test_every_division_lies_in_its_parents_and_levels_go_down() -> None:
    order = {"province": 0, "city": 1, "county": 2}
    for region in EVERY.values():
        above = KNOWN.parents(region.code)
        assert (region.parent is None) == (not above)
        levels = [order[parent.level] for parent in reversed(above)] + [order[region.level]]
        assert levels == sorted(set(levels))
        assert all(KNOWN.within(region.code, parent.code) for parent in above)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("南京", "320100"),
        ("南京鼓楼", "320106"),
        ("南京市鼓楼区", "320106"),
        ("江苏 鼓楼", "320106"),
        ("江苏省南京市鼓楼区", "320106"),
        ("３２０１０６", "320106"),
        ("江北新", "320191"),
        ("北京朝阳", "110105"),
        ("内蒙古", "150000"),
    ],
)
def test_what_people_type_finds_the_place(typed: str, first: str) -> None:
    assert KNOWN.search(typed)[0].code == first


def test_a_parent_that_matches_does_not_bring_all_its_children() -> None:
    assert [region.name for region in KNOWN.search("南京")] == ["南京市"]


def test_nothing_typed_finds_nothing_and_the_limit_holds() -> None:
    assert KNOWN.search("  ") == []
    assert KNOWN.search("市辖区") == []
    assert len(KNOWN.search("区", 7)) == 7


@given(st.text(max_size=40))
def test_no_text_breaks_the_search(text: str) -> None:
    assert len(KNOWN.search(text, 5)) <= 5


@given(st.sampled_from(sorted(EVERY)))
def test_the_full_name_of_a_place_finds_it(code: str) -> None:
    assert code in {region.code for region in KNOWN.search("".join(KNOWN.path(code)), 200)}
