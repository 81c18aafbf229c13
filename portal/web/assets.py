"""Our own files under hashed names, and the icons drawn into the page. Read once, when the app is made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise

STATIC = Path(__file__).resolve().parent.parent / "static"
PREFIX = "/static/"
_YEAR = 365 * 24 * 3600

MARK = Markup(
    '<svg class="mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
    '<circle class="mark__ring" cx="20" cy="20" r="18"/><circle class="mark__glass" cx="20" cy="20" r="13.5"/>'
    '<path class="mark__light" d="M13 21a8 8 0 0 1 7-8"/></svg>'
)


def manifest() -> dict[str, str]:
    """Plain name to hashed name, as ``make assets`` wrote it."""
    return cast(dict[str, str], json.loads((STATIC / "dist" / "manifest.json").read_text("utf-8")))


def icons() -> dict[str, Markup]:
    """Icon name to inline SVG (Lucide, licence beside the file). A word always stands by it, so readers skip it."""
    shapes = cast(dict[str, str], json.loads((STATIC / "icons" / "icons.json").read_text("utf-8")))
    return {
        name: Markup(  # noqa: S704 - built by us from a file of the tree
            f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{shape}</svg>'
        )
        for name, shape in shapes.items()
    }


def init_app(app: Flask, headers: dict[str, str]) -> None:
    """Serve the built files with *headers*, for ever cacheable; give templates ``asset()``, ``icon()`` and ``mark()``.

    A name that was not built raises KeyError when the page is drawn: a page never links to nothing.
    """
    paths = {name: PREFIX + hashed for name, hashed in manifest().items()}
    drawn = icons()
    app.jinja_env.globals.update(asset=paths.__getitem__, icon=drawn.__getitem__, mark=lambda: MARK)

    def add(response_headers: dict[str, str], path: str, url: str) -> None:
        for name, value in headers.items():
            response_headers[name] = value

    served = WhiteNoise(
        app.wsgi_app,
        root=str(STATIC / "dist"),
        prefix=PREFIX.strip("/"),
        max_age=_YEAR,
        immutable_file_test=lambda path, url: not url.endswith("manifest.json"),
        allow_all_origins=False,
        add_headers_function=add,
    )
    app.wsgi_app = served  # type: ignore[method-assign]
