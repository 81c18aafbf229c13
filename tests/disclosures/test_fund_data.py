"""The open data of fund accounts: described, paged, filtered, the same for everybody."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from python_calamine import CalamineWorkbook
from sqlalchemy import event, select

from portal.disclosures.models import PublishedDisclosure
from portal.disclosures.openapi import MOST_ROWS
from portal.disclosures.opendata import COLUMNS
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from tests.benches.fund_rows import publish_months, some_places
from tests.disclosures.figures import bulletins, figure, publish


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is said does not depend on the database; the reads run on both in test_queries."""
    return sqlite_database


@pytest.fixture
def reader(public_app: Flask) -> FlaskClient:
    """Somebody who keeps no cookie, over the collected bulletins, one of whose figures is corrected."""
    with transaction() as session:
        invented = [figure("critical", "yield", "", 2024), figure("critical", "balance", "-0.30", 2024)]
        publish(session, [*bulletins(), *invented])
        again = figure("critical", "balance", "-0.20", 2024)
        publish(session, [again], version=2, code="2026-0003", reason="mistyped", words="录错一位（虚构）。")
    return public_app.test_client(use_cookies=False)


def asked(reader: FlaskClient, path: str) -> dict[str, Any]:
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text
    found = json.loads(answer.text)
    assert isinstance(found, dict)
    return found


def pages(reader: FlaskClient, path: str) -> Iterator[dict[str, Any]]:
    following: str | None = path
    while following:
        page = asked(reader, following)
        yield page
        following = page["next"]


def distributions(told: dict[str, Any]) -> list[str]:
    """The address of every file of the catalogue."""
    return [one["dcat:downloadURL"] for each in told["dcat:dataset"] for one in each["dcat:distribution"]]


def rows_of(answer: Any) -> list[dict[str, str]]:
    """The rows of a CSV by the names of its columns."""
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_every_answer_is_as_the_description_says(reader: FlaskClient) -> None:
    told = asked(reader, "/fund/data/openapi.json")
    validate(told)
    for path, verbs in told["paths"].items():
        content = verbs["get"]["responses"]["200"]["content"]
        if "application/json" not in content:
            continue
        code = asked(reader, "/fund/data/figures.json?limit=1")["figures"][0]["code"]
        schema = {**content["application/json"]["schema"], "components": told["components"]}
        Draft202012Validator(schema).validate(asked(reader, path.replace("{code}", code)))


def test_all_figures_can_be_paged_through_and_none_comes_twice(reader: FlaskClient) -> None:
    codes = [one["code"] for page in pages(reader, "/fund/data/figures.json?limit=100") for one in page["figures"]]
    assert len(codes) == len(set(codes)) == 337
    assert codes == sorted(codes)


def test_amounts_are_the_strings_that_were_printed(reader: FlaskClient) -> None:
    query = "/fund/data/figures.json?region=000000&fund=resident&measure=balance&year=2021"
    (one,) = asked(reader, query)["figures"]
    assert (one["amount"], one["decimals"], one["unit"]["code"]) == ("428.10", 2, "亿元")


def test_what_was_not_disclosed_is_null_and_said_to_be_so(reader: FlaskClient) -> None:
    (one,) = asked(reader, "/fund/data/figures.json?disclosed=false")["figures"]
    assert (one["disclosed"], one["amount"], one["decimals"], one["measure"]["code"]) == (False, None, None, "yield")


def test_a_place_that_is_not_sure_is_no_region(reader: FlaskClient) -> None:
    unsure = [
        one for page in pages(reader, "/fund/data/figures.json?confirmed=false&limit=200") for one in page["figures"]
    ]
    assert len(unsure) == 46
    assert {one["region"] for one in unsure} == {None}
    assert asked(reader, "/fund/data/figures.json?region=120000")["figures"] == []


def test_a_figure_has_all_its_versions_at_its_address(reader: FlaskClient) -> None:
    code = figure("critical", "balance", "1", 2024).series.code
    found = asked(reader, f"/fund/figures/{code}.json")["versions"]
    assert [(one["version"], one["supersedes"], one["amount"]) for one in found] == [
        (2, 1, "-0.20"),
        (1, None, "-0.30"),
    ]
    changed = asked(reader, "/fund/data/changes.json")["changes"]
    assert [(one["code"], one["version"], one["disclosure"]) for one in changed] == [(code, 2, "2026-0003")]


def test_no_correction_is_lost_however_short_the_pages_are(reader: FlaskClient) -> None:
    other = figure("resident", "balance", "428.10", 2021)
    with transaction() as session:
        for version in (3, 4):
            again = figure("critical", "balance", f"-0.{version}0", 2024)
            publish(session, [again], version=version, code=f"2026-000{version + 1}", reason="mistyped", words="虚构。")
        publish(session, [other], version=2, code="2026-0006", reason="mistyped", words="虚构。")
    found = list(pages(reader, "/fund/data/changes.json?limit=1"))
    told = sorted((one["code"], one["version"]) for page in found for one in page["changes"])
    corrected = figure("critical", "balance", "1", 2024).series.code
    assert len(found) == 2
    assert told == sorted([(corrected, 2), (corrected, 3), (corrected, 4), (other.series.code, 2)])


