"""Flask as both sites use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask


class Application(Flask):
    """Flask that does not ask, at each of some forty steps of every request, whether a function of ours waits.

    None is a coroutine (tests/architecture/test_sources.py); asking took a twentieth of a page's time.
    """

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Called by Flask before it calls a view or what stands around views."""
        return func
