"""The button of the recording page pressed twice at once, and its address tried with ids of other reports."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from admin.staff.roles import Role
from admin.tips.models import RecordDraft
from admin.web import cookies
from crypto import receipts
from portal.directory.keys import forget_proofs
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading
from portal.mailbox.models import Mailbox
from portal.tips.models import Tip
from portal.tips.receipt_hash import candidate_secrets
from tests.admin_tips.test_recording import WHOLE, Desk
from tests.admin_tips.world import CITY, DISTRICT, World, make_world
from tests.conftest import StandingClock


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    forget_proofs()
    return make_world(database, checkpoint_key[0])


def _desk(world: World, app: Flask, office: str, role: Role) -> Desk:
    desk = Desk(app.test_client())
    world.sign_in(desk.client, world.person(office, role))
    desk.open()
    return desk


def _code(page: str) -> str:
    box = re.search(r'(?s)<section class="slip".*?</section>', page)
    return re.sub(r"\D", "", re.sub(r"<[^>]*>", "", box[0]))[:24] if box else ""


def _opens(code: str) -> bool:
    with reading() as session:
        tags = [one.tag for one in candidate_secrets(receipts.parse(code))]
        return session.scalar(select(func.count()).select_from(Mailbox).where(Mailbox.tag.in_(tags))) == 1


@pytest.mark.parametrize("saved", [True, False])
def test_pressed_four_times_at_once_it_is_one_report_and_every_press_shows_its_code(
    world: World, staff_app: Flask, saved: bool
) -> None:
    desk = _desk(world, staff_app, DISTRICT, Role.HANDLER)
    if saved:
        desk.autosave(**WHOLE)
    presses = [Desk(staff_app.test_client(), desk.token, desk.address, desk.version, WHOLE) for _ in range(4)]
    for one in presses:  # the same browser, whose cookies are the session and the token's
        for name in (cookies.SESSION, staff_app.config["SESSION_COOKIE_NAME"]):
            cookie = desk.client.get_cookie(name)
            assert cookie is not None
            one.client.set_cookie(name, cookie.value)
    answers: list[tuple[int, str]] = []
    start = threading.Barrier(len(presses))

    def press(one: Desk) -> None:
        start.wait()
        answers.append(one.send())

    threads = [threading.Thread(target=press, args=(one,)) for one in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _page in answers] == [200] * 4
    codes = {_code(page) for _status, page in answers}
    assert len(codes) == 1 and all(map(_opens, codes))
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Tip)) == 1
        assert session.scalar(select(func.count()).select_from(Mailbox)) == 1


def test_a_second_press_shows_the_code_only_for_a_moment_and_not_once_the_next_report_is_begun(
    world: World, staff_app: Flask, clock: StandingClock
) -> None:
    desk = _desk(world, staff_app, DISTRICT, Role.HANDLER)
    first = _code(desk.send(**WHOLE)[1])
    assert _opens(first) and _code(desk.send(**WHOLE)[1]) == first
    clock.advance(minutes=2)
    status, page = desk.send(**WHOLE)
    assert status == 200 and "没有重复登记" in page and not _code(page)

    desk.open()
    second = _code(desk.send(**WHOLE)[1])
    assert second not in ("", first)
    desk.client.get("/record/")
    assert not _code(desk.send(**WHOLE)[1])
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(RecordDraft)) == 0


def test_nothing_of_what_was_typed_stays_beside_the_code(world: World, staff_app: Flask) -> None:
    desk = _desk(world, staff_app, DISTRICT, Role.HANDLER)
    desk.send(**WHOLE)
    assert desk.client.get(desk.address).status_code == 404
    assert WHOLE["words"] not in desk.client.get("/record/").text


def test_the_id_of_a_report_somebody_else_received_shows_nothing_of_it(world: World, staff_app: Flask) -> None:
    number = world.report()
    tip = world.tip(number)
    other = _desk(world, staff_app, CITY, Role.HANDLER)
    other.address = f"/record/{tip.id}/"
    _status, page = other.send(**WHOLE)
    assert number not in page
    assert world.offices[DISTRICT].name not in page
