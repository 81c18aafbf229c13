"""Bulletins for machines: the bytes that the ledger has the hash of, a table, paging, refusals in JSON."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from admin.statistics import making
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from portal.statistics.values import Month
from tests.journeys.conftest import Keys, app, keys  # noqa: F401 - fixtures
from tests.statistics.bulletin_rows import invented, publish_row
from tests.statistics.conftest import Desk

AUGUST = Month(2026, 8)


@pytest.fixture
def reader(app: Flask) -> FlaskClient:  # noqa: F811 - the fixture
    publish_row(invented(AUGUST, {"web": 31, "12393": 2, "fax": 0}))
    return app.test_client()


def test_the_bytes_of_a_month_have_the_hash_that_its_list_says(reader: FlaskClient) -> None:
    (one,) = reader.get("/figures/data/bulletins.json").get_json()["bulletins"]
    for path in ("/figures/data/2026-08.json", "/figures/data/2026-08/1.json"):
        assert hashlib.sha256(reader.get(path).data).hexdigest() == one["sha256"]


def test_a_table_has_a_line_for_each_number_and_says_what_is_withheld(reader: FlaskClient) -> None:
    text = reader.get("/figures/data/2026-08.csv").data.decode("utf-8-sig")
    lines = {(one["figure"], one["table"], one["cell"]): one for one in csv.DictReader(io.StringIO(text))}
    assert lines["received", "", "total"]["value"] == "33"
    assert (lines["received", "channel", "12393"]["value"], lines["received", "channel", "12393"]["withheld"]) == (
        "",
        "true",
    )
    assert lines["received", "channel", "fax"]["value"] == "0"
    assert lines["received", "channel", "web"]["cell_name"] == "网上"


def table(reader: FlaskClient, path: str) -> list[dict[str, str]]:
    answer = reader.get(path)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("root", ["", "/en"])
def test_names_in_a_table_are_whole_names_and_no_code_is_part_of_one(reader: FlaskClient, root: str) -> None:
    lines = table(reader, f"{root}/figures/data/2026-08.csv")
    codes = {one[name] for one in lines for name in ("figure", "table", "cell")} - {""}
    spoken = {code for code in codes if re.fullmatch("[a-z_]+[0-9]*", code)}
    for one in lines:
        for name in ("figure_name", "table_name", "cell_name"):
            said = set(re.findall("[a-z_0-9]+", one[name])) & spoken
            assert one[name] or name == "table_name"
            assert not one[name] or one[name] not in codes or one["table"] == "office", one
            assert root or not said, one
    steps = {(one["table_name"], one["cell_name"]) for one in lines if one["table"] == "closed"}
    assert root or ("结案", "九成不超过的天数") in steps


def test_the_table_of_all_months_is_the_tables_of_each(reader: FlaskClient) -> None:
    publish_row(invented(Month(2026, 7), {"web": 9, "12393": 9}))
    whole = table(reader, "/figures/data/bulletins.csv")
    assert whole == [*table(reader, "/figures/data/2026-08.csv"), *table(reader, "/figures/data/2026-07.csv")]


TYPES: dict[str, Callable[[str], object]] = {
    "gYearMonth": Month.read,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "string": str,
}
"""Readers of the datatypes of CSV on the Web: each raises on what is none of it."""


def test_every_table_is_what_its_metadata_say(reader: FlaskClient) -> None:
    """As a validator of CSV on the Web does it: heading, types, empty cells, and a key that is there once."""
    publish_row(invented(Month(2026, 7), {"web": 9, "12393": 9}), version=1)
    told = reader.get("/figures/data/bulletins.csv-metadata.json")
    assert told.mimetype == "application/csvm+json"
    described = told.get_json()
    assert described["@context"][0] == "http://www.w3.org/ns/csvw"
    urls = [one["url"] for one in described["tables"]]
    assert urls == ["/figures/data/bulletins.csv", "/figures/data/2026-08.csv", "/figures/data/2026-07.csv"]
    columns = described["tableSchema"]["columns"]
    for url in urls:
        answer = reader.get(url)
        assert 'rel="describedby"' in answer.headers["Link"] and "csv-metadata" in answer.headers["Link"]
        heading, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
        assert heading == [one["name"] for one in columns] == [one["titles"] for one in columns]
        assert answer.data.count(b"\r\n") == len(rows) + 1
        for row in rows:
            for column, cell in zip(columns, row, strict=True):
                assert cell or not column.get("required"), (column, row)
                if cell:
                    TYPES[column["datatype"]](cell)
        at = [heading.index(name) for name in described["tableSchema"]["primaryKey"]]
        assert len({tuple(row[one] for one in at) for row in rows}) == len(rows) > 20


def test_where_nothing_is_published_the_whole_table_is_its_heading(app: Flask) -> None:  # noqa: F811
    empty = app.test_client()
    assert table(empty, "/figures/data/bulletins.csv") == []
    assert empty.get("/figures/data/bulletins.csv-metadata.json").get_json()["url"] == "/figures/data/bulletins.csv"


def test_months_are_paged_and_the_pages_hold_each_once(reader: FlaskClient) -> None:
    for number in range(1, 8):
        publish_row(invented(Month(2026, number), {"web": 9, "12393": 9}))
    path, seen = "/figures/data/bulletins.json?limit=3", []
    while path:
        page = reader.get(path).get_json()
        seen += [one["month"] for one in page["bulletins"]]
        path = page["next"]
    assert seen == [f"2026-0{number}" for number in range(8, 0, -1)]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("bulletins.json?limit=0", 400), ("bulletins.json?limit=999", 400), ("bulletins.json?before=2026-13", 400),
        ("bulletins.json?limit=1&limit=2", 400),
        ("bulletins.csv?before=2026-01", 400), ("bulletins.json?other=1", 400), ("2026-08.json?x=1", 400),
        ("2026-07.json", 404), ("2026-08/2.json", 404), ("2026-08/2.csv", 404),
    ],
)  # fmt: skip
def test_what_is_not_described_is_refused_in_json(reader: FlaskClient, path: str, status: int) -> None:
    answer = reader.get(f"/figures/data/{path}")
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert set(answer.get_json()) == {"error", "message"}


def test_the_answers_are_what_the_description_says_and_so_is_a_newer_format(reader: FlaskClient) -> None:
    described = reader.get("/figures/data/openapi.json").get_json()
    newer = {**invented(Month(2026, 7), {"web": 9, "12393": 9}), "v": 9, "later": {"total": 1}}
    publish_row(newer)
    for path, name in (("bulletins.json", "Bulletins"), ("2026-08.json", "Month"), ("2026-07.json", "Month")):
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        Draft202012Validator(schema).validate(reader.get(f"/figures/data/{path}").get_json())
    assert "later" in reader.get("/figures/2026-07/").text, (
        "a figure that the page does not know has its code for a name"
    )


def test_what_two_people_published_is_downloaded_with_the_hash_in_the_ledger(desk: Desk, app: Flask) -> None:  # noqa: F811
    one = desk.approved()
    desk.do(one, making.publish, desk.row(one).mark)
    data = app.test_client().get("/figures/data/2026-09.json").data
    with reading() as session:
        entry = session.query(LedgerEntry).filter_by(kind="handling-published").one()
    assert json.loads(entry.payload)["event"]["sha256"] == hashlib.sha256(data).hexdigest()
