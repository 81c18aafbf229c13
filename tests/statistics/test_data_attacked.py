"""The data of the bulletins under attack: each version has its hash in the ledger, each number stands once."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from portal.statistics.values import Month
from tests.conftest import StandingClock
from tests.statistics.bulletin_rows import invented, publish_row
from tests.statistics.conftest import CORRECTION, Desk
from tests.statistics.test_making import booked, put_right

AUGUST = Month(2026, 8)
BEFORE = {"web": 40, "12393": 20}


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What is said does not depend on the database; the reads are tested on both in test_making."""
    return sqlite_database


@pytest.fixture
def reader(public_app: Flask, clock: StandingClock) -> FlaskClient:
    """Somebody who keeps no cookie, on a site whose August is corrected and whose June has few reports."""
    publish_row(invented(Month(2026, 6), {"web": 3, "12393": 0}))
    publish_row(invented(Month(2026, 7), {"web": 21, "12393": 9}, days=(3, 9, 9, 10, 11, 12, 12, 30, 31, 40)))
    publish_row(invented(AUGUST, BEFORE))
    publish_row(invented(AUGUST, {"web": 39, "12393": 21}), version=2, reason="record", words="来源登记错了（虚构）。")
    return public_app.test_client(use_cookies=False)


def asked(reader: FlaskClient, path: str, status: int = 200) -> dict[str, Any]:
    answer = reader.get(path)
    assert answer.status_code == status, answer.text
    found = json.loads(answer.text)
    assert isinstance(found, dict)
    return found


def pages(reader: FlaskClient, path: str) -> Iterator[dict[str, Any]]:
    following: str | None = path
    while following:
        page = asked(reader, following)
        yield page
        following = page["next"]


def lines(reader: FlaskClient, path: str) -> list[dict[str, str]]:
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def numbers(said: object) -> Iterator[int | None]:
    """Every number of a content below its figures, and every gap."""
    if isinstance(said, dict):
        for name, one in said.items():
            yield from numbers(one) if name not in ("withheld", "definition") else ()
    elif said is None or isinstance(said, int):
        yield said


def test_the_file_of_each_version_has_the_hash_that_the_ledger_has(public_app: Flask, desk: Desk) -> None:
    desk.published()
    put_right(7)
    desk.published(correction=CORRECTION)
    reader = public_app.test_client(use_cookies=False)
    told = {event["version"]: event["sha256"] for event in booked("handling-published")}
    assert set(told) == {1, 2} and told[1] != told[2]
    for version, sha256 in told.items():
        data = reader.get(f"/figures/data/2026-09/{version}.json").data
        assert hashlib.sha256(data).hexdigest() == sha256
    assert hashlib.sha256(reader.get("/figures/data/2026-09.json").data).hexdigest() == told[2]
    assert reader.get("/en/figures/data/2026-09.json").data == reader.get("/figures/data/2026-09.json").data


def test_every_answer_is_as_the_description_says(reader: FlaskClient) -> None:
    told = asked(reader, "/figures/data/openapi.json")
    validate(told)
    checked = 0
    for path, verbs in told["paths"].items():
        content = verbs["get"]["responses"]["200"]["content"]
        for month in ("2026-06", "2026-07", "2026-08"):
            place = path.replace("{month}", month).replace("{version}", "1")
            if "application/json" in content:
                schema = {**content["application/json"]["schema"], "components": told["components"]}
                Draft202012Validator(schema).validate(asked(reader, place))
                checked += 1
            else:
                assert reader.get(place).mimetype == "text/csv"
    assert checked == 9


def test_the_list_says_what_each_month_says_now_with_its_hash_and_why_it_was_corrected(reader: FlaskClient) -> None:
    august, july, june = asked(reader, "/figures/data/bulletins.json")["bulletins"]
    assert [august["month"], july["month"], june["month"]] == ["2026-08", "2026-07", "2026-06"]
    assert (august["version"], august["reason"], august["words"]) == (2, "record", "来源登记错了（虚构）。")
    assert (july["version"], july["reason"], july["words"]) == (1, None, None)
    for one in (august, july, june):
        data = reader.get(one["data"].removeprefix("https://portal.example")).data
        assert hashlib.sha256(data).hexdigest() == one["sha256"]


