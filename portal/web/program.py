"""Which program draws the pages: a mark that changes whenever equal data could be drawn otherwise."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from portal.web.settings import WebSettings

_PORTAL = Path(__file__).resolve().parent.parent
_DRAW = ("Babel", "Flask", "Jinja2", "MarkupSafe", "Werkzeug", "xlsxwriter")
"""Libraries that decide what stands in an answer."""


def mark(settings: WebSettings) -> str:
    """Of the code, templates, words and reference data that stand on the disk, the libraries and the settings.

    Every worker and every machine with the same program and settings says the same. 32 hex digits; no secret is in it.
    """
    shown = replace(settings, secret_key="", redis_url=None)
    return hashlib.sha256(f"{_program()} {shown!r}".encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _program() -> str:
    said = hashlib.sha256(sys.version.encode())
    for name in _DRAW:
        said.update(f"{name} {version(name)}\n".encode())
    for path in sorted(_files()):
        said.update(f"{path.relative_to(_PORTAL)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return said.hexdigest()


def _files() -> list[Path]:
    """All files of the package; of the built ones the list, which names each by its hash."""
    built = _PORTAL / "static"
    found = [one for one in _PORTAL.rglob("*") if one.is_file() and built not in one.parents]
    return [one for one in found if "__pycache__" not in one.parts and one.suffix != ".po"] + [
        built / "dist" / "manifest.json", built / "icons" / "icons.json",
    ]  # fmt: skip
