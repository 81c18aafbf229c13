"""The static copy: every page of exposures as files that lead to one another, all or nothing, the same each time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import update

from portal.app import create_app
from portal.config import Settings
from portal.exporting.copying import NotExported
from portal.exporting.scope import place
from portal.exporting.writing import GONE, STATUSES, SUMS, Copied, export
from portal.exposures.models import PublishedCase, PublishedVersion
from portal.kernel.db import Database
from portal.kernel.site import bind_site
from portal.kernel.transaction import bind, transaction
from portal.site_commands import site as commands
from portal.web.caching import STATIC_COPY
from tests.conftest import StandingClock
from tests.exporting.reading import leads_to, links_of, read, tree
from tests.exposures.showcase import HOSPITAL, PHARMACY, issue, office, put_up, take_down

ADDRESS = "https://portal.example"
LANGUAGES = ("zh", "en")
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What is copied is asked of the site, whose own tests run on both databases."""
HOSTILE = '甲 href="/exposures/x/" "next": "/exposures/" 乙'


@pytest.fixture
def placed(public_settings: Settings) -> Settings:
    return replace(public_settings, site=replace(public_settings.site, address=ADDRESS))


@pytest.fixture
def app(placed: Settings, database: Database, clock: StandingClock) -> Flask:
    """A site with an issue, one case that was withdrawn and one that waits for its day."""
    return _with_cases(create_app(placed, database), 5)


@pytest.fixture
def long_app(placed: Settings, database: Database, clock: StandingClock) -> Flask:
    """The same with so many cases that their list has two pages: its copy is four times as large."""
    return _with_cases(create_app(placed, database), 25)


def _with_cases(app: Flask, last: int) -> Flask:
    with transaction() as session:
        bureau = office(session)
        first = issue(session, bureau)
        put_up(session, bureau, replace(PHARMACY, title=HOSTILE), code="2026-0001", batch_id=first)
        take_down(session, put_up(session, bureau, HOSPITAL, code="2026-0002", batch_id=first), date(2026, 9, 7))
        put_up(session, bureau, replace(PHARMACY, title="还没有到日子"), code="2026-0003", state="waiting")
        for number in range(4, last + 1):
            put_up(session, bureau, replace(HOSPITAL, title=f"演示案{number}"), code=f"2026-{number:04}")
    return app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "served" / "copy"


def copied(app: Flask, folder: Path) -> Copied:
    return export(app, ADDRESS, LANGUAGES, folder)


@dataclass(frozen=True, slots=True)
class Seen:
    """A copy to look at: what was said of it, and its files."""

    made: Copied
    files: dict[str, bytes]


_seen: dict[bool, Seen] = {}


@pytest.fixture
def seen(long_app: Flask, folder: Path, database: Database) -> Seen:
    """The copy of that site, made once in a process for all who only look at it."""
    kind = database.is_postgresql
    if kind not in _seen:
        made = copied(long_app, folder)
        _seen[kind] = Seen(made, tree(folder))
    return _seen[kind]


def test_every_link_leads_to_a_file_of_the_copy_or_to_the_site(seen: Seen) -> None:
    files = seen.files
    inside = outside = 0
    for name, link in links_of(files):
        if link.startswith(ADDRESS):
            outside += 1
        elif not link.startswith("#"):
            inside += 1
            assert leads_to(name, link) in files, (name, link)
    assert inside > 500
    assert outside > 100


@ON_SQLITE
def test_it_holds_lists_cases_issues_feed_data_and_pictures_in_every_language(seen: Seen) -> None:
    files = seen.files
    for root in ("", "en/"):
        for path in (
            *("index.html", "page-2/index.html", "feed.xml", "data/cases.csv", "data/cases.json", "openapi.json"),
            *("2026-0001/index.html", "2026-0001/text", "2026-0001.json", "2026-0001.png", "withdrawn/index.html"),
            *("2026-0002/index.html", "issues/index.html"),
        ):
            assert f"{root}exposures/{path}" in files, path
        assert any(name.startswith(f"{root}exposures/issues/") and "2026-1" in name for name in files)
    assert any(name.endswith(".css") for name in files)


def test_two_copies_are_the_same_to_the_byte(app: Flask, folder: Path, clock: StandingClock) -> None:
    copied(app, folder)
    before = tree(folder)
    clock.advance(hours=5)
    copied(app, folder)
    assert tree(folder) == before


@ON_SQLITE
def test_the_sums_are_those_of_all_files_and_the_statuses_those_of_the_site(app: Flask, folder: Path) -> None:
    made = copied(app, folder)
    files = tree(folder)
    said = {name: digest for digest, name in (line.split("  ") for line in files.pop(SUMS).decode().splitlines())}
    assert said == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert made.files == len(files) + 1
    reader = app.test_client(use_cookies=False)
    statuses = json.loads(files[STATUSES])
    assert {path: reader.get(path).status_code for path in statuses} == statuses
    assert {place(path) for path in statuses} | {STATUSES, GONE} == set(files)


@ON_SQLITE
def test_what_is_gone_is_named_for_the_web_server(seen: Seen) -> None:
    gone = (
        "/en/exposures/2026-0002.json",
        "/en/exposures/2026-0002/",
        "/exposures/2026-0002.json",
        "/exposures/2026-0002/",
    )
    assert seen.made.gone == gone
    assert seen.files[GONE].decode() == "".join(f"{path} 1;\n" for path in gone)


