"""The site and the settings that tests run under are ones the product itself accepts."""

from __future__ import annotations

from crypto.checkpoints import read_vkey
from crypto.receipts import generate
from portal.config import Settings
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.site import site as bound_site
from portal.tips.receipt_hash import submit_secrets


def test_the_site_of_a_test_is_the_bound_one_and_can_hash_a_receipt_code(site: Site) -> None:
    assert bound_site() is site
    assert read_vkey(site.checkpoint_vkey)[0] == site.ledger_origin
    code = generate()
    assert submit_secrets(code).tag == submit_secrets(code).tag
    assert submit_secrets(code).tag != submit_secrets(generate()).tag


def test_the_settings_of_a_test_open_the_database_of_the_test(public_settings: Settings, database: Database) -> None:
    reopened = Database.open(public_settings.database_url, public_settings.shred_url, public_settings.sessions_url)
    try:
        with reopened.reading() as session:
            assert session.get_bind().dialect.name == database.engine.dialect.name
    finally:
        reopened.dispose()
    assert public_settings.testing
