"""What a file is, and its pages as pictures of our own making. The clear bytes go into the child and nowhere else.

What comes back from the child is checked before it is used: numbers within their bounds, words from a list, and
pixels, which this process encodes itself. A child that a file has taken over can draw, and that is all.
"""

from __future__ import annotations

import io
import itertools
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from PIL import Image

from admin.rendering import kept, sandbox
from admin.rendering.protocol import MOST_SIDE, MOST_TEXT, Problem, Task, Trouble
from admin.rendering.values import MOST_BYTES, OFFICE_LIMITS, PAGE_LIMITS, Look, RenderingSettings
from crypto.sealing import derive
from portal.attachments.rules import HEAD, KINDS, Family, family_of
from portal.attachments.values import FileEntry
from portal.kernel.clock import Utc

Pieces = Callable[[], Iterator[bytes]]
"""Opens the file anew and gives its clear bytes."""

OFFICE = frozenset({Family.ZIP, Family.OLE})
_VIEWED = frozenset(
    {Family.JPEG, Family.PNG, Family.GIF, Family.BMP, Family.WEBP, Family.TIFF, Family.PDF, Family.TEXT, *OFFICE}
)
_STILL = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
"""Brands of ISO files that are photographs (ISO/IEC 23008-12); the others are sound and film."""
_OTHERS = ("PDF", "ZIP", "HTML", "RAR", "7z")
_JPEG_QUALITY = 88
_UNSEEN = ("Cc", "Cf", "Cs")
"""Characters that could make a text read otherwise than it is: direction, width, control."""


def kept_key(entry: FileEntry, shred_key: bytes) -> bytes:
    """The key under which a converted document is kept: derived from the file's own."""
    return derive(entry.key, shred_key, kept.PURPOSE, entry.id.bytes)


def head_of(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The leading bytes that tell what a file is, and the whole file again."""
    read, size = [], 0
    for piece in pieces:
        read.append(piece)
        size += len(piece)
        if size >= HEAD:
            break
    return b"".join(read)[:HEAD], itertools.chain(read, pieces)


def family_shown(head: bytes) -> Family | None:
    """What the leading bytes say, if files of that kind have a safe view."""
    family = family_of(head)
    if family is Family.ISO:
        return family if head[4:8] == b"ftyp" and head[8:12] in _STILL else None
    return family if family in _VIEWED else None


def look(entry: FileEntry, pieces: Pieces, settings: RenderingSettings, key: bytes, now: Utc) -> Look:
    """What the file is, with its text or how many pages it has. Raises what *pieces* raises; never Trouble.

    ``key``: see :func:`kept_key`.
    """
    if entry.size > MOST_BYTES:
        return Look(Problem.TOO_LARGE)
    head, whole = head_of(pieces())
    family = family_shown(head)
    if family is None:
        return Look(Problem.NO_VIEW, family=family_of(head))
    limits = OFFICE_LIMITS if family in OFFICE else PAGE_LIMITS
    question = sandbox.Question(Task.LOOK, family.value, 0, _ending(entry), settings.office)
    try:
        found = _read(sandbox.ask(question, whole, limits, settings.walls), family)
    except Trouble as trouble:
        return Look(trouble.problem, family=family)
    if found.pdf:
        kept.put(entry.id, key, found.pdf, now)
    return replace(found, family=family)


def page(entry: FileEntry, pieces: Pieces, number: int, settings: RenderingSettings, key: bytes, now: Utc) -> bytes:
    """Page *number* (from 1) as a JPEG without metadata. Raises Trouble, and what *pieces* raises."""
    if entry.size > MOST_BYTES:
        raise Trouble(Problem.TOO_LARGE)
    head, whole = head_of(pieces())
    family = family_shown(head)
    if family is None or family is Family.TEXT:
        raise Trouble(Problem.NO_VIEW)
    if family in OFFICE:
        made = kept.get(entry.id, key, now) or look(entry, pieces, settings, key, now).pdf
        if not made:
            raise Trouble(Problem.NO_VIEW)
        family, whole = Family.PDF, iter([made])
    question = sandbox.Question(Task.PAGE, family.value, number)
    return _encoded(sandbox.ask(question, whole, PAGE_LIMITS, settings.walls))


def _ending(entry: FileEntry) -> str:
    """The ending that the name promises, if it is one that we take: LibreOffice reads it."""
    ending = entry.name.rpartition(".")[2].lower()
    return ending if ending in KINDS else "docx"


def _read(answer: sandbox.Answer, family: Family) -> Look:
    words = answer.words
    try:
        problem = Problem(words["problem"]) if "problem" in words else None
        pages = int(words.get("pages", 0))
        others = tuple(one for one in _OTHERS if one in words.get("others", ()))
    except (TypeError, ValueError) as error:
        raise Trouble(Problem.CRASHED) from error
    found = Look(problem, max(pages, 0), others=others, macros=words.get("macros") is True)
    if problem is None and family is Family.TEXT:
        return _with_text(found, answer.body)
    if problem is None and pages < 1:
        return Look(Problem.BROKEN, others=others, macros=found.macros)
    if family in OFFICE and problem is None:
        return Look(pages=found.pages, others=others, macros=found.macros, pdf=answer.body)
    return found


def _with_text(found: Look, body: bytes) -> Look:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Trouble(Problem.CRASHED) from error
    shown = "".join(c if c in "\n\t" or unicodedata.category(c) not in _UNSEEN else "\ufffd" for c in _lines(text))
    return Look(text=shown[:MOST_TEXT], text_cut=len(shown) > MOST_TEXT, others=found.others)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _encoded(answer: sandbox.Answer) -> bytes:
    width, height = _side(answer.words, "width"), _side(answer.words, "height")
    if "problem" in answer.words:
        raise Trouble(Problem(answer.words["problem"]))
    if not width or not height or len(answer.body) != 3 * width * height:
        raise Trouble(Problem.CRASHED)
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), answer.body).save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()


def _side(words: Mapping[str, Any], name: str) -> int:
    value = words.get(name)
    return value if isinstance(value, int) and 0 < value <= MOST_SIDE else 0
