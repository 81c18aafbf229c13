"""What the parent and the child say to each other over two pipes. Pure; all that both sides share.

Before it reads the file the child says that its walls are up. Then, each way: four bytes of length (big-endian), that
many bytes of JSON, then the body up to the end. The parent's body is the clear file. The child's is pixels (RGB, row by
row), words (UTF-8) or a PDF: never anything that a browser or an office program gets to see as it is. The parent
believes none of it (:mod:`admin.rendering.looking`).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, BinaryIO

MIB = 1024 * 1024
MOST_HEADER = 16 * 1024
MOST_SIDE = 2000
"""Pixels of the longer side of a page as it is shown: A4 at about 170 dots an inch."""
MOST_PIXELS = 100_000_000
"""Pixels that a picture may claim before it is decoded: twice a telephone's sensor, 400 MB as the decoder sees it."""
MOST_TEXT = 200_000
"""Characters of a text that are shown."""
WALLS_ARE_UP = {"walls": "up"}
"""The child's first message: from here on it reads the file, and what ends it was the file."""
LENGTH = struct.Struct(">I")


class Task(StrEnum):
    """What the child is asked for: what the file is (with its text, or the PDF made of it), or one page as pixels."""

    LOOK = "look"
    PAGE = "page"


class Problem(StrEnum):
    """Why there is no safe view. The child names those it can; the parent the ones that ended the child."""

    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"
    CRASHED = "crashed"
    BROKEN = "broken"
    PASSWORD = "password"
    BOMB = "bomb"
    TOO_LARGE = "too-large"
    NO_VIEW = "no-view"
    NO_OFFICE = "no-office"
    NOT_ISOLATED = "not-isolated"
    BUSY = "busy"


class Trouble(Exception):
    """The file cannot be shown; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def header(words: Mapping[str, Any]) -> bytes:
    """The first part of a message."""
    text = json.dumps(words).encode()
    return LENGTH.pack(len(text)) + text


def read_header(source: BinaryIO) -> dict[str, Any]:
    """The first part of a message. Raises ValueError for anything that :func:`header` did not make."""
    lead = source.read(LENGTH.size)
    if len(lead) < LENGTH.size:
        raise ValueError("no header")
    (length,) = LENGTH.unpack(lead)
    if length > MOST_HEADER:
        raise ValueError("header too long")
    words = json.loads(source.read(length))
    if not isinstance(words, dict):
        raise ValueError("header is no object")
    return words
