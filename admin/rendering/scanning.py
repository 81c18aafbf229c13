"""ClamAV's daemon asked about a file, over its unix socket (clamd(8): zVERSION, zINSTREAM).

"Clean" is said only after a whole scan by a daemon whose signatures are fresh. Everything else is "not scanned": no
socket, no answer, old signatures, a file beyond the daemon's limits. A find counts whatever the signatures' age.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from admin.rendering.values import NotScanned, Scan, ScanState
from portal.kernel.clock import Utc

FRESH = timedelta(days=3)
"""ClamAV publishes every day; over a long weekend an offline mirror may lag behind."""
SILENCE_S = 30.0
MOST_ANSWER = 4096
CHUNK = 64 * 1024
_LENGTH = struct.Struct("!I")
_VERSION = re.compile(r"ClamAV [^/]*/\d+/(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})")
_FOUND = re.compile(r"stream: (.{1,200}) FOUND")


def scan(pieces: Callable[[], Iterable[bytes]], address: str, now: Utc) -> Scan:
    """What ClamAV says of the file that *pieces* opens. Raises what *pieces* does, nothing for what the daemon does."""
    if not address:
        return _not(NotScanned.NOT_CONFIGURED)
    try:
        fresh = _is_fresh(_ask(address, b"zVERSION\0"), now)
        said = _ask(address, b"zINSTREAM\0", pieces())
    except OSError:
        return _not(NotScanned.UNREACHABLE)
    found = _FOUND.fullmatch(said)
    if found and found[1].startswith("Heuristics.Limits.Exceeded"):
        return _not(NotScanned.TOO_LARGE)
    if found:
        return Scan(ScanState.FOUND, name=found[1])
    if "size limit exceeded" in said:
        return _not(NotScanned.TOO_LARGE)
    if said != "stream: OK":
        return _not(NotScanned.FAILED)
    return Scan(ScanState.CLEAN) if fresh else _not(NotScanned.STALE)


def _ask(address: str, command: bytes, pieces: Iterable[bytes] = ()) -> str:
    """One command, the file in chunks behind it, and the answer. Raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as daemon:
        daemon.settimeout(SILENCE_S)
        daemon.connect(address)
        daemon.sendall(command)
        if command == b"zINSTREAM\0":
            _send(daemon, pieces)
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < MOST_ANSWER and (more := daemon.recv(MOST_ANSWER)):
            answer += more
        return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _send(daemon: socket.socket, pieces: Iterable[bytes]) -> None:
    """A daemon that has had enough stops listening and then says why: its answer is read all the same."""
    source = iter(pieces)
    for piece in source:
        for start in range(0, len(piece), CHUNK):
            part = piece[start : start + CHUNK]
            try:
                daemon.sendall(_LENGTH.pack(len(part)) + part)
            except (BrokenPipeError, ConnectionResetError):
                return
    with suppress(BrokenPipeError, ConnectionResetError):
        daemon.sendall(_LENGTH.pack(0))


def _is_fresh(version: str, now: Utc) -> bool:
    """Whether the signatures are of the last days: ``ClamAV 1.4.3/27800/Tue Nov 24 08:26:45 2026``."""
    said = _VERSION.match(version)
    if said is None:
        return False
    try:
        made = datetime.strptime(said[1], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return False
    return timedelta(days=-1) < now - made <= FRESH


def _not(why: NotScanned) -> Scan:
    return Scan(ScanState.NOT_SCANNED, why)
