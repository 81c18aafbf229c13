"""The pages of a release as officers and keepers use them: asked, agreed to, made into a file once."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.custody import seat_views
from admin.payments import release_views
from portal.kernel.actors import Actor
from portal.kernel.boot import forget_boot_secret
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from portal.payments.models import PassedPayeeShare, PayeeRecord, PayeeShare, Payment, PaymentRelease
from portal.payments.values import ReleaseState
from tests.conftest import StandingClock
from tests.payments.test_registering import everything
from tests.payments.vault import PEOPLE, Vault
from tests.staff.deployment import token


@dataclass
class Desk:
    """The staff site, and who sits before it."""

    vault: Vault
    app: Flask

    def browser(self, person: Actor) -> FlaskClient:
        client = self.app.test_client()
        self.vault.world.sign_in(client, person)
        return client

    def post(self, person: Actor, path: str, **fields: str) -> TestResponse:
        client = self.browser(person)
        given = {"csrf_token": token(client.get("/staff/me/").text), "code": "123456", **fields}
        return client.post(path, data=given)

    def get(self, person: Actor, path: str) -> str:
        return self.browser(person).get(path).text

    def answer(self, position: int, release: Id, answer: str = "consent", **fields: str) -> TestResponse:
        keeper = self.vault.keepers[position - 1]
        return self.post(keeper, f"/payments/releases/{release}/", answer=answer, **fields)

    def granted(self, *fen: int) -> tuple[str, Id]:
        """The page of a batch whose file may be made, and its release."""
        batch = self.vault.batch(*fen)
        release = self.vault.ask(batch)
        self.vault.consent(release, 1, 2)
        return f"/payments/batches/{batch}/release/", release


@pytest.fixture
def desk(vault: Vault, staff_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Every second factor that was typed is right."""
    forget_boot_secret()
    for module in (release_views, seat_views):
        monkeypatch.setattr(module, "take_factor", lambda _typed: None)
    return Desk(vault, staff_app)


def test_from_asking_to_the_file_in_the_browser(desk: Desk) -> None:
    vault = desk.vault
    path = f"/payments/batches/{vault.batch(123_456, 200)}/release/"
    assert desk.post(vault.asker, path).status_code == 303
    with reading() as session:
        numbers = session.scalars(select(Payment.number)).all()
    release = _only(desk)
    page = desk.get(vault.keepers[0], f"/payments/releases/{release}/")
    assert all(number in page for number in numbers) and "¥1,234.56" in page and "演示甲区医疗保障局" in page
    assert [desk.answer(position, release).status_code for position in (1, 3)] == [303, 303]
    assert "生成支付文件" in desk.get(vault.asker, path)
    answer = desk.post(vault.asker, path, kind="csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''PB-")
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert sorted(row[2] for row in rows[1:-1]) == sorted(payee.name for payee in PEOPLE[:2])
    again = desk.post(vault.asker, path, kind="csv")
    assert again.status_code == 422 and "文件已经生成过" in again.text and _only(desk) == release


def _only(desk: Desk) -> Id:
    with reading() as session:
        return session.scalars(select(PaymentRelease.id)).one()


def test_no_page_of_officers_or_keepers_names_a_payee_or_a_report(desk: Desk) -> None:
    vault = desk.vault
    reported = vault.world.report(named=True)
    path, release = desk.granted(100, 200, 300)
    pages = [desk.get(person, path) for person in (vault.asker, vault.preparer)]
    pages += [desk.get(vault.keepers[0], one) for one in ("/payments/releases/", f"/payments/releases/{release}/")]
    for page in pages:
        assert "PN-" in page or "PB-" in page
        for payee in PEOPLE:
            assert not any(word in page for word in (payee.name, payee.id_number, payee.bank, payee.account))
        assert reported not in page and not re.search(r"\bMJ-[0-9A-Z]{4}-", page)


def test_whoever_prepared_the_batch_is_told_to_leave_it_to_another(desk: Desk) -> None:
    vault = desk.vault
    path = f"/payments/batches/{vault.batch(100)}/release/"
    page = desk.get(vault.preparer, path)
    assert "请另一位同事申请放行" in page and 'name="code"' not in page
    refused = desk.post(vault.preparer, path)
    assert refused.status_code == 422 and "这一批是您编制的" in refused.text


