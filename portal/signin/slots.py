"""Bounded slots for slow hashes: submitting and signing in wait apart, so that neither can starve the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from portal.kernel.errors import Unavailable

WAIT_S = 2.0


class Slots(Enum):
    """Kinds of slow work, with how many may run at once in one process (memory: 19 or 64 MiB each)."""

    SUBMIT = ("submit", 4)
    SIGN_IN = ("sign-in", 2)
    STAFF = ("staff", 2)

    def __init__(self, label: str, places: int) -> None:
        self.label = label
        self._gate = threading.BoundedSemaphore(places)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold a place while the hash runs. Raises Unavailable after two seconds of waiting."""
        if not self._gate.acquire(timeout=WAIT_S):
            raise Unavailable("busy", "现在使用的人较多，请过一会儿再试。您填写的内容没有丢失。")
        try:
            yield
        finally:
            self._gate.release()
