"""Run as a program: does its work with known secrets, then searches its own memory for them and prints what it finds.

The needles are kept inverted, and turned back one at a time into a buffer that is overwritten, so that the search does
not find itself. One secret is left alone on purpose and must be found. What this can show is that nothing of ours
still holds a secret; small blocks that were freed unwiped may be reused before the search comes to them.
"""

from __future__ import annotations

import gc
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from crypto import opening, own, passphrase, receipts, sealing
from crypto.kdf import KdfCost
from crypto.keys import Purpose, generate_inner, generate_own, inner_from_seed, own_from_seed, scrub, wipe

CHEAP = KdfCost(64, 1, 1)


def inverted(secret: bytes) -> bytes:
    return bytes(byte ^ 0xFF for byte in secret)


def writable() -> Iterator[tuple[int, int]]:
    for line in Path("/proc/self/maps").read_text().splitlines():
        found = re.match(r"(\w+)-(\w+) rw\S+ \S+ \S+ \S+\s*(.*)", line)
        if found and not found[3].startswith("[v"):
            yield int(found[1], 16), int(found[2], 16)


def in_memory(needle: bytes) -> bool:
    """Whether the bytes that `needle` is the inverse of stand anywhere in this process."""
    buffer = bytearray(len(needle))
    with Path("/proc/self/mem").open("rb", 0) as memory:
        for start, end in writable():
            memory.seek(start)
            region = bytearray(end - start)
            read = memory.readinto(region)
            for i, byte in enumerate(needle):
                buffer[i] = byte ^ 0xFF
            # This very buffer is part of memory too: it is filled only after the region has been copied.
            hit = region.find(buffer, 0, read) >= 0
            wipe(buffer)
            wipe(region)
            if hit:
                return True
    return False


def a_mailbox(seed: bytes) -> None:
    with own_from_seed(Purpose.MAILBOX, seed) as key:
        own.unwrap(sealing.wrap(bytes(32), key.public, "p", b"r"), key, "p", b"r")


def a_grant(seed: bytes) -> None:
    with inner_from_seed(Purpose.OFFICE, seed) as office, generate_inner(Purpose.STAFF) as staff:
        opening.open_grant(opening.seal_grant(office, staff.public, b"o"), staff, office.public, b"o").wipe()


def a_passphrase(seed: bytes) -> None:
    blob = passphrase.lock(seed, "a b c", bytes(32), CHEAP)
    scrub(passphrase.unlock(blob, "a b c", bytes(32), CHEAP))


def a_session(seed: bytes) -> None:
    key = passphrase.session_key(bytes(32), bytes(32))
    scrub(passphrase.unlock_with_key(passphrase.lock_with_key(seed, key, b"r"), key, b"r"))


def a_report_key(key: bytes) -> None:
    with generate_own(Purpose.MAILBOX) as mailbox:
        scrub(own.unwrap(sealing.wrap(key, mailbox.public, "p", b"r"), mailbox, "p", b"r"))
    own.open_sealed(sealing.seal(b"x", key, "p", b"r", sealing.Padding.REPORT), key, "p", b"r")
    scrub(sealing.derive(key, key, "label"))


def a_receipt(p: bytes) -> None:
    receipts.secrets_from_seed(p).wipe()


def pieces(name: str, secret: bytes) -> dict[str, bytes]:
    """Needles of 16 bytes: whoever frees memory overwrites its beginning, so the whole would not be found again."""
    return {f"{name}[{at}]": inverted(secret[at : at + 16]) for at in range(0, len(secret), 16)}


def probe(work: Callable[[bytes], None]) -> str:
    secret = secrets.token_bytes(32)
    digest = hashlib.shake_256(secret).digest(96)
    needles = pieces("secret", secret) | pieces("expanded", digest)
    scrub(digest)
    work(secret)
    scrub(secret)
    gc.collect()
    return ",".join(name for name, needle in needles.items() if in_memory(needle)) or "clean"


def main() -> None:
    forgotten = secrets.token_bytes(32)
    print("control", "found" if in_memory(inverted(forgotten)) else "blind")
    for work in (a_mailbox, a_grant, a_passphrase, a_session, a_report_key, a_receipt):
        print(work.__name__, probe(work))


if __name__ == "__main__":
    main()