def test_the_table_says_the_same_as_the_pages_of_json(reader: FlaskClient) -> None:
    answer = reader.get("/fund/data/figures.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = rows_of(answer)
    told = [one for page in pages(reader, "/fund/data/figures.json?limit=200") for one in page["figures"]]
    assert [row["code"] for row in rows] == [one["code"] for one in told]
    assert [row["amount"] or None for row in rows] == [one["amount"] for one in told]
    assert sum(Decimal(row["amount"]) for row in rows if row["amount"]) == sum(
        Decimal(one["amount"]) for one in told if one["amount"]
    )
    assert "csv-metadata" in answer.headers["Link"]


def test_the_workbook_keeps_zeros_that_were_printed(reader: FlaskClient) -> None:
    answer = reader.get("/fund/data/figures.xlsx?fund=resident&measure=balance&year=2021&region=000000")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[1][[name for name, _type, _words in COLUMNS].index("amount")] == "428.10"


def test_the_columns_are_described_in_their_order_with_their_key(reader: FlaskClient) -> None:
    told = asked(reader, "/fund/data/figures.csv-metadata.json")
    header = reader.get("/fund/data/figures.csv?year=2018").data.decode("utf-8-sig").splitlines()[0].split(",")
    assert [one["name"] for one in told["tableSchema"]["columns"]] == header
    assert told["tableSchema"]["primaryKey"] == ["code", "version"]
    assert told["url"] == "/fund/data/figures.csv"


def test_the_catalogue_names_every_set_with_files_that_are_there(reader: FlaskClient) -> None:
    told = asked(reader, "/fund/data/catalog.jsonld")
    files = distributions(told)
    assert len(files) == 7
    assert all(reader.get(one).status_code == 200 for one in files)
    assert told["dcat:dataset"][0]["dct:temporal"] == {"dcat:startDate": "2018-01-01", "dcat:endDate": "2025-12-31"}


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "year=20",
        "year=1",
        "limit=0",
        "limit=201",
        "fund=gold",
        "confirmed=1",
        "after=UP",
        "region=全国",
        "from=2024&to=2023",
        "year=2024&year=2025",
        "part=1",
    ],
)
def test_a_question_that_is_not_described_is_refused_in_json(reader: FlaskClient, query: str) -> None:
    answer = reader.get(f"/fund/data/figures.json?{query}")
    assert (answer.status_code, json.loads(answer.text)["error"]) == (400, "bad_filter")


@pytest.mark.parametrize("query", ["part=0", "part=1000", "part=x", "limit=10", "after=aaaaaaaaaaaa"])
def test_a_table_takes_a_part_and_no_paging(reader: FlaskClient, query: str) -> None:
    for ending in ("csv", "xlsx"):
        answer = reader.get(f"/fund/data/figures.{ending}?{query}")
        assert (answer.status_code, json.loads(answer.text)["error"]) == (400, "bad_filter")


@pytest.mark.parametrize(("root", "words"), [("", "没有这个页面"), ("/en", "There is no such page")])
def test_an_unknown_address_of_data_is_answered_in_json(public_app: Flask, root: str, words: str) -> None:
    reader = public_app.test_client(use_cookies=False)
    for path in ("/fund/data/nothing", "/fund/data/x/y.json", "/exposures/data/nothing.csv", "/exposures/data/"):
        answer = reader.get(root + path)
        assert (answer.status_code, answer.content_type) == (404, "application/json; charset=utf-8"), path
        assert json.loads(answer.text) == {"error": "not_found", "message": words}


def test_a_wrong_method_is_answered_in_json_and_told_the_right_ones(public_app: Flask) -> None:
    reader = public_app.test_client(use_cookies=False)
    for path in ("/fund/data/figures.json", "/fund/figures/aaaaaaaaaaaa.json", "/exposures/data/cases.csv"):
        for verb in ("DELETE", "PUT", "PATCH", "POST"):
            answer = reader.open(path, method=verb)
            assert (answer.status_code, json.loads(answer.text)["error"]) == (405, "method"), (verb, answer.text)
            assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_page_for_people_is_still_refused_with_a_page(public_app: Flask) -> None:
    assert public_app.test_client().get("/fund/nothing/at/all").content_type == "text/html; charset=utf-8"


def test_who_asks_too_often_is_told_so_in_json(reader: FlaskClient) -> None:
    answers = [reader.get("/fund/data/figures.xlsx?year=1999") for _ in range(31)]
    assert [one.status_code for one in answers[:30]] == [200] * 30
    assert (answers[30].status_code, json.loads(answers[30].text)["error"]) == (429, "throttled")


def test_disclosures_can_be_paged_through_and_none_comes_twice(reader: FlaskClient) -> None:
    found = list(pages(reader, "/fund/data/disclosures.json?limit=1"))
    assert [one["code"] for page in found for one in page["disclosures"]] == ["2026-0001", "2026-0003"]
    assert found[0]["next"] == "/fund/data/disclosures.json?limit=1&after=2026-0001"
    refused = reader.get("/fund/data/disclosures.json?after=2026-x")
    assert (refused.status_code, json.loads(refused.text)["error"]) == (400, "bad_filter")


