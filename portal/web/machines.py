"""Answers for programs that read the site: JSON, and refusals in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from portal.kernel.errors import Refused
from portal.kernel.site import DataLicence
from portal.web.locale import gettext as _
from portal.web.locale import language

BOM = "\ufeff"
"""Before a CSV: without it the spreadsheet most people have takes UTF-8 for another encoding."""
_ADDRESS = re.compile(r"/[a-z]+/(data/.*|.*\.json)")

Reads = Callable[[str], Any]
"""What the words of a condition mean; ValueError when they mean nothing."""


def json_answer(data: dict[str, Any], status: int = 200, content_type: str = "application/json") -> Response:
    """*data* as text that a person can read as well; in UTF-8."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return Response(text + "\n", status, content_type=f"{content_type}; charset=utf-8")


def refusal(status: int, code: str, message: str) -> Response:
    """Why there is no answer: a code for programs, a sentence for people."""
    return json_answer({"error": code, "message": message}, status)


def licence_name(licence: DataLicence) -> str:
    """The name of the licence in the reader's language, where it has one there."""
    return licence.name_en if language() != "zh" and licence.name_en else licence.name


def licence_json(licence: DataLicence) -> dict[str, str | None]:
    """Under which licence an answer is given."""
    return {"code": licence.code or None, "name": licence_name(licence)}


def for_machines(path: str) -> bool:
    """Whether the address is one of data, so that errors there are told in JSON too, and not by a page."""
    return _ADDRESS.fullmatch(path) is not None


def conditions(known: Mapping[str, Reads]) -> dict[str, Any]:
    """What the address asks for, each by its reader. Raises Refused ("bad_filter") for anything that is not *known*."""
    found: dict[str, Any] = {}
    for name, values in request.args.lists():
        if name not in known:
            raise bad_filter("?")
        try:
            (text,) = values
            found[name] = known[name](text)
        except ValueError:
            raise bad_filter(name) from None
    return found


def bad_filter(name: str) -> Refused:
    """The refusal of a condition by its name."""
    return Refused("bad_filter", _("看不懂的条件：%(name)s", name=name))


def number(least: int, most: int) -> Reads:
    """A whole number in plain digits, both bounds included."""

    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return read


def one_of(codes: Mapping[str, Any]) -> Reads:
    """One of the codes; what it stands for."""

    def read(text: str) -> Any:
        if text not in codes:
            raise ValueError(text)
        return codes[text]

    return read


def matching(pattern: str) -> Reads:
    """Words of this pattern."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern.strip("^$"), text):
            raise ValueError(text)
        return text

    return read
