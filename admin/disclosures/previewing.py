"""A file that is looked at before anything is stored: every row, every fault, every check, what is published already.

Nothing of it is kept between the two presses: the page carries the file, packed, and its SHA-256, and the second press
reads the same bytes again. What it stores is what was shown, or nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from admin.disclosures.drafting import File, same
from admin.disclosures.kept import checks_of, newest_of
from portal.disclosures.checks import Check
from portal.disclosures.models import PublishedFigure
from portal.disclosures.reading import Line, read_figures
from portal.kernel.errors import Refused

MOST_BYTES = 8 * 1024 * 1024
"""Of a file, as it is uploaded and again as it is unpacked."""
MOST_PACKED = 3 * 1024 * 1024
"""Characters of what the page carries: a form without its files holds four million bytes."""


@dataclass(frozen=True, slots=True)
class Look:
    """A line beside what is published of it. ``old``: None for a figure that is new."""

    line: Line
    old: PublishedFigure | None

    @property
    def changed(self) -> bool:
        """Whether another value is published."""
        return self.old is not None and not same(self.line.figure, self.old)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do. ``checks`` are empty while the file has faults."""

    file: File
    looks: tuple[Look, ...]
    checks: tuple[Check, ...]

    @property
    def unchanged(self) -> int:
        """Figures that are published already, exactly so: they are left out."""
        return sum(one.old is not None and not one.changed for one in self.looks)

    @property
    def changed(self) -> int:
        """Figures of which another value is published: they need a correction."""
        return sum(one.changed for one in self.looks)

    @property
    def fresh(self) -> int:
        """Figures of which nothing is published."""
        return sum(one.old is None for one in self.looks)


def read_file(content: bytes, name: str) -> File:
    """The file, read. Refused ("too_big") beyond MOST_BYTES."""
    if len(content) > MOST_BYTES:
        raise Refused("too_big", f"文件最大 {MOST_BYTES // 1024 // 1024} MB，请分成几个文件。")
    return File(name, hashlib.sha256(content).hexdigest(), read_figures(content, name))


def preview(session: Session, file: File) -> Preview:
    """*file* beside what is published now."""
    figures = file.reading.figures
    newest = newest_of(session, [one.series.code for one in figures])
    looks = tuple(Look(line, newest.get(line.figure.series.code)) for line in file.reading.lines)
    checks = () if file.reading.errors else tuple(checks_of(session, figures))
    return Preview(file, looks, checks)


def pack(content: bytes) -> str:
    """The bytes as a field of a form carries them. Refused ("too_big") when that is more than a form takes."""
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(packed) > MOST_PACKED:
        raise Refused("too_big", "文件太大，请分成几个文件。")
    return packed


def unpack(packed: str, sha256: str) -> bytes:
    """The bytes that were shown. Refused ("not_previewed") when they are other ones."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(packed, validate=True), MOST_BYTES)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise _other() from error
    if not unpacking.eof or hashlib.sha256(content).hexdigest() != sha256:
        raise _other()
    return content


def _other() -> Refused:
    return Refused("not_previewed", "提交的和刚才预览的不是同一个文件，没有保存。请重新选择文件。")
