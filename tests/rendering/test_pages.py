"""The pages of a file on the staff site: the safe view by default, recorded once; the original behind a warning."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from admin.rendering import kept, looking
from admin.rendering.protocol import Problem, Trouble
from admin.rendering.values import MOST_PAGES, PAGES_AT_ONCE, Look, RenderingSettings, Walls
from admin.staff.roles import Role
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import DISTRICT, OTHER, World, make_world
from tests.conftest import StandingClock
from tests.rendering import samples
from tests.rendering.clamd import daemon

Opened = Callable[[str, bytes], str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is looked at does not depend on the database; opening does, in tests/admin_tips/test_files.py."""
    return sqlite_database


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(kept, "IN_MEMORY", tmp_path / "memory")


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def client(world: World, staff_app: Flask) -> FlaskClient:
    staff_app.extensions["mingjing_rendering"] = RenderingSettings(office="")
    browser = staff_app.test_client()
    world.sign_in(browser, world.person(DISTRICT, Role.INTAKE))
    return browser


@pytest.fixture
def filed(world: World, client: FlaskClient) -> Opened:
    """``filed(name, content)``: a report with that file; the address of its safe view."""

    def file(name: str, content: bytes) -> str:
        number = world.report(files=[(name, content)])
        page = client.get(f"/tips/{number}/").get_data(as_text=True)
        found = re.search(rf'href="(/tips/{number}/files/[^"]+)"', page)
        assert found is not None
        return found[1]

    return file


def settings(client: FlaskClient, **changed: object) -> None:
    known = client.application.extensions
    known["mingjing_rendering"] = replace(known["mingjing_rendering"], **changed)


def pictures(page: str) -> list[str]:
    return [found.replace("&amp;", "&") for found in re.findall(r'<img src="([^"]+)"', page)]


def readings() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).where(LedgerEntry.kind == "file-read")) or 0


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def test_a_photograph_is_seen_as_a_picture_of_our_own_and_recorded_once(client: FlaskClient, filed: Opened) -> None:
    address = filed("现场.jpg", samples.photo())
    assert readings() == 0
    page = text(client.get(address))
    assert readings() == 1
    (picture,) = pictures(page)
    answer = client.get(picture)
    assert answer.mimetype == "image/jpeg"
    assert b"PLANTED" not in answer.data
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    client.get(picture)
    assert readings() == 1