@ON_SQLITE
def test_nothing_of_a_case_that_waits_or_was_withdrawn_is_in_it(seen: Seen) -> None:
    for name, data in seen.files.items():
        assert "还没有到日子".encode() not in data, name
        assert "针灸".encode() not in (data if "2026-0002" in name else b""), name
        assert b"2026-0003" not in data, name


@ON_SQLITE
def test_there_is_no_form_and_no_setting_in_it_and_it_says_so(long_app: Flask, seen: Seen) -> None:
    for name, data in seen.files.items():
        if name.endswith(".html"):
            assert read(data).forms == 0, name
            assert b"/display/set" not in data, name
            assert b"csrf" not in data, name
    assert "不能查找" in seen.files["exposures/index.html"].decode()
    assert "不能查找" not in long_app.test_client().get("/exposures/").text


@ON_SQLITE
def test_words_that_look_like_links_stay_words(seen: Seen) -> None:
    (title,) = [
        entry.findtext("{*}title")
        for entry in ET.fromstring(seen.files["exposures/feed.xml"]).iterfind("{*}entry")
        if "href" in (entry.findtext("{*}title") or "")
    ]
    assert title == HOSTILE
    assert json.loads(seen.files["exposures/2026-0001.json"])["content"]["title"] == HOSTILE


@ON_SQLITE
def test_a_list_of_data_leads_to_its_next_page(long_app: Flask, folder: Path) -> None:
    with transaction() as session:
        bureau = office(session, "演示市医疗保障局")
        for number in range(26, 60):
            put_up(session, bureau, HOSPITAL, code=f"2026-{number:04}")
    copied(long_app, folder)
    at = folder / "exposures" / "data" / "cases.json"
    first = json.loads(at.read_text("utf-8"))
    second = json.loads((at.parent / first["next"]).read_text("utf-8"))
    assert second["next"] is None
    assert len(first["cases"]) + len(second["cases"]) == 58


@ON_SQLITE
def test_a_new_copy_takes_the_place_of_the_old_one_whole(app: Flask, folder: Path) -> None:
    copied(app, folder)
    with transaction() as session:
        take_down(session, session.query(PublishedCase).filter_by(code="2026-0001").one(), date(2026, 9, 8))
    copied(app, folder)
    files = tree(folder)
    assert "exposures/2026-0001.png" not in files
    assert b"href" not in files["exposures/feed.xml"].replace(b"href=", b"")
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@ON_SQLITE
def test_after_a_failure_the_old_copy_is_as_it_was(app: Flask, folder: Path) -> None:
    copied(app, folder)
    before = tree(folder)
    with transaction() as session:
        session.execute(update(PublishedVersion).values(content="{}"))
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    with pytest.raises(NotExported, match="500"):
        copied(app, folder)
    assert tree(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@ON_SQLITE
def test_a_folder_that_holds_anything_else_is_left_alone(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("words")
    (tmp_path / "file").write_text("words")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    before = tree(tmp_path)
    for name in ("mine", "file", "link"):
        with pytest.raises(NotExported):
            copied(app, tmp_path / name)
    assert tree(tmp_path) == before


@ON_SQLITE
def test_files_can_be_read_by_a_web_server(app: Flask, folder: Path) -> None:
    copied(app, folder)
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


@ON_SQLITE
def test_the_one_who_copies_may_ask_for_every_page_and_a_visitor_still_may_not(app: Flask) -> None:
    visitor = app.test_client(use_cookies=False)
    asked = [visitor.get("/exposures/", environ_overrides={STATIC_COPY: True}).status_code for _ in range(125)]
    assert set(asked) == {200}
    header = {"Mingjing.Static-Copy": "1", "mingjing.static_copy": "1"}
    assert 429 in [visitor.get("/exposures/", headers=header).status_code for _ in range(125)]


@pytest.mark.parametrize(
    ("link", "file"),
    [
        ("/exposures/", "exposures/index.html"),
        ("/en/exposures/?page=2", "en/exposures/page-2/index.html"),
        (
            "/exposures/data/cases.json?after=2026-10-09.2026-0012",
            "exposures/data/cases-after-2026-10-09.2026-0012.json",
        ),
        ("/exposures/?page=../../x", "exposures/page-.._.._x/index.html"),
    ],
)
def test_an_address_has_one_file_and_none_outside_the_copy(link: str, file: str) -> None:
    assert place(link) == file


@ON_SQLITE
def test_the_command_writes_the_copy_with_the_public_settings_alone(
    app: Flask, placed: Settings, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.config.load", lambda _path: placed)
    ran = CliRunner().invoke(commands, ["export", str(folder)])
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert (folder / SUMS).is_file()
    assert f"{len(tree(folder))} files" in ran.stdout
    again = CliRunner().invoke(commands, ["export", str(folder.parent)])
    assert again.exit_code == 1
    assert "not empty" in again.stderr
    bind(database)
    bind_site(placed.site)


def test_without_a_deployment_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MINGJING_SETTINGS", raising=False)
    ran = CliRunner().invoke(commands, ["export", "copy"])
    assert ran.exit_code == 1
    assert "no deployment here" in ran.stderr
    assert list(tmp_path.iterdir()) == []
