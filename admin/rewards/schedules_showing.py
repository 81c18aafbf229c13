"""Where a schedule jumps, table by table, as a page shows it: places, a picture, and the same in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from admin.rewards.schedules_wording import figure_words, place_words
from portal.kernel.errors import Refused
from portal.rewards import ruletelling
from portal.rewards.charts import Chart, chart
from portal.rewards.jumps import Asking, Place, Way, case_for
from portal.rewards.rules import choose_table
from portal.rewards.values import Case, Schedule, Subject, Table
from portal.rewards.wording import yuan


@dataclass(frozen=True, slots=True)
class Shown:
    """One table: for which cases, its places with words, its picture, and the picture in a sentence.

    ``why``: why no case value gives a figure; "" where some does. ``chosen``: an officer chooses; the lowest is shown.
    """

    caption: str
    places: tuple[tuple[str, Place], ...]
    chart: Chart | None
    told: str
    why: str
    chosen: bool


def of_schedule(schedule: Schedule, today: date) -> tuple[Shown, ...]:
    """Every table of *schedule*."""
    case = Case(0, today, Subject.INSTITUTION)
    captions = [table.caption for table in ruletelling.tables(schedule)]
    return tuple(
        _shown(caption, case_for(table, case), schedule, table)
        for caption, table in zip(captions, schedule.tables, strict=True)
    )


def of_case(schedule: Schedule, case: Case) -> tuple[Shown, ...]:
    """The table that goes for *case*; none where none does."""
    try:
        table = choose_table(case, schedule.tables)
    except Refused:
        return ()
    return (_shown("这种情形", case, schedule, table),)


def _shown(caption: str, case: Case, schedule: Schedule, table: Table) -> Shown:
    asking = Asking(case, schedule, table)
    places = asking.places()
    picture = chart(asking, places)
    return Shown(
        caption=caption,
        places=tuple((place_words(place), place) for place in places),
        chart=picture,
        told=_told(places),
        why="" if picture else asking.figure(1).reason or "没有数额。",
        chosen=any(band.rate_max is not None or band.base_max_fen is not None for band in table.bands),
    )


def _told(places: Sequence[Place]) -> str:
    """The picture in a sentence."""
    jumps = [place for place in places if place.way in (Way.UP, Way.DOWN)]
    if not jumps:
        return "横轴是案值，竖轴是奖励。奖励随案值连续上升，没有突然升高或者降低的地方。"
    said = "；".join(
        f"案值 {yuan(place.at.value_fen)}处从 {figure_words(place.last_figure)}变为 {figure_words(place.first_figure)}"
        for place in jumps
    )
    return f"横轴是案值，竖轴是奖励。{said}。"
