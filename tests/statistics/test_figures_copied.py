"""The bulletins in the static copy: every month, every version, and the list of them to its end."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from portal.app import create_app
from portal.config import Settings
from portal.exporting.copying import collect
from portal.exporting.scope import FIGURES, Scope
from portal.kernel.db import Database
from portal.statistics.values import Month
from tests.conftest import StandingClock
from tests.statistics.bulletin_rows import invented, publish_row

ADDRESS = "https://portal.example"
MONTHS = [Month(year, number) for year in (2024, 2025) for number in range(1, 13)] + [Month(2026, 7), Month(2026, 8)]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is copied is asked of the site."""
    return sqlite_database


@pytest.fixture
def copied(public_settings: Settings, database: Database, clock: StandingClock) -> dict[str, bytes]:
    """Files of a copy of more months than a page of the list holds, of which one is corrected."""
    app = create_app(replace(public_settings, site=replace(public_settings.site, address=ADDRESS)), database)
    for month in MONTHS:
        publish_row(invented(month, {"web": 40, "12393": 20}))
    publish_row(invented(MONTHS[-1], {"web": 39, "12393": 21}), version=2, reason="record", words="登记错了（虚构）。")
    files: dict[str, bytes] = {}
    collect(app, ADDRESS, Scope(("",), (FIGURES,)), files.__setitem__)
    return files


def test_the_copy_holds_each_month_each_version_and_their_files(copied: dict[str, bytes]) -> None:
    for month in MONTHS:
        for name in (f"figures/{month}/index.html", f"figures/data/{month}.json", f"figures/data/{month}.csv"):
            assert name in copied
    for name in ("figures/2026-08/1/index.html", "figures/data/2026-08/1.json", "figures/data/2026-08/1.csv"):
        assert name in copied
    assert b'"web":40' in copied["figures/data/2026-08/1.json"]
    assert b'"web":39' in copied["figures/data/2026-08.json"]


def test_the_tables_that_the_copy_describes_are_in_it(copied: dict[str, bytes]) -> None:
    described = json.loads(copied["figures/data/bulletins.csv-metadata.json"])
    named = {f"figures/data/{one['url']}" for one in described["tables"]}
    assert len(named) == len(MONTHS) + 1 and named <= set(copied)


def test_the_list_of_the_copy_can_be_read_to_its_end_inside_the_copy(copied: dict[str, bytes]) -> None:
    lists = [
        json.loads(data) for name, data in copied.items() if re.fullmatch(r"figures/data/bulletins[-\w]*\.json", name)
    ]
    assert sorted(one["month"] for each in lists for one in each["bulletins"]) == [str(month) for month in MONTHS]
    assert not [each["next"] for each in lists if each["next"] and "://" in each["next"]]


def test_whatever_file_the_list_names_is_in_the_copy_or_on_the_site(copied: dict[str, bytes]) -> None:
    named: list[str] = [one["data"] for one in json.loads(copied["figures/data/bulletins.json"])["bulletins"]]
    assert [one for one in named if not one.startswith(f"{ADDRESS}/") and one.lstrip("/") not in copied] == []
