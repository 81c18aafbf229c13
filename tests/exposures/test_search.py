"""The search gives what looking through every text would give, on both databases, and asks little of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from portal.exposures import queries
from portal.exposures.models import PublishedCase, PublishedConduct, PublishedTerm, PublishedVersion
from portal.exposures.published import EVERYTHING
from portal.exposures.queries import MOST_ASKED, searched
from portal.exposures.terms import folded, words
from portal.kernel.transaction import reading, transaction
from tests.exposures.test_public_pages import HOSPITAL, PHARMACY, Showcase, showcase
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role", "showcase"]
LETTERS = "医保药Aaａ1１%_'。 \u200b①"
TEXTS = st.lists(st.text(LETTERS, max_size=12), min_size=1, max_size=4)
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def put_up(showcase: Showcase, texts: list[str]) -> dict[str, str]:
    """The only cases there are, by their codes: one a text."""
    with transaction() as session:
        for table in (PublishedTerm, PublishedConduct, PublishedVersion, PublishedCase):
            session.execute(delete(table))
    plain = replace(PHARMACY, title="标题", institution="")
    return {showcase.show(replace(plain, paragraphs=(text,))): text for text in texts}


@FEW
@given(TEXTS, st.text(LETTERS, min_size=1, max_size=6))
@example(["a", "保a医"], "A")
@example(["医 保", "医保"], "医保")
@example(["a%b", "ab"], "a%b")
@example(["医保药", "医药 药保 医保"], "医保药")
def test_the_search_finds_the_texts_that_have_every_word_and_no_other(
    showcase: Showcase,
    texts: list[str],
    asked: str,
) -> None:
    there = put_up(showcase, texts)
    sought = words(asked[:MOST_ASKED])
    with reading() as session:
        found = searched(session, EVERYTHING, asked, 1)
    wanted = {code for code, text in there.items() if sought and all(word in folded(text) for word in sought)}
    assert {case.code for case in found.cases} == wanted
    assert found.total == len(wanted)


def test_a_search_that_finds_too_many_looks_through_the_newest_and_says_so(
    showcase: Showcase, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_FOUND", 3)
    put_up(showcase, ["医保药"] * 2 + ["医保，保药", "医保药", "医保药"])
    page = reader.get("/exposures/?q=医保药").text
    assert "案例太多，只找了最新的 3 个，里面有 2 个符合" in page


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_public_site_needs_no_more_than_its_own_rights_and_sees_nothing_that_waits(
    showcase: Showcase, reader: FlaskClient, as_role: AsRole
) -> None:
    code = showcase.show(PHARMACY, issued=True)
    waiting = showcase.show(replace(PHARMACY, title="还没有到日子的案例"), issued=True, publish_on=date(2026, 10, 12))
    gone = showcase.show(HOSPITAL)
    showcase.withdraw(gone)
    as_role("public")
    pages = {
        address: reader.get(f"/exposures/{address}")
        for address in (
            "",
            "?q=串换",
            "?q=日子",
            "issues/",
            "issues/demo/2026-3/",
            "withdrawn/",
            f"{code}/",
            f"{gone}/",
        )
    }
    assert {page.status_code for page in pages.values()} == {200, 410}
    assert all("还没有到日子" not in page.text for page in pages.values())
    assert PHARMACY.title in pages["?q=串换"].text
    assert PHARMACY.title in reader.get("/").text
    assert reader.get(f"/exposures/{waiting}/").status_code == 404
