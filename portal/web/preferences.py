"""How the reader likes pages drawn. One cookie, set only by the reader's own click, gone with the window."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from flask import Blueprint, Flask, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from portal.web.settings import WebSettings

COOKIE = "mj_display"
TEXT_SIZES = ("100", "125", "150", "200")
_STORED = re.compile(r"t(100|125|150|200)\.c([01])\.s([01])\.d([ald])")
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,500}")


@dataclass(frozen=True)
class Display:
    """``text`` is per cent of the ordinary size, ``dark`` is "" (as the device says), "light" or "dark"."""

    text: str = "100"
    contrast: bool = False
    senior: bool = False
    dark: Literal["", "light", "dark"] = ""

    def stored(self) -> str:
        """The cookie's value: the four choices and nothing that could tell two readers apart."""
        return f"t{self.text}.c{self.contrast:d}.s{self.senior:d}.d{self.dark[:1] or 'a'}"


def parse(value: str | None) -> Display:
    """What a cookie says; anything we did not write counts as no choice made."""
    found = _STORED.fullmatch(value or "")
    if not found:
        return Display()
    themes: dict[str, Literal["", "light", "dark"]] = {"a": "", "l": "light", "d": "dark"}
    return Display(found[1], found[2] == "1", found[3] == "1", themes[found[4]])


def display() -> Display:
    """The choices of this request's reader."""
    return parse(request.cookies.get(COOKIE))


def local_path(target: str | None) -> str:
    """*target* if it is a path on this site, else the home page: no link of ours leads elsewhere by its query."""
    return target if target and _LOCAL.fullmatch(target) else request.script_root + "/"


def changed(current: Display, name: str, value: str) -> Display:
    """*current* with one choice made anew. BadRequest for a choice that does not exist."""
    if name == "text" and value in TEXT_SIZES:
        return replace(current, text=value)
    if name in ("contrast", "senior") and value in ("0", "1"):
        return replace(current, **{name: value == "1"})  # type: ignore[arg-type]  # both are bool
    if name == "theme" and value in ("auto", "light", "dark"):
        return replace(current, dark="" if value == "auto" else value)  # type: ignore[arg-type]  # one of two words
    raise BadRequest


def init_app(app: Flask, settings: WebSettings) -> None:
    """``/display/set`` and the template global ``display()``."""
    blueprint = Blueprint("preferences", __name__, url_prefix="/display")

    @blueprint.get("/set")
    def choose() -> Response:
        chosen = changed(display(), request.args.get("name", ""), request.args.get("value", ""))
        response = redirect(local_path(request.args.get("next")), 303)
        response.set_cookie(COOKIE, chosen.stored(), secure=settings.https, httponly=True, samesite="Lax", path="/")
        return response

    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(display=display)
