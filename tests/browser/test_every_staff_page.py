"""Every page of the staff site in a real browser, found by the map of addresses, at an office screen and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from admin.disclosures.publishing import publish
from admin.exposures import gating
from admin.exposures.delivering import find, sign
from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.roles import Role
from admin.tips import triage
from admin.web import cookies
from portal.attachments.models import Attachment
from portal.directory.models import CustodyBoard
from portal.exposures.teaching_states import TeachingState
from portal.exposures.values import Treatment
from portal.kernel.actors import Actor
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.payments.batch_models import PaymentBatch
from portal.retention.models import ShredBatch, ShredItem
from tests.admin_tips.world import CITY, DISTRICT, OTHER, World, make_world
from tests.browser.chromium import (
    DESKTOP,
    PHONE,
    accessibility_faults,
    faults_of_shape,
    page,
    picture,
    scrolls_sideways,
)
from tests.conftest import StandingClock
from tests.custody.scene import Scene
from tests.disclosures.conftest import CORRECTION, Accounts, figure
from tests.evaluation.told import waiting
from tests.exposures.conftest import Docket, make_docket
from tests.exposures.drafts import desk
from tests.exposures.records import record
from tests.exposures.stations import stations
from tests.exposures.teaching_rows import teaching_row
from tests.exposures.test_circulars import gated, sent
from tests.payments.vault import bare_releases, make_vault
from tests.rewards.court import Court
from tests.rewards.schedule_rows import waiting_schedule
from tests.statistics.bulletin_rows import bulletin_row

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]
NOT_A_PAGE = {
    "static",
    "leaving.away",
    "preferences.choose",
    "files.page_image",
    "disclosure_files.blank",
    "signin.landing",
    "staff.keep_passphrase",
}
"""Files, what is covered on leaving, what only sends on, and what stands only for a moment after a new passphrase."""
SENDS_ON = {"signin.enrol", "staff.found_key"}
"""Pages that lead to another as long as something has not been done before: looked at where they lead to."""
Faces = dict[str, dict[str, dict[str, object]]]
"""Endpoint -> name of a face -> what stands in the address: pages that look different while something is under way."""


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    """Offices, keys, people."""
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def everyone(world: World) -> Actor:
    """Somebody with every role of the district, who may open every page."""
    person = world.person(DISTRICT, Role.INTAKE)
    with transaction() as session:
        for role in set(Role) - {Role.INTAKE}:
            session.add(StaffRole(staff_id=person.id, office_id=world.offices[DISTRICT].id, role=role.value))
    return person


def sign_in(shown: Page, world: World, base: str, actor: Actor) -> None:
    client = FlaskClient(lambda *_: [], Response)
    world.sign_in(client, actor)
    kept = client.get_cookie(cookies.SESSION)
    assert kept is not None
    shown.context.add_cookies([{"name": cookies.SESSION, "value": kept.value, "url": base}])


def pages_of(staff_app: Flask) -> list[Rule]:
    """Every rule that draws a page."""
    rules = staff_app.url_map.iter_rules()
    return [rule for rule in rules if "GET" in (rule.methods or ()) and rule.endpoint not in NOT_A_PAGE]


def faults_of(shown: Page, address: str, sends_on: bool, name: str = "") -> list[str]:
    """What is wrong with the page at *address*: looked at whole on a desk, then made as small as a telephone."""
    _resize(shown, DESKTOP)
    answer = shown.goto(address)
    assert answer is not None
    found = [f"answers {answer.status}"] if answer.status != 200 else []
    found += [f"leads to {shown.url}"] if shown.url != address and not sends_on else []
    found += faults_of_shape(shown)
    found += accessibility_faults(shown)
    if name:
        picture(shown, f"staff-{DESKTOP[0]}-{name}")
    _resize(shown, PHONE)
    found += ["scrolls sideways on a telephone"] if scrolls_sideways(shown) else []
    found += [f"on a telephone: {fault}" for fault in accessibility_faults(shown)]
    if name:
        picture(shown, f"staff-{PHONE[0]}-{name}")
    return found


def _resize(shown: Page, size: tuple[int, int]) -> None:
    shown.set_viewport_size({"width": size[0], "height": size[1]})


def test_every_staff_page_is_whole(
    world: World, everyone: Actor, staff_app: Flask, serve: Serve, chromium: Browser
) -> None:
    number = world.report(files=[("清单.png", b"\x89PNG\r\n\x1a\n" + bytes(64))], named=True)
    with world.at(number, everyone) as (session, tip, _):
        triage.record_reading(session, tip, everyone, now())
    base, faults = serve(staff_app), []
    scene = Scene(world, everyone)
    faces = faces_of(scene) | faces_of_rewards(Court(world, make_vault(world))) | faces_of_cases(world)
    faces |= faces_of_circulars(world, everyone)
    faces["evaluation_circulars.page"] = {"": {"circular": waiting(world)}}
    releases = bare_releases(world.offices[DISTRICT].id, everyone, everyone, "granted")
    faces["releases.of_batch"] = {"": {"payment_batch_id": releases.own_batch}}
    ids: dict[str, object] = {
        "staff_id": everyone.id,
        "office_id": world.offices[DISTRICT].id,
        "number": number,
        "slug": "transfer",
        "file": _only_file(),
        "seat_id": scene.seats[0],
        "batch_id": _batch(world.offices[DISTRICT].id, world.tip(number).id),
        "release_id": releases.asked,
        "payment_batch_id": _payments(world.offices[DISTRICT].id),
        **waiting_schedule("district-2026", 2, new_id()),
        **teaching_row(world.offices[DISTRICT].id, TeachingState.IN_REVIEW),
    }
    faces |= faces_of_accounts(world)
    ids["disclosure_id"] = faces["disclosures.page"][""]["disclosure_id"]
    faces |= faces_of_bulletins(world)
    states = (TeachingState.DRAFTING, TeachingState.SHOWN)
    written, told = (teaching_row(world.offices[DISTRICT].id, one) for one in states)
    faces |= {f"teaching.{one}": {"": {}, "written": written, "shown": told} for one in ("write", "judge")}
    with page(chromium, DESKTOP) as shown:
        shown.on("request", lambda r: None if r.url.startswith(base) else faults.append(f"asked {r.url}"))
        faults += [f"/sign-in/: {fault}" for fault in faults_of(shown, f"{base}/sign-in/", False)]
        sign_in(shown, world, base, everyone)
        shown.goto(f"{base}/record/")
        shown.fill("#words", "来电人说药店把大米打成药品。")
        with shown.expect_navigation():
            shown.locator("button[value=save]").last.click()
        draft = shown.url.rstrip("/").rpartition("/")[2]
        rules = [rule for rule in pages_of(staff_app) if rule.endpoint != "signin.start"]
        assert len(rules) > 15
        for rule in rules:
            for face, values in faces.get(rule.endpoint, {"": {}}).items():
                given = _given(rule, {**ids, **values}, draft)
                path = staff_app.url_map.bind("").build(rule.endpoint, given)
                name = f"{rule.endpoint}{face and '-'}{face}"
                found = faults_of(shown, base + path, rule.endpoint in SENDS_ON, name)
                faults += [f"{path}: {fault}" for fault in found]
        scene.begin_new_key()
        scene.rotate()
        for path in (f"/custody/seats/{scene.seats[0]}/reseal/", "/custody/seats/", "/keys/"):
            found = faults_of(shown, base + path, False, f"under-way{path.replace('/', '-')}")
            faults += [f"{path}, under way: {fault}" for fault in found]
    assert faults == []


def faces_of(scene: Scene) -> Faces:
    """Identities that were asked for, in every state; a seat that is handed over, and one to be taken from paper."""
    asked = scene.every_state()
    requests: dict[str, dict[str, object]] = {
        state: {"number": number, "request_id": request} for state, (number, request) in asked.items()
    }
    anonymous: dict[str, object] = {"number": scene.world.report()}
    return {
        "custody.answer": requests,
        "custody.opened": requests,
        "custody.of_tip": {**requests, "nothing-sealed": anonymous, "not-asked": {}},
        "seats.hand_over": {"": {}},
        "seats.from_paper": {"": {"seat_id": scene.seats[2]}},
        "seats.found_key": {"": {"seat_id": scene.new_board()}},
    }


def faces_of_accounts(world: World) -> Faces:
    """Figures of the fund as a draft with something to explain, waiting for the second person, and published."""
    accounts = Accounts(world, DISTRICT)
    shown = {"disclosure_id": accounts.approved(figure("428.10"))}
    accounts.do(shown["disclosure_id"], publish, accounts.row(shown["disclosure_id"]).mark, by=accounts.publisher)
    waits = {"disclosure_id": accounts.checked(figure("429.00"), purpose=CORRECTION)}
    draft = {"disclosure_id": accounts.taken(figure("-3.00", "balance"))}
    return {"disclosures.page": {"": {**draft}, "waits": {**waits}, "published": {**shown}}}


def faces_of_bulletins(world: World) -> Faces:
    """Figures on handling that wait for the second person, and a month that is published."""
    office = world.offices[DISTRICT].id
    published, drafted = (
        bulletin_row(office, f"2026-0{month}", state) for month, state in ((7, "published"), (8, "draft"))
    )
    return {"bulletins.page": {"": {"bulletin_id": drafted}, "published": {"bulletin_id": published}}}


def faces_of_rewards(court: Court) -> Faces:
    """A reward that waits for an officer, one that waits for the head, and one of a reporter without a code."""
    ready, proposed, called = court.ready(), court.ready(), court.decided(court.filed(named=True, way="callback"))
    court.propose(proposed)
    return {
        "rewards.case": {"ready": {"number": ready}, "proposed": {"number": proposed}},
        "rewards.propose": {"": {"number": ready}},
        "rewards.claim": {"": {"number": called}},
        "rewards.recover": {"": {"number": ready}},
    }


def faces_of_cases(world: World) -> Faces:
    """A closed case that waits for its record, one with a record, and one on which the gate was decided twice."""
    docket = make_docket(world)
    bare, recorded = docket.closed(), docket.recorded(record(repeated=True, people=()))
    decided = docket.recorded(record())
    for reason in ("性质恶劣（虚构）。", "复核后仍然公开（虚构）。"):
        docket.judge(decided, gating.decide, Treatment.PUBLISH, "gate-grave", reason)
    written = desk(docket, words="我是夜班会计周例外（虚构），看见他们把空针管摆在桌上拍照。")
    written.write("联系人钱例，电话 13900001111，2026年3月5日有人把空针管摆在桌上拍照，另有 300 元。")
    submitted = desk(docket)
    submitted.in_review()
    return {
        "drafts.page": {
            "new": {"number": decided},
            "asked": {"number": written.number},
            "submitted": {"number": submitted.number},
        },
        **stations(docket, decided),
        "case_records.page": {"bare": {"number": bare}, "recorded": {"number": decided}},
        "gates.page": {"open": {"number": recorded}, "decided": {"number": decided}},
    }


def faces_of_circulars(world: World, everyone: Actor) -> Faces:
    """A case that the gate wants told inside, a circular for which one has to sign, and one that was signed for."""
    docket = Docket(world)
    number = gated(docket)
    waiting, signed = sent(docket, OTHER, CITY, number=number), sent(docket, OTHER, CITY)
    with transaction() as session:
        circular, copies = find(session, signed, everyone)
        sign(session, circular, [one.office_id for one in copies], everyone, now())
    return {
        "tips.case": {"": {}, "closed": {"number": number}},
        "circulars.new": {"": {"number": gated(docket)}},
        "circulars.page": {"waiting": {"circular": waiting}, "signed": {"circular": signed}},
        "circulars.printed": {"": {"circular": signed}},
    }


def _only_file() -> Id:
    with reading() as session:
        return session.scalars(select(Attachment.id)).one()


def _batch(office: Id, tip: Id) -> Id:
    """A list that waits for its second person."""
    batch, who, until = new_id(), new_id(), today() + timedelta(days=30)
    with transaction() as session:
        session.add(
            ShredBatch(
                id=batch, office_id=office, schedule="2026", digest="ab" * 32, size=1, proposed_by=who,
                proposed_on=today(), expires_on=until,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            ShredItem(batch_id=batch, tip_id=tip, head_id=tip, outcome="closed", rule="HR-18.1", kept_until=until)
        )
    return batch


def _payments(office: Id) -> Id:
    """A batch of payments that went to the bank."""
    batch = new_id()
    with transaction() as session:
        board = session.scalars(select(CustodyBoard.id).limit(1)).one()
        session.add(
            PaymentBatch(
                id=batch, number="PB-2222-3333", office_id=office, board_id=board, year=2026, state="released",
                total_fen=0, size=0, made_by=new_id(), made_on=today(), released_on=today(),
            )
        )  # fmt: skip
    return batch


def _given(rule: Rule, ids: dict[str, object], draft: str) -> dict[str, object]:
    known = {**(rule.defaults or {}), **ids, "draft": draft}
    return {name: known[name] for name in rule.arguments}


def test_every_deed_that_the_case_page_offers_has_a_page(
    world: World, everyone: Actor, staff_app: Flask, serve: Serve, chromium: Browser
) -> None:
    number = world.report()
    with world.at(number, everyone) as (session, tip, keys):
        triage.record_reading(session, tip, everyone, now())
        triage.accept(session, tip, everyone, now(), keys)
    base, faults = serve(staff_app), []
    with page(chromium, DESKTOP) as shown:
        sign_in(shown, world, base, everyone)
        shown.goto(f"{base}/tips/{number}/")
        deeds = shown.eval_on_selector_all(".deeds a", "all => all.map(a => a.href)")
        assert len(deeds) > 5
        for deed in deeds:
            faults += [f"{deed}: {fault}" for fault in faults_of(shown, deed, False)]
    assert faults == []


def test_somebody_who_waits_for_a_key_is_told_what_is_missing(
    world: World, staff_app: Flask, serve: Serve, chromium: Browser
) -> None:
    person = world.person(DISTRICT, Role.HANDLER)
    with transaction() as session:
        session.get_one(Staff, person.id).state = "pending"
        for grant in session.scalars(select(KeyGrant).where(KeyGrant.staff_id == person.id)):
            session.delete(grant)
    base = serve(staff_app)
    with page(chromium, DESKTOP) as shown:
        sign_in(shown, world, base, person)
        assert faults_of(shown, f"{base}/staff/me/", False) == []
        assert "单位密钥" in shown.inner_text("main")
