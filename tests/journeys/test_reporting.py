"""Reporting, from the first question to the receipt, with scripts off."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crypto import receipts
from crypto.opening import unwrap
from portal.directory.models import Office
from portal.kernel.shred import read_shred_key
from portal.kernel.transaction import reading
from portal.mailbox.models import Mailbox
from portal.tips.models import Draft, IdentityRecord, Tip, TipBody, TipKey
from portal.tips.receipt_hash import candidate_secrets
from portal.tips.reporter import OwnView, open_own, view
from portal.tips.sealing import REPORT_KEY, ReportKeys, open_body
from portal.tips.values import Month, Report, SubjectType
from tests.journeys.conftest import Keys
from tests.journeys.reporter import Reporter


def tips(session: Session) -> list[Tip]:
    session.rollback()
    found = list(session.scalars(select(Tip)))
    session.rollback()
    return found


def how_many(session: Session, table: type) -> int:
    """Counts and lets go of the database: on SQLite an open transaction would lock the site out."""
    counted = session.scalar(select(func.count()).select_from(table))
    session.rollback()
    return counted or 0


def mine(code: str) -> OwnView:
    """What the reporter's code opens."""
    for secrets in candidate_secrets(receipts.parse(code)):
        with reading() as session:
            return view(session, open_own(session, secrets.tag, secrets.mailbox))
    raise AssertionError("no pepper")


def opened_by_office(session: Session, keys: Keys) -> tuple[str, Report]:
    """The one report there is, opened with the key of the office that holds it."""
    (tip,) = tips(session)
    office = session.get_one(Office, tip.office_id)
    wrapped = session.scalars(select(TipKey.wrapped).where(TipKey.tip_id == tip.id)).one()
    report_key = unwrap(wrapped, keys.offices[office.code], REPORT_KEY, tip.id.bytes)
    body = session.get_one(TipBody, tip.id)
    return office.code, open_body(body, ReportKeys(tip.id, report_key, read_shred_key(tip.id)))[0]


def test_the_shortest_honest_report_arrives_within_twelve_pages(
    reporter: Reporter, session: Session, keys: Keys
) -> None:
    reporter.open("/safe/")
    reporter.to_check("药店用医保卡卖大米。").send()
    assert reporter.path == "/report/receipt/"
    assert reporter.pages <= 12
    office, report = opened_by_office(session, keys)
    assert report.words == "药店用医保卡卖大米。" and report.subject_type is SubjectType.UNKNOWN
    assert office == "js"  # nothing known of the place: the highest office there is


def test_a_full_report_reaches_the_district_with_every_answer(reporter: Reporter, session: Session, keys: Keys) -> None:
    reporter.begin().where("320000", "320100", "320106")
    reporter.press(subject_type="institution")
    code = re.findall(r'name="conduct" value="([^"]+)"', reporter.page.text)[0]
    reporter.press(conduct=code).press(target="健康大药房（演示）", target_address="中山路 1 号")
    reporter.press(start__year="２０２４", start__month="6", end__year="2025", end__month="02")
    reporter.press(words="店员把大米打成药品。\n每周都有。😀")
    reporter.press(more=["place", "persons", "amount", "how_known", "earlier"])
    reporter.press(place="收银台").press(persons="店长").press(amount="３．５万元").press(how_known="亲眼看到")
    reporter.press(earlier_reports="打过 12345")
    reporter.press(known_as="named").press(name="演示甲", phone="１３８００００００００", email="", address="")
    reporter.press(relation="patient").press(wants_reward="yes")
    reporter.press(id_kind="resident", id_number="11010519491231002x", id_consent="y").press(fellows="演示乙")
    assert reporter.path == "/report/check/"
    for said in (
        "江苏省 南京市 鼓楼区",
        "健康大药房（演示）",
        "2024年6月到2025年2月",
        "35,000 元",
        "店长",
        "110*************2X",
        "演示乙",
    ):
        assert said in reporter.words, said
    assert "南京市鼓楼区医疗保障局（演示）收到" in reporter.words
    reporter.send()
    own_view = mine(reporter.code)
    office, report = opened_by_office(session, keys)
    assert office == "gl" and report == own_view.report
    assert (report.region, report.conduct, report.target) == ("320106", code, "健康大药房（演示）")
    assert (report.period_from, report.period_to) == (Month(2024, 6), Month(2025, 2))
    assert report.words == "店员把大米打成药品。\n每周都有。😀" and report.amount_estimate_fen == 3_500_000
    assert report.wants_reward and own_view.tip.named and own_view.identity_on is not None
    assert how_many(session, IdentityRecord) == 1


