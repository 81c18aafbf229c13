"""What anybody reads of published cases: lists, one case, an issue, and what was taken down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from admin.exposures import displaying
from portal.directory.models import Office
from portal.exposures.content import CaseContent
from portal.exposures.generating import propose
from portal.exposures.models import PublishedBatch, PublishedCase
from portal.exposures.values import SubjectKind, VersionKind
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.transaction import bind, transaction
from portal.kernel.values import Id, new_id
from tests.conftest import StandingClock
from tests.exposures.records import record

BUREAU = "演示区医疗保障局"
PHARMACY = replace(
    propose(record(institution="演示安康大药房", subject=SubjectKind.PHARMACY), BUREAU, invented=True),
    title="演示安康大药房串换药品案",
    paragraphs=("2026年3月，演示区医疗保障局查实演示安康大药房把保健品串换成医保药品结算。", "责令退回医保基金。"),
)
HOSPITAL = replace(
    propose(record(institution="演示晨光医院", region="320106"), "演示区医疗保障局"),
    title="演示晨光医院虚构理疗案",
    paragraphs=("演示晨光医院虚构理疗，用 MRI 设备反复检查，一次 12 个部位。",),
)


class Showcase:
    """An office that publishes, with the verbs of those who publish."""

    def __init__(self, session: Session) -> None:
        self.office, self.batch = new_id(), new_id()
        names = {"name": BUREAU, "name_en": "Demo District Healthcare Security Bureau"}
        session.add(Office(id=self.office, code="demo", kind="bureau", level="county", region="320104", **names))
        session.flush()
        words = {"title": "欺诈骗保典型案例", "preamble": "医保基金是看病钱、救命钱。\n以案示警。"}
        issue = {"year": 2026, "issue": 3, "published_on": date(2026, 9, 28)}
        session.add(PublishedBatch(id=self.batch, office_id=self.office, **words, **issue))

    def show(self, content: CaseContent, *, issued: bool = False, publish_on: date | None = None) -> str:
        """The code of a case that is on show, or waits for a day."""
        with transaction() as session:
            batch: Id | None = self.batch if issued else None
            where = {"batch_id": batch, "position": 1 if issued else 0, "publish_on": publish_on}
            return displaying.show(session, content, self.office, SYSTEM, now(), **where).code  # type: ignore[arg-type]

    def correct(self, code: str, content: CaseContent, words: str) -> None:
        with transaction() as session:
            displaying.change(session, self._case(session, code), content, "wrong-fact", words, SYSTEM, now())

    def withdraw(self, code: str, words: str = "处理决定已被撤销。", kind: VersionKind = VersionKind.WITHDRAW) -> None:
        reason = "decision-revoked" if kind is VersionKind.WITHDRAW else "term-over"
        with transaction() as session:
            displaying.take_down(session, self._case(session, code), kind, reason, words, SYSTEM, now())

    @staticmethod
    def _case(session: Session, code: str) -> PublishedCase:
        return session.scalars(select(PublishedCase).where(PublishedCase.code == code)).one()


@pytest.fixture
def showcase(database: Database, clock: StandingClock) -> Showcase:
    with transaction() as session:
        return Showcase(session)


def found(answer: TestResponse) -> list[str]:
    """The titles that a list shows, in its order."""
    assert answer.status_code == 200, answer.text
    titles = [PHARMACY.title, HOSPITAL.title]
    return sorted((one for one in titles if one in answer.text), key=answer.text.index)


def search(reader: FlaskClient, asked: str, **filters: str) -> list[str]:
    return found(reader.get("/exposures/", query_string={"q": asked, **filters}))


def test_a_case_says_what_was_found_decided_and_left_out(showcase: Showcase, reader: FlaskClient) -> None:
    code = showcase.show(PHARMACY, issued=True)
    page = reader.get(f"/exposures/{code}/")
    assert page.status_code == 200
    for words in (PHARMACY.title, *PHARMACY.paragraphs, BUREAU, "演示安康大药房", "药店", "¥50,000.00",
                  "罚款（¥50,000.00 的 2 倍）", "责令退回医保基金", "姓名：1 处", "2025年3月至2025年8月",
                  PHARMACY.sha256, "2026年第3期", "这个案例是虚构的", "《行政处罚法》第五十条"):  # fmt: skip
        assert words in page.text, words
    assert "更正" not in page.text.split("<footer")[0]


def test_the_frame_of_a_case_is_english_and_its_words_are_marked_as_chinese(
    showcase: Showcase, reader: FlaskClient
) -> None:
    page = reader.get(f"/en/exposures/{showcase.show(PHARMACY)}/").text
    for words in ("What was established", "Demo District Healthcare Security Bureau", "Fine (2 times CN¥50,000.00)",
                  "March 2025 to August 2025", "Name (1)", f'lang="zh-CN">{PHARMACY.title}'):  # fmt: skip
        assert words in page, words


def test_the_text_that_can_be_downloaded_has_the_checksum_of_the_book(showcase: Showcase, reader: FlaskClient) -> None:
    text = reader.get(f"/exposures/{showcase.show(PHARMACY)}/text").text
    assert CaseContent.from_json(text).sha256 == PHARMACY.sha256
    assert text == PHARMACY.to_json()


def test_a_correction_shows_the_new_words_and_says_why(showcase: Showcase, reader: FlaskClient) -> None:
    code = showcase.show(PHARMACY)
    showcase.correct(code, replace(PHARMACY, title="演示安康大药房违规收费案"), "标题写错了。")
    page = reader.get(f"/exposures/{code}/").text
    assert PHARMACY.title not in page
    for words in ("演示安康大药房违规收费案", "公布的事实有误", "标题写错了。", "第 2 版"):
        assert words in page, words


@pytest.mark.parametrize("kind", [VersionKind.WITHDRAW, VersionKind.EXPIRE])
def test_what_was_taken_down_is_gone_with_its_reason_and_without_a_word_of_the_case(
    showcase: Showcase, reader: FlaskClient, kind: VersionKind
) -> None:
    code = showcase.show(PHARMACY, issued=True)
    showcase.withdraw(code, "说明（虚构）。", kind)
    for address in (f"/exposures/{code}/", "/exposures/withdrawn/", "/exposures/issues/demo/2026-3/"):
        page = reader.get(address)
        assert page.status_code == (410 if code in address else 200)
        assert "说明（虚构）。" in page.text
        assert "安康" not in page.text
        assert "串换" not in page.text
    assert code not in reader.get("/exposures/").text
    assert reader.get(f"/exposures/{code}/text").status_code == 404


def test_an_issue_has_its_preamble_and_its_cases_whole(showcase: Showcase, reader: FlaskClient) -> None:
    showcase.show(PHARMACY, issued=True)
    assert "2026年第3期" in reader.get("/exposures/").text
    assert "2026年第3期" in reader.get("/exposures/issues/").text
    page = reader.get("/exposures/issues/demo/2026-3/").text
    for words in ("欺诈骗保典型案例", "以案示警。", *PHARMACY.paragraphs):
        assert words in page, words


def test_a_case_that_waits_for_its_day_is_nowhere(showcase: Showcase, reader: FlaskClient) -> None:
    code = showcase.show(PHARMACY, issued=True, publish_on=date(2026, 10, 12))
    assert reader.get(f"/exposures/{code}/").status_code == 404
    assert reader.get(f"/exposures/{code}/text").status_code == 404
    for address in ("/exposures/", "/exposures/?q=安康", "/exposures/withdrawn/", "/exposures/issues/demo/2026-3/"):
        assert "安康大药房" not in reader.get(address).text


@pytest.mark.parametrize(
    "asked",
    ["串换", "安康", "药房", "演示安康大药房", "串换 责令", "串换，退回", "药", "换 药"],
)
def test_a_case_is_found_by_its_words(showcase: Showcase, reader: FlaskClient, asked: str) -> None:
    showcase.show(PHARMACY)
    showcase.show(HOSPITAL)
    assert search(reader, asked) == [PHARMACY.title]


@pytest.mark.parametrize("asked", ["mri", "ＭＲＩ", "理疗", "12", "1２"])
def test_letters_and_figures_are_found_in_either_width_and_case(
    showcase: Showcase, reader: FlaskClient, asked: str
) -> None:
    showcase.show(PHARMACY)
    showcase.show(HOSPITAL)
    assert search(reader, asked) == [HOSPITAL.title]


def test_the_list_shows_what_a_case_was_found_by(showcase: Showcase, reader: FlaskClient) -> None:
    showcase.show(PHARMACY)
    assert "串换成<mark>医保</mark>药品" in reader.get("/exposures/?q=医保").text
    assert "<mark>" not in reader.get("/exposures/?q=安康").text
    assert "<mark>" not in reader.get("/exposures/").text


def test_pieces_that_stand_apart_do_not_make_a_longer_word(showcase: Showcase, reader: FlaskClient) -> None:
    showcase.show(replace(PHARMACY, paragraphs=("骗取和取保，保险。",)))
    assert search(reader, "骗取保险") == []
    assert search(reader, "骗取 保险") == [PHARMACY.title]


@pytest.mark.parametrize("asked", ["%", "_", "%%", "__", "串%", "*", "'; drop table tip; --", "\x00", "\\", "。", "🙂"])
def test_signs_of_a_search_language_are_plain_text_that_no_case_has(
    showcase: Showcase, reader: FlaskClient, asked: str
) -> None:
    showcase.show(HOSPITAL)
    assert search(reader, asked) == []


def test_a_question_of_any_length_is_cut_and_answered(showcase: Showcase, reader: FlaskClient) -> None:
    showcase.show(PHARMACY)
    assert search(reader, "串换 " * 2000) == [PHARMACY.title]
    page = reader.get("/exposures/", query_string={"q": "甲乙丙丁" * 2000})
    assert page.status_code == 200
    assert "没有找到符合的案例" in page.text
    assert "甲乙丙丁" * 51 not in page.text


def test_lists_are_narrowed_by_place_subject_conduct_and_year(showcase: Showcase, reader: FlaskClient) -> None:
    showcase.show(PHARMACY)
    showcase.show(HOSPITAL)
    both = [HOSPITAL.title, PHARMACY.title]
    nanjing = {"province": "320000", "city": "320100"}
    for filters, wanted in (
        ({}, both),
        (nanjing, both),
        ({**nanjing, "county": "320106"}, [HOSPITAL.title]),
        ({"province": "330000"}, []),
        ({"subject": "pharmacy"}, [PHARMACY.title]),
        ({"conduct": "inst-38-3", "year": "2026"}, both),
        ({"year": "1999", "subject": "moon", "city": "zzz", "conduct": "' or 1"}, both),
    ):
        assert search(reader, "", **filters) == wanted, filters
        assert search(reader, "演示", **filters) == wanted, filters


def test_a_long_list_has_pages_that_keep_what_was_asked(showcase: Showcase, reader: FlaskClient) -> None:
    for number in range(21):
        showcase.show(replace(PHARMACY, title=f"演示案例之{number + 1:02}"))
    first = reader.get("/exposures/", query_string={"q": "演示", "subject": "pharmacy"}).text
    assert "共 21 个案例" in first
    assert "演示案例之21" in first
    assert "演示案例之01" not in first
    second = reader.get("/exposures/", query_string={"q": "演示", "subject": "pharmacy", "page": "2"}).text
    assert "演示案例之01" in second
    assert "subject=pharmacy" in second
    for page in ("3", "99999"):
        assert reader.get(f"/exposures/?page={page}").status_code == 404
    for page in ("0", "-1", "x", "9" * 400, "２"):
        assert "演示案例之21" in reader.get("/exposures/", query_string={"page": page}).text


@pytest.mark.parametrize(
    "address",
    ["2026-0001", "2026-9999", "%00", "2026-0001%27", "issues/demo/2026-99", "issues/nowhere/2026-3",
     "issues/demo/99999999999999999999-3", "issues/demo/2026-99999999999999999999"],
)  # fmt: skip
def test_what_was_never_published_is_not_found(showcase: Showcase, reader: FlaskClient, address: str) -> None:
    assert reader.get(f"/exposures/{address}/").status_code == 404


@pytest.mark.parametrize(("root", "heading"), [("", "最新曝光的典型案例"), ("/en", "Newest published cases")])
def test_the_home_page_leads_to_the_newest_cases(
    showcase: Showcase, reader: FlaskClient, root: str, heading: str
) -> None:
    assert heading not in reader.get(f"{root}/").text
    for number in range(4):
        showcase.show(replace(PHARMACY, title=f"演示案例之{number + 1:02}"))
    showcase.show(PHARMACY, publish_on=date(2026, 10, 12))
    page = reader.get(f"{root}/")
    assert heading in page.text
    assert [one for one in range(5) if f"演示案例之{one:02}" in page.text] == [2, 3, 4]
    assert PHARMACY.title not in page.text
    assert "Set-Cookie" not in page.headers


def test_the_home_page_has_its_doors_while_the_database_is_away(
    public_app: Flask, reader: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    away = Database.open(*("sqlite:////nowhere/at/all.sqlite" for _ in range(3)))
    bind(away)
    page = reader.get("/")
    away.dispose()
    assert page.status_code == 200
    assert "我有回执码" in page.text
    assert "home_without_cases OperationalError" in caplog.text


def test_pages_of_cases_leave_no_cookie_and_may_be_kept_by_anybody(showcase: Showcase, reader: FlaskClient) -> None:
    code, gone = showcase.show(PHARMACY, issued=True), showcase.show(HOSPITAL)
    showcase.withdraw(gone)
    for address in ("", "?q=安康", f"{code}/", f"{gone}/", "withdrawn/", "issues/", "issues/demo/2026-3/"):
        page = reader.get(f"/exposures/{address}")
        assert "Set-Cookie" not in page.headers, address
        assert page.headers["Cache-Control"].startswith("public"), address
