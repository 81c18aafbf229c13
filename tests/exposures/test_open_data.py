"""Published cases as data: what the description says is what is answered, whatever is asked."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from portal.exposures.content import CaseContent
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from tests.conftest import StandingClock
from tests.exposures.showcase import HOSPITAL, PHARMACY, correct, issue, office, put_up, take_down

LIST, TABLE = "/exposures/data/cases.json", "/exposures/data/cases.csv"


@pytest.fixture
def showcase(database: Database, clock: StandingClock) -> None:
    """Two cases on show, one corrected, one withdrawn, and one that waits for its day."""
    with transaction() as session:
        bureau = office(session)
        first = issue(session, bureau)
        put_up(session, bureau, PHARMACY, code="2026-0001", batch_id=first)
        corrected = put_up(session, bureau, HOSPITAL, code="2026-0002", day=date(2026, 9, 2))
        correct(session, corrected, replace(HOSPITAL, title="演示晨光医院违规收费案"), date(2026, 9, 5))
        gone = put_up(session, bureau, replace(PHARMACY, title="某某骗保案"), code="2026-0003", day=date(2026, 9, 3))
        take_down(session, gone, date(2026, 9, 7))
        put_up(session, bureau, replace(PHARMACY, title="还没有到日子"), code="2026-0004", state="waiting")


def described(reader: FlaskClient) -> dict[str, Any]:
    return dict(reader.get("/exposures/openapi.json").get_json())


def faults(reader: FlaskClient, name: str, data: object) -> list[str]:
    """Where *data* is not what the description says of *name*."""
    schema = {**described(reader), "$ref": f"#/components/schemas/{name}"}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(data)]


def codes(reader: FlaskClient, query: str = "") -> list[str]:
    answer = reader.get(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.text
    return [case["code"] for case in answer.get_json()["cases"]]


@pytest.mark.parametrize("root", ["", "/en"])
def test_the_description_is_valid_openapi_and_every_answer_is_as_described(
    reader: FlaskClient, showcase: None, root: str
) -> None:
    validate(described(reader))
    whole = reader.get(root + LIST).get_json()
    assert faults(reader, "Cases", whole) == []
    assert len(whole["cases"]) == 3
    for case in whole["cases"]:
        one = reader.get(f"{root}/exposures/{case['code']}.json")
        assert one.get_json() == case
        assert one.status_code == (200 if case["content"] else 410)
    refusal = reader.get(root + LIST + "?year=soon")
    assert refusal.status_code == 400
    assert faults(reader, "Refusal", refusal.get_json()) == []


def test_the_schema_is_strict_enough_to_find_a_fault(reader: FlaskClient, showcase: None) -> None:
    case = reader.get("/exposures/2026-0001.json").get_json()
    assert faults(reader, "Case", {**case, "reporter": "somebody"})
    case["content"]["amounts"]["fine"]["yuan"] = 2469.0
    assert faults(reader, "Case", case)


def test_sums_are_told_as_whole_fen_and_as_yuan_with_two_decimals(reader: FlaskClient, showcase: None) -> None:
    amounts = reader.get("/exposures/2026-0001.json").get_json()["content"]["amounts"]
    assert amounts["involved"] == {"fen": 123450, "yuan": "1234.50"}
    assert amounts["recovered"] == {"fen": 5, "yuan": "0.05"}
    assert amounts["damages"] is None
    assert amounts["fine_multiple"] == "2"


def test_a_case_that_waits_for_its_day_is_nowhere(reader: FlaskClient, showcase: None) -> None:
    assert codes(reader) == ["2026-0003", "2026-0002", "2026-0001"]
    assert reader.get("/exposures/2026-0004.json").status_code == 404
    for path in (LIST, TABLE):
        assert "还没有到日子" not in reader.get(path).text


def test_of_a_withdrawn_case_only_the_notice_is_left(reader: FlaskClient, showcase: None) -> None:
    answer = reader.get("/exposures/2026-0003.json")
    told = answer.get_json()
    assert (answer.status_code, told["content"], told["state"]["code"]) == (410, None, "withdrawn")
    assert told["versions"][-1]["words"] == "处理决定已被撤销。"
    for path in (LIST, TABLE, "/exposures/2026-0003.json"):
        assert "某某骗保" not in reader.get(path).text


def test_lists_are_narrowed_by_place_kind_conduct_year_and_state(reader: FlaskClient, showcase: None) -> None:
    assert codes(reader, "region=320104&state=published") == ["2026-0001"]
    assert codes(reader, "region=320100") == ["2026-0003", "2026-0002", "2026-0001"]
    assert codes(reader, "region=110000") == []
    assert codes(reader, "subject=hospital") == ["2026-0002"]
    assert codes(reader, "conduct=inst-38-2") == ["2026-0001"]
    assert codes(reader, "year=2025") == []
    assert codes(reader, "state=withdrawn") == ["2026-0003"]


def test_pages_follow_one_another_and_none_is_told_twice(reader: FlaskClient, showcase: None) -> None:
    address, seen = f"{LIST}?limit=1&region=320000", []
    while address:
        page = reader.get(address).get_json()
        seen += [case["code"] for case in page["cases"]]
        address = page["next"]
    assert seen == ["2026-0003", "2026-0002", "2026-0001"]


def test_a_case_that_comes_between_two_pages_moves_none_of_the_others(reader: FlaskClient, showcase: None) -> None:
    first = reader.get(f"{LIST}?limit=2").get_json()
    with transaction() as session:
        put_up(session, office(session), HOSPITAL, code="2026-0009", day=date(2026, 9, 20))
    second = reader.get(first["next"]).get_json()
    assert [case["code"] for case in second["cases"]] == ["2026-0001"]


NOT_DESCRIBED = (
    *("year=20260", "year=-1", "year=２０２６", "limit=0", "limit=101", "limit=1e1", "region=32", "subject=moon"),
    *("state=waiting", "after=x", "after=2026-02-31.2026-0001", "word=x", "region=320104&region=320106"),
    "conduct=%27%20or%201",
)


@pytest.mark.parametrize("query", NOT_DESCRIBED)
def test_what_is_not_described_is_refused(reader: FlaskClient, showcase: None, query: str) -> None:
    answer = reader.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "bad_filter")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_table_is_read_by_a_spreadsheet_and_runs_nothing(reader: FlaskClient, showcase: None) -> None:
    with transaction() as session:
        hostile = replace(
            PHARMACY, title='=HYPERLINK("x")', paragraphs=('+cmd|"/c calc"', "第二段"), institution="@中心"
        )
        put_up(session, office(session), hostile, code="2026-0010", day=date(2026, 9, 9))
    answer = reader.get(TABLE)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.content_type == "text/csv; charset=utf-8"
    heading, *rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 4
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    told = dict(zip(heading, rows[0], strict=True))
    assert told["标题"] == '\'=HYPERLINK("x")'
    assert (told["涉及金额（元）"], told["涉及金额（分）"], told["违约金（分）"]) == ("1234.50", "123450", "")


def test_codes_are_the_same_in_both_languages_and_words_are_the_readers(reader: FlaskClient, showcase: None) -> None:
    chinese, english = (reader.get(f"{root}/exposures/2026-0001.json").get_json() for root in ("", "/en"))
    assert chinese["content"]["subject"] == {"code": "pharmacy", "name": "药店"}
    assert english["content"]["subject"]["code"] == "pharmacy"
    assert not set(english["content"]["subject"]["name"]) & set("药店")
    assert english["office"] == "Demo District Healthcare Security Bureau"
    assert english["content"]["title"] == chinese["content"]["title"]


def test_what_is_told_is_what_the_ledger_has_the_hash_of(reader: FlaskClient, showcase: None) -> None:
    told = reader.get("/exposures/2026-0001.json").get_json()
    assert told["sha256"] == CaseContent.from_json(PHARMACY.to_json()).sha256


def test_data_may_be_kept_and_asked_for_by_its_hash(reader: FlaskClient, showcase: None) -> None:
    for path in (LIST, TABLE, "/exposures/2026-0001.json", "/exposures/openapi.json"):
        first = reader.get(path)
        assert first.headers["Cache-Control"] == "public, max-age=300, must-revalidate", path
        assert "Set-Cookie" not in first.headers
        assert reader.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


WORDS = st.dictionaries(
    st.sampled_from(["region", "subject", "conduct", "year", "state", "limit", "after", "x"]),
    st.one_of(st.text(max_size=12), st.sampled_from(["320000", "pharmacy", "2026", "50", "2026-09-02.2026-0002"])),
    max_size=3,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=WORDS)
def test_whatever_is_asked_the_answer_is_as_described(
    reader: FlaskClient, showcase: None, query: dict[str, str]
) -> None:
    answer = reader.get(LIST, query_string=query)
    assert answer.status_code in (200, 400)
    data = json.loads(answer.text)
    assert ("error" in data) == (answer.status_code == 400)
    assert ("cases" in data) == (answer.status_code == 200)


def test_the_licence_is_said_in_the_readers_language(reader: FlaskClient, showcase: None) -> None:
    told = {root: reader.get(root + LIST).get_json()["licence"] for root in ("", "/en")}
    assert [one["code"] for one in told.values()] == ["CC-BY-4.0"] * 2
    assert told[""]["name"].startswith("知识共享")
    assert told["/en"]["name"].startswith("Creative Commons")
    assert reader.get("/en/exposures/openapi.json").get_json()["info"]["license"]["name"] == told["/en"]["name"]