def test_the_record_stands_before_anything_is_opened(
    client: FlaskClient, filed: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, before = filed("a.jpg", samples.photo()), []

    def crash(*_: object) -> Look:
        before.append(readings())
        return Look(Problem.CRASHED)

    monkeypatch.setattr(looking, "look", crash)
    assert "让查看程序出了错" in text(client.get(address))
    assert before == [1]


def test_no_page_without_a_reading_on_record(
    client: FlaskClient, filed: Opened, world: World, staff_app: Flask, clock: StandingClock
) -> None:
    address, other = filed("a.jpg", samples.photo()), filed("b.jpg", samples.photo())
    (picture,) = pictures(text(client.get(address)))
    reading_of = picture.partition("?")[2]
    assert client.get(f"{address}pages/1/").status_code == 404
    assert client.get(f"{address}pages/1/?reading=made-up").status_code == 404
    assert client.get(f"{other}pages/1/?{reading_of}").status_code == 404
    colleague = staff_app.test_client()
    world.sign_in(colleague, world.person(DISTRICT, Role.HANDLER))
    assert colleague.get(picture).status_code == 404
    clock.advance(minutes=29)
    assert client.get(picture).status_code == 200
    clock.advance(minutes=28)
    client.get("/")
    clock.advance(minutes=28)
    assert client.get(picture).status_code == 404


def test_another_office_sees_nothing_of_it(filed: Opened, world: World, staff_app: Flask) -> None:
    address = filed("a.jpg", samples.photo())
    stranger = staff_app.test_client()
    world.sign_in(stranger, world.person(OTHER, Role.INTAKE))
    for path in ("", "original/", "pages/1/"):
        assert stranger.get(address + path).status_code == 404
    assert readings() == 0


def test_a_long_document_is_shown_in_parts_of_one_reading(client: FlaskClient, filed: Opened) -> None:
    page = text(client.get(filed("a.pdf", samples.endless_pdf())))
    assert len(pictures(page)) == PAGES_AT_ONCE
    assert f"只显示前 {MOST_PAGES} 页" in page
    assert "20000 页" in page
    (after,) = re.findall(r'rel="next" href="([^"]+)"', page)
    second = text(client.get(after.replace("&amp;", "&")))
    assert f"第 {PAGES_AT_ONCE + 1} 页" in second
    assert readings() == 1
    last = text(client.get(after.replace("&amp;", "&").replace("from=11", "from=999999")))
    assert len(pictures(last)) == 1
    assert 'rel="next"' not in last
    beyond = pictures(last)[0].replace(f"pages/{MOST_PAGES}/", f"pages/{MOST_PAGES + 1}/")
    assert client.get(beyond).status_code == 404


@pytest.mark.parametrize("given", ["-3", "0", "x", "", "99999999999999999999"])
def test_a_page_number_that_is_none_is_no_fault(client: FlaskClient, filed: Opened, given: str) -> None:
    assert len(pictures(text(client.get(f"{filed('a.pdf', samples.pdf(2))}?from={given}")))) in (1, 2)


def test_a_drawing_with_a_script_and_a_page_are_never_shown(client: FlaskClient, filed: Opened) -> None:
    for content in (samples.SVG, b"<html><script>alert(1)</script></html>"):
        page = text(client.get(filed("a.png", content)))
        assert "没有安全视图" in page
        assert "<script>" not in page.split("<main", 1)[1]
        assert pictures(page) == []


def test_a_text_is_words_and_never_markup(client: FlaskClient, filed: Opened) -> None:
    page = text(client.get(filed("a.txt", "名单 <script>alert(1)</script>".encode())))
    assert "名单 &lt;script&gt;" in page


def test_hostile_files_are_contained_and_said(client: FlaskClient, filed: Opened) -> None:
    for name, content, said in (
        ("a.docx", samples.bomb_docx(), "压缩炸弹"),
        ("a.png", samples.vast_png(), "这个文件太大"),
        ("a.jpg", samples.jpeg_and_html(), "这个文件有两副面孔"),
        ("a.docx", samples.docx(), "没有安装 LibreOffice"),
        ("a.pdf", b"%PDF-1.7 nothing", "可能已经损坏"),
        ("a.png", samples.photo(), "名称和内容不符"),
    ):
        assert said in text(client.get(filed(name, content))), said


def test_a_virus_is_said_and_only_the_original_is_left(
    client: FlaskClient, filed: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "look", lambda *_: pytest.fail("it was opened"))
    address = filed("a.txt", samples.EICAR)
    with daemon(tmp_path) as running:
        settings(client, clamd=running.address)
        page = text(client.get(address))
        warned = text(client.get(f"{address}original/"))
    assert "发现恶意代码" in page
    assert "Eicar-Test-Signature" in page
    assert "EICAR-STANDARD" not in page
    assert "我知道有危险" in warned


def test_what_was_not_scanned_is_never_called_clean(client: FlaskClient, filed: Opened, tmp_path: Path) -> None:
    address = filed("a.jpg", samples.photo())
    assert "没有查毒：没有配置杀毒软件" in text(client.get(address))
    with daemon(tmp_path, version="ClamAV 1.4.3/1/Sun Sep 20 08:00:00 2020") as running:
        settings(client, clamd=running.address)
        assert "没有查毒：病毒库太旧" in text(client.get(address))
    assert "没有查毒：杀毒软件没有应答" in text(client.get(address))


def test_a_clean_scan_is_said(client: FlaskClient, filed: Opened, tmp_path: Path) -> None:
    content = samples.photo()
    with daemon(tmp_path) as running:
        settings(client, clamd=running.address)
        assert "杀毒软件没有发现问题" in text(client.get(filed("a.jpg", content)))
        assert running.got == [content]


def test_the_original_takes_a_warning_and_a_second_press(client: FlaskClient, filed: Opened) -> None:
    content = samples.photo()
    address = filed("现场.jpg", content)
    page = text(client.get(f"{address}original/"))
    assert "请先看清楚" in page
    assert readings() == 0
    assert client.post(f"{address}original/").status_code == 400, "no token"
    answer = client.post(f"{address}original/", data={"csrf_token": token(page)})
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert readings() == 1


def test_weaker_walls_are_said_on_the_page(client: FlaskClient, filed: Opened) -> None:
    address = filed("a.jpg", samples.photo())
    assert "隔离较弱" not in text(client.get(address))
    settings(client, walls=Walls.LIMITS)
    assert "隔离较弱" in text(client.get(address))


def test_a_file_that_was_altered_is_said_and_not_shown(client: FlaskClient, filed: Opened, site: Site) -> None:
    address = filed("a.jpg", samples.photo((2000, 1500)))
    (picture,) = pictures(text(client.get(address)))
    (blob,) = [path for path in site.blob_dir.rglob("*") if path.is_file()]
    sealed = bytearray(blob.read_bytes())
    sealed[-20] ^= 1
    blob.chmod(0o600)
    blob.write_bytes(sealed)
    for path in (address, picture):
        answer = client.get(path)
        assert answer.status_code == 422
        assert "被改动过" in text(answer)


def test_too_many_at_once_is_said(client: FlaskClient, filed: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    (picture,) = pictures(text(client.get(filed("a.jpg", samples.photo()))))

    def busy(*_: object) -> bytes:
        raise Trouble(Problem.BUSY)

    monkeypatch.setattr(looking, "page", busy)
    assert client.get(picture).status_code == 503
