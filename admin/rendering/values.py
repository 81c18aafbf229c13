"""What looking at a file gives, and the settings of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from admin.rendering.protocol import MIB, Problem
from portal.attachments.rules import Family


class Walls(StrEnum):
    """How the child is kept in. NAMESPACES: no network, no file of the machine. LIMITS: only memory, time and sizes."""

    NAMESPACES = "namespaces"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class RenderingSettings:
    """The table ``[rendering]`` of the staff settings."""

    walls: Walls = Walls.NAMESPACES
    office: str = "/usr/bin/soffice"
    """LibreOffice; "" or a file that is not there: Office documents have no safe view."""
    clamd: str = ""
    """The unix socket of ClamAV's daemon; "": files are not scanned."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use."""

    wall_s: float = 25.0
    cpu_s: int = 20
    memory_bytes: int = 1536 * MIB  # address space of each process: libraries, the file, and the pixels twice
    room_bytes: int = 128 * MIB  # its files, all in memory
    output_bytes: int = 64 * MIB
    processes: int = 32
    open_files: int = 256


PAGE_LIMITS = Limits()
OFFICE_LIMITS = Limits(wall_s=50.0, cpu_s=60, memory_bytes=4096 * MIB, room_bytes=512 * MIB, processes=128)
MOST_BYTES = 64 * MIB
"""A larger file has no safe view."""
MOST_PAGES = 200
"""Pages that are shown of a document; the rest is in the original."""
PAGES_AT_ONCE = 10
"""Pages on one page of the site: without a script a browser asks for all of them at once."""


class ScanState(StrEnum):
    """What ClamAV says. Everything that is not a whole scan with fresh signatures is NOT_SCANNED."""

    CLEAN = "clean"
    FOUND = "found"
    NOT_SCANNED = "not-scanned"


class NotScanned(StrEnum):
    """Why a file was not scanned."""

    NOT_CONFIGURED = "not-configured"
    UNREACHABLE = "unreachable"
    STALE = "stale"
    TOO_LARGE = "too-large"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Scan:
    """``name``: what was found, as ClamAV calls it."""

    state: ScanState
    why: NotScanned | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is. ``pages`` > 0: pages can be asked for; ``text``: the words of a text; ``problem``: neither."""

    problem: Problem | None = None
    pages: int = 0
    text: str | None = field(default=None, repr=False)
    text_cut: bool = False
    others: tuple[str, ...] = ()
    macros: bool = False
    family: Family | None = field(default=None, compare=False)
    """What the leading bytes say."""
    pdf: bytes = field(default=b"", repr=False)
    """What an Office document was turned into: as little to be trusted as the document."""
