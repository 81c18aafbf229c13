"""The floor of this run: what Flask costs before anything of ours is done."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benches.floor import VARIABLE, prepare
from tests.benches.measuring import Row, cost
from tests.benches.served import serving
from tests.benches.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Floor:
    """Milliseconds of CPU of a word and of a Jinja page with one query."""

    hello_ms: float
    page_ms: float


def measure(folder: Path, times: int) -> Floor:
    """Start it, ask it, stop it; its files go to *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, VARIABLE: prepare(folder / "floor.sqlite")}
    options = "--max-requests 0"
    with serving("tests.benches.floor:create_app()", environment, folder / "floor.log", options=options) as served:
        visitor = Visitor(served.port)
        for path in ("/", "/page") * 20:
            visitor.get(path)
        hello, page = (cost(served, [partial(visitor.get, path)] * times).cpu_ms for path in ("/", "/page"))
        return Floor(hello, page)


def rows(floor: Floor) -> list[Row]:
    return [
        Row("floor: Flask says hello", f"{floor.hello_ms:.2f} ms CPU"),
        Row("floor: a Jinja page with one query", f"{floor.page_ms:.2f} ms CPU"),
    ]
