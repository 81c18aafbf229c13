"""The pages of releases and of payment boards in a real browser, at an office screen and on a phone, without scripts
being asked for anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser

from admin.staff.roles import Role
from portal.kernel.db import Database
from portal.kernel.site import Site
from tests.admin_tips.world import DISTRICT, PROVINCE, make_world
from tests.browser.chromium import DESKTOP, PHONE, page, picture
from tests.browser.test_every_staff_page import faults_of, sign_in
from tests.conftest import StandingClock
from tests.payments.vault import Vault, make_vault

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture
def vault(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Vault:
    made = make_vault(make_world(database, checkpoint_key[0]))
    clock.advance(seconds=10)
    return made


def addresses(vault: Vault) -> dict[str, dict[str, str]]:
    """By who looks: the pages, with something on each of them."""
    draft, asked, granted, refused = (vault.batch(*fen) for fen in ((100,), (123_456, 20_000_000), (300, 400), (500,)))
    waits, full, no = vault.ask(asked), vault.ask(granted), vault.ask(refused)
    vault.consent(waits, 2)
    vault.consent(full, 1, 2)
    vault.object_to(no, 2, 3, 4)
    done = vault.batch(600)
    over = vault.ask(done)
    vault.consent(over, 2, 3)
    vault.take(over)
    release = "/payments/batches/{}/release/".format
    return {
        "asker": {
            "draft": release(draft), "asked": release(asked), "granted": release(granted),
            "refused": release(refused), "released": release(done),
        },
        "preparer": {"own": release(draft)},
        "keeper": {
            "list": "/payments/releases/", "answer": f"/payments/releases/{waits}/",
            "answered": f"/payments/releases/{full}/", "seats": "/custody/seats/",
            "reseal": f"/custody/seats/{vault.seats[0]}/reseal/",
        },
        "admin": {"boards": "/custody/boards/", "new-board": "/custody/boards/new/payment/"},
    }  # fmt: skip


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_of_a_release_is_whole(
    vault: Vault,
    staff_app: Flask,
    serve: Callable[[WSGIApplication], str],
    chromium: Browser,
    size: tuple[int, int],
) -> None:
    looks = addresses(vault)
    vault.world.person(DISTRICT, Role.PAYMENT_KEEPER)
    people = {
        "asker": vault.asker, "preparer": vault.preparer, "keeper": vault.keepers[0],
        "admin": vault.world.person(PROVINCE, Role.SYSADMIN),
    }  # fmt: skip
    base, faults = serve(staff_app), []
    for who, pages in looks.items():
        with page(chromium, size) as shown:
            sign_in(shown, vault.world, base, people[who])
            for name, path in pages.items():
                found = faults_of(shown, base + path, False)
                picture(shown, f"release-{size[0]}-{who}-{name}")
                faults += [f"{path}: {fault}" for fault in found]
    assert faults == []
