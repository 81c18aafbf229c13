"""A file as the sealed manifest of a report (or of a letter, or a draft) knows it. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.kernel.site import MIB
from portal.kernel.values import Id


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One sealed blob: everything about it that must not stand in clear. ``key`` is the 32-byte file key."""

    id: Id
    name: str = field(repr=False)
    media_type: str
    size: int  # true length, bytes
    sha256: str = field(repr=False)  # of the clear file, hex
    key: bytes = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id.hex,
            "name": self.name,
            "type": self.media_type,
            "size": self.size,
            "sha256": self.sha256,
            "key": base64.b64encode(self.key).decode(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FileEntry:
        """Raises KeyError or ValueError on anything that :meth:`to_json` did not write."""
        return cls(
            Id(str(data["id"])),
            str(data["name"]),
            str(data["type"]),
            int(data["size"]),
            str(data["sha256"]),
            base64.b64decode(data["key"], validate=True),
        )


def size_words(size: int) -> str:
    """A size as people know it: ``3.2 MB``, ``120 KB``."""
    return f"{size / MIB:.1f} MB" if size >= MIB else f"{-(-size // 1024)} KB"
