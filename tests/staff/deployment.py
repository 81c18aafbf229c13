"""A small deployment for tests: one city, one county, people, a board; made by the same code as ``mingjing setup``."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.app import create_app
from admin.audit.checkpoints import make_checkpoint
from admin.config import StaffSettings, load_staff
from admin.installation import Handed, Place, found, write_files
from admin.plan import BoardPlan, MemberPlan, OfficePlan, Plan
from admin.staff.roles import Role
from admin.staff.vault import Vault
from admin.web import cookies
from crypto.kdf import KdfCost
from portal.kernel import boot, clock, secretfiles
from portal.kernel.boot import boot_secret
from portal.kernel.db import Database
from portal.kernel.site import Mode
from portal.kernel.transaction import bind, transaction
from portal.ledger.sequencer import sequence
from portal.signin import totp
from tests.rows_kept import Rows

CHEAP = KdfCost(8, 1, 1)
ORIGIN = "https://staff.example.cn"
"""The staff site as devices know it."""
PLAN = Plan(
    (
        OfficePlan("CITY", "演示市医保局", "bureau", "city", "320100"),
        OfficePlan("COUNTY", "演示区医保局", "bureau", "county", "320104", "CITY"),
    ),
    (
        MemberPlan("admin", "甲管理", "CITY", (Role.SYSADMIN,)),
        MemberPlan("auditor", "乙审计", "CITY", (Role.AUDITOR,)),
        MemberPlan("handler", "丙承办", "CITY", (Role.HANDLER, Role.INTAKE)),
        MemberPlan("county", "丁承办", "COUNTY", (Role.HANDLER, Role.INTAKE)),
        MemberPlan("keeper1", "戊保管", "CITY", (Role.CUSTODIAN,)),
        MemberPlan("keeper2", "己保管", "CITY", (Role.CUSTODIAN,)),
    ),
    (BoardPlan("保管组", 2, ("keeper1", "keeper2")),),
)


class StaffBrowser(FlaskClient):
    """A browser of the staff site. Whoever sits there, when a page asks whether it is them, gives a recovery code."""

    person: Person | None = None

    def post(self, *args: Any, **sent: Any) -> TestResponse:
        answer = super().post(*args, **sent)
        asked = answer.mimetype == "text/html" and 'name="factor" value="given"' in answer.text
        if not asked or self.person is None or "factor" in sent["data"]:
            return answer
        return super().post(*args, **{**sent, "data": {**sent["data"], **self.person.factor()}})


@dataclass
class Person:
    """Somebody who has enrolled: what they have on paper and in the telephone."""

    sign_in: str
    passphrase: str
    totp_secret: bytes
    codes: list[str]

    def code(self) -> str:
        return totp.code_at(self.totp_secret, clock.now())

    def factor(self) -> dict[str, str]:
        """The answer to a page that asks whether it is really them."""
        return {"factor": "given", "code": self.codes.pop()}


@dataclass
class Deployment:
    """The staff site over one database, and what set-up handed out."""

    settings: StaffSettings
    app: Flask
    handed: Handed
    at_work: dict[str, tuple[StaffBrowser, Person]] = field(default_factory=dict)
    """Who has signed in for the first time already, with a session that is open."""

    @classmethod
    def make(cls, folder: Path, database: Database, *at_work: str) -> Deployment:
        """In an empty *folder* and an empty *database*, with these people *at_work*.

        It is founded once in a test process, for these people at this moment, and copied from then on.
        """
        bind(database)
        key = database.is_postgresql, clock.now(), at_work
        if key in _kept:
            return _kept[key].copied(folder, database)
        place = Place(
            folder,
            Mode.TEST,
            "明镜",
            "test.mingjing/1",
            https=False,
            receipt_cost=CHEAP,
            passphrase_cost=CHEAP,
            staff_address=ORIGIN,
        )
        write_files(place)
        settings = load_staff(place.staff_toml)
        vault = Vault(settings.passphrase_pepper, settings.passphrase_cost)
        handed = found(PLAN, vault, settings.signer(), clock.now())
        made = cls(settings, create_app(settings, database), handed)
        for name in at_work:
            made.at_work[name] = made.enrolled(name)
        if at_work:
            made.sequence()
        _kept[key] = _Kept.of(made, database)
        return made

    def browser(self) -> StaffBrowser:
        return StaffBrowser(self.app, self.app.response_class)

    def set_up_words(self, sign_in: str) -> str:
        return self.handed.founders[sign_in].words

    def enrolled(self, sign_in: str, words: str | None = None) -> tuple[StaffBrowser, Person]:
        """Sign in for the first time and put everything new in force; whoever is at work has done so."""
        if words is None and sign_in in self.at_work:
            return self.at_work[sign_in]
        browser = self.browser()
        first = sign_in_with(browser, sign_in, words or self.set_up_words(sign_in), "")
        assert first.headers["Location"] == "/sign-in/first", first.text[:400]
        page = browser.get("/sign-in/first").text
        person = Person(
            sign_in,
            _between(page, r'class="phrase">([^<]+)<'),
            base64.b32decode(_between(page, r'secret-key">([^<]+)<')),
            re.findall(r"<li><code>([^<]+)</code>", page),
        )
        done = browser.post(
            "/sign-in/first",
            data={"csrf_token": token(page), "passphrase": person.passphrase, "code": person.code()},
        )
        assert done.status_code == 303, done.text[:400]
        browser.person = person
        return browser, person

    def sequence(self) -> None:
        """What the worker does: entries into the tree, a checkpoint over it."""
        with transaction() as session:
            sequence(session, clock.now())
            make_checkpoint(session, self.settings.signer(), clock.now(), publish=False)


@dataclass(frozen=True)
class _Kept:
    """A deployment to be copied: files, rows, the secret that seals its sessions, and people with their cookies."""

    files: dict[str, str]
    rows: Rows
    boot: bytes
    handed: Handed
    people: dict[str, tuple[dict[str, str], Person]]

    @classmethod
    def of(cls, made: Deployment, database: Database) -> _Kept:
        place = made.settings.path.parent
        files = {str(path.relative_to(place)): path.read_text() for path in place.rglob("*") if path.is_file()}
        people = {}
        for name, (browser, person) in made.at_work.items():
            held = {kind: browser.get_cookie(kind) for kind in (cookies.SESSION, cookies.DEVICE)}
            of_browser = {kind: cookie.value for kind, cookie in held.items() if cookie is not None}
            assert cookies.SESSION in of_browser
            people[name] = of_browser, replace(person, codes=list(person.codes))
        return cls(files, Rows.of(database), boot_secret(), made.handed, people)

    def copied(self, folder: Path, database: Database) -> Deployment:
        for name, content in self.files.items():
            secretfiles.put(folder / name, content)
        for name in ("stores", "blobs"):
            (folder / name).mkdir(mode=0o700)
        self.rows.put(database)
        boot._secret = self.boot
        settings = load_staff(folder / "staff.toml")
        made = Deployment(settings, create_app(settings, database), self.handed)
        for name, (of_browser, person) in self.people.items():
            browser = made.browser()
            for kind, value in of_browser.items():
                browser.set_cookie(kind, value)
            browser.person = replace(person, codes=list(person.codes))
            made.at_work[name] = browser, browser.person
        return made


_kept: dict[tuple[bool, datetime, tuple[str, ...]], _Kept] = {}


def sign_in_with(browser: FlaskClient, sign_in: str, passphrase: str, code: str) -> TestResponse:
    page = browser.get("/sign-in/").text
    fields = {"csrf_token": token(page), "sign_in": sign_in, "passphrase": passphrase, "code": code}
    return browser.post("/sign-in/", data=fields)


def signed_in(deployment: Deployment, person: Person) -> FlaskClient:
    browser = deployment.browser()
    answer = sign_in_with(browser, person.sign_in, person.passphrase, person.code())
    assert answer.status_code == 303, said(answer)
    browser.person = person
    return browser


def token(page: str) -> str:
    return _between(page, r'name="csrf_token" value="([^"]+)"')


def said(answer: TestResponse) -> str:
    """The error that the page shows."""
    return " ".join(re.findall(r"<li>([^<]+)</li>", answer.text.partition("error-summary")[2][:600]))


def _between(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found, f"{pattern} is not on the page"
    return found[1]
