"""What a file that has taken over the child might try. Run inside the walls only; each answers what it could do."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

Answer = tuple[dict[str, Any], bytes]


def echo(_asked: Mapping[str, Any], data: bytes) -> Answer:
    """Harmless: what it was given."""
    return {}, data


def hang(_asked: Mapping[str, Any], _data: bytes) -> Answer:
    """Wait for ever, whatever signals come."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(3600)


def spin(_asked: Mapping[str, Any], _data: bytes) -> Answer:
    """Compute for ever."""
    while True:
        pass


def eat_memory(_asked: Mapping[str, Any], _data: bytes) -> Answer:
    """Take memory until there is none."""
    taken = []
    while True:
        taken.append(bytearray(64 * 1024 * 1024))


def fill_disk(_asked: Mapping[str, Any], _data: bytes) -> Answer:
    """Write until nothing more fits; how much did, over all files."""
    written = 0
    try:
        for number in range(1000):
            with open(f"file{number}", "wb") as file:  # plain on purpose
                written += file.write(bytes(8 * 1024 * 1024))
    except OSError:
        pass
    return {"written": written}, b""


def talk(_asked: Mapping[str, Any], _data: bytes) -> Answer:
    """Answer without end."""
    return {}, bytes(200 * 1024 * 1024)


def lie(_asked: Mapping[str, Any], _data: bytes) -> Answer:
    """Announce one picture and send another thing."""
    return {"width": 10, "height": 10, "pages": "many", "others": ["<script>"]}, b"<svg onload=alert(1)>"


def die(_asked: Mapping[str, Any], _data: bytes) -> Answer:
    """As a parser with a fault does."""
    os.kill(os.getpid(), signal.SIGSEGV)
    os._exit(3)


def leave_behind(_asked: Mapping[str, Any], _data: bytes) -> Answer:
    """Start a process that outlives the answer."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    return {}, b""


def reach_out(asked: Mapping[str, Any], data: bytes) -> Answer:
    """Connect to the address in *data* (JSON), and to this machine's own sockets; what worked."""
    targets = json.loads(data)
    worked = [name for name, target in targets.items() if _connects(name, target)]
    return {"worked": worked, "interfaces": [name for _, name in socket.if_nameindex()], "task": asked["task"]}, b""


def _connects(name: str, target: Any) -> bool:
    family = socket.AF_UNIX if name == "unix" else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.settimeout(1)
            tried.connect(target if family is socket.AF_UNIX else tuple(target))
    except OSError:
        return False
    return True


def look_around(_asked: Mapping[str, Any], data: bytes) -> Answer:
    """Which of the paths in *data* (JSON) can be seen, which written to, and what powers there are."""
    tries: Mapping[str, Callable[[str], object]] = {"seen": os.stat, "written": _write, "listed": os.listdir}
    found: dict[str, Any] = {name: [] for name in tries}
    for path in json.loads(data):
        for name, attempt in tries.items():
            try:
                attempt(path)
            except OSError:
                continue
            found[name].append(path)
    return {**found, "root": sorted(os.listdir("/")), "environment": sorted(os.environ), "pid": os.getpid()}, b""


def _write(path: str) -> None:
    with open(os.path.join(path, "planted") if os.path.isdir(path) else path, "ab"):
        return


def gain_powers(_asked: Mapping[str, Any], data: bytes) -> Answer:
    """Mount, leave the root, signal the parent, begin a namespace in which all powers are one's own; what worked."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    parent = int(data)
    tries: Mapping[str, Callable[[], int]] = {
        "mount": lambda: int(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", ctypes.c_ulong(0), None)),
        "remount": lambda: int(libc.mount(None, b"/usr", None, ctypes.c_ulong(0x20 | 0x1000), None)),
        "chroot": lambda: int(libc.chroot(b"/tmp")),
        "host name": lambda: int(libc.sethostname(b"x", 1)),
        "parent": lambda: int(libc.kill(parent, 0)),
        "namespace": lambda: int(libc.unshare(0x10000000)),  # CLONE_NEWUSER
        "mount in it": lambda: int(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", ctypes.c_ulong(0), None)),
    }
    return {"worked": [name for name, attempt in tries.items() if attempt() == 0]}, b""