def test_the_receipt_says_what_happens_and_when_and_stays_until_it_is_saved(
    reporter: Reporter, session: Session
) -> None:
    reporter.to_check().send()
    code = reporter.code
    assert len(code) == 24 and receipts.parse(code)
    for said in ("最迟 2026年10月23日 星期五", "丢了不能找回", "任何人都不会向您要回执码", "我已保存回执码"):
        assert said in reporter.words, said
    assert reporter.open("/report/receipt/").code == code
    assert code not in reporter.page.request.url and code[:4] not in reporter.page.headers.get("Set-Cookie", "")
    reporter.press("", action="/report/saved/")
    assert reporter.path == "/report/done/"
    assert how_many(session, Draft) == 0
    back = reporter.open("/report/receipt/")
    assert back.page.status_code == 410 and code[:4] not in back.page.text
    assert mine(code).report.words


def test_pressed_twice_in_two_tabs_and_after_going_back_it_is_one_report(reporter: Reporter, session: Session) -> None:
    reporter.to_check()
    form = reporter.form()["fields"] | {"truth": "y"}
    first = reporter.browser.post("/report/check/", data=form, follow_redirects=True)
    second = reporter.browser.post("/report/check/", data=form, follow_redirects=True)
    digits = [
        re.sub(r"\D", "", re.sub(r"<[^>]*>", "", page.text.split('id="code"')[1][:700])) for page in (first, second)
    ]
    assert digits[0][:24] == digits[1][:24]
    reporter.open("/report/words/")
    assert reporter.path == "/report/receipt/"
    assert len(tips(session)) == 1 and how_many(session, Mailbox) == 1


def test_the_check_page_leads_back_to_each_question_and_returns(reporter: Reporter) -> None:
    reporter.to_check("一开始的话。")
    assert "/report/words/?return=check" in reporter.page.text
    reporter.open("/report/words/?return=check")
    assert "一开始的话。" in reporter.page.text
    reporter.press(words="改过的话。")
    assert reporter.path == "/report/check/" and "改过的话。" in reporter.words
    reporter.open("/report/known/?return=check").press(known_as="named")
    assert reporter.path == "/report/name/"  # a new question is open now


def test_a_name_typed_before_another_choice_is_not_sent(reporter: Reporter, session: Session) -> None:
    reporter.to_check(known_as="named")
    reporter.press(name="演示甲").press(relation="public").press(wants_reward="no").press(fellows="")
    assert reporter.path == "/report/check/"
    reporter.open("/report/known/?return=check").press(known_as="no_name")
    assert "演示甲" not in reporter.words
    reporter.send()
    assert how_many(session, IdentityRecord) == 0
    assert not tips(session)[0].named


def test_a_report_about_an_office_goes_past_it(reporter: Reporter, session: Session, keys: Keys) -> None:
    reporter.begin().where("320000", "320100", "320106").press(subject_type="official")
    assert reporter.path == "/report/office/"
    reporter.press(against_office="gl").press(conduct="unknown").press(target="").press().press(words="收了药店的礼。")
    reporter.press().press(known_as="no_name")
    assert "南京市鼓楼区医疗保障局（演示）收到" not in reporter.words
    reporter.send()
    office, report = opened_by_office(session, keys)
    assert office == "jj" and report.against_office == "gl"
    assert tips(session)[0].against_office_id is not None


def test_nothing_is_sent_without_the_truth_tick_or_before_all_is_answered(reporter: Reporter, session: Session) -> None:
    reporter.to_check()
    reporter.press("")
    assert reporter.page.status_code == 400 and "请先确认内容真实" in reporter.words
    assert "<title>错误：" in reporter.page.text
    other = Reporter(reporter.app).begin()
    assert other.open("/report/check/").path == "/report/where/"
    assert tips(session) == []


def test_a_child_alone_is_told_how_and_with_a_guardian_the_report_says_so(reporter: Reporter, session: Session) -> None:
    reporter.begin("child")
    assert reporter.path == "/report/guardian/" and "12393" in reporter.words
    assert how_many(session, Draft) == 0
    reporter.begin("guardian").where().press(subject_type="unknown").press(target="").press().press(words="看到的事。")
    reporter.press().press(known_as="no_name").send()
    assert mine(reporter.code).report.under_14


