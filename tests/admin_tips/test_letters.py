"""Letters from the office with files: sealed as they arrive, sent once, read by the reporter alone."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from admin.staff.roles import Role
from admin.tips import casework
from admin.web import cookies
from crypto import own
from portal.attachments.models import Attachment
from portal.attachments.store import site_store
from portal.kernel.site import Site
from portal.kernel.transaction import reading
from portal.tips import reporter
from portal.tips.models import Tip
from portal.tips.sealing import FILE
from tests.admin_tips.world import DISTRICT, World

PAGE = b"\x89PNG\r\n\x1a\n" + b"MARKER-OF-A-LETTER" + bytes(range(256)) * 40


@pytest.fixture
def number(world: World) -> str:
    return world.report()


@pytest.fixture
def client(world: World, staff_app: Flask, number: str) -> FlaskClient:
    browser = staff_app.test_client()
    world.sign_in(browser, world.person(DISTRICT, Role.HANDLER))
    browser.get(f"/tips/{number}/")
    return browser


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def _send(client: FlaskClient, address: str, page: str, *files: tuple[str, bytes], **typed: str) -> tuple[int, str]:
    carried = {name: _hidden(page, name) for name in ("csrf_token", "seen", "waiting")}
    data: dict[str, object] = {**carried, **typed}
    data["file"] = [(io.BytesIO(content), name) for name, content in files]
    answer = client.post(address, data=data, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True)


def _blobs(site: Site) -> int:
    return sum(path.is_file() for path in site.blob_dir.rglob("*"))


@pytest.mark.parametrize("slug", ["letter", "ask"])
def test_a_letter_with_files_reaches_the_reporter_who_opens_them_with_the_code_alone(
    world: World, client: FlaskClient, number: str, site: Site, slug: str
) -> None:
    if slug == "ask":
        world.sign_in(client, world.person(DISTRICT, Role.INTAKE))
        client.get(f"/tips/{number}/")
    address = f"/tips/{number}/{slug}/"
    status, page = _send(
        client, address, client.get(address).get_data(as_text=True), ("告知书.png", PAGE), do="add", text="先写一半"
    )
    assert status == 200
    assert "告知书.png" in page
    assert "先写一半" in page
    status, _page = _send(client, address, page, ("清单.txt", "第一项".encode()), text="请看附件。")
    assert status == 302
    letter = world.letters(number)[-1]
    assert letter.body.text == "请看附件。"
    assert [file.name for file in letter.body.files] == ["告知书.png", "清单.txt"]
    code = world.mailboxes[number]
    with reading() as session:
        mine = reporter.open_own(session, code.tag, code.mailbox)
        entry = letter.body.files[0]
        with site_store().open(entry.id) as source:
            assert b"".join(own.open_stream(source, mine.keys.file(entry), FILE, entry.id.bytes, entry.size)) == PAGE
        assert session.scalar(select(func.count()).select_from(Attachment)) == 2
    assert not any(b"MARKER-OF-A-LETTER" in path.read_bytes() for path in site.blob_dir.rglob("*") if path.is_file())
    assert "告知书.png" in client.get(f"/tips/{number}/").get_data(as_text=True)


def test_a_waiting_file_is_removed_and_a_refused_one_named_while_the_words_stay(
    client: FlaskClient, number: str, site: Site
) -> None:
    address = f"/tips/{number}/letter/"
    page = client.get(address).get_data(as_text=True)
    status, page = _send(client, address, page, ("一.png", PAGE), ("二.exe", b"MZ" + bytes(99)), text="写给您的话")
    assert status == 200
    assert "“二.exe”" in page
    assert "写给您的话" in page
    assert _blobs(site) == 1
    gone = re.search(r'name="remove" value="(\w+)"', page)
    assert gone is not None
    status, page = _send(client, address, page, remove=gone[1], text="写给您的话")
    assert "一.png" not in page
    assert "写给您的话" in page
    assert _blobs(site) == 0


def test_a_page_that_was_sent_before_sends_nothing_again_and_destroys_no_file_of_the_letter(
    world: World, client: FlaskClient, number: str, site: Site
) -> None:
    address = f"/tips/{number}/letter/"
    _status, page = _send(
        client, address, client.get(address).get_data(as_text=True), ("一.png", PAGE), do="add", text="信"
    )
    assert _send(client, address, page, text="信")[0] == 302
    letters = len(world.letters(number))
    status, again = _send(client, address, page, text="信")
    assert status == 200
    assert "新的变化" in again
    gone = re.search(r'name="remove" value="(\w+)"', page)
    assert gone is not None
    _send(client, address, page, remove=gone[1], text="信")
    assert len(world.letters(number)) == letters
    assert _blobs(site) == 1


def test_a_file_removed_in_the_moment_of_sending_is_named_and_the_letter_waits(
    world: World, client: FlaskClient, staff_app: Flask, number: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/tips/{number}/letter/"
    start = client.get(address).get_data(as_text=True)
    page = _send(client, address, start, ("一.png", PAGE), do="add", text="信")[1]
    gone = re.search(r'name="remove" value="(\w+)"', page)
    assert gone is not None
    twin = staff_app.test_client()
    for name in (cookies.SESSION, staff_app.config["SESSION_COOKIE_NAME"]):
        cookie = client.get_cookie(name)
        assert cookie is not None
        twin.set_cookie(name, cookie.value)
    waiting = [lambda: _send(twin, address, page, remove=gone[1], text="信")]

    def locked(*given: Any) -> Tip:
        if waiting:
            with ThreadPoolExecutor(1) as beside:
                beside.submit(waiting.pop()).result()
        return casework.locked(*given)

    monkeypatch.setattr("admin.tips.case_views.locked", locked)
    status, answer = _send(client, address, page, text="信")
    assert waiting == [] and _blobs(site) == 0
    assert status == 200 and "一.png”已经移除" in answer and len(world.letters(number)) == 1


def test_what_the_page_carries_fits_no_other_report_and_no_other_person(
    world: World, client: FlaskClient, staff_app: Flask, number: str
) -> None:
    address = f"/tips/{number}/letter/"
    _status, page = _send(
        client, address, client.get(address).get_data(as_text=True), ("一.png", PAGE), do="add", text="信"
    )
    carried = _hidden(page, "waiting")
    assert carried
    other = world.report()
    client.get(f"/tips/{other}/")
    foreign = client.get(f"/tips/{other}/letter/").get_data(as_text=True)
    status, answer = _send(client, f"/tips/{other}/letter/", foreign, text="信", waiting=carried)
    assert status == 200
    assert "页面上的文件记录打不开" in answer
    colleague = staff_app.test_client()
    world.sign_in(colleague, world.person(DISTRICT, Role.INTAKE))
    colleague.get(f"/tips/{number}/")
    theirs = colleague.get(address).get_data(as_text=True)
    assert "页面上的文件记录打不开" in _send(colleague, address, theirs, text="信", waiting=carried)[1]
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_a_file_swept_meanwhile_is_named_and_the_letter_waits(
    world: World, client: FlaskClient, number: str, site: Site
) -> None:
    address = f"/tips/{number}/letter/"
    _status, page = _send(
        client, address, client.get(address).get_data(as_text=True), ("一.png", PAGE), do="add", text="信"
    )
    for path in site.blob_dir.rglob("*"):
        if path.is_file():
            path.unlink()
    before = len(world.letters(number))
    status, page = _send(client, address, page, text="信")
    assert status == 200
    assert "暂存期限" in page
    assert len(world.letters(number)) == before


def test_other_acts_take_no_file(client: FlaskClient, number: str, site: Site) -> None:
    address = f"/tips/{number}/note/"
    page = client.get(address).get_data(as_text=True)
    data = {
        "csrf_token": _hidden(page, "csrf_token"),
        "seen": _hidden(page, "seen"),
        "text": "备注",
        "file": (io.BytesIO(PAGE), "一.png"),
    }
    assert client.post(address, data=data, content_type="multipart/form-data").status_code == 302
    assert _blobs(site) == 0
