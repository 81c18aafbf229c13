"""Attachments, decrypted on the way to the reader and never in clear on a disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from admin.tips.reading import TipView
from crypto import opening
from crypto.errors import Tampered
from portal.attachments.store import site_store
from portal.attachments.values import FileEntry, size_words
from portal.kernel.errors import NotFound
from portal.kernel.values import Id
from portal.tips.sealing import FILE, ReportKeys


def file_of(view: TipView, file: Id) -> FileEntry:
    """The file of that id in the report's manifest or in one of its letters. NotFound ("no_file")."""
    entries = (*view.files, *(entry for letter in view.letters for entry in letter.body.files))
    for entry in entries:
        if entry.id == file:
            return entry
    raise NotFound("no_file", "没有这个文件。")


def file_row(entry: FileEntry) -> dict[str, str]:
    """A file that waits to be sent, as lists with removal show it."""
    return {
        "name": entry.name,
        "size": size_words(entry.size),
        "remove_name": "remove",
        "remove_value": entry.id.hex,
    }


def stream(entry: FileEntry, keys: ReportKeys) -> Iterator[bytes]:
    """The clear bytes, piece by piece. A blob that was changed, or is not the file that the manifest names, raises
    Tampered on the way: the answer then breaks off short of its announced length, so that no browser takes it for
    whole."""
    source = site_store().open(entry.id)
    return _pieces(source, entry, keys)


def _pieces(source: BinaryIO, entry: FileEntry, keys: ReportKeys) -> Iterator[bytes]:
    digest, held = hashlib.sha256(), b""
    with source:
        for piece in opening.open_stream(source, keys.file(entry), FILE, entry.id.bytes, entry.size):
            if held:
                yield held
            digest.update(piece)
            held = piece
    if digest.hexdigest() != entry.sha256:
        raise Tampered("this is not the file that was sealed under this name")
    yield held