def test_an_id_number_is_checked_and_needs_its_own_consent(reporter: Reporter) -> None:
    reporter.to_check(known_as="named")
    reporter.press(name="演示甲").press(relation="public").press(wants_reward="yes")
    assert reporter.path == "/report/number/"
    reporter.press(id_kind="resident", id_number="110105194912310021", id_consent="y")
    assert "身份证号码不对" in reporter.words and "110105194912310021" in reporter.page.text
    reporter.press(id_number="11010519491231002X", id_consent=None)
    assert "单独同意" in reporter.words and reporter.page.status_code == 400
    reporter.press(id_number="320106201501010017", id_consent="y")
    assert reporter.page.status_code == 400
    reporter.press(id_number="", id_consent=None)
    assert reporter.path == "/report/fellows/"


def test_wechat_is_told_how_to_open_the_page_elsewhere(reporter: Reporter, session: Session) -> None:
    page = reporter.browser.get("/report/", headers={"User-Agent": "Mozilla MicroMessenger/8.0"})
    assert page.status_code == 303 and page.location == "/wechat/"


def test_english_is_complete_from_the_first_page_to_the_receipt(app: Flask, session: Session) -> None:
    reader = Reporter(app, "en")
    han = re.compile("[\u4e00-\u9fff]")

    def said() -> str:
        shown = re.sub(r"(?s)<footer.*?</footer>|<header.*?</header>|<select.*?</select>", "", reader.page.text)
        words = " ".join(re.sub(r"<[^>]*>", " ", shown).split())
        for proper in ("明镜", "江苏省医疗保障局（演示）", "省级保管组（演示）"):  # names that have no English here
            words = words.replace(proper, "")
        return words

    reader.open("/report/")
    assert not han.search(said()), said()
    reader.press("", who="adult")
    for answers in (
        {"province": "unknown"},
        {"subject_type": "institution"},
        {"conduct": "unknown"},
        {"target": ""},
        {},
        {"words": ""},
        {"words": "They billed for tests that were never done."},
        {"more": ["files", "place", "persons", "amount", "how_known", "earlier", "office"]},
        {},
        {"place": ""},
        {"persons": ""},
        {"amount": "many"},
        {"amount": "3000"},
        {"how_known": ""},
        {"earlier_reports": ""},
        {"against_office": "unknown"},
        {"known_as": "named"},
        {"name": "A"},
        {"relation": "public"},
        {"wants_reward": "yes"},
        {"id_number": "1"},
        {"id_number": ""},
        {"fellows": ""},
    ):
        assert not han.search(said()), f"{reader.path}: {said()}"
        reader.press(**answers)
    assert reader.path == "/report/check/" and not han.search(said()), said()
    reader.send()
    assert reader.path == "/report/receipt/" and not han.search(said()), said()
    assert "Friday 23 October 2026" in said() and 'lang="en"' in reader.page.text


@pytest.mark.usefixtures("site", "clock")
def test_the_form_is_closed_before_the_first_question_when_nothing_could_be_sealed(public_app: Flask) -> None:
    for endpoint, rule in (("followup.sign_in", "/followup/"), ("ledger.index", "/ledger/")):
        if endpoint not in public_app.view_functions:
            public_app.add_url_rule(rule, endpoint, lambda: "")
    page = public_app.test_client().get("/report/")
    assert page.status_code == 503 and "12393" in page.text and '<form method="post" novalidate' not in page.text


def test_no_page_of_a_report_may_be_stored_or_framed(reporter: Reporter) -> None:
    reporter.to_words()
    headers = reporter.page.headers
    assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY" and "unsafe-inline" not in headers["Content-Security-Policy"]


def test_the_key_of_a_draft_is_out_of_the_reach_of_scripts_and_goes_with_the_window(reporter: Reporter) -> None:
    reporter.begin()
    told = [line for page in reporter.page.history for line in page.headers.getlist("Set-Cookie")]
    cookie = next(line for line in told if line.startswith("mj_draft"))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Expires" not in cookie and "Max-Age" not in cookie


def test_words_in_the_database_are_nowhere_in_clear(reporter: Reporter, session: Session) -> None:
    marker = "绝无仅有的记号七八九"
    reporter.to_words().press(words=marker).press()
    sealed = session.scalars(select(Draft.sealed)).one()
    session.rollback()
    assert marker.encode() not in sealed
    reporter.press(known_as="no_name").send()
    assert reporter.path == "/report/receipt/", reporter.words
    body = session.scalars(select(TipBody)).one()
    assert marker.encode() not in body.report + body.manifest
