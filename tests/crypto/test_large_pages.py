"""The block of a slow hash begins where large pages begin, wherever the system would have put it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from crypto import large_pages
from crypto.kdf import RECEIPT_COST, argon2id
from crypto.large_pages import LARGE, room_for

SIZE = RECEIPT_COST.memory_kib * 1024
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc and the large pages that are asked for are Linux's")
PLACES = f"""
import ctypes, json, mmap
from pathlib import Path
from crypto.large_pages import HEAD, LARGE, room_for

def private(size):
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)

def address(of):
    return ctypes.addressof(ctypes.c_char.from_buffer(of))

def bytes_mapped():
    lines = [line.split()[0].split("-") for line in Path("/proc/self/maps").read_text().splitlines() if "[" not in line]
    return sum(int(end, 16) - int(start, 16) for start, end in lines)

shifted, found, left = [], [], []
with room_for({SIZE}):
    pass  # what is loaded for the first time stays
for pages in (1, 3, 100, 255, 256, 300, 511):
    shifted.append(private(pages * 4096))
    before = bytes_mapped()
    with room_for({SIZE}):
        block = private({SIZE} + HEAD)
        found.append(address(block) % LARGE)
        block.close()
    left.append(bytes_mapped() - before)
holes, walls = [], []
for spare in (0, 1, 256):
    holes.append(private({SIZE} + HEAD + spare * 4096))
    walls.append(private(8 * LARGE))  # too large for a place between libraries: it lies right below the hole
for hole in holes:
    hole.close()  # places that take the block and no more
with room_for({SIZE}):
    block = private({SIZE} + HEAD)
    found.append(address(block) % LARGE)
print(json.dumps([found, left]))
"""
FAULTS = """
import mmap, resource
from crypto.kdf import RECEIPT_COST, argon2id
from portal.web.serving import give_large_blocks_back

give_large_blocks_back()
kept, most = [], 0
for pages in (1, 255, 256, 511):
    kept.append(mmap.mmap(-1, pages * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    argon2id(b"0" * 24, b"salt" * 8, RECEIPT_COST)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    argon2id(b"0" * 24, b"salt" * 8, RECEIPT_COST)
    most = max(most, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(most)
"""


def in_a_process_of_its_own(program: str) -> Any:
    """What it prints. In this one anything may lie anywhere."""
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    return json.loads(done.stdout)


@LINUX
def test_a_block_begins_at_a_large_page_whatever_lies_around_it_and_nothing_stays_behind() -> None:
    found, left = in_a_process_of_its_own(PLACES)
    assert found == [0] * 8
    assert left == [0] * 7


@LINUX
def test_a_slow_hash_takes_few_pages_wherever_it_would_have_lain() -> None:
    """Ten large ones. Where the system has none for whoever asks it takes all the small ones, as it always did."""
    most = in_a_process_of_its_own(FAULTS)
    assert most < 64 if large_pages._on_demand() else most > 0


def test_where_the_system_gives_no_room_the_hash_is_made_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = argon2id(b"0" * 24, b"salt" * 8, RECEIPT_COST)
    assert large_pages._laid_out(1 << 60) == []
    monkeypatch.setattr(large_pages, "_libc", lambda: None)
    assert large_pages._laid_out(SIZE) == []
    assert argon2id(b"0" * 24, b"salt" * 8, RECEIPT_COST) == expected


def test_room_is_given_back_when_the_hash_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    libc = SimpleNamespace(munmap=lambda *place: given.append(place))
    monkeypatch.setattr(large_pages, "_laid_out", lambda size: [(1, size), (7, 8)])
    monkeypatch.setattr(large_pages, "_libc", lambda: libc)
    with pytest.raises(ValueError, match="no"), room_for(LARGE):
        raise ValueError("no")
    assert given == [(1, LARGE), (7, 8)]
