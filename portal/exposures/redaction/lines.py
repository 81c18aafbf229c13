"""Texts as JSON lines (``mingjing redact``): what a line may hold and what it is answered. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from portal.exposures.redaction.assistant import redact
from portal.kernel.errors import DomainError, Refused
from portal.kernel.jsonlines import encoded, parsed

MOST_LINE = 4 * 1024 * 1024


def answers(lines: BinaryIO) -> Iterator[bytes]:
    """One line for each line, in their order. A line that is too long is answered once and its tail read past."""
    while line := lines.readline(MOST_LINE + 2):
        long = len(line) > MOST_LINE + 1 or (len(line) > MOST_LINE and not line.endswith(b"\n"))
        while long and not line.endswith(b"\n"):
            if not (line := lines.readline(MOST_LINE)):
                break
        yield encoded(_too_long() if long else answer_line(line))


def _too_long() -> dict[str, object]:
    return {"id": None, "error": "line_too_long", "reason": "这一行太长，最多 4 MB。"}


def answer_line(line: bytes) -> dict[str, object]:
    """``id``, ``text``, ``spans``, ``warnings``; or ``id``, ``error``, ``reason``. Never raises."""
    name: object = None
    try:
        given = parsed(line)
        name = given.get("id")
        text, known = _fields(given)
    except DomainError as error:
        return {"id": name if _is_id(name) else None, "error": error.code, "reason": error.message}
    found = redact(text, known)
    return {
        "id": name,
        "text": found.text,
        "spans": [{"start": one.start, "end": one.end, "kind": one.kind, "value": one.value} for one in found.spans],
        "warnings": [{"start": one.start, "end": one.end, "kind": one.kind} for one in found.warnings],
    }


def _is_id(name: object) -> bool:
    return isinstance(name, str | int) and not isinstance(name, bool)


def _fields(given: dict[str, Any]) -> tuple[str, list[str]]:
    text, known = given.get("text"), given.get("known")
    known = [] if known is None else known
    if unknown := set(given) - {"id", "text", "known"}:
        raise Refused("unknown_field", f"不认识的项：{'、'.join(sorted(unknown))[:100]}。")
    if not _is_id(given.get("id")):
        raise Refused("bad_field", "id 要是文字或者整数。")
    if not isinstance(text, str):
        raise Refused("bad_field", "text 要是文字。")
    if not isinstance(known, list) or any(not isinstance(value, str) for value in known):
        raise Refused("bad_field", "known 要是一列文字。")
    return text, known