def test_ten_years_of_months_can_be_paged_through_and_none_comes_twice(public_app: Flask) -> None:
    wanted = [Month(year, number) for year in range(2021, 2031) for number in range(1, 13)]
    for month in wanted:
        publish_row(invented(month, {"web": 30, "12393": 10}))
    reader = public_app.test_client(use_cookies=False)
    for path in ("/figures/data/bulletins.json", "/figures/data/bulletins.json?limit=7"):
        found = [one["month"] for page in pages(reader, path) for one in page["bulletins"]]
        assert found == sorted(map(str, wanted), reverse=True)
    whole = asked(reader, "/figures/data/bulletins.json?limit=120")
    assert (len(whole["bulletins"]), whole["next"]) == (120, None)


@pytest.mark.parametrize("month", ["2026-06", "2026-07", "2026-08"])
def test_the_table_has_each_number_and_each_gap_of_the_content_once(reader: FlaskClient, month: str) -> None:
    said = asked(reader, f"/figures/data/{month}.json")
    rows = lines(reader, f"/figures/data/{month}.csv")
    told = [None if row["withheld"] == "true" else int(row["value"]) for row in rows]
    inside = [one for name, block in said.items() if isinstance(block, dict) for one in numbers({name: block})]
    assert sorted(map(str, told)) == sorted(map(str, inside))
    assert {row["value"] for row in rows if row["withheld"] == "true"} <= {""}
    keys = [(row["figure"], row["table"], row["cell"]) for row in rows]
    assert len(keys) == len(set(keys))


def test_an_older_version_keeps_its_numbers_under_its_own_address(reader: FlaskClient) -> None:
    def web(path: str) -> str:
        return next(row["value"] for row in lines(reader, path) if (row["table"], row["cell"]) == ("channel", "web"))

    assert web("/figures/data/2026-08/1.csv") == "40"
    assert web("/figures/data/2026-08/2.csv") == web("/figures/data/2026-08.csv") == "39"
    assert asked(reader, "/figures/data/2026-08/1.json")["received"]["tables"]["channel"]["cells"] == BEFORE


def test_a_name_that_looks_like_a_formula_is_none_in_the_table(public_app: Flask) -> None:
    said = invented(AUGUST, {"web": 12, "=1+1": 9})
    publish_row(said)
    rows = lines(public_app.test_client(use_cookies=False), "/figures/data/2026-08.csv")
    (name,) = [row["cell_name"] for row in rows if row["cell"] == "=1+1"]
    assert not name.startswith("=")


@pytest.mark.parametrize(
    "query", ["colour=red", "limit=0", "limit=121", "limit=-1", "limit=９", "limit=1&limit=2", "before=2026-13",
              "before=2026", "before=", "before=2026-07%0A", "before=%00"],
)  # fmt: skip
def test_a_question_that_is_not_described_is_refused_in_json(reader: FlaskClient, query: str) -> None:
    assert asked(reader, f"/figures/data/bulletins.json?{query}", 400)["error"] == "bad_filter"


@pytest.mark.parametrize(
    "name", ["2026-13", "2026-05", "９", "2026-08/0", "2026-08/3", "2026-08/99999999999999999999", "x" * 500, "%00",
             "2026-08%0A", "bulletin"],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["json", "csv"])
def test_what_is_not_there_is_answered_in_json(reader: FlaskClient, name: str, ending: str) -> None:
    assert asked(reader, f"/figures/data/{name}.{ending}", 404)["error"] == "not_found"


def test_an_address_takes_no_question_that_means_nothing(reader: FlaskClient) -> None:
    for path in ("2026-08.json", "2026-08.csv", "2026-08/1.json", "openapi.json"):
        assert asked(reader, f"/figures/data/{path}?version=1", 400)["error"] == "bad_filter"


def test_who_has_it_already_is_told_so_and_nobody_gets_a_cookie(reader: FlaskClient) -> None:
    for path in ("bulletins.json", "2026-08.json", "2026-08.csv", "2026-08/1.json", "openapi.json"):
        first = reader.get(f"/figures/data/{path}")
        assert "Set-Cookie" not in first.headers
        assert "max-age" in first.headers["Cache-Control"]
        again = reader.get(f"/figures/data/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304, path


def test_the_catalogue_of_all_data_names_the_bulletins(reader: FlaskClient) -> None:
    sets = asked(reader, "/fund/data/catalog.jsonld")["dcat:dataset"]
    files = [one["dcat:downloadURL"] for each in sets for one in each["dcat:distribution"]]
    ours = [one for one in files if "/figures/data/" in one]
    assert [one.rpartition("/")[2] for one in ours] == ["bulletins.csv", "bulletins.json"]
    assert [reader.get(one).status_code for one in ours] == [200, 200]
