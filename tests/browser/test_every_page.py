"""Every page of the public site in a real browser, found by the map of addresses: a page added later is looked at too.

What is measured: nothing that axe-core finds, nothing that scrolls sideways on the smallest phone, no request to
another host, one heading, a title, both doors in one click, and no cookie nor storage from a page that only speaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from portal.tips.journey import JOURNEY
from tests.browser.chromium import PHONE, SMALL_PHONE, accessibility_faults, faults_of_shape, page, picture
from tests.journeys.conftest import app, keys  # noqa: F401 - fixtures
from tests.journeys.reporter import Reporter

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]
NOT_A_PAGE = {"static", "leaving.away", "preferences.choose", "pages.robots", "followup.download", "ledger.checkpoint",
              "ledger.checkpoint_of", "ledger.consistency", "ledger.leaves", "ledger.script",
              "ledger.witness", "exposures.text"}  # fmt: skip
"""Downloads, what is covered on leaving, and what only sends on."""
FOR_MACHINES = ("exposure_data.", "fund_data.", "figures_data.")
OF_A_CASE = ("/exposures/", "/fund/", "/figures/")
"""With something to fill in: only where a case or a figure is on show, looked at where those are tested."""
WITH_DRAFT = {"report.step", "report.files", "report.check", "report.later", "report.resume", "report.paused"}
WITH_RECEIPT = {"report.receipt"}
WITH_CODE = {"followup.overview", "followup.sent", "followup.identity", "followup.conversation", "followup.remove",
             "followup.proof", "followup.pressure", "followup.withdraw", "followup.new_code", "followup.reward",
             "followup.claim_reward"}  # fmt: skip
NOT_FOR_EVERYBODY = {"followup.new_code", "followup.claim_reward"}
"""Only with a code that was handed over, or a reward that was decided: looked at where those are tested."""
PLAIN = ("pages.", "ledger.", "rewards.index", "rewards.paid", "exposures.", "teaching.", "fund.", "figures.")
SENDS_ON = ("/report/resume/",)
NOTHING_ASKED = "/ledger/compare"
"""A page that says what is missing when no two checkpoints are named."""
WITHOUT_DOORS = {"/en/followup/new-code/", "/followup/new-code/"}


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture
def visitor(app: Flask) -> Reporter:  # noqa: F811 - the fixture
    """Somebody who has answered every question, with a file, and stands before the check page."""
    reporter = Reporter(app).begin().where("320000", "320100", "320106")
    reporter.press(subject_type="institution").press(conduct="inst-38-1").press(target="健康大药房（演示）")
    reporter.press(start__year="2025", start__month="3").press(words="店员把大米打成药品。\n我看到三次。")
    reporter.press(more=["files", "place", "persons", "amount", "how_known", "earlier", "office"])
    reporter.attach((b"%PDF-1.4\n%%EOF", "结算单.pdf")).press()
    for slug, typed in (("place", "演示路 18 号"), ("persons", "店长"), ("amount", "3.5万"), ("how_known", "亲眼看见"),
                        ("earlier_reports", "没有"), ("against_office", "unknown")):  # fmt: skip
        reporter.press(**{slug: typed})
    reporter.press(known_as="named").press(name="演示甲", phone="13800000000").press(relation="patient")
    reporter.press(wants_reward="yes").press(id_number="11010519491231002X", id_consent="y").press(fellows="")
    assert reporter.path == "/report/check/"
    return reporter


def addresses(site: Flask, wanted: Callable[[str], bool]) -> list[str]:
    """The address of each page whose endpoint is *wanted*, with every question of the journey in place of its slug."""
    found = []
    for rule in site.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in NOT_A_PAGE or not wanted(rule.endpoint):
            continue
        if rule.endpoint.startswith(FOR_MACHINES) or (rule.rule.startswith(OF_A_CASE) and rule.arguments):
            continue
        slugs = [step.slug for step in JOURNEY.steps] if rule.endpoint == "report.step" else [""]
        found += [rule.rule.replace("<slug>", slug).replace("<int:position>", "1") for slug in slugs]
    return sorted(set(found) - {"/report/office/"})  # asked only where the report is about an office; like "involved"


def lend(shown: Page, reporter: Reporter, base: str) -> None:
    """Give the browser the cookies of *reporter*."""
    names = ("mj_draft", "mj_mailbox", "mj_session")
    kept = [(name, reporter.browser.get_cookie(name)) for name in names]
    shown.context.add_cookies([{"name": name, "value": one.value, "url": base} for name, one in kept if one])


class Look:
    """Opens pages and writes down what is wrong with each."""

    def __init__(self, shown: Page, base: str, name: str) -> None:
        self.shown, self.base, self.name = shown, base, name
        self.faults: list[str] = []
        shown.on("request", lambda r: None if r.url.startswith(base) else self.faults.append(f"asked {r.url}"))
        shown.on("pageerror", lambda e: self.faults.append(f"script: {e}"))
        shown.on("console", lambda m: self.faults.append(m.text) if "Content Security" in m.text else None)

    def at(self, path: str, status: int = 200) -> None:
        answer = self.shown.goto(self.base + path)
        assert answer is not None
        picture(self.shown, f"every-{self.name}{path}".replace("/", "-"))
        found = [f"answers {answer.status}"] if answer.status != status else []
        found += (
            [f"leads to {self.shown.url}"] if self.shown.url != self.base + path and not path.endswith(SENDS_ON) else []
        )
        found += faults_of_shape(self.shown)
        if path not in WITHOUT_DOORS:
            found += self._doors()
        found += accessibility_faults(self.shown)
        self.faults += [f"{path}: {fault}" for fault in found]

    def _doors(self) -> list[str]:
        links = self.shown.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
        return [f"no way to {door}" for door in ("/safe/", "/followup/") if not any(a.endswith(door) for a in links)]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_without_a_code_is_whole_on_the_smallest_phone(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
    prefix: str,
) -> None:
    base = serve(app)
    with page(chromium, SMALL_PHONE) as shown:
        look = Look(shown, base, f"320{prefix}")
        rest = WITH_DRAFT | WITH_RECEIPT | WITH_CODE
        paths = addresses(app, lambda endpoint: endpoint not in rest)
        assert len(paths) > 15
        for path in paths:
            look.at(prefix + path, status=400 if path == NOTHING_ASKED else 200)
        look.at(prefix + "/no-such-page/", status=404)
        look.at(prefix + "/report/check/", status=410)
        assert look.faults == []


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_question_and_the_receipt_are_whole_on_the_smallest_phone(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
    visitor: Reporter,
    prefix: str,
) -> None:
    base = serve(app)
    with page(chromium, SMALL_PHONE) as shown:
        look = Look(shown, base, f"320{prefix}")
        visitor.open("/report/words/").press("later").open("/report/resume/")
        lend(shown, visitor, base)
        for path in addresses(app, lambda endpoint: endpoint in WITH_DRAFT):
            look.at(prefix + path)
        visitor.open("/report/check/").send()
        look.at(prefix + "/report/receipt/")
        assert look.faults == []


@pytest.mark.parametrize("choice", ["", "name=text&value=200", "name=senior&value=1", "name=contrast&value=1"])
def test_every_page_behind_the_code_is_whole(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
    visitor: Reporter,
    choice: str,
) -> None:
    code = visitor.send().code
    visitor.press("")
    base = serve(app)
    with page(chromium, PHONE if choice else SMALL_PHONE) as shown:
        look = Look(shown, base, "code")
        if choice:
            shown.goto(f"{base}/display/set?{choice}&next=/followup/")
        shown.goto(f"{base}/followup/")
        shown.get_by_role("textbox").fill(code)
        shown.click("main form button.button--primary")
        for path in addresses(app, lambda endpoint: endpoint in WITH_CODE - NOT_FOR_EVERYBODY):
            look.at(path)
        assert look.faults == []


def test_pages_that_only_speak_leave_no_cookie_and_no_storage(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
) -> None:
    base = serve(app)
    with page(chromium) as shown:
        asked: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        for path in addresses(app, lambda endpoint: endpoint.startswith(PLAIN)):
            shown.goto(base + path, wait_until="load")
            kept = shown.evaluate("[document.cookie, localStorage.length, sessionStorage.length].join()")
            assert kept == ",0,0", path
        assert shown.context.cookies() == []
        assert asked and [url for url in asked if not url.startswith(base)] == []


def test_a_mistake_comes_first_in_the_title_and_the_link_of_the_summary_leads_to_its_field(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
    visitor: Reporter,
) -> None:
    base = serve(app)
    with page(chromium) as shown:
        lend(shown, visitor, base)
        for slug, field, wrong in (("words", "words", ""), ("amount", "amount", "很多"), ("name", "name", "")):
            shown.goto(f"{base}/report/{slug}/")
            shown.fill(f"#{field}", wrong)
            shown.click("button[value=continue]")
            expect(shown).to_have_title(re.compile("^错误："))
            assert shown.evaluate("document.activeElement.className") == "error-summary", slug
            said = shown.locator(".error-summary a").first.inner_text()
            assert said in shown.locator(f"#{field}-error").inner_text(), slug
            shown.locator(".error-summary a").first.click()
            assert shown.evaluate("document.activeElement.id") == field, slug
            assert shown.input_value(f"#{field}") == wrong, slug
            assert accessibility_faults(shown) == [], slug
