"""Length-prefixed joining of fields, and the wiping of secrets; both have one form in the whole package.

Joined text is ambiguous (`"ab" + "c"` is `"a" + "bc"`); a length in front of each field is not. Every info, context
and hashed record of this package goes through `joined`.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache

VERSION = 1


def joined(*fields: bytes | str | int) -> bytes:
    """Each field as a 4-byte big-endian length and its bytes. Text is UTF-8; an int is one byte (0..255)."""
    parts = bytearray()
    for field in fields:
        data = field.encode() if isinstance(field, str) else bytes((field,)) if isinstance(field, int) else field
        parts += len(data).to_bytes(4, "big")
        parts += data
    return bytes(parts)


@lru_cache(maxsize=256)
def heading(*fields: str | int) -> bytes:
    """:func:`joined`, kept: for the fields before the first that differs from record to record. Never for a secret."""
    return joined(*fields)


def wipe(buffer: bytearray) -> None:
    """Overwrite `buffer` in place with zeros; its length stays, so no new memory is taken and none is left behind."""
    buffer[:] = bytes(len(buffer))


def scrub(*secrets: bytes) -> None:
    """Overwrite the memory of `bytes` objects that nobody else holds (a library's freshly returned secret).

    Python cannot do this by itself: freed memory keeps its content until it is used again. Shorter than two bytes
    is left alone, because the interpreter shares those objects. Only for CPython, which this project runs on.
    """
    header = bytes.__basicsize__ - 1  # the trailing NUL is counted in the basic size
    for secret in secrets:
        if len(secret) > 1:
            ctypes.memset(id(secret) + header, 0, len(secret))