def test_an_objection_says_why_and_the_asker_reads_it(desk: Desk) -> None:
    vault = desk.vault
    batch = vault.batch(100)
    release = vault.ask(batch)
    assert desk.answer(1, release, "object").status_code == 400
    assert desk.answer(1, release, "object", reason="amount").status_code == 303
    assert "金额或者合计不对" in desk.get(vault.asker, f"/payments/batches/{batch}/release/")
    again = desk.answer(1, release)
    assert again.status_code == 422 and "已经答复过" in again.text


def test_only_whoever_asked_makes_the_file_or_takes_it_back(desk: Desk) -> None:
    vault = desk.vault
    path, release = desk.granted(100)
    assert "生成支付文件" not in desk.get(vault.preparer, path)
    assert desk.post(vault.preparer, path + "drop/").status_code == 403
    assert desk.post(vault.asker, path + "drop/").status_code == 303
    assert vault.release(release).state == ReleaseState.DROPPED


def test_a_keeper_of_no_such_board_and_an_officer_of_another_office_find_nothing(desk: Desk) -> None:
    vault = desk.vault
    path, release = desk.granted(100)
    assert desk.browser(vault.asker).get(f"/payments/releases/{release}/").status_code == 403
    assert desk.browser(vault.keepers[0]).get(path).status_code == 403


def test_a_release_that_expired_is_asked_for_anew_without_waiting_for_the_worker(
    desk: Desk, clock: StandingClock
) -> None:
    vault = desk.vault
    path, release = desk.granted(100)
    clock.advance(days=8)
    late = desk.post(vault.asker, path, kind="csv")
    assert late.status_code == 422 and "已经过期" in late.text
    assert desk.post(vault.asker, path).status_code == 303
    assert vault.release(release).state == "expired"


def test_a_payee_that_does_not_open_is_said_put_on_record_and_costs_nothing(desk: Desk) -> None:
    vault = desk.vault
    path, release = desk.granted(100)
    with transaction() as session:
        row = session.scalars(select(PassedPayeeShare)).all()[0]
        row.passed = row.passed[:-1] + bytes((row.passed[-1] ^ 1,))
    answer = desk.post(vault.asker, path, kind="csv")
    assert answer.status_code == 422 and "份额不对" in answer.text
    assert vault.release(release).state == "granted"
    with reading() as session:
        assert session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "seal-broken")).one()


def test_a_seat_of_a_payment_board_gets_a_new_key_and_its_shares_follow(desk: Desk) -> None:
    vault = desk.vault
    path, seat, keeper = f"/custody/seats/{vault.seats[0]}/reseal/", vault.seats[0], vault.keepers[0]
    batch = vault.batch(100, 200)
    with reading() as session:
        before = {share.id: share.sealed for share in session.scalars(select(PayeeShare))}
        bodies = session.scalars(select(PayeeRecord.sealed).order_by(PayeeRecord.payment_id)).all()
    assert desk.post(keeper, path, do="begin").status_code == 303
    vault.checkpoint()
    assert "还有 2 份" in desk.get(keeper, path)
    assert desk.post(keeper, path, do="go").status_code == 303
    with reading() as session:
        shares = session.scalars(select(PayeeShare)).all()
        assert {share.seat_id for share in shares if share.sealed != before[share.id]} == {seat}
        assert bodies == session.scalars(select(PayeeRecord.sealed).order_by(PayeeRecord.payment_id)).all()
    release = vault.ask(batch)
    assert desk.answer(1, release).status_code == 303  # with the new key
    vault.consent(release, 2)
    assert desk.post(vault.asker, f"/payments/batches/{batch}/release/", kind="xlsx").status_code == 200


def test_a_keeper_of_payees_finds_the_own_seat_and_no_page_of_identities(desk: Desk) -> None:
    keeper = desk.vault.keepers[0]
    assert "打开一批收款信息，要 2 席同意" in desk.get(keeper, "/custody/seats/")
    assert desk.browser(keeper).get("/custody/").status_code == 403


def test_nothing_that_was_opened_is_left_in_the_tables_or_the_session(desk: Desk) -> None:
    vault = desk.vault
    path, _ = desk.granted(100, 200, 300)
    assert desk.post(vault.asker, path, kind="csv").status_code == 200
    with reading() as session:
        held = everything(session)
    store = vault.world.database.sessions.connect()
    with store:
        held += "".join(str(row) for row in store.exec_driver_sql("SELECT * FROM open_session"))
    for payee in PEOPLE:
        for word in (payee.name, payee.id_number, payee.account):
            assert word not in held and word.encode().hex() not in held
