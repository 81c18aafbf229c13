"""The floor of this run: what Flask costs before anything of ours is done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benches.floor import VARIABLE, prepare
from tests.benches.measuring import Row, cost
from tests.benches.served import Served, serving
from tests.benches.visitor import Visitor

WARM = 16


@dataclass(frozen=True, slots=True)
class Floor:
    """Milliseconds of CPU of a word and of a Jinja page with one query."""

    hello_ms: float
    page_ms: float


def measure(folder: Path, times: int) -> Floor:
    """Start it, ask it, stop it; its files go to *folder*."""
    with _running(folder) as served:
        hello, page = (_cost_of(served, path, times) for path in ("/", "/page"))
        return Floor(hello, page)


def slow_hash_ms(folder: Path, times: int = 30) -> float:
    """CPU of the slow hash of a receipt code in a worker that does nothing else: what it adds to a word."""
    with _running(folder) as served:
        return _cost_of(served, "/hash", times) - _cost_of(served, "/", times * 4)


@contextmanager
def _running(folder: Path) -> Iterator[Served]:
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "floor.sqlite"
    environment = {**os.environ, VARIABLE: f"sqlite:///{database}" if database.exists() else prepare(database)}
    options = "--max-requests 0"
    with serving("tests.benches.floor:create_app()", environment, folder / "floor.log", options=options) as served:
        yield served


def _cost_of(served: Served, path: str, times: int) -> float:
    visitor = Visitor(served.port)
    return cost(served, [partial(visitor.get, path)] * (times + WARM), WARM).cpu_ms


def rows(floor: Floor) -> list[Row]:
    return [
        Row("floor: Flask says hello", f"{floor.hello_ms:.2f} ms CPU"),
        Row("floor: a Jinja page with one query", f"{floor.page_ms:.2f} ms CPU"),
    ]
