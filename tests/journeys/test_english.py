"""In English nothing Chinese is left but what is marked as Chinese: names of places and offices, words as typed."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.tips.journey import JOURNEY
from tests.journeys.chinese import chinese_in
from tests.journeys.reporter import Reporter


class EnglishReporter(Reporter):
    """Complains about a page with Chinese in it, and about one in the wrong language."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app, "en")
        self.seen: set[str] = set()
        self.faults: list[str] = []

    def _show(self, page: TestResponse) -> None:
        super()._show(page)
        self.seen.add(self.path)
        if '<html lang="en"' not in page.text:
            self.faults.append(f"{page.request.path}: is not in English")
        self.faults += [f"{page.request.path}: {text}" for text in chinese_in(page.text)]


@pytest.fixture
def visitor(app: Flask) -> EnglishReporter:
    return EnglishReporter(app)


def test_the_search_for_chinese_finds_it_in_words_and_in_what_is_read_out() -> None:
    assert chinese_in('<p>a <b lang="zh-CN">南京<br>市</b> b</p>') == []
    assert chinese_in('<p>a <b lang="zh-CN">南京</b>，b</p><img alt="图">') == ["，b", "图"]
    assert chinese_in('<title>某地 a</title><p aria-label="某地 元">某地</p>', ["某地"]) == ["某地 元", "某地"]


def test_every_page_that_needs_no_code_is_all_english(app: Flask, visitor: EnglishReporter) -> None:
    for rule in app.url_map.iter_rules():
        if not rule.arguments and rule.methods and "GET" in rule.methods and rule.endpoint != "leaving.away":
            page = visitor.browser.get("/en" + rule.rule, follow_redirects=True)
            if page.mimetype == "text/html":
                visitor._show(page)
    visitor.open("/no-such-page/")
    assert sorted(set(visitor.faults)) == []
    assert {"/", "/safe/", "/ledger/", "/followup/", "/contact/"} <= visitor.seen


def test_every_question_and_every_refusal_is_all_english(visitor: EnglishReporter) -> None:
    visitor.open("/report/").press("", who=None).press("", who="adult")
    visitor.press().where("320000", "320100", "320106")
    visitor.press().press(subject_type="institution")
    visitor.press(conduct="inst-38-1")
    visitor.press(target="x" * 3000).press(target="Healthy Pharmacy")
    visitor.press(start__year="2025", start__month="13").press(start__year="2025", start__month="3")
    visitor.press(words="").press(words="They sell daily goods on the insurance card.")
    visitor.open("/report/later/").open("/report/more/")
    visitor.press(more=["files", "place", "persons", "amount", "how_known", "earlier", "office"])
    visitor.attach((b"MZ" + bytes(100), "tool.exe")).attach((b"%PDF-1.4\n%%EOF", "bill.pdf"))
    visitor.press()
    for _ in range(12):
        if visitor.path == "/report/known/":
            break
        visitor.press(**({"against_office": "unknown"} if visitor.path == "/report/involved/" else {}))
    visitor.press().press(known_as="named").press().press(name="Test Person", phone="13900000000")
    visitor.press(relation="patient").press().press(wants_reward="yes").press(id_number="12345").press(id_number="")
    visitor.press()
    visitor.open("/report/check/").press("")
    asked = {f"/report/{step.slug}/" for step in JOURNEY.steps} - {"/report/office/"}
    assert sorted(set(visitor.faults)) == []
    assert asked - visitor.seen == set()


def test_the_receipt_and_the_pages_behind_the_code_are_all_english(visitor: EnglishReporter) -> None:
    visitor.to_check("They sell daily goods on the insurance card.").send()
    code = visitor.code
    visitor.press("")
    visitor.open("/followup/").press("", code="1234").press("", code="0" * 24).press("", code=code)
    for page in ("overview", "messages", "identity", "pressure", "withdraw"):
        visitor.open(f"/followup/{page}/")
    assert sorted(set(visitor.faults)) == []
    assert {"/report/receipt/", "/report/done/", "/followup/messages/", "/followup/withdraw/"} <= visitor.seen
