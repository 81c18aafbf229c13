"""Bulletins for machines: the bytes that the ledger has the hash of, a table, paging, refusals in JSON."""

from __future__ import annotations

import csv
import hashlib
import io
import json

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
        ("bulletins.json?limit=1&limit=2", 400), ("bulletins.json?other=1", 400), ("2026-08.json?x=1", 400),
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
