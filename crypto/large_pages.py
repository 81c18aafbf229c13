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
from pathlib import Path
from typing import Any

LARGE = 2 * 1024 * 1024
"""Bytes of a large page."""
HEAD = 16
"""Bytes that malloc writes before a block."""
HOLES = 4
"""How many places that are free higher up, and too small to be laid out, are held for as long."""
HOW = Path("/sys/kernel/mm/transparent_hugepage/enabled")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """The next block of *size* bytes that malloc takes from the system fills large pages from its first byte on.

    What remains of the last one is held beside it until the block of code ends. Nothing is promised where the system
    is not Linux, has no large pages, or another thread takes the place: then it is as it would have been.
    """
    held = _laid_out(size) if size >= LARGE else []
    try:
        yield
    finally:
        for start, length in held:
            _libc().munmap(start, length)


def _laid_out(size: int) -> list[tuple[int, int]]:
    """Make the room; what is held for it: addresses and lengths.

    The system gives the highest place that is free: the one that ends where something is held, unless a hole higher up
    takes the block and no more. Such holes are held, too.
    """
    libc = _libc()
    block = _up(size + HEAD, mmap.PAGESIZE)
    whole = _up(block, LARGE) + LARGE
    start = _taken(whole, mmap.PROT_READ | mmap.PROT_WRITE) if libc is not None else None
    if start is None:
        return []
    begin = _up(start, LARGE)
    libc.munmap(start, begin + block - start)
    held = [(begin + block, start + whole - begin - block)]
    if _on_demand():
        libc.madvise(*held[0], mmap.MADV_HUGEPAGE)
    for _ in range(HOLES):
        there = _taken(block, 0)
        if there is None:
            break
        if there == begin:
            libc.munmap(there, block)
            break
        held.append((there, block))
    return held


def _taken(length: int, access: int) -> int | None:
    """The address of *length* bytes that the system gave, or None."""
    start: int = _libc().mmap(None, length, access, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    return None if start == ctypes.c_void_p(-1).value else start


@cache
def _on_demand() -> bool:
    """Whether large pages are for whoever asks. malloc asks then, and only then: both sides must be alike to be one."""
    return HOW.exists() and "[madvise]" in HOW.read_text()


@cache
def _libc() -> Any:
    """The C library of this process, or None where this is not done. No other thread runs between two of its calls."""
    if sys.platform != "linux":
        return None
    libc = ctypes.PyDLL(None)
    address, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    libc.mmap.restype = address
    libc.mmap.argtypes = [address, size, number, number, number, ctypes.c_long]
    libc.munmap.argtypes = [address, size]
    libc.madvise.argtypes = [address, size, number]
    return libc


def _up(size: int, unit: int) -> int:
    return -(-size // unit) * unit
