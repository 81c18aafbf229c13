"""Keys under a hand in the database, a reset that meets an open session, a printer that fails."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from admin.installation import Place
from admin.staff import accounts
from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.queries import actor_of
from admin.staff.recovering import ceremony
from admin.staff.vault import Vault
from portal.directory.models import CustodyBoard, SealingKey
from portal.directory.models import Office as OfficeRow
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from tests.custody.conftest import Office, make_office  # noqa: F401  # the fixture
from tests.custody.test_seats import seat_of
from tests.staff.deployment import said, sign_in_with, signed_in, token
from tests.staff.test_generations import ROOT, change, county, installed, reads  # noqa: F401  # the fixture


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:  # noqa: F811
    return make_office("county", "admin", "keeper1")


def staff(name: str) -> Staff:
    with reading() as session:
        return session.scalars(select(Staff).where(Staff.sign_in == name)).one()


@pytest.mark.parametrize("role", [None, "handler"])
def test_a_grant_that_the_owner_of_the_database_wrote_becomes_no_true_one_when_the_key_changes(
    office: Office, role: str | None
) -> None:
    """Whoever changes the key seals the new one to every holder; the way back to all older reports is in it."""
    number, friend = office.report(), staff("keeper1")
    with transaction() as session:
        key = session.scalars(
            select(SealingKey.id).where(SealingKey.owner_id == county().id, SealingKey.purpose == "office")
        ).one()
        row = {"key_id": key, "holder_key_id": friend.key_id, "staff_id": friend.id}
        session.add(KeyGrant(sealed=secrets.token_bytes(1200), made_on=now().date(), **row))
        if role is not None:
            session.add(StaffRole(staff_id=friend.id, office_id=county().id, role=role))
    assert change(office) == 303
    with reading() as session:
        holders = session.scalars(
            select(KeyGrant.staff_id)
            .join(SealingKey, SealingKey.id == KeyGrant.key_id)
            .where(SealingKey.owner_id == county().id, SealingKey.generation == 2, KeyGrant.staff_id.is_not(None))
        ).all()
    assert holders == [staff("county").id]
    office.deployment.sequence()
    assert reads(office, number)


def test_a_new_passphrase_that_a_reset_overtakes_does_not_undo_the_reset(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thief at the open session of a colleague; the colleague has the account reset while the slow hash runs."""
    browser = office.browsers["keeper1"]
    assert office.post("keeper1", "/staff/me/passphrase").status_code == 303
    page = browser.get("/staff/me/passphrase/keep").text
    words = page.partition('class="phrase">')[2].partition("<")[0]
    lock = Vault.lock

    def meanwhile(vault: Vault, seed: bytes, typed: str) -> bytes:
        monkeypatch.undo()
        fresh = lock(vault, secrets.token_bytes(32), "set up words")
        with transaction() as session:
            admin = session.scalars(select(Staff).where(Staff.sign_in == "admin")).one()
            person = session.get_one(Staff, staff("keeper1").id)
            accounts.reset(session, person, fresh, actor_of(session, admin), now())
        return lock(vault, seed, typed)

    monkeypatch.setattr(Vault, "lock", meanwhile)
    late = browser.post("/staff/me/passphrase/keep", data={"csrf_token": token(page), "passphrase": words})
    assert late.status_code == 422 and "重新设置" in said(late)
    again = sign_in_with(office.deployment.browser(), "keeper1", words, "")
    assert again.status_code == 422, "the set-up words are the only way in"


def test_sheets_that_could_not_be_printed_are_not_those_that_keys_are_sealed_to(
    installed: tuple[Office, Place],  # noqa: F811
) -> None:
    _, place = installed
    environment = {**os.environ, "MINGJING_STAFF_SETTINGS": str(place.staff_toml)}
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "admin.cli", "keys", "ceremony", "--office", "COUNTY"]
        run = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=full, stderr=subprocess.PIPE, check=False, timeout=120
        )
    assert run.returncode != 0
    with reading() as session:
        papers = session.scalar(
            select(func.count())
            .select_from(SealingKey)
            .where(SealingKey.owner_id == county().id, SealingKey.purpose == "office-recovery")
        )
    assert papers == 1


def test_sheets_that_one_person_had_made_are_named_before_a_key_is_sealed_to_them(office: Office) -> None:
    """Whoever may run commands prints all three sheets of an office or a board, and waits for the next change."""
    seat, day = seat_of("keeper1"), "2026年9月30日 星期三"
    pages = {"county": f"/keys/{county().id}/change/", "keeper1": f"/custody/seats/{seat.id}/reseal/"}
    assert not any(day in office.browsers[name].get(page).text for name, page in pages.items())
    office.clock.advance(days=2)
    with transaction() as session:
        for owner in (session.get_one(OfficeRow, county().id), session.get_one(CustodyBoard, seat.board_id)):
            ceremony(session, owner, SYSTEM, now())
    office.deployment.sequence()
    for name, page in pages.items():
        browser = signed_in(office.deployment, office.people[name])
        assert f"纸质恢复词是 {day} 制作的" in browser.get(page).text
