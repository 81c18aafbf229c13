"""What a file is besides what it says it is: polyglots, macros, what an archive claims to unpack to. Pure."""

from __future__ import annotations

import io
import zipfile

from admin.rendering.protocol import MIB, Problem, Trouble

MOST_UNPACKED = 300 * MIB
MOST_MEMBERS = 10_000
MOST_RATIO = 200
"""Times that an archive may grow; Office files of words grow ten- to fortyfold."""
SMALL_UNPACKED = 20 * MIB
"""Below this no ratio is asked for: a sheet of equal rows packs well."""
COMMENT_LIMIT = 65_535
END_RECORD = b"PK\x05\x06"
MARKUP = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<iframe")
ARCHIVES = ((b"Rar!\x1a\x07", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7z"))
PICTURES = frozenset({"jpeg", "png", "gif", "bmp", "webp", "tiff", "iso"})


def other_kinds(data: bytes, family: str) -> list[str]:
    """What else the bytes can be read as: "PDF", "ZIP", "HTML", "RAR", "7z"; empty for an honest file."""
    found = []
    if family != "pdf" and b"%PDF-" in (data if family in PICTURES else data[:1024]):
        found.append("PDF")
    if family != "zip" and _ends_as_zip(data):
        found.append("ZIP")
    if _holds_markup(data, family):
        found.append("HTML")
    if family in PICTURES or family == "pdf":
        found += [name for sign, name in ARCHIVES if sign in data]
    return found


def _ends_as_zip(data: bytes) -> bool:
    """An end record whose comment reaches exactly to the end: what unpacking programs look for from behind."""
    tail = data[-(COMMENT_LIMIT + 22) :]
    at = tail.rfind(END_RECORD)
    if at < 0 or len(tail) - at < 22:
        return False
    return int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail) - at - 22


def _holds_markup(data: bytes, family: str) -> bool:
    """Anywhere in a picture; in a PDF, whose streams may hold XML of their own, before its start and behind its end."""
    if family in PICTURES:
        searched = data
    elif family == "pdf":
        searched = data[:1024] + data[data.rfind(b"%%EOF") :]
    else:
        return False
    lower = searched.lower()
    return any(sign in lower for sign in MARKUP)


def has_macros(data: bytes, family: str) -> bool:
    """Whether an Office file carries a program of its own."""
    if family == "ole":
        return "_VBA_PROJECT".encode("utf-16-le") in data
    return family == "zip" and b"vbaProject.bin" in data


def check_archive(data: bytes) -> str:
    """The kind of Office file in a ZIP ("word", "sheet", "slides", "opendocument", "ofd", "zip").

    Raises Trouble: BOMB when it claims to unpack to too much, PASSWORD when it is locked, BROKEN when it is no ZIP.
    """
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Trouble(Problem.BROKEN) from error
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        raise Trouble(Problem.BOMB)
    if unpacked > SMALL_UNPACKED and unpacked > MOST_RATIO * len(data):
        raise Trouble(Problem.BOMB)
    if any(member.flag_bits & 1 for member in members):
        raise Trouble(Problem.PASSWORD)
    names = {member.filename for member in members}
    for lead, kind in (("word/", "word"), ("xl/", "sheet"), ("ppt/", "slides")):
        if "[Content_Types].xml" in names and any(name.startswith(lead) for name in names):
            return kind
    if "OFD.xml" in names:
        return "ofd"
    return "opendocument" if {"mimetype", "content.xml"} <= names else "zip"


def is_locked_office(data: bytes) -> bool:
    """Whether an OLE file is an encrypted Office document of today (MS-OFFCRYPTO)."""
    return "EncryptedPackage".encode("utf-16-le") in data
