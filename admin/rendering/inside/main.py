"""The child: reads what it is asked, builds its walls, and only then reads the file and answers."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from admin.rendering.inside import content, enclosure
from admin.rendering.protocol import MOST_TEXT, WALLS_ARE_UP, Problem, Task, Trouble, header, read_header

Answer = tuple[dict[str, Any], bytes]
Program = Callable[[Mapping[str, Any], bytes], Answer]


def main(program: Program | None = None) -> None:
    """Answer one question and end. *program*: another one than ours (tests of the walls)."""
    answers = os.fdopen(os.dup(1), "wb")  # what a library prints goes nowhere
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    asked = read_header(sys.stdin.buffer)
    try:
        _build_walls(asked)
    except (OSError, ValueError):
        _send(answers, {"problem": Problem.NOT_ISOLATED.value}, b"")
        return
    _send(answers, WALLS_ARE_UP, b"")
    _send(answers, *_answer(program or answer, asked, sys.stdin.buffer.read()))


def _build_walls(asked: Mapping[str, Any]) -> None:
    if asked["enclosed"]:
        enclosure.enclose(asked["shown"], asked["room"])
    else:
        os.chdir(asked["work"])
    enclosure.limit(asked["limits"])
    enclosure.give_up_powers()


def _answer(program: Program, asked: Mapping[str, Any], data: bytes) -> Answer:
    try:
        return program(asked, data)
    except Trouble as trouble:
        return {"problem": trouble.problem.value}, b""
    except MemoryError:
        return {"problem": Problem.MEMORY.value}, b""
    except Exception:  # whatever a parser says of a hostile file, the answer is one
        return {"problem": Problem.BROKEN.value}, b""


def _send(answers: BinaryIO, words: Mapping[str, Any], body: bytes) -> None:
    answers.write(header(words))
    answers.write(body)
    answers.flush()


def answer(asked: Mapping[str, Any], data: bytes) -> Answer:
    """The answer to *asked* about the file *data*. Raises Trouble."""
    family = str(asked["family"])
    if asked["task"] == Task.PAGE:
        return _page(family, data, int(asked["page"]))
    words: dict[str, Any] = {
        "others": content.other_kinds(data, family),
        "macros": content.has_macros(data, family),
    }
    try:
        found, body = _look(family, data, asked)
    except Trouble as trouble:
        found, body = {"problem": trouble.problem.value}, b""
    return {**words, **found}, body


def _look(family: str, data: bytes, asked: Mapping[str, Any]) -> Answer:
    from admin.rendering.inside import pixels

    if family == "pdf":
        return {"pages": pixels.count_pages(data)}, b""
    if family in ("zip", "ole"):
        made = _converted(family, data, asked)
        return {"pages": pixels.count_pages(made)}, made
    if family == "text":
        return {"pages": 0}, _text(data)
    return {"pages": pixels.count_frames(data)}, b""


def _page(family: str, data: bytes, page: int) -> Answer:
    from admin.rendering.inside import pixels

    width, height, body = (pixels.pdf_page if family == "pdf" else pixels.picture)(data, page)
    return {"width": width, "height": height}, body


def _converted(family: str, data: bytes, asked: Mapping[str, Any]) -> bytes:
    from admin.rendering.inside import office

    if family == "zip" and content.check_archive(data) in ("ofd", "zip"):
        raise Trouble(Problem.NO_VIEW)
    if family == "ole" and content.is_locked_office(data):
        raise Trouble(Problem.PASSWORD)
    if not asked["office"] or not os.path.exists(asked["office"]):
        raise Trouble(Problem.NO_OFFICE)
    return office.to_pdf(data, asked["ending"], asked["office"], Path.cwd(), float(asked["seconds"]))


def _text(data: bytes) -> bytes:
    """The words as UTF-8, cut where the page ends. Chinese texts come in three encodings."""
    for encoding in ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)[: MOST_TEXT + 1].encode()
        except UnicodeError:
            continue
    raise Trouble(Problem.BROKEN)
