"""The picture that stands for a case where its address is shared: 1200 × 630 pixels, PNG, drawn here.

The letters come with the program (``fonts/``, SIL Open Font License), so that the same case makes the same bytes on
every machine. A character that they lack is drawn as an empty box; why they come along: decision 0022.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).parent / "fonts" / "han.woff2"
WIDTH, HEIGHT = 1200, 630
MARGIN = 88
SIZES = (68, 60, 52, 46)
MOST_LINES = 4
COLOURS = 64
"""Edges of letters need some shades; a palette makes a third of the bytes."""
INK, PAPER, DEEP, GOLD, QUIET = "#1a1d21", "#ffffff", "#0f4c5c", "#b8862b", "#4a5157"
NOT_FIRST = frozenset("，。；：、！？）》〉】”’…—·,.;:!?)%％")
"""What no line begins with."""
_PIECES = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)

_drawing = Lock()
"""Faces of letters are kept and shared by threads; FreeType draws one text at a time."""


@dataclass(frozen=True, slots=True)
class Told:
    """The words of a picture. ``warning``: that the case is invented, or ""."""

    title: str
    office: str
    line: str
    brand: str
    warning: str = ""


@lru_cache(maxsize=64)
def picture(told: Told) -> bytes:
    """The PNG. The same words make the same bytes."""
    with _drawing:
        image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        draw = ImageDraw.Draw(image)
        _frame(draw, told)
        _title(draw, told.title)
        _foot(draw, told)
    out = io.BytesIO()
    image.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(out, "PNG")  # a sixth of the work of the usual ways
    return out.getvalue()


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """*text* in lines no wider than *width*; a mark that ends a phrase begins none, and Latin words stay whole."""
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        for part in (piece,) if measure(piece) <= width else piece:
            if line.strip() and measure((line + part).rstrip()) > width:
                carried = _carried(line) if part in NOT_FIRST else ""
                carried = carried if measure(carried + part) <= width else ""
                lines.append(line.removesuffix(carried).rstrip())
                line = carried
            line = (line + part) if line else part.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def _carried(line: str) -> str:
    """The end of a line that goes on the next one with a mark: its last character that is none, and what follows."""
    bare = line.rstrip("".join(NOT_FIRST))
    return line[len(bare) - 1 :] if len(bare) > 1 else ""


def balanced(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The same number of lines, of about the same length: no single character on the last one."""
    lines = wrapped(text, width, measure)
    narrow = measure(text) / max(len(lines), 1)
    while narrow < width:
        tried = wrapped(text, narrow, measure)
        if len(tried) == len(lines):
            return tried
        narrow += measure("明")
    return lines


def _frame(draw: ImageDraw.ImageDraw, told: Told) -> None:
    draw.rectangle((0, 0, WIDTH, 118), fill=DEEP)
    draw.rectangle((0, 118, WIDTH, 124), fill=GOLD)
    draw.ellipse((MARGIN, 29, MARGIN + 60, 89), outline=GOLD, width=5)
    draw.ellipse((MARGIN + 9, 38, MARGIN + 51, 80), fill=PAPER)
    draw.arc((MARGIN + 17, 46, MARGIN + 43, 72), 180, 270, fill=DEEP, width=4)
    draw.text((MARGIN + 84, 59), told.brand, PAPER, _face(42), anchor="lm")


def _title(draw: ImageDraw.ImageDraw, title: str) -> None:
    room = WIDTH - 2 * MARGIN
    for size in SIZES:
        lines = balanced(title, room, _face(size).getlength)
        if len(lines) <= MOST_LINES:
            break
    else:
        lines = [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]
    step = size * 1.4
    top = 124 + (HEIGHT - 124 - 130 - step * len(lines)) / 2
    for number, line in enumerate(lines):
        draw.text((MARGIN, top + step * (number + 0.5)), line, INK, _face(size), anchor="lm", stroke_width=0.6)


def _foot(draw: ImageDraw.ImageDraw, told: Told) -> None:
    draw.line((MARGIN, HEIGHT - 130, WIDTH - MARGIN, HEIGHT - 130), fill="#d5d9d6", width=2)
    room = WIDTH - 2 * MARGIN
    office, line = (_cut(text, room, 32) for text in (told.office, told.line))
    draw.text((MARGIN, HEIGHT - 92), office, QUIET, _face(32), anchor="lm")
    draw.text((MARGIN, HEIGHT - 46), line, QUIET, _face(28), anchor="lm")
    if told.warning:
        draw.text((WIDTH - MARGIN, 59), told.warning, PAPER, _face(32), anchor="rm")


def _cut(text: str, room: float, size: int) -> str:
    lines = wrapped(text, room, _face(size).getlength)
    return lines[0][:-1] + "…" if len(lines) > 1 else text


@lru_cache(maxsize=16)
def _face(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)
