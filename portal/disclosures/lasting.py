"""What stays as it is until something else is published: kept in the process, the last few of a kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")
MOST = 8


class Lasting(Generic[Value]):
    """Values by what they are made of, at most MOST of them: the one that was made first goes first.

    The key has to name the newest disclosure (``seen.Newest.id``), read before the value is: what is kept is then at
    least as new as its key says.
    """

    def __init__(self) -> None:
        self._lock, self._kept = Lock(), dict[Hashable, Value]()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of *key*, made by *make* where it is not kept; two that ask at once may both make it."""
        found = self._kept.get(key)
        if found is None:
            found = make()
            with self._lock:
                while len(self._kept) >= MOST:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = found
        return found
