"""Where the kernel gives no user namespaces the walls cannot be tested."""

from __future__ import annotations

import pytest

from admin.rendering import sandbox
from admin.rendering.protocol import Problem, Task, Trouble
from admin.rendering.values import PAGE_LIMITS, Walls
from tests.conftest import lacking


@pytest.fixture(scope="session")
def namespaces() -> None:
    """The machine can build the walls; else the test is skipped, or fails on CI."""
    try:
        sandbox.ask(sandbox.Question(Task.LOOK, "text"), [b"x"], PAGE_LIMITS, Walls.NAMESPACES)
    except Trouble as trouble:
        if trouble.problem is Problem.NOT_ISOLATED:
            lacking("the kernel gives no user namespaces, or util-linux is missing (unshare, setpriv)")
        raise


@pytest.fixture(autouse=True)
def _walls(namespaces: None) -> None:
    """Every test of this folder needs them."""
