"""A person with a browser that runs no scripts: opens pages, fills in forms, presses buttons."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class _Forms(HTMLParser):
    """The main form of a page as a browser would send it, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.words: list[str] = []
        self._area: str | None = None
        self._select: str | None = None
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._quiet += 1
        if tag == "form":
            self.forms.append({"action": given.get("action"), "fields": {}, "exit": "data-quick-exit" in given})
        if not self.forms:
            return
        fields = self.forms[-1]["fields"]
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("radio", "checkbox"):
                if "checked" in given:
                    fields.setdefault(name, []).append(given.get("value", "on"))
            elif kind != "file":
                fields[name] = [given.get("value", "")]
        elif tag == "textarea":
            self._area, fields[name] = name, [""]
        elif tag == "select":
            self._select, fields[name] = name, []
        elif tag == "option" and self._select and ("selected" in given or not fields[self._select]):
            fields[self._select] = [given.get("value", "")]  # without a mark a browser sends the first

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag in ("script", "style"):
            self._quiet -= 1

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            kept = self.forms[-1]["fields"][self._area]
            kept[0] = (kept[0] + data).removeprefix("\n") if not kept[0] else kept[0] + data
        elif not self._quiet and data.strip():
            self.words.append(data.strip())


class Reporter:
    """Keeps cookies, follows redirects, remembers the page it is on."""

    def __init__(self, app: Flask, language: str = "") -> None:
        self.app = app
        self.browser = app.test_client()
        self.root = f"/{language}" if language else ""
        self.page: TestResponse
        self.pages = 0

    def open(self, path: str) -> Reporter:
        """Type an address."""
        self._show(self.browser.get(self.root + path, follow_redirects=True))
        return self

    def press(self, button: str = "continue", action: str | None = None, **typed: Any) -> Reporter:
        """Fill in the page's own form and press a button; what is not named stays as the page shows it."""
        form = self.form(action)
        fields = {**form["fields"], **{name.replace("__", "-"): value for name, value in typed.items()}}
        fields = {name: value for name, value in fields.items() if value is not None}
        target = form["action"] or self.page.request.full_path.rstrip("?")
        target = target if target.startswith("/") else "/" + target
        data = {**fields, "do": button} if button else fields
        self._show(self.browser.post(self._rooted(target), data=data, follow_redirects=True))
        return self

    def attach(self, *files: tuple[bytes, str], button: str = "add", query: str = "") -> Reporter:
        """Choose files on the page for files and press a button."""
        fields = {**self.form()["fields"], "do": button, "files": [(io.BytesIO(data), name) for data, name in files]}
        sent = self.browser.post(
            self.root + "/report/files/" + query, data=fields, content_type="multipart/form-data", follow_redirects=True
        )
        self._show(sent)
        return self

    def form(self, action: str | None = None) -> dict[str, Any]:
        """The form of this page: the one with that action, or the first that is not the quick exit."""
        found = _Forms()
        found.feed(self.page.text)
        wanted = [f for f in found.forms if not f["exit"] and (action is None or (f["action"] or "").endswith(action))]
        assert wanted, f"no form on {self.path}"
        return wanted[0]

    @property
    def path(self) -> str:
        """The address without the language."""
        return self.page.request.path.removeprefix(self.root)

    @property
    def words(self) -> str:
        """What the page says."""
        found = _Forms()
        found.feed(self.page.text)
        return " ".join(found.words)

    @property
    def code(self) -> str:
        """The 24 digits that the page shows."""
        box = re.search(r'id="code".*?</p>', self.page.text, re.S)
        assert box, f"no code on {self.path}"
        return re.sub(r"\D", "", re.sub(r"<[^>]*>", "", box[0].partition(">")[2]))

    def _rooted(self, target: str) -> str:
        return target if not self.root or target.startswith(self.root + "/") else self.root + target

    def _show(self, page: TestResponse) -> None:
        self.page = page
        self.pages += 1

    # the questions, in order

    def begin(self, who: str = "adult") -> Reporter:
        return self.open("/report/").press("", who=who)

    def where(self, *codes: str) -> Reporter:
        """Choose province, city, county, as far as known."""
        for level, code in zip(("province", "city", "county"), codes or ("unknown",), strict=False):
            self.press(**{level: code})
        return self

    def to_words(self) -> Reporter:
        """The shortest way to the question about what happened."""
        self.begin().where()
        self.press(subject_type="unknown")
        self.press(target="")
        return self.press()

    def to_check(self, words: str = "看到有人拿别人的卡开药。", **known: Any) -> Reporter:
        """The shortest honest report, up to the check page."""
        self.to_words().press(words=words)
        self.press()
        return self.press(known_as=known.get("known_as", "no_name"))

    def send(self) -> Reporter:
        return self.press("", truth="y")
