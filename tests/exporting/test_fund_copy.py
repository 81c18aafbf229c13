"""Fund accounts in the static copy: every page and every table, whatever their number, leading to one another."""

from __future__ import annotations

import csv
import io
import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from portal.app import create_app
from portal.config import Settings
from portal.disclosures.models import PublishedDisclosure
from portal.disclosures.openapi import MOST_ROWS
from portal.exporting.copying import collect
from portal.exporting.scope import FEATURES, FUND, Scope
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from tests.benches.fund_rows import publish_months, some_places
from tests.disclosures.figures import figure, publish
from tests.disclosures.test_many_places import PROVINCES, some_of_many
from tests.exporting.reading import leads_to, links_of

ADDRESS = "https://portal.example"
ROOTS = ("", "/en")
TABLES = replace(FUND, part="/fund/data/figures.csv", seeds=("/fund/data/catalog.jsonld",))
"""The catalogue and the tables that it leads to, without the page of each figure."""


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is copied is asked of the site, whose own tests run on both databases."""
    return sqlite_database


@pytest.fixture
def app(public_settings: Settings, database: Database) -> Flask:
    return create_app(replace(public_settings, site=replace(public_settings.site, address=ADDRESS)), database)


@pytest.fixture
def some(app: Flask) -> list[str]:
    """Two regions and two years, one figure corrected, one of a place that nobody is sure of; the codes of all."""
    first = figure("resident", "income", "10.50", 2024)
    told = [
        first,
        figure("resident", "expenditure", "9.50", 2024),
        figure("employee", "income", "8.00", 2025, region="320100", place="某市"),
        figure("employee", "income", "", 2024, region="", place="某地"),
    ]
    with transaction() as session:
        publish(session, told)
        again = replace(first, amount="10.60")
        publish(session, [again], version=2, code="2026-0002", reason="mistyped", words="录错一位（虚构）。")
    return [one.series.code for one in told]


def copied(app: Flask, scope: Scope) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    collect(app, ADDRESS, scope, files.__setitem__)
    return files


def told_in(files: dict[str, bytes], name: str, ending: str) -> Iterator[str]:
    """The addresses that a description names, as paths of the copy."""
    for link in re.findall(rf'"{ending}": "([^"]+)"', files[name].decode()):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(name), link))


def test_every_page_and_every_file_of_data_is_in_it_and_every_link_leads_somewhere(app: Flask, some: list[str]) -> None:
    files = copied(app, Scope(ROOTS, (FUND,)))
    for root in ("", "en/"):
        for path in (
            *("index.html", "regions/index.html", "unconfirmed/index.html", "changes/index.html", "data/index.html"),
            *("000000/index.html", "000000/2024/index.html", "320100/index.html", "320100/2025/index.html"),
            *("data/figures.csv", "data/figures.xlsx", "data/figures.json", "data/disclosures.json"),
            *("data/changes.json", "data/regions.json", "data/vocabulary.json", "data/openapi.json"),
            *("data/catalog.jsonld", "data/figures.csv-metadata.json"),
            *(f"figures/{code}{end}" for code in some for end in ("/index.html", ".json")),
        ):
            assert f"{root}fund/{path}" in files, path
    links = list(links_of(files))
    for name, link in links:
        if not link.startswith((ADDRESS, "#")):
            assert leads_to(name, link) in files, (name, link)
    assert len(links) > 200
    assert not [link for _name, link in links if link.startswith("/")]


def test_places_that_are_many_are_copied_by_province_without_a_search(app: Flask) -> None:
    with transaction() as session:
        publish(session, some_of_many())
    lists = replace(FUND, part="/fund/regions/", seeds=("/fund/regions/",))
    files = copied(app, Scope(ROOTS, (lists,)))
    for root in ("", "en/"):
        found = {name for name in files if name.startswith(f"{root}fund/regions/")}
        assert found == {f"{root}fund/regions/{path}index.html" for path in ("", *(f"{one}/" for one in PROVINCES))}
        assert b"<form" not in files[f"{root}fund/regions/index.html"]


def test_descriptions_name_the_tables_of_the_copy(app: Flask, some: list[str]) -> None:
    files = copied(app, Scope(ROOTS, FEATURES))
    for root in ("", "en/"):
        named = list(told_in(files, f"{root}fund/data/catalog.jsonld", "dcat:downloadURL"))
        assert f"{root}exposures/data/cases.csv" in named
        assert f"{root}fund/data/figures.xlsx" in named
        assert set(named) <= set(files)
        assert list(told_in(files, f"{root}fund/data/figures.csv-metadata.json", "url")) == [
            f"{root}fund/data/figures.csv"
        ]


def test_lists_longer_than_a_page_are_copied_to_their_end(
    app: Flask, some: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.disclosures.openapi.USUAL", 1)
    files = copied(app, Scope(("",), (FUND,)))
    for name, key, total in (("figures", "figures", 4), ("disclosures", "disclosures", 2)):
        at: str | None = f"fund/data/{name}.json"
        found: list[str] = []
        while at:
            page = json.loads(files[at])
            found += [one["code"] for one in page[key]]
            at = leads_to(at, page["next"]) if page["next"] else None
        assert len(found) == len(set(found)) == total


def test_more_figures_than_a_table_holds_are_copied_whole(app: Flask) -> None:
    with transaction() as session:
        publish(session, [figure("resident", "balance", "1", 2015)])
        office = session.scalars(select(PublishedDisclosure.office_id)).one()
        total = publish_months(session, office, some_places()[:21])
    assert total > MOST_ROWS
    files = copied(app, Scope(("",), (TABLES, replace(TABLES, part="/fund/data/catalog.jsonld"))))
    named = told_in(files, "fund/data/catalog.jsonld", "dcat:downloadURL")
    tables = [name for name in named if name.startswith("fund/data/figures") and name.endswith(".csv")]
    assert "fund/data/figures-year-2025.csv" in tables
    codes: set[str] = set()
    for name in tables:
        rows = csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline=""))
        codes |= {row["code"] for row in rows}
    assert len(codes) == total + 1
