"""What stands around every page: drawn once for each language and choice of display, not for each reader."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from flask import Flask, render_template, request
from markupsafe import Markup, escape

from portal.web import locale
from portal.web.caching import static_copy
from portal.web.preferences import Display, display

_HERE, _THERE = "\x02", "\x03"
"""Stand for the two addresses of a page in what was drawn: that of the page, that of the same in the other language.
No template holds such characters."""


def init_app(app: Flask) -> None:
    """The template globals ``footer()`` and ``toolbar(staff=False)``."""

    @lru_cache(maxsize=16)
    def drawn_footer(_tongue: str, _root: str) -> Markup:
        return Markup(render_template("components/footer.html"))  # noqa: S704 - a template of ours

    @lru_cache(maxsize=256)
    def drawn_toolbar(_tongue: str, root: str, chosen: Display, staff: bool, fixed: bool) -> list[str]:
        known = {"root": root, "chosen": chosen, "staff": staff, "fixed": fixed}
        page = render_template("components/toolbar.html", here=_HERE, there=_THERE, **known)
        return re.split(f"({_HERE}|{_THERE})", page)

    def toolbar(*, staff: bool = False) -> Markup:
        """The reader's switches. Each comes back to the page that it was made on."""
        root = request.script_root
        here = {_HERE: quote(root + request.path, safe="/"), _THERE: str(escape(locale.other_language_url()))}
        pieces = drawn_toolbar(locale.language(), root, display(), staff, static_copy())
        return Markup("".join(here.get(piece, piece) for piece in pieces))  # noqa: S704 - drawn, or escaped above

    app.jinja_env.globals.update(
        footer=lambda: drawn_footer(locale.language(), request.script_root),
        toolbar=toolbar,
    )
