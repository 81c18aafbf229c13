"""Attachments come back whole and as files to keep, or they visibly break off."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from admin.staff.roles import Role
from crypto.errors import CryptoError
from portal.kernel.site import Site
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from tests.admin_tips.originals import original
from tests.admin_tips.world import DISTRICT, World

NAME = "结算单 <script>.png"


@pytest.fixture
def content() -> bytes:
    return secrets.token_bytes(300_000)


@pytest.fixture
def number(world: World, content: bytes) -> str:
    return world.report(files=[(NAME, content)])


@pytest.fixture
def client(world: World, staff_app: Flask) -> FlaskClient:
    browser = staff_app.test_client()
    world.sign_in(browser, world.person(DISTRICT, Role.INTAKE))
    return browser


def _address(client: FlaskClient, number: str) -> str:
    page = client.get(f"/tips/{number}/").get_data(as_text=True)
    assert "<script>" not in page.split("<main", 1)[1]
    start = page.index(f"/tips/{number}/files/")
    return page[start : page.index('"', start)]


def test_a_file_comes_back_whole_as_a_download_that_no_browser_runs(
    client: FlaskClient, number: str, content: bytes
) -> None:
    answer = original(client, _address(client, number))
    assert answer.data == content
    assert answer.content_length == len(content)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_reading_a_file_is_recorded(client: FlaskClient, number: str) -> None:
    original(client, _address(client, number))
    with reading() as session:
        kinds = session.scalars(select(LedgerEntry.kind).where(LedgerEntry.subject == number)).all()
    assert "file-read" in kinds


def test_a_file_that_was_changed_breaks_off_before_its_announced_length(
    client: FlaskClient, number: str, content: bytes, site: Site
) -> None:
    address = _address(client, number)
    (blob,) = [path for path in site.blob_dir.rglob("*") if path.is_file()]
    sealed = bytearray(blob.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    blob.chmod(0o600)
    blob.write_bytes(sealed)
    got = b""
    with pytest.raises(CryptoError):
        for piece in original(client, address, buffered=False).iter_encoded():
            got += piece
    assert len(got) < len(content)


def test_another_office_gets_no_file(world: World, staff_app: Flask, client: FlaskClient, number: str) -> None:
    address = _address(client, number)
    stranger = staff_app.test_client()
    world.sign_in(stranger, world.person("320105", Role.INTAKE))
    assert stranger.get(address).status_code == 404
