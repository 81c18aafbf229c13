"""What a part of an address may hold. Nothing that is looked up has the character nought, and PostgreSQL refuses it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import UnicodeConverter


class _Part(UnicodeConverter):
    """A part of a path, as routes without a converter take it; one with the character nought fits no route."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.regex = self.regex.replace("[^/]", r"[^/\x00]")


def init_app(app: Flask) -> None:
    """Before any route: such an address is not found, on every page of the site."""
    app.url_map.converters = {**app.url_map.converters, "default": _Part, "string": _Part}
