"""The picture that stands for a case where its address is shared."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from portal.exposures.sharepicture import FONT, HEIGHT, NOT_FIRST, WIDTH, Told, balanced, picture, wrapped
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from tests.conftest import StandingClock
from tests.exposures.showcase import HOSPITAL, PHARMACY, office, put_up, take_down

TOLD = Told("演示大药房串换药品案", "演示区医疗保障局", "案例 2026-0001", "明镜", "虚构案例，仅供演示")
GIVEN = st.text(st.sampled_from("甲乙丙医院，。）MRI 12.5"), max_size=60)


def pixels(told: Told) -> Image.Image:
    return Image.open(io.BytesIO(picture(told))).convert("RGB")


def width(text: str) -> float:
    """A measure as of a font: a Chinese character is twice as wide as a Latin one."""
    return float(sum(1 if char.isascii() else 2 for char in text))


def test_it_is_as_large_as_what_shows_it_asks_for() -> None:
    image = Image.open(io.BytesIO(picture(TOLD)))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT)) == ("PNG", (1200, 630))


def test_the_same_words_make_the_same_bytes_and_other_words_others() -> None:
    first = picture(TOLD)
    picture.cache_clear()
    assert picture(TOLD) == first
    for name in ("title", "office", "line", "brand", "warning"):
        assert picture(replace(TOLD, **{name: "另外的话"})) != first


def test_rare_characters_of_names_are_drawn_and_what_the_letters_lack_is_a_box() -> None:
    drawn = [pixels(replace(TOLD, title=one)) for one in ("堃", "喆", "犇", " ")]
    assert len({image.tobytes() for image in drawn}) == 4
    lacking = [pixels(replace(TOLD, title=one)).tobytes() for one in ("𠮷", "𪚥")]
    assert lacking[0] == lacking[1] != drawn[3].tobytes()


@pytest.mark.parametrize("title", ["案", "一家医院重复收费" * 5, "一家医院重复收费" * 40, "x" * 200, ""])
def test_a_title_of_any_length_stays_between_its_margins(title: str) -> None:
    image = pixels(replace(TOLD, title=title))
    paper = image.getpixel((2, 300))
    for box in ((0, 130, 80, 490), (1120, 130, 1200, 490)):
        assert image.crop(box).getcolors() == [((box[2] - box[0]) * 360, paper)]


@given(GIVEN)
def test_lines_hold_every_character_and_none_is_too_wide(text: str) -> None:
    for make in (wrapped, balanced):
        lines = make(text, 12, width)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(width(line) <= 12 for line in lines)
        assert all(line.strip() for line in lines)


WRAPPED = {
    "甲乙丙甲乙丙，甲": ["甲乙丙甲乙", "丙，甲"],
    "甲乙丙甲乙丙。）甲": ["甲乙丙甲乙", "丙。）甲"],
    "。。。。。。。": ["。。。。。。", "。"],
}


@pytest.mark.parametrize(("text", "lines"), WRAPPED.items())
def test_a_mark_is_no_lines_beginning_where_there_is_a_choice(text: str, lines: list[str]) -> None:
    assert wrapped(text, 12, width) == lines


@given(GIVEN)
def test_a_mark_begins_a_line_only_where_nothing_could_go_with_it(text: str) -> None:
    lines = wrapped(text, 12, width)
    marks = "".join(NOT_FIRST)
    for before, line in pairwise(lines):
        if line[0] in NOT_FIRST:
            kept = before.rstrip(marks)
            assert len(kept) <= 1 or width(before[len(kept) - 1 :] + line[0]) > 12


def test_latin_words_stay_whole_unless_they_are_wider_than_a_line() -> None:
    assert wrapped("用MRI检查MRI", 8, width) == ["用MRI检", "查MRI"]
    assert wrapped("ABCDEFGHIJ", 8, width) == ["ABCDEFGH", "IJ"]


def test_the_letters_come_with_their_licence() -> None:
    licence = (FONT.parent / "LICENSE").read_text("utf-8")
    assert licence.startswith(f"{FONT.name}: ")
    assert "SIL Open Font License, Version 1.1" in licence


def test_a_case_on_show_has_its_picture_in_both_languages_and_none_once_it_is_gone(
    reader: FlaskClient, database: Database, clock: StandingClock
) -> None:
    with transaction() as session:
        bureau = office(session)
        put_up(session, bureau, PHARMACY, code="2026-0001")
        take_down(session, put_up(session, bureau, HOSPITAL, code="2026-0002"), date(2026, 9, 7))
    chinese, english = (reader.get(f"{root}/exposures/2026-0001.png") for root in ("", "/en"))
    assert (chinese.status_code, chinese.content_type) == (200, "image/png")
    assert chinese.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    asked = reader.get("/exposures/2026-0001.png", headers={"If-None-Match": chinese.headers["ETag"]})
    assert (asked.status_code, asked.data) == (304, b"")
    assert chinese.data != english.data
    for code in ("2026-0002", "2026-0003", "x"):
        assert reader.get(f"/exposures/{code}.png").status_code == 404
