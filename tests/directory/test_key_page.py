"""``/ledger/keys``: every public key, whose it is, how old, and what the ledger says of it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from admin.audit.checkpoints import make_checkpoint
from admin.staff.roles import Role
from crypto.keys import Purpose, generate_inner
from portal.config import Settings
from portal.directory.keylist import ListedKey, Standing, listed_keys
from portal.directory.keys import publish_key, retire_key
from portal.directory.models import Office, SealingKey
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.site import Site, bind_site
from portal.kernel.site import site as this_site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.ledger.sequencer import sequence
from tests.admin_tips.world import CITY, DISTRICT, World, make_world
from tests.conftest import StandingClock
from tests.postgresql.conftest import AsRole, as_role
from tests.staff.deployment import Deployment, sign_in_with, token

__all__ = ["as_role"]


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def visitor(public_app: Flask) -> FlaskClient:
    return public_app.test_client()


def listed() -> list[ListedKey]:
    with reading() as session:
        return listed_keys(session, this_site().checkpoint_vkey, today())


def standing(world: World, key: bytes) -> Standing:
    return next(one.standing for one in listed() if one.key == key.hex())


def words(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.partition("<main")[2].partition("</main>")[0])))


def new_key(owner: Id, generation: int = 2) -> bytes:
    with transaction() as session:
        return publish_key(session, owner, generate_inner(Purpose.OFFICE).public, SYSTEM, now(), generation).id


def test_every_key_is_listed_with_owner_age_and_standing(world: World, clock: StandingClock) -> None:
    clock.advance(days=40)
    keys = listed()
    assert len(keys) == 5 + 3
    assert {(key.standing, key.days, key.generation) for key in keys} == {(Standing.PUBLISHED, 40, 1)}
    assert [key.owner for key in keys[:5]] == sorted(office.name for office in world.offices.values())
    assert [(key.owner, key.seat) for key in keys[5:]] == [("演示保管委员会", n) for n in (1, 2, 3)]


def test_a_new_key_waits_is_signed_and_is_published(world: World, checkpoint_key: tuple[str, str]) -> None:
    key = new_key(world.offices[CITY].id)
    assert standing(world, key) is Standing.WAITING
    with transaction() as session:
        sequence(session, now())
    assert standing(world, key) is Standing.WAITING
    with transaction() as session:
        make_checkpoint(session, checkpoint_key[0], now(), publish=False)
    assert standing(world, key) is Standing.SIGNED
    with transaction() as session:
        make_checkpoint(session, checkpoint_key[0], now(), publish=True)
    assert standing(world, key) is Standing.PUBLISHED


def test_a_swapped_key_does_not_fit(world: World, visitor: FlaskClient) -> None:
    office = world.offices[DISTRICT].id
    assert "对不上" not in words(visitor.get("/ledger/keys").text).partition("“对不上”")[0]
    other = generate_inner(Purpose.OFFICE).public
    with transaction() as session:
        session.execute(update(SealingKey).where(SealingKey.owner_id == office).values(public=other.raw))
    assert [key.owner for key in listed() if key.standing is Standing.UNKNOWN] == [world.offices[DISTRICT].name]
    with transaction() as session:
        session.execute(update(SealingKey).where(SealingKey.owner_id == office).values(id=other.key_id))
    assert standing(world, other.key_id) is Standing.UNKNOWN
    assert "对不上" in words(visitor.get("/ledger/keys").text).partition("“对不上”")[0]


def test_a_key_without_an_entry_does_not_fit(world: World) -> None:
    public = generate_inner(Purpose.OFFICE).public
    with transaction() as session:
        session.add(
            SealingKey(
                id=public.key_id, purpose="office", owner_id=world.offices[CITY].id, generation=2, public=public.raw,
                entry_id=new_id(), since=today(), retired_on=None,
            )
        )  # fmt: skip
    assert standing(world, public.key_id) is Standing.UNKNOWN


def test_a_key_whose_generation_was_raised_does_not_fit(world: World) -> None:
    with transaction() as session:
        session.execute(update(SealingKey).where(SealingKey.owner_id == world.offices[CITY].id).values(generation=3))
    assert [key.owner for key in listed() if key.standing is Standing.UNKNOWN] == [world.offices[CITY].name]


def test_a_retired_key_stays_at_the_end(world: World, clock: StandingClock, visitor: FlaskClient) -> None:
    clock.advance(days=10)
    with transaction() as session:
        row = session.query(SealingKey).filter_by(owner_id=world.offices[CITY].id).one()
        retire_key(session, row, SYSTEM, now())
    clock.advance(days=10)
    assert [(key.owner, key.days) for key in listed() if key.retired_on] == [(world.offices[CITY].name, 10)]
    assert listed()[-1].retired_on is not None
    assert "2026年10月8日 星期四 停用" in words(visitor.get("/ledger/keys").text)


@pytest.mark.parametrize("path", ["/ledger/keys", "/en/ledger/keys"])
def test_the_page_names_no_member_of_staff(world: World, visitor: FlaskClient, path: str) -> None:
    person = world.person(DISTRICT, Role.HANDLER)
    page = visitor.get(path)
    assert page.status_code == 200
    assert person.name not in page.text
    assert ("一名工作人员" if path == "/ledger/keys" else "A member of staff") in page.text


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_page_needs_only_the_public_rights(world: World, public_settings: Settings, as_role: AsRole) -> None:
    from portal.app import create_app

    app = create_app(public_settings, as_role("public"))
    text = words(app.test_client().get("/ledger/keys").text)
    assert text.count("已经公布") == 8 + 1, "once for each key, once in the words above"
    assert "对不上" not in text.partition("“对不上”")[0]


def test_seats_sheets_of_paper_and_every_generation_are_listed(
    database: Database, tmp_path: Path, clock: StandingClock
) -> None:
    """After a real set-up and one change of an office's key."""
    deployment = Deployment.make(tmp_path / "place", database)
    browser, person = deployment.enrolled("county")
    deployment.sequence()
    with reading() as session:
        office = session.scalars(select(Office.id).where(Office.code == "COUNTY")).one()
    clock.advance(days=3)
    signed = sign_in_with(browser, "county", person.passphrase, person.code())
    assert signed.status_code == 303
    page = f"/keys/{office}/change/"
    clock.advance(seconds=31)
    sent = {"csrf_token": token(browser.get(page).text), "code": person.code()}
    assert browser.post(page, data=sent).status_code == 303
    keys = [(one.purpose, one.owner, one.seat, one.generation, one.days) for one in listed()]
    for purpose in (Purpose.OFFICE, Purpose.OFFICE_RECOVERY):
        assert (purpose.value, "演示区医保局", None, 1, 3) in keys
    assert (Purpose.OFFICE.value, "演示区医保局", None, 2, 0) in keys
    assert {(seat, generation) for purpose, owner, seat, generation, _ in keys if purpose == Purpose.SEAT} == {
        (1, 1), (2, 1),
    }  # fmt: skip
    assert [owner for purpose, owner, *_ in keys if purpose == Purpose.BOARD_RECOVERY] == ["保管组"]
    bind_site(None)
