"""The pages of payments as an officer and a head use them, and what is refused on them."""

from __future__ import annotations

import html
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.payments import batch_views
from admin.staff.roles import Role
from admin.web import stepup
from portal.kernel.actors import Actor
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.values import Id
from tests.admin_tips.world import DISTRICT, OTHER, make_world
from tests.conftest import StandingClock
from tests.payments.treasury import HEAD, LI, Treasury, back, paid
from tests.staff.deployment import token

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def treasury(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Treasury:
    """Monday, 28 September 2026."""
    return Treasury(make_world(database, checkpoint_key[0]))


@pytest.fixture
def factors(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Every second factor is right; what was typed."""
    typed: list[str | None] = []
    for module in (stepup, batch_views):
        monkeypatch.setattr(module, "take_factor", typed.append)
    return typed


def browser(treasury: Treasury, staff_app: Flask, person: Actor) -> FlaskClient:
    client = staff_app.test_client()
    treasury.world.sign_in(client, person)
    return client


@pytest.fixture
def officer(treasury: Treasury, staff_app: Flask) -> FlaskClient:
    return browser(treasury, staff_app, treasury.finance)


@pytest.fixture
def head(treasury: Treasury, staff_app: Flask) -> FlaskClient:
    return browser(treasury, staff_app, treasury.head)


def post(client: FlaskClient, path: str, page: str = "/staff/me/", **fields: object) -> TestResponse:
    return client.post(path, data={"csrf_token": token(client.get(page).text), **fields})


def upload(client: FlaskClient, batch: Id, text: str, code: str = "123456") -> TestResponse:
    path = f"/payments/batches/{batch}/answer/"
    return post(client, path, path, file=(BytesIO(text.encode()), "答复.csv"), code=code)


def test_what_waits_becomes_a_batch_that_shows_numbers_and_sums(treasury: Treasury, officer: FlaskClient) -> None:
    numbers = treasury.waiting(123_450, 20_000)
    page = officer.get("/payments/").text
    assert "演示甲区医疗保障局" in page and "¥1,434.50" in page and numbers[0] not in page
    answer = post(officer, f"/payments/propose/{treasury.office}/2026/", "/payments/")
    assert answer.status_code == 303
    shown = officer.get(answer.headers["Location"]).text
    assert all(number in shown for number in numbers) and "¥1,234.50" in shown and "等待放行" in shown
    assert "财务人员" in shown and "上传银行答复" not in shown
    assert "现在没有等待支付的款项" in officer.get("/payments/").text


def test_one_is_taken_out_and_the_rest_given_up(treasury: Treasury, officer: FlaskClient) -> None:
    first, second = treasury.waiting(100, 200)
    path = f"/payments/batches/{treasury.draft()}/"
    assert post(officer, path + "out/", path, number=first).status_code == 303
    shown = officer.get(path).text
    assert first not in shown and second in shown and "移出" not in shown
    assert post(officer, path + "out/", path, number="PN").status_code == 422
    assert post(officer, path + "drop/", path).status_code == 303
    assert "重新等待支付" in officer.get(path).text and treasury.states([first, second]) == ["sealed"] * 2


def test_the_answer_is_taken_with_a_second_factor_and_shown_line_by_line(
    treasury: Treasury, officer: FlaskClient, factors: list[str | None]
) -> None:
    batch, (one, two) = treasury.released(100, 100)
    page = officer.get(f"/payments/batches/{batch}/").text
    assert treasury.batch(batch).file_sha256 in page and "上传银行答复" in page
    answer = upload(officer, batch, HEAD + paid(one) + "\n" + back(two))
    assert answer.status_code == 200 and "新登记支付成功 1 笔，退回 1 笔" in answer.text
    assert factors == ["123456"]
    shown = officer.get(f"/payments/batches/{batch}/").text
    assert "银行退回：户名不符" in shown and "已支付" in shown and "B1" in shown and "全部答复" in shown
    again = upload(officer, batch, HEAD + back(two) + "\n" + paid(one))
    assert "没有新的内容" in again.text and "2 笔以前已经登记过" in again.text


def test_every_fault_of_a_file_is_on_the_page_and_nothing_is_taken(
    treasury: Treasury, officer: FlaskClient, factors: list[str | None]
) -> None:
    batch, (one, two) = treasury.released(100, 100)
    answer = upload(officer, batch, HEAD + paid(one) + "\n" + paid(two, "=1+1") + "\n<b>坏</b>,成功,,,,\n")
    assert answer.status_code == 422 and "一笔也没有登记" in answer.text
    assert '<td class="numeric">3</td>' in answer.text and '<td class="numeric">4</td>' in answer.text
    assert "<b>坏" not in answer.text and treasury.states([one, two]) == ["in_batch"] * 2


def test_without_a_second_factor_nothing_is_taken(treasury: Treasury, officer: FlaskClient) -> None:
    batch, (one,) = treasury.released(100)
    missing = upload(officer, batch, HEAD + paid(one), code="")
    assert (missing.status_code, "验证器" in missing.text) == (400, True)
    wrong = upload(officer, batch, HEAD + paid(one), code="000000")
    assert (wrong.status_code, "验证码不对" in wrong.text) == (422, True)
    assert treasury.states([one]) == ["in_batch"]


def test_without_a_file_the_form_asks_for_one(
    treasury: Treasury, officer: FlaskClient, factors: list[str | None]
) -> None:
    batch, _ = treasury.released(100)
    path = f"/payments/batches/{batch}/answer/"
    answer = post(officer, path, path, code="123456")
    assert (answer.status_code, "请选择文件" in answer.text) == (400, True)


def test_before_there_is_a_file_the_page_has_no_form(treasury: Treasury, officer: FlaskClient) -> None:
    treasury.waiting(100)
    page = officer.get(f"/payments/batches/{treasury.draft()}/answer/").text
    assert "还没有生成支付文件" in page and 'type="file"' not in page


def test_another_office_sees_nothing_of_it(treasury: Treasury, staff_app: Flask) -> None:
    batch, (one,) = treasury.released(100)
    stranger = browser(treasury, staff_app, treasury.world.person(OTHER, Role.FINANCE))
    assert treasury.batch(batch).number not in stranger.get("/payments/").text
    for path in (f"/payments/batches/{batch}/", f"/payments/batches/{batch}/answer/"):
        assert stranger.get(path).status_code == stranger.get(path.replace(str(batch), NOBODY)).status_code == 404
    assert post(stranger, f"/payments/batches/{batch}/drop/").status_code == 404
    assert post(stranger, f"/payments/batches/{batch}/out/", number=one).status_code == 404
    assert post(stranger, f"/payments/propose/{treasury.office}/2026/").status_code == 403


@pytest.mark.parametrize("role", [Role.HANDLER, Role.REWARD_REVIEWER, Role.PAYMENT_KEEPER, Role.SYSADMIN, Role.AUDITOR])
def test_who_neither_pays_nor_heads_the_office_has_none_of_these_pages(
    treasury: Treasury, staff_app: Flask, role: Role
) -> None:
    client = browser(treasury, staff_app, treasury.world.person(DISTRICT, role))
    assert [client.get(path).status_code for path in ("/payments/", "/payments/budget/")] == [403, 403]


def test_the_head_sets_the_budget_and_the_officer_sees_the_warning(
    treasury: Treasury, head: FlaskClient, officer: FlaskClient, factors: list[str | None]
) -> None:
    treasury.waiting(900_00)
    fields = {"office": str(treasury.office), "year": "2026", "amount": "1000", "reason": "approved"}
    asked = post(head, "/payments/budget/", **fields)
    assert asked.status_code == 200 and "把 2026 年的奖励预算设定为 1000 元" in asked.text
    assert "还没有设定过" in head.get("/payments/budget/").text
    assert post(head, "/payments/budget/", **fields, factor="given", code="123456").status_code == 303
    shown = head.get("/payments/budget/").text
    assert "接近预算" in shown and "年度预算批复" in shown and "¥1,000.00" in shown and "90%" in shown
    assert "占预算 ¥1,000.00 的 90%" in officer.get("/payments/").text
    treasury.waiting(100_00)
    assert "奖励预算已经用完" in html.unescape(officer.get("/payments/").text)
    assert [officer.get("/payments/budget/").status_code, head.get("/payments/").status_code] == [403, 403]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"amount": "很多"}, "金额要写数字"),
        ({"amount": "-5"}, "金额要写数字"),
        ({"amount": ""}, "请填写金额"),
        ({"year": "2036"}, "error-summary"),
        ({"year": "今年"}, "error-summary"),
        ({"reason": "because"}, "error-summary"),
        ({"office": NOBODY}, "error-summary"),
    ],
)
def test_a_budget_that_was_mistyped_comes_back_with_what_to_do(
    treasury: Treasury, head: FlaskClient, factors: list[str | None], wrong: dict[str, str], says: str
) -> None:
    fields = {"office": str(treasury.office), "year": "2026", "amount": "1000", "reason": "approved", **wrong}
    answer = post(head, "/payments/budget/", **fields, factor="given", code="123456")
    assert answer.status_code == 400 and says in answer.text
    assert "还没有设定过" in head.get("/payments/budget/").text


def test_a_strict_budget_is_said_where_the_batch_is_refused(treasury: Treasury, officer: FlaskClient) -> None:
    treasury.budget(1, strict=True)
    treasury.waiting(101)
    assert "超过的不能编入批次" in officer.get("/payments/").text
    answer = post(officer, f"/payments/propose/{treasury.office}/2026/", "/payments/")
    assert answer.status_code == 422 and "超过本年度预算" in answer.text


def test_no_page_has_a_payee(treasury: Treasury, officer: FlaskClient, factors: list[str | None]) -> None:
    batch, (one,) = treasury.released(100)
    upload(officer, batch, HEAD + paid(one))
    pages = [officer.get(path).text for path in ("/payments/", f"/payments/batches/{batch}/")]
    assert not [part for part in (LI.name, LI.account, LI.bank, LI.id_number) if any(part in page for page in pages)]
