"""Words and file names that mean to break out: of a page, of a header, of a folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from admin.staff.roles import Role
from admin.tips import triage
from portal.attachments.rules import display_name
from portal.kernel.clock import now
from tests.admin_tips.originals import original
from tests.admin_tips.world import DISTRICT, World
from tests.followup.conftest import Handed, Visitor, hand_in, world

__all__ = ["hand_in", "world"]

BREAKOUTS = [
    '"><svg onload=alert(1)>ZQX',
    "</textarea></title></script><script>ZQX</script>",
    "' onmouseover=ZQX x='",
    "{{ 7*7 }}{% raw %}ZQX%(name)s{0}",
    "&lt;img src=x onerror=ZQX&gt;",
    "javascript:ZQX//\u2028\u2029",
]
NAMES = [
    'a"; filename="b.html".txt',
    "a\r\nSet-Cookie: x=1\r\n\r\n<script>.txt",
    "发票\u202etxt.exe.txt",
    "../../../../etc/cron.d/x.txt",
    "..\\..\\a.txt",
    "页面.html.txt",
    "图.svg.txt",
    "%0d%0aSet-Cookie: x=1%22;.txt",
    "名" * 300 + ".txt",
    "n" * 300 + ".txt",
    "a;b=c,d'e''f.txt",
    "\ud83d\ude00<b>&amp;.txt".encode("utf-16", "surrogatepass").decode("utf-16"),
    ".txt",
]
CONTENT = "第一行 MARKER-IN-CLEAR\n".encode()


class _Markup(HTMLParser):
    """What a browser would take for something to run, or for ours while the words wrote it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found += [f"{tag} {name}" for name in given if name.startswith("on")]
        if (tag == "script" and "src" not in given) or (tag == "img" and given.get("src") == "x") or tag == "b":
            self.found.append(tag)
        self.found += [value for value in given.values() if value.lower().startswith("javascript:")]


def _tags(page: str) -> list[str]:
    parser = _Markup()
    parser.feed(page)
    return parser.found


def _check_download(answer: TestResponse, name: str) -> None:
    assert answer.status_code == 200
    assert answer.data == CONTENT
    given = answer.headers.getlist("Content-Disposition")
    assert len(given) == 1
    assert given[0].isascii() and "\r" not in given[0] and "\n" not in given[0]
    kind, options = parse_options_header(given[0])
    assert (kind, options) == ("attachment", {"filename": display_name(name)})
    assert "filename*=UTF-8''" in given[0], "RFC 5987: no quoted form that browsers read differently"
    assert unquote(given[0].rpartition("''")[2]) == display_name(name)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers or "x=1" not in answer.headers["Set-Cookie"]


def _colleague(world: World, app: Flask) -> FlaskClient:
    client = app.test_client()
    world.sign_in(client, world.person(DISTRICT, Role.INTAKE))
    return client


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", NAMES)
def test_a_file_keeps_a_harmless_name_on_both_sites(
    hand_in: Callable[..., Handed], world: World, public_app: Flask, staff_app: Flask, name: str
) -> None:
    mine = hand_in(files={name: CONTENT})
    visitor = Visitor(public_app)
    visitor.sign_in(mine.code)
    page = visitor.get("/followup/sent/").text
    assert _tags(page) == []
    _check_download(
        visitor.client.get("/followup/files/" + page.partition("/followup/files/")[2].partition('"')[0]), name
    )
    client = _colleague(world, staff_app)
    page = client.get(f"/tips/{mine.number}/").text
    assert _tags(page) == []
    found = re.search(rf'/tips/{mine.number}/files/[^"]+', page)
    assert found is not None
    _check_download(original(client, found[0]), name)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_words_of_a_report_stay_words_on_every_page_of_both_sites(
    hand_in: Callable[..., Handed], world: World, public_app: Flask, staff_app: Flask
) -> None:
    hostile = "\n".join(BREAKOUTS)
    mine = hand_in(
        words=hostile, target=BREAKOUTS[0], target_address=BREAKOUTS[2], place=BREAKOUTS[1], persons=hostile,
        how_known=hostile, earlier_reports=hostile,
    )  # fmt: skip
    intake = world.person(DISTRICT, Role.INTAKE)
    with world.at(mine.number, intake) as (session, tip, _):
        triage.record_reading(session, tip, intake, now())
    visitor = Visitor(public_app)
    visitor.sign_in(mine.code)
    visitor.get("/followup/messages/")
    visitor.post("/followup/messages/", {"text": hostile, "seen": "1"})
    client = _colleague(world, staff_app)
    pages = [visitor.get(path).text for path in ("/followup/", "/followup/sent/", "/followup/messages/")]
    number = mine.number
    pages += [client.get(path).text for path in (f"/tips/{number}/", "/tips/", f"/tips/?q={BREAKOUTS[0]}")]
    assert sum("ZQX" in page for page in pages) >= 3
    for page in pages:
        assert _tags(page) == []
        assert "{{ 7*7 }}" in page or "ZQX" not in page
