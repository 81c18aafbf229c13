"""Which files are taken, and how big they may be. Decided by the name's ending and the leading bytes together. Pure.

A file is never opened or run here, and staff get it as a download only: the list keeps out what could not be evidence
or what a colleague should not be tempted to open. Messages are Chinese source sentences; pages translate them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

import filetype

from portal.kernel.errors import Refused
from portal.kernel.site import MIB, Limits

HEAD = 8192
"""Leading bytes that decide what a file is."""
NAME_LIMIT = 120


class Family(StrEnum):
    """What leading bytes can tell apart: several endings share one container."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    BMP = "bmp"
    WEBP = "webp"
    TIFF = "tiff"
    PDF = "pdf"
    OLE = "ole"  # Office until 2003
    ZIP = "zip"  # Office since 2007, OpenDocument, OFD
    ISO = "iso"  # ISO base media: HEIC, AVIF, MP4, M4A, MOV, 3GP
    MP3 = "mp3"
    AAC = "aac"
    AMR = "amr"
    WAV = "wav"
    OGG = "ogg"
    FLAC = "flac"
    ASF = "asf"
    AVI = "avi"
    MATROSKA = "matroska"
    MPEG = "mpeg"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken. ``image``: its hidden data can be removed on request."""

    media_type: str
    family: Family
    image: bool = False


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_JPEG = Kind("image/jpeg", Family.JPEG, image=True)
_TIFF = Kind("image/tiff", Family.TIFF, image=True)

KINDS: Mapping[str, Kind] = {
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": Kind("image/png", Family.PNG, image=True),
    "gif": Kind("image/gif", Family.GIF),
    "bmp": Kind("image/bmp", Family.BMP, image=True),
    "webp": Kind("image/webp", Family.WEBP, image=True),
    "tif": _TIFF,
    "tiff": _TIFF,
    "heic": Kind("image/heic", Family.ISO, image=True),
    "heif": Kind("image/heif", Family.ISO, image=True),
    "pdf": Kind("application/pdf", Family.PDF),
    "ofd": Kind("application/ofd", Family.ZIP),
    "doc": Kind("application/msword", Family.OLE),
    "xls": Kind("application/vnd.ms-excel", Family.OLE),
    "ppt": Kind("application/vnd.ms-powerpoint", Family.OLE),
    "wps": Kind("application/vnd.ms-works", Family.OLE),
    "et": Kind("application/vnd.ms-excel", Family.OLE),
    "docx": Kind(_WORD, Family.ZIP),
    "xlsx": Kind(_SHEET, Family.ZIP),
    "pptx": Kind(_SLIDES, Family.ZIP),
    "odt": Kind("application/vnd.oasis.opendocument.text", Family.ZIP),
    "ods": Kind("application/vnd.oasis.opendocument.spreadsheet", Family.ZIP),
    "txt": Kind("text/plain", Family.TEXT),
    "csv": Kind("text/csv", Family.TEXT),
    "mp3": Kind("audio/mpeg", Family.MP3),
    "m4a": Kind("audio/mp4", Family.ISO),
    "aac": Kind("audio/aac", Family.AAC),
    "amr": Kind("audio/amr", Family.AMR),
    "wav": Kind("audio/x-wav", Family.WAV),
    "ogg": Kind("audio/ogg", Family.OGG),
    "flac": Kind("audio/flac", Family.FLAC),
    "wma": Kind("audio/x-ms-wma", Family.ASF),
    "mp4": Kind("video/mp4", Family.ISO),
    "m4v": Kind("video/mp4", Family.ISO),
    "mov": Kind("video/quicktime", Family.ISO),
    "3gp": Kind("video/3gpp", Family.ISO),
    "wmv": Kind("video/x-ms-wmv", Family.ASF),
    "avi": Kind("video/x-msvideo", Family.AVI),
    "mkv": Kind("video/x-matroska", Family.MATROSKA),
    "webm": Kind("video/webm", Family.MATROSKA),
    "mpg": Kind("video/mpeg", Family.MPEG),
}
"""Ending → kind. The media type goes into the sealed manifest; it is never taken from the browser."""

ACCEPT = ",".join(f".{ending}" for ending in KINDS)
"""The value of a file input's ``accept``: a help for the chooser, never the check."""

