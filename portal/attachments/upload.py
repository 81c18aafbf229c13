"""Files go from the request straight into the sealer: no clear byte of one touches a disk, none is whole in memory.

Flask's usual parsing would spool a clear copy into a temporary folder before any view runs. :class:`SealingRequest`
hands the parser a sink instead; form fields and the CSRF token parse as ever. What the view does not take is removed
when the request ends, so a refused, broken or forged request leaves no blob.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast

from flask import Flask, Request, current_app
from werkzeug.exceptions import ClientDisconnected
from werkzeug.formparser import FormDataParser

from crypto.sealing import SealedStream, StreamSealer, new_key, seal_stream
from portal.attachments import rules
from portal.attachments.rules import Kind
from portal.attachments.store import Blob, Store, site_store
from portal.attachments.values import FileEntry
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, Refused
from portal.kernel.site import MIB, Limits, site
from portal.kernel.values import Id, new_id

FILE = "file"
EXTENSION = "mingjing.rooms"
IN_CLEAR = "mingjing.uploads-in-clear"
OVERHEAD = 2 * MIB
"""What a request may hold beside the files: boundaries, names, fields."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where the files of a request go. ``stream_key`` turns a file's own key and id into the key of its stream."""

    stream_key: Callable[[bytes, Id], bytes] = field(repr=False)
    used_bytes: int = 0
    used_files: int = 0
    clean: bool = False  # remove hidden data from photos


RoomOf = Callable[[], Room]


def give_room(app: Flask, endpoint: str, room_of: RoomOf) -> None:
    """Let *endpoint* take files. ``room_of`` runs inside the request; a DomainError from it means: take none."""
    app.extensions.setdefault(EXTENSION, {})[endpoint] = room_of


