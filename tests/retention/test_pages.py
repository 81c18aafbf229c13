"""The pages of retention as two people use them, each with a fresh second factor, and what is refused on them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.retention.shredding import shred_approved
from admin.staff.models import Staff, StaffRole
from admin.staff.roles import Role
from crypto.receipts import secrets_from_seed
from portal.directory.models import Office
from portal.kernel.actors import REPORTER
from portal.kernel.boot import forget_boot_secret
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.shred import create_shred_key
from portal.kernel.site import bind_site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import new_id
from portal.ledger.models import LedgerEntry
from portal.retention.models import RetentionHold, ShredBatch
from portal.retention.schedule import shipped_schedule
from portal.tips.intake import Submission, receive_tip
from portal.tips.values import AnswerWay, Channel, KnownAs, Report, SubjectType
from tests.conftest import StandingClock
from tests.retention.conftest import YEARS
from tests.staff.deployment import Deployment, Person, StaffBrowser, said, sign_in_with, token


@dataclass
class County:
    """A county with an archivist and a head, each at an own browser."""

    deployment: Deployment
    clock: StandingClock
    people: dict[str, Person]
    browsers: dict[str, StaffBrowser]

    def sign_in(self, name: str) -> None:
        browser, person = self.deployment.browser(), self.people[name]
        self.clock.advance(seconds=31)
        assert sign_in_with(browser, person.sign_in, person.passphrase, person.code()).status_code == 303
        browser.person = person
        self.browsers[name] = browser

    def post(self, name: str, path: str, page: str | None = None, **fields: str) -> TestResponse:
        """Send a form; a page that asks for a second factor is answered with a recovery code."""
        shown = self.browsers[name].get(page or path)
        assert shown.status_code == 200, (path, shown.status_code)
        return self.browsers[name].post(path, data={"csrf_token": token(shown.text), **fields})

    def declined(self) -> str:
        tip_id = new_id()
        create_shred_key(tip_id, today())
        submission = Submission(
            tip_id=tip_id,
            report=Report(region="320104", words="虚构住院。", target="演示医院", subject_type=SubjectType.INSTITUTION),
            known_as=KnownAs.NO_NAME,
            channel=Channel.WEB,
            answer_way=AnswerWay.CODE,
            secrets=secrets_from_seed(tip_id.bytes + tip_id.bytes, 1),
        )
        with transaction() as session:
            number = receive_tip(session, submission, REPORTER, now()).number
        self.browsers["head"].get(f"/tips/{number}/")
        seen = self.browsers["head"].get(f"/tips/{number}/decline/").text
        fields = {
            "csrf_token": token(seen),
            "seen": re.findall(r'name="seen"[^>]*value="(\d+)"', seen)[0],
            "reason": "no_facts",
            "text": "没有线索（虚构）",
        }
        answer = self.browsers["head"].post(f"/tips/{number}/decline/", data=fields)
        assert answer.status_code == 302, said(answer)
        return number

    def batch(self) -> ShredBatch:
        with reading() as session:
            return session.scalars(select(ShredBatch)).one()

    def propose(self, name: str = "archivist") -> TestResponse:
        with reading() as session:
            county = session.scalars(select(Office.id).where(Office.code == "COUNTY")).one()
        return self.post(name, f"/retention/propose/{county}/", page="/retention/")


@pytest.fixture
def office(database: Database, tmp_path: Path, clock: StandingClock) -> Iterator[County]:
    made = Deployment.make(tmp_path / "place", database, "keeper1", "county", "admin", "keeper2")
    accounts = {"archivist": "keeper1", "head": "county", "admin": "admin"}
    enrolled = {role: made.at_work[name] for role, name in accounts.items()}
    with transaction() as session:
        county = session.scalars(select(Office.id).where(Office.code == "COUNTY")).one()
        for name, role in (("keeper1", Role.ARCHIVIST), ("county", Role.HEAD)):
            person = session.scalars(select(Staff.id).where(Staff.sign_in == name)).one()
            session.add(StaffRole(staff_id=person, office_id=county, role=role.value))
    made.sequence()
    browsers = {role: browser for role, (browser, _) in enrolled.items()}
    yield County(made, clock, {role: person for role, (_, person) in enrolled.items()}, browsers)
    bind_site(None)
    forget_boot_secret()


@pytest.fixture
def later(office: County) -> list[str]:
    """Two reports past their term, and everybody signed in again."""
    numbers = [office.declined(), office.declined()]
    office.clock.advance(days=YEARS)
    office.deployment.sequence()
    for name in office.people:
        office.sign_in(name)
    return numbers


def test_one_proposes_another_approves_and_the_worker_destroys(office: County, later: list[str]) -> None:
    page = office.browsers["archivist"].get("/retention/").text
    assert "不予受理" in page and "提出销毁：演示区医保局" in page and later[0] not in page
    assert later[0] in office.browsers["archivist"].get("/retention/due/").text
    answer = office.propose()
    batch = office.batch()
    assert answer.headers["Location"] == f"/retention/batches/{batch.id}/" and batch.size == 2
    own = office.browsers["archivist"].get(f"/retention/batches/{batch.id}/").text
    assert "要由另一位负责人决定" in own and 'name="answer"' not in own
    answer = office.post("head", f"/retention/batches/{batch.id}/", answer="approve")
    assert answer.status_code == 303 and office.batch().state == "approved"
    office.deployment.sequence()
    assert shred_approved(now()) == 2
    shown = office.browsers["head"].get(f"/retention/batches/{batch.id}/").text
    assert shown.count("已销毁") > 2 and office.batch().state == "done"
    tomb = office.browsers["head"].get(f"/tips/{later[0]}/")
    assert tomb.status_code == 200 and "这份举报的材料已经销毁" in tomb.text and "第十九条" in tomb.text
    assert "虚构住院" not in tomb.text


def test_a_destroyed_report_stays_in_the_queue_and_nothing_can_be_done_with_it(
    office: County, later: list[str]
) -> None:
    office.propose()
    office.post("head", f"/retention/batches/{office.batch().id}/", answer="approve")
    office.deployment.sequence()
    shred_approved(now())
    queue = office.browsers["head"].get("/?show=not_accepted").text
    assert later[0] in queue and queue.count("材料已销毁") == 2
    for act in ("reopen", "transfer", "note", "print", "identity"):
        assert office.browsers["head"].get(f"/tips/{later[0]}/{act}/").status_code == 404, act


def test_a_batch_asks_for_a_fresh_second_factor(office: County, later: list[str]) -> None:
    office.propose()
    address = f"/retention/batches/{office.batch().id}/"
    office.browsers["head"].person = None  # nobody answers for them
    asked = office.post("head", address, answer="approve")
    assert 'name="factor" value="given"' in asked.text and "批准销毁演示区医保局的 2 件材料" in asked.text
    fields = {"csrf_token": token(asked.text), "answer": "approve", "factor": "given", "code": "000000"}
    assert office.browsers["head"].post(address, data=fields).status_code == 422
    assert office.batch().state == "open"


def test_a_refusal_says_why_and_nothing_is_destroyed(office: County, later: list[str]) -> None:
    office.propose()
    address = f"/retention/batches/{office.batch().id}/"
    assert office.post("head", address, answer="refuse").status_code == 400
    assert office.post("head", address, answer="refuse", reason="altered").status_code == 400
    assert office.post("head", address, answer="refuse", reason="still_needed").status_code == 303
    assert (office.batch().state, office.batch().reason) == ("refused", "still_needed")
    assert shred_approved(now()) == 0 and "还需要的材料" in office.browsers["head"].get(address).text
    assert office.browsers["head"].get(f"/tips/{later[0]}/").text.count("虚构住院") == 1


def test_neither_half_does_the_other_ones(office: County, later: list[str]) -> None:
    with reading() as session:
        county = session.scalars(select(Office.id).where(Office.code == "COUNTY")).one()
    forged = {"csrf_token": token(office.browsers["head"].get("/retention/").text)}
    assert office.browsers["head"].post(f"/retention/propose/{county}/", data=forged).status_code == 403
    office.propose()
    address = f"/retention/batches/{office.batch().id}/"
    assert office.post("archivist", address, answer="approve").status_code == 403
    assert office.batch().state == "open"
    for path in ("/retention/", "/retention/due/", "/retention/holds/", address):
        assert office.browsers["admin"].get(path).status_code == 403, path
    assert office.browsers["archivist"].get("/retention/schedule/").status_code == 403


def test_a_report_is_held_back_with_a_reason_and_let_go_again(office: County, later: list[str]) -> None:
    answer = office.post("archivist", "/retention/holds/", number=later[0].lower(), reason="litigation")
    assert answer.status_code == 303
    assert "已经因为同一个原因" in office.post("head", "/retention/holds/", number=later[0], reason="litigation").text
    page = office.browsers["head"].get("/retention/").text
    assert later[0] in page and "暂缓销毁" in page.partition("期满而不能销毁的")[2]
    office.propose()
    assert office.batch().size == 1
    with reading() as session:
        hold = session.scalars(select(RetentionHold.id)).one()
    assert office.post("head", f"/retention/holds/{hold}/lift/", page="/retention/holds/").status_code == 303
    assert "现在没有暂缓" in office.browsers["head"].get("/retention/holds/").text
    with reading() as session:
        entries = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == "hold-changed")).all()
    assert sorted(json.loads(entry)["event"]["change"] for entry in entries) == ["lifted", "set"]


@pytest.mark.parametrize("number", ["MJ-2222-2222", "", "不是编号"])
def test_a_number_that_is_not_theirs_is_not_held(office: County, number: str) -> None:
    assert office.post("archivist", "/retention/holds/", number=number, reason="audit").status_code in (400, 422)
    with reading() as session:
        assert session.scalars(select(RetentionHold)).all() == []


def test_a_new_schedule_is_adopted_for_a_day_a_month_away_and_not_for_tomorrow(office: County) -> None:
    terms = json.loads(shipped_schedule().text)
    for days, status in ((1, 422), (29, 422), (30, 303)):
        text = json.dumps({**terms, "version": "next", "in_force_from": str(today() + timedelta(days=days))})
        assert office.post("admin", "/retention/schedule/", text=text).status_code == status, days
    page = office.browsers["admin"].get("/retention/schedule/").text
    assert "next 版" in page and "还没有开始执行" in page
    with reading() as session:
        said_so = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == "setting-changed")).all()
    assert any(json.loads(entry)["event"]["what"] == "retention-schedule" for entry in said_so)


def test_a_faulty_schedule_is_refused_in_words(office: County) -> None:
    answer = office.post("admin", "/retention/schedule/", text="{}")
    assert answer.status_code == 422 and "保管期限表有问题" in answer.text