_FAMILIES: Mapping[str, Family] = {
    "image/jpeg": Family.JPEG,
    "image/png": Family.PNG,
    "image/apng": Family.PNG,
    "image/gif": Family.GIF,
    "image/bmp": Family.BMP,
    "image/webp": Family.WEBP,
    "image/tiff": Family.TIFF,
    "application/pdf": Family.PDF,
    "audio/mpeg": Family.MP3,
    "audio/aac": Family.AAC,
    "audio/x-wav": Family.WAV,
    "audio/ogg": Family.OGG,
    "audio/x-flac": Family.FLAC,
    "video/x-ms-wmv": Family.ASF,
    "video/x-msvideo": Family.AVI,
    "video/x-matroska": Family.MATROSKA,
    "video/webm": Family.MATROSKA,
    "video/mpeg": Family.MPEG,
}
_ISO_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_LEADS: tuple[tuple[bytes, Family], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Family.OLE),
    (b"PK\x03\x04", Family.ZIP),
    (b"#!AMR", Family.AMR),
)
_BINARY = frozenset(range(32)) - {7, 8, 9, 10, 12, 13, 27}


def display_name(name: str) -> str:
    """The last part of the name as sent, without control and direction characters, at most 120 characters.

    It is shown and sealed, never used as a path.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")).strip()
    if len(shown) <= NAME_LIMIT:
        return shown
    stem, dot, ending = shown.rpartition(".")
    return stem[: NAME_LIMIT - len(ending) - 2] + "…" + dot + ending if dot and len(ending) < 8 else shown[:NAME_LIMIT]


def kind_of_name(name: str) -> Kind:
    """The kind that the ending promises. Raises Refused ("file_kind")."""
    _, dot, ending = name.rpartition(".")
    kind = KINDS.get(ending.lower()) if dot else None
    if kind is None:
        raise wrong_kind()
    return kind


def check_head(kind: Kind, head: bytes) -> None:
    """Raise Refused ("file_kind") when the leading bytes are not of the kind that the name promises."""
    if family_of(head) is not kind.family:
        raise wrong_kind()


def check_size(size: int, before: int, limits: Limits) -> None:
    """Raise Refused for an empty file, one too big, or one too much for the report (*before*: bytes already there)."""
    if size == 0:
        raise Refused("file_empty", "这个文件是空的。请检查后重新选择。")
    if size > limits.file_bytes:
        raise too_big(limits)
    if before + size > limits.total_bytes:
        raise total_too_big(limits)


def check_count(files: int, limits: Limits) -> None:
    """Raise Refused when the report has as many files as it may."""
    if files >= limits.files:
        raise Refused("file_count", "文件的个数已经到了上限。请删去不需要的，或者把几个文件合成一个。")


def wrong_kind() -> Refused:
    return Refused(
        "file_kind",
        "不能接收这种文件，或者文件内容与名称不符。请选择照片、PDF、Office 文档、录音或录像；压缩包请先解开。",
    )


def too_big(limits: Limits) -> Refused:
    return Refused(
        "file_too_big", f"这个文件太大，每个最多 {limits.file_bytes // MIB} MB。请剪短、压缩或分成几个再上传。"
    )


def total_too_big(limits: Limits) -> Refused:
    return Refused(
        "file_total", f"全部文件合起来最多 {limits.total_bytes // MIB} MB，加上这个就超出了。请先删去不需要的文件。"
    )


def family_of(head: bytes) -> Family | None:
    """What the first bytes are, or None. Executables, pages, scripts and drawings with script inside are None."""
    for lead, family in _LEADS:
        if head.startswith(lead):
            return family
    if head[4:8] in _ISO_BOXES:
        return Family.ISO
    guessed = filetype.guess(head)
    if guessed is not None:
        return _FAMILIES.get(guessed.mime)
    return Family.TEXT if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    if not head or (not head.startswith((b"\xff\xfe", b"\xfe\xff")) and 0 in head):
        return False
    for encoding in ("utf-8", "gb18030", "utf-16"):
        try:
            text = head[: len(head) // 2 * 2].decode(encoding, errors="strict" if len(head) < HEAD else "ignore")
        except UnicodeDecodeError:
            continue
        if text.lstrip("\ufeff \t\r\n\f\v").startswith(("#!", "<")):  # what browsers, too, pass over to find markup
            return False
        return not any(ord(c) in _BINARY for c in text)
    return False
