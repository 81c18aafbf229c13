"""A county office, a board of the city with two seats, and a report whose author left a name."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from crypto.receipts import ReceiptCode, ReceiptSecrets, secrets_from_seed
from portal.custody.models import IdentityRequest
from portal.kernel.actors import REPORTER
from portal.kernel.boot import forget_boot_secret
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.shred import create_shred_key
from portal.kernel.site import bind_site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import new_id
from portal.tips.intake import Submission, receive_tip
from portal.tips.models import Tip
from portal.tips.receipt_hash import submit_secrets
from portal.tips.values import AnswerWay, Channel, Identity, KnownAs, Report, SubjectType
from tests.conftest import StandingClock
from tests.staff.deployment import Deployment, Person, said, token

NAME, PHONE = "测试人甲（虚构）", "13900000000"
WHY = "需要当面核对住院的日子（虚构）"


@dataclass
class Office:
    """The deployment, its people with their browsers, and the reports that came in."""

    deployment: Deployment
    clock: StandingClock
    browsers: dict[str, FlaskClient] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    mailboxes: dict[str, ReceiptSecrets] = field(default_factory=dict)

    def enrol(self, *names: str) -> None:
        """Sign in for the first time; then the new keys come under a checkpoint."""
        for name in names:
            self.browsers[name], self.people[name] = self.deployment.enrolled(name)
        self.deployment.sequence()

    def report(self, *, named: bool = True, way: AnswerWay = AnswerWay.CODE, receipt: ReceiptCode | None = None) -> str:
        """A report from the county; returns its number. *receipt*: the code that its author keeps."""
        code = secrets_from_seed(secrets.token_bytes(32), 1) if way is AnswerWay.CODE else None
        if receipt is not None:
            code = submit_secrets(receipt)
        tip_id = new_id()
        create_shred_key(tip_id, today())
        submission = Submission(
            tip_id=tip_id,
            report=Report(region="320104", words="虚构住院。", target="演示医院", subject_type=SubjectType.INSTITUTION),
            known_as=KnownAs.NAMED if named else KnownAs.NO_NAME,
            channel=Channel.WEB,
            answer_way=way,
            identity=Identity(name=NAME, phone=PHONE) if named else None,
            contact=Identity(phone=PHONE) if way is AnswerWay.CALLBACK else None,
            secrets=code,
        )
        with transaction() as session:
            number = receive_tip(session, submission, REPORTER, now()).number
        if code is not None:
            self.mailboxes[number] = code
        return number

    def code(self, name: str) -> str:
        """A code that was not used before: half a minute goes by."""
        self.clock.advance(seconds=31)
        return self.people[name].code()

    def post(self, name: str, path: str, **fields: str) -> TestResponse:
        """Send the form of a page in this person's browser, with a fresh code unless one is given."""
        browser = self.browsers[name]
        page = browser.get(path)
        assert page.status_code == 200, (path, page.status_code)
        given = {
            "csrf_token": token(page.text),
            "code": fields.get("code") or self.code(name),
            **{k: v for k, v in fields.items() if k != "code"},
        }
        return browser.post(path, data=given)

    def ask(self, number: str, by: str = "county", **fields: str) -> TestResponse:
        given = {"use": "identity", "reason": "facts", "words": WHY, **fields}
        return self.post(by, f"/tips/{number}/identity/", **given)

    def asked(self, number: str, **fields: str) -> str:
        """Ask, and return the address part of the request."""
        answer = self.ask(number, **fields)
        assert answer.status_code == 303, said(answer)
        live = [one for one in self.requests(number) if one.state == "asked"]
        return str(live[0].id)

    def answer(self, name: str, request: str, answer: str = "consent", **fields: str) -> TestResponse:
        return self.post(name, f"/custody/{request}/", answer=answer, **fields)

    def look(self, number: str, request: str, by: str = "county", **fields: str) -> TestResponse:
        return self.post(by, f"/tips/{number}/identity/{request}/", **fields)

    def requests(self, number: str = "") -> list[IdentityRequest]:
        """Every request, or those about one report."""
        query = select(IdentityRequest).join(Tip, Tip.id == IdentityRequest.tip_id).order_by(IdentityRequest.asked_on)
        with reading() as session:
            return list(session.scalars(query.where(Tip.number == number) if number else query))


@pytest.fixture
def make_office(database: Database, tmp_path: Path, clock: StandingClock) -> Iterator[Callable[..., Office]]:
    """An office of which some people have enrolled."""

    def make(*names: str) -> Office:
        deployment = Deployment.make(tmp_path / "place", database, *names)
        browsers = {name: browser for name, (browser, _) in deployment.at_work.items()}
        people = {name: person for name, (_, person) in deployment.at_work.items()}
        return Office(deployment, clock, dict(browsers), people)

    yield make
    bind_site(None)
    forget_boot_secret()


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    """The county's handler and both keepers are at work."""
    return make_office("county", "keeper1", "keeper2")
