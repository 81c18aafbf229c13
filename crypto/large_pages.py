"""Room for one large block of memory where large pages fill all of it.

A block of 19 MiB that begins anywhere is filled with small pages at both ends, as many as 770, and each of them is
handed out by itself: a tenth of a slow hash, in one process more than in the next, by chance. Decision 0028.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

LARGE = 2 * 1024 * 1024
"""Bytes of a large page."""
HEAD = 16
"""Bytes that malloc writes before a block."""
READ_AND_WRITE = mmap.PROT_READ | mmap.PROT_WRITE


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """The next block of *size* bytes that malloc takes from the system fills large pages from its first byte on.

    What remains of the last one is held beside it until the block of code ends. Nothing is promised where the system
    is not Linux, has no large pages, or another thread takes the place: then it is as it would have been.
    """
    rest = _rest(size) if size >= LARGE else None
    try:
        yield
    finally:
        if rest is not None:
            _libc().munmap(*rest)


def _rest(size: int) -> tuple[int, int] | None:
    """Make the room; the address and the length of what lies behind it."""
    libc = _libc()
    if libc is None:
        return None
    block = _up(size + HEAD, mmap.PAGESIZE)
    whole = _up(block, LARGE) + LARGE
    start = libc.mmap(None, whole, READ_AND_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    if start == ctypes.c_void_p(-1).value:
        return None
    end = _up(start, LARGE) + block
    libc.munmap(start, end - start)  # the system gives the highest place that is free: what ends here
    rest = end, start + whole - end
    libc.madvise(*rest, mmap.MADV_HUGEPAGE)
    return rest


@cache
def _libc() -> Any:
    """The C library of this process, or None where this is not done."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    address, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    libc.mmap.restype = address
    libc.mmap.argtypes = [address, size, number, number, number, ctypes.c_long]
    libc.munmap.argtypes = [address, size]
    libc.madvise.argtypes = [address, size, number]
    return libc


def _up(size: int, unit: int) -> int:
    return -(-size // unit) * unit
