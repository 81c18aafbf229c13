"""JSON lines of the commands that only compute: one object a line, and what is written back. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from portal.kernel.errors import Refused

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def parsed(line: bytes) -> dict[str, Any]:
    """The object on *line*; a mark before it (BOM) does no harm. Raises Refused: "bad_line", "repeated_field"."""
    try:
        found = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise Refused("bad_line", "这一行不是 JSON。") from error
    if not isinstance(found, dict):
        raise Refused("bad_line", "这一行要是一个 JSON 对象。")
    return found


def encoded(answer: Mapping[str, object]) -> bytes:
    """*answer* as one line; half a character that the input held is written as its escape."""
    return (_ENCODER.encode(answer) + "\n").encode(errors="backslashreplace")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("repeated_field", "有一项写了两遍，不知道以哪一个为准。")
    return found
