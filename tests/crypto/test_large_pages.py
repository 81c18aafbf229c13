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
from crypto.kdf import RECEIPT_COST
from crypto.large_pages import LARGE, room_for

SIZE = RECEIPT_COST.memory_kib * 1024
PLACES = """
import ctypes, json, mmap
from pathlib import Path
from crypto.large_pages import HEAD, LARGE, room_for

def taken():
    return sorted(line.split()[0] for line in Path("/proc/self/maps").read_text().splitlines())

shifted, found, left = [], [], set()
with room_for({size}):
    pass  # what is loaded for the first time stays
for pages in (1, 3, 100, 255, 256, 300, 511):
    shifted.append(mmap.mmap(-1, pages * 4096))
    before = taken()
    with room_for({size}):
        block = mmap.mmap(-1, {size} + HEAD)
        found.append(ctypes.addressof(ctypes.c_char.from_buffer(block)) % LARGE)
        block.close()
    left |= set(taken()) ^ set(before)
print(json.dumps([found, sorted(left)]))
"""


def in_a_process_of_its_own(program: str) -> Any:
    """What it prints. In this one anything may lie anywhere."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.getcwd()}, capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="done on Linux alone")
def test_a_block_begins_at_a_large_page_whatever_lies_before_it_and_nothing_stays_behind() -> None:
    found, left = in_a_process_of_its_own(PLACES.replace("{size}", str(SIZE)))
    assert found == [0] * 7
    assert left == []


def test_where_the_system_gives_no_room_the_hash_is_made_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with room_for(1 << 60):
        pass
    monkeypatch.setattr(large_pages, "_libc", lambda: None)
    with room_for(SIZE):
        pass


def test_room_is_given_back_when_the_hash_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    libc = SimpleNamespace(munmap=lambda *rest: given.append(rest))
    monkeypatch.setattr(large_pages, "_rest", lambda size: (1, size))
    monkeypatch.setattr(large_pages, "_libc", lambda: libc)
    with pytest.raises(ValueError, match="no"), room_for(LARGE):
        raise ValueError("no")
    assert given == [(1, LARGE)]
