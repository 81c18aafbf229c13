"""A secret as old as this service: made in memory, inherited by forked workers, gone with the process.

Session rows are sealed under it together with the cookie, and the tags of networks are keyed with it, so that a
restart signs everybody out and forgets every network. gunicorn's master makes it before it forks
(``portal.web.serving``); a process that serves alone makes it at first use. It is never written anywhere.
"""

from __future__ import annotations

import secrets
import threading

_lock = threading.Lock()
_secret: bytes | None = None


def boot_secret() -> bytes:
    """32 bytes, the same in every worker of one service from its start to its end."""
    global _secret
    with _lock:
        if _secret is None:
            _secret = secrets.token_bytes(32)
        return _secret


def forget_boot_secret() -> None:
    """What a restart does (tests)."""
    global _secret
    with _lock:
        _secret = None
