"""A schedule as text: the JSON that is proposed, compared, kept and named by its SHA-256. Reads the package alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from portal.kernel.errors import Refused
from portal.rewards.schedule import parse
from portal.rewards.values import Schedule

MOST_TEXT = 60_000
"""Characters of one schedule."""


@cache
def shipped_texts() -> Mapping[str, str]:
    """The schedules that come with the program as :func:`written` has them, by id."""
    data = json.loads((files("portal.rewards") / "data" / "schedules.json").read_text(encoding="utf-8"))
    return {entry["id"]: written(entry) for entry in data["schedules"]}


def written(entry: Mapping[str, Any]) -> str:
    """The one way to write an entry down, a field a line, so that two versions can be compared line by line."""
    return json.dumps(entry, ensure_ascii=False, indent=2)


def digest(text: str) -> str:
    """SHA-256 of the text in UTF-8, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def entry_of(text: str) -> dict[str, Any]:
    """The JSON object in *text*. Raises Refused ("bad_schedule"); whether it is a schedule says :func:`read`."""
    if len(text) > MOST_TEXT:
        raise Refused("bad_schedule", f"最多 {MOST_TEXT:,} 个字符。")
    try:
        found = json.loads(text, object_pairs_hook=_once)
        text.encode()
    except (ValueError, RecursionError) as error:
        said = f"第 {error.lineno} 行附近" if isinstance(error, json.JSONDecodeError) else ""
        raise Refused("bad_schedule", f"不是 JSON：{said}写法不对，或者有一项写了两次。") from error
    if not isinstance(found, dict):
        raise Refused("bad_schedule", "要是一个 JSON 对象。")
    return found


def read(text: str) -> Schedule:
    """The schedule in *text*. Raises Refused ("bad_schedule") with a sentence that names the field."""
    entry = entry_of(text)
    try:
        return parse(entry)
    except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError) as error:
        raise Refused("bad_schedule", "有一项的类型不对：该写文字、列表或者对象的地方写了别的。") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
