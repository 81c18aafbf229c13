"""Pages of the accountant and the second person: a file is looked at, stored, explained, approved, published."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.disclosures.previewing import pack
from admin.staff.roles import Role
from portal.disclosures.models import Disclosure
from portal.disclosures.reading import read_figures
from portal.disclosures.values import Pooling
from portal.kernel.actors import Actor
from portal.kernel.site import bind_site, site
from portal.kernel.values import Id
from tests.admin_tips.world import CITY, OTHER
from tests.disclosures.conftest import Accounts, counted, figure, versions

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The verbs behind the pages are tested on both databases."""

HEAD = "year,region,fund,measure,value,unit,source_title,confidence,period,edition,note\n"
INCOME = "2025,南京市,职工医保,收入,428.10,亿元,演示公告（虚构）,high,全年,市级公告,\n"
SPENT = "2025,南京市,职工医保,支出,400.00,亿元,演示公告（虚构）,high,全年,市级公告,\n"
LEFT = "2025,南京市,职工医保,当期结存,29.10,亿元,演示公告（虚构）,high,全年,市级公告,\n"
PURPOSE = {"title": "2025年收支（虚构）", "kind": "publication", "reason": "", "words": ""}
WHY = "来源四舍五入以前的数字不同（虚构）。"


@dataclass
class Person:
    """Somebody at the pages of fund accounts."""

    accounts: Accounts
    client: FlaskClient

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(f"/disclosures/{path}")
        assert answer.status_code == status, answer.text
        return answer.text

    def upload(self, text: str, path: str = "new", **fields: str) -> TestResponse:
        """The first press."""
        given = {**hidden(self.get(path)), "office": self.accounts.office.hex, **PURPOSE, **fields}
        return self.client.post(f"/disclosures/{path}", data={**given, "file": (io.BytesIO(text.encode()), "演示.csv")})

    def store(self, seen: TestResponse, path: str = "new", **fields: str) -> TestResponse:
        """The second press, of what was shown."""
        given = {**hidden(seen.text), "office": self.accounts.office.hex, **PURPOSE, **fields}
        return self.client.post(f"/disclosures/{path}", data=given)

    def post(self, one: Id, action: str, **fields: str) -> TestResponse:
        given = {**hidden(self.get(f"{one}/")), "code": "123456", **fields}
        return self.client.post(f"/disclosures/{one}/{action}", data=given)


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(csrf_token|name|sha256|packed|seen)" value="([^"]*)"', page))


@dataclass
class Office:
    accounts: Accounts
    app: Flask

    def person(self, actor: Actor) -> Person:
        client = self.app.test_client()
        self.accounts.world.sign_in(client, actor)
        return Person(self.accounts, client)

    @property
    def accountant(self) -> Person:
        return self.person(self.accounts.accountant)

    @property
    def publisher(self) -> Person:
        return self.person(self.accounts.publisher)


@pytest.fixture
def office(accounts: Accounts, staff_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Second factors are taken without being looked at."""
    monkeypatch.setattr("admin.web.deciding.take_factor", lambda _typed: None)
    return Office(accounts, staff_app)


def test_a_file_is_shown_whole_before_anything_is_stored(office: Office) -> None:
    seen = office.accountant.upload(HEAD + INCOME + SPENT + LEFT)
    assert seen.status_code == 200
    assert "428.10 亿元" in seen.text
    assert "收入减支出等于当期结存" in seen.text
    assert "不符，要说明 1 项" in seen.text
    assert counted(Disclosure) == 0


def test_a_file_with_a_fault_says_where_and_what_to_do_and_offers_no_second_press(office: Office) -> None:
    seen = office.accountant.upload(HEAD + INCOME + SPENT.replace("亿元", "斤"))
    assert seen.status_code == 422
    assert re.search(r'<td class="numeric">3</td><td>unit</td>', seen.text)
    assert 'name="packed"' not in seen.text


def test_the_second_press_stores_what_was_shown_and_no_other_file(office: Office) -> None:
    accountant = office.accountant
    seen = accountant.upload(HEAD + INCOME)
    other = {**hidden(seen.text), "packed": pack((HEAD + SPENT).encode())}
    refused = accountant.store(seen, packed=other["packed"])
    assert (refused.status_code, counted(Disclosure)) == (422, 0)
    assert "不是同一个文件" in refused.text
    stored = accountant.store(seen)
    assert (stored.status_code, counted(Disclosure)) == (303, 1)
    assert "428.10 亿元" in accountant.client.get(stored.location).text


def test_from_a_file_to_the_public_by_two_people(office: Office) -> None:
    accountant, publisher = office.accountant, office.publisher
    one = Id(accountant.store(accountant.upload(HEAD + INCOME + SPENT + LEFT)).location.split("/")[-2])
    assert "还有 1 项核对没有说明原因" in accountant.get(f"{one}/")
    assert accountant.post(one, "check").status_code == 422
    box = re.search(r'name="(why-[0-9a-f]{16})"', accountant.get(f"{one}/"))
    assert box
    assert accountant.post(one, "explain", **{box[1]: WHY}).status_code == 303
    assert accountant.post(one, "check").status_code == 303
    assert "等待审批" in publisher.get("")
    assert WHY in publisher.get(f"{one}/")
    assert publisher.post(one, "approve").status_code == 303
    assert publisher.post(one, "publish").status_code == 303
    shown = publisher.get(f"{one}/")
    assert "2026-0001" in shown
    assert "已经公布" in shown
    assert "公众看到的这份公告" not in shown, "the settings name no address of the public site"
    bind_site(replace(site(), address="https://report.example.org"))
    assert 'href="https://report.example.org/fund/disclosures/2026-0001/"' in publisher.get(f"{one}/")
    assert len(versions()) == 3


def test_an_approval_of_other_figures_than_were_read_is_refused_on_the_page(office: Office) -> None:
    one = office.accounts.checked(figure())
    answer = office.publisher.post(one, "approve", seen="0" * 64)
    assert answer.status_code == 422
    assert "您看的时候，数字有了变化" in answer.text


def test_what_is_sent_back_comes_with_words_and_its_file_can_be_replaced(office: Office) -> None:
    one, accountant = office.accounts.checked(figure()), office.accountant
    assert office.publisher.post(one, "send-back", words="").status_code == 400
    assert office.publisher.post(one, "send-back", words="请核对收入（虚构）。").status_code == 303
    assert "请核对收入（虚构）。" in accountant.get(f"{one}/")
    path = f"{one}/replace"
    assert accountant.store(accountant.upload(HEAD + SPENT, path), path).status_code == 303
    assert "400.00 亿元" in accountant.get(f"{one}/")


def test_a_correction_shows_the_old_value_beside_the_new_one(office: Office) -> None:
    office.accounts.published(figure("428.10", series={"pooling": Pooling.UNSTATED}))
    accountant = office.accountant
    seen = accountant.upload(HEAD + INCOME.replace("428.10", "429.00"))
    assert "<del>428.10 亿元</del> → 429.00 亿元" in seen.text
    assert "这样保存不了" in seen.text
    refused = accountant.store(seen)
    assert refused.status_code == 422
    assert "要改请按“更正”提交" in refused.text
    said = {"kind": "correction", "reason": "mistyped", "words": "看错了一位（虚构）。"}
    assert accountant.store(refused, **said).status_code == 303, "the file need not be chosen again"


def test_all_words_that_will_be_public_are_shown_before_they_are_and_so_is_each_that_a_correction_changes(
    office: Office,
) -> None:
    accountant, publisher = office.accountant, office.publisher
    seen = accountant.upload(HEAD + INCOME.replace(",high,全年,市级公告,", ",medium,全年,市级公告,按新口径（虚构）"))
    one = Id(accountant.store(seen).location.split("/")[-2])
    for page in (seen.text, publisher.get(f"{one}/")):
        assert "可信度：中" in page and "备注：按新口径（虚构）" in page
    assert accountant.post(one, "check").status_code == 303
    assert publisher.post(one, "approve").status_code == publisher.post(one, "publish").status_code == 303
    again = accountant.upload(HEAD + INCOME)
    assert "公布过的每一个字都只能更正" in again.text
    assert "<del>" not in again.text, "the amount is the same"
    assert "备注：按新口径（虚构） → （空）" in again.text and "可信度：中 → 高" in again.text


def test_whoever_comes_to_the_bare_address_signs_in_to_their_own_work_and_to_another_to_that(office: Office) -> None:
    stranger = office.app.test_client()
    assert stranger.get("/").location == "/sign-in/", "an accountant has no queue to be led to"
    assert stranger.get("/disclosures/").location == "/sign-in/?next=/disclosures/"


def test_who_may_only_publish_sees_no_way_to_import_and_strangers_of_another_office_see_nothing(office: Office) -> None:
    one = office.accounts.taken(figure())
    publisher = office.publisher
    assert "disclosures/new" not in publisher.get("")
    assert publisher.client.get("/disclosures/new").status_code == 403
    stranger = office.person(office.accounts.world.person(OTHER, Role.FUND_ACCOUNTANT))
    stranger.get(f"{one}/", 404)
    assert stranger.client.get(f"/disclosures/{one}/replace").status_code == 404
    assert (
        office.person(office.accounts.world.person(CITY, Role.HANDLER)).client.get("/disclosures/").status_code == 403
    )


def test_the_table_to_fill_in_comes_with_the_page_and_is_read_when_it_is_filled_in(office: Office) -> None:
    accountant = office.accountant
    assert 'href="/disclosures/template"' in accountant.get("new")
    answer = accountant.client.get("/disclosures/template")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert [one.column for one in read_figures(answer.data, "模板.xlsx").errors] == ["备注"], "only the example is left"
    assert office.publisher.client.get("/disclosures/template").status_code == 403


def test_a_promise_is_made_by_who_publishes_and_says_what_became_of_each_period(office: Office) -> None:
    publisher, accountant = office.publisher, office.accountant
    typed = {"office": office.accounts.office.hex, "region": "320100", "edition": "monthly", "every": "month"}
    typed |= {"days": "20", "since": "2026-09-28", **hidden(publisher.get("promises/"))}
    refused = publisher.client.post("/disclosures/promises/", data={**typed, "since": "九月"})
    assert (refused.status_code, "请写成 2026-10-08 这样" in refused.text) == (422, True)
    assert publisher.client.post("/disclosures/promises/", data=typed).status_code == 303
    shown = accountant.get("promises/")
    assert "期末以后 20 天以内公布" in shown
    assert "承诺的第一期还没有结束" in shown
    assert "新的承诺" not in shown