def take_in_clear(app: Flask, endpoint: str) -> None:
    """Let *endpoint* read files that hold nothing of a report (a public register), in memory, as any form's."""
    app.extensions.setdefault(IN_CLEAR, set()).add(endpoint)


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is sealed and durable: its entry for the manifest, and the size of its blob."""

    entry: FileEntry
    sealed_size: int


class Sink(io.RawIOBase):
    """What the form parser writes a file into. ``problem`` says why it was not taken; what follows is thrown away."""

    def __init__(self, name: str, room: Room, limits: Limits, store: Store, before: int) -> None:
        self.name = rules.display_name(name)
        self.problem: DomainError | None = None
        self.ended = False
        self.size = 0
        self._room, self._limits, self._store, self._before = room, limits, store, before
        self._head = bytearray()
        self._kind: Kind | None = None
        self._media_type = ""
        self._blob: Blob | None = None
        self._sealer: StreamSealer | None = None
        self._sealed: SealedStream | None = None
        self._id, self._key = new_id(), new_key()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.size += len(data)
        if self.problem is None:
            try:
                self._take(data)
            except DomainError as error:
                self._refuse(error)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """The parser rewinds a file when its part has ended: then the sealed stream is complete."""
        if not self.ended:
            self.ended = True
            if self.problem is None:
                try:
                    self._end()
                except DomainError as error:
                    self._refuse(error)
        return 0

    def keep(self) -> Taken:
        """Make the blob durable. Raises the problem, or Refused ("upload_broken") for a part without an end."""
        if self.problem is not None:
            raise self.problem
        if self._sealed is None or self._blob is None or self._kind is None:
            raise broken()
        self._blob.keep()
        sealed = self._sealed
        entry = FileEntry(self._id, self.name, self._media_type, sealed.true_length, sealed.sha256.hex(), self._key)
        return Taken(entry, sealed.sealed_length)

    def drop(self) -> None:
        """Remove what was written unless it was kept."""
        if self._blob is not None:
            self._blob.drop()

    def _take(self, data: bytes) -> None:
        if self._before + self.size > self._limits.total_bytes:
            raise rules.total_too_big(self._limits)
        if self.size > self._limits.file_bytes:
            raise rules.too_big(self._limits)
        if self._sealer is not None:
            self._sealer.write(data)
            return
        self._head += data
        if len(self._head) >= rules.HEAD:
            self._start()

    def _start(self) -> None:
        """The kind is known once enough leading bytes are there; a photo to be cleaned is gathered instead."""
        if self._kind is None:
            self._kind = rules.kind_of_name(self.name)
            rules.check_head(self._kind, bytes(self._head[: rules.HEAD]))
            self._media_type = self._kind.media_type
        if self._room.clean and self._kind.image and not self.ended:
            if self.size > self._limits.clean_bytes:
                raise _too_big_to_clean(self._limits)
            return
        key = self._room.stream_key(self._key, self._id)
        self._blob = self._store.create(self._id, now())
        self._sealer = seal_stream(key, FILE, self._id.bytes, cast("Any", self._blob))
        head, self._head = bytes(self._head), bytearray()
        self._sealer.write(head)

    def _end(self) -> None:
        rules.check_size(self.size, self._before, self._limits)
        if self._sealer is None:
            self._start_with_all()
        if self._sealer is not None:
            self._sealed = self._sealer.finish()

    def _start_with_all(self) -> None:
        kind = rules.kind_of_name(self.name)
        rules.check_head(kind, bytes(self._head[: rules.HEAD]))
        self._kind, self._media_type = kind, kind.media_type
        if self._room.clean and kind.image:
            from portal.attachments import images  # here: decoders that most workers never need weigh 8 MiB

            data, self.name, self._media_type = images.cleaned(bytes(self._head), kind, self.name)
            self._head = bytearray(data)
            self.size = len(data)
        self._start()

    def _refuse(self, error: DomainError) -> None:
        self.problem = error
        self._head = bytearray()
        self._sealer = self._sealed = None
        self.drop()


class _Nowhere(io.RawIOBase):
    """Takes a file that no page asked for, and an empty file field: counted by nobody, kept nowhere."""

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return 0


class SealingRequest(Request):
    """A request whose files are sealed while they arrive. ``upload_broken``: the body ended in the middle."""

    upload_broken = False

    @property
    def sinks(self) -> list[Sink]:
        """The files of this request, in order, once the form was parsed."""
        found: list[Sink] = self.__dict__.setdefault("_sinks", [])
        return found

    @property
    def max_content_length(self) -> int | None:
        """Pages with files take what all files of a report may be together, others what the settings say."""
        if self._room_of() is not None:
            return site().limits.total_bytes + OVERHEAD
        return super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        super(SealingRequest, type(self)).max_content_length.fset(self, value)  # type: ignore[attr-defined]  # a property of Flask's

    def make_form_data_parser(self) -> FormDataParser:
        parser = super().make_form_data_parser()
        parser.silent = False  # a body that breaks off must not look like an empty form
        return parser

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except (ValueError, ClientDisconnected):
            self.upload_broken = True
            nothing = self.parameter_storage_class
            self.__dict__.update(stream=io.BytesIO(), form=nothing(), files=nothing())

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.endpoint in current_app.extensions.get(IN_CLEAR, ()):
            return io.BytesIO()
        room = self._room() if filename else None
        if room is None or filename is None:
            return cast("IO[bytes]", _Nowhere())
        taken = sum(sink.size for sink in self.sinks if sink.problem is None)
        limits = site().limits
        sink = Sink(filename, room, limits, site_store(), room.used_bytes + taken)
        try:
            rules.check_count(room.used_files + len(self.sinks), limits)
        except Refused as error:
            sink.problem = error
        self.sinks.append(sink)
        return cast("IO[bytes]", sink)

    def close(self) -> None:
        """Flask calls this when the request is over: blobs that no view kept are removed."""
        for sink in self.sinks:
            sink.drop()
        super().close()

    def _room_of(self) -> RoomOf | None:
        if not self.endpoint:
            return None
        found: RoomOf | None = current_app.extensions.get(EXTENSION, {}).get(self.endpoint)
        return found

    def _room(self) -> Room | None:
        if "_room_given" not in self.__dict__:
            room_of = self._room_of()
            try:
                self.__dict__["_room_given"] = room_of() if room_of else None
            except DomainError:
                self.__dict__["_room_given"] = None  # the view asks again and answers with the reason
        room: Room | None = self.__dict__["_room_given"]
        return room


def keep_all(sinks: list[Sink]) -> Iterator[Taken | DomainError]:
    """Each file made durable, or the reason why it is not; in order."""
    for sink in sinks:
        try:
            yield sink.keep()
        except DomainError as error:
            yield error


def broken() -> Refused:
    return Refused("upload_broken", "上传中断了，文件没有收完整。请再选一次文件；网络不稳时可以先压缩或分开上传。")


def _too_big_to_clean(limits: Limits) -> Refused:
    size = limits.clean_bytes // MIB
    return Refused(
        "clean_too_big", f"超过 {size} MB 的照片不能去除隐藏信息。请缩小后再传，或者选“直接上传”按原样提交。"
    )