def test_words_of_a_source_are_never_a_formula(reader: FlaskClient) -> None:
    hostile = figure("resident", "yield", "-1.5", 1999, region="320104", place='=HYPERLINK("http://x")')
    hostile = replace(hostile, source="@SUM(A1)", source_url="+1+1", note="-2+3|cmd")
    with transaction() as session:
        publish(session, [hostile], code="2026-0009")
    (row,) = rows_of(reader.get("/fund/data/figures.csv?year=1999"))
    answer = reader.get("/fund/data/figures.xlsx?year=1999")
    names, cells = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    book = dict(zip([name for name, _type, _words in COLUMNS], cells, strict=True))
    assert len(names) == len(COLUMNS)
    for told in (row, book):
        assert [name for name, cell in told.items() if str(cell).startswith(("=", "+", "@", "-"))] == ["amount"]
        assert (told["source"], told["source_url"], told["note"]) == ("'@SUM(A1)", "'+1+1", "'-2+3|cmd")
        assert told["amount"] == "-1.5"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book_file:
        assert b"<f>" not in book_file.read("xl/worksheets/sheet1.xml")


def test_more_figures_than_a_table_holds_are_given_by_year_and_none_is_lost(
    public_app: Flask, database: Database
) -> None:
    reader = public_app.test_client(use_cookies=False)
    with transaction() as session:
        publish(session, [figure("resident", "balance", "1", 2015)])
        office = session.scalars(select(PublishedDisclosure.office_id)).one()
        total = publish_months(session, office, some_places()[:21])
    assert total == 20_160 > MOST_ROWS
    refused = reader.get("/fund/data/figures.csv")
    assert (refused.status_code, json.loads(refused.text)["error"]) == (400, "too_much")
    files = [one for one in distributions(asked(reader, "/fund/data/catalog.jsonld")) if "/fund/" in one]
    tables = [one for one in files if "figures.csv" in one]
    assert tables == [f"/fund/data/figures.csv?year={year}" for year in range(2015, 2026)]
    assert [one.replace(".csv", ".xlsx") for one in tables] == [one for one in files if ".xlsx" in one]
    codes = [row["code"] for one in tables for row in rows_of(reader.get(one))]
    assert len(codes) == len(set(codes)) == total + 1
    assert reader.get(f"{files[0]}".replace(".csv", ".xlsx")).status_code == 200
    described = asked(reader, "/fund/data/figures.csv-metadata.json")
    assert [one["url"] for one in described["tables"]] == tables
    page = reader.get("/fund/data/").text
    assert all(f'href="{one}"' in page for one in tables)


def test_a_year_that_no_table_holds_is_cut_into_parts(reader: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.disclosures.openapi.MOST_ROWS", 40)
    told = distributions(asked(reader, "/fund/data/catalog.jsonld"))
    tables = [one for one in told if "/fund/data/figures.csv" in one]
    found = [rows_of(reader.get(one)) for one in tables]
    assert any("part=2" in one for one in tables)
    assert {len(rows) <= 40 for rows in found} == {True}
    codes = [row["code"] for rows in found for row in rows]
    assert len(codes) == len(set(codes)) == 337
    assert rows_of(reader.get("/fund/data/figures.csv?part=999")) == []


def test_a_figure_that_is_not_there_is_answered_in_json(reader: FlaskClient) -> None:
    answer = reader.get("/fund/figures/aaaaaaaaaaaa.json")
    assert (answer.status_code, json.loads(answer.text)["error"]) == (404, "not_found")


def test_who_has_it_already_is_told_so_and_nobody_gets_a_cookie(reader: FlaskClient) -> None:
    for path in ("/fund/data/figures.json", "/fund/data/figures.csv", "/fund/data/catalog.jsonld"):
        first = reader.get(path)
        assert "Set-Cookie" not in first.headers
        assert "max-age" in first.headers["Cache-Control"]
        assert reader.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_words_are_in_the_language_of_the_address_and_codes_in_none(reader: FlaskClient) -> None:
    chinese = asked(reader, "/fund/data/figures.json?limit=1")["figures"][0]
    english = asked(reader, "/en/fund/data/figures.json?limit=1")["figures"][0]
    assert chinese["fund"]["code"] == english["fund"]["code"]
    assert chinese["fund"]["name"] != english["fund"]["name"]
    assert chinese["address"] != english["address"]


def test_a_page_asks_the_database_a_fixed_number_of_questions(reader: FlaskClient, database: Database) -> None:
    said: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(database.reader, "before_cursor_execute", heard)
    reader.get("/fund/data/figures.json?limit=10")
    few = len(said)
    reader.get("/fund/data/figures.json?limit=200")
    event.remove(database.reader, "before_cursor_execute", heard)
    assert few == len(said) - few
    assert few <= 6
