"""What pages cost that everybody may keep: whole, and for whoever has the page already. Shown without a bar."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from tests.benches.measuring import Cost, Row, cost
from tests.benches.served import Served
from tests.benches.visitor import Visitor

WARM = 16
LIMIT = 100
"""Requests in a row: below what one visitor may ask for in a minute."""


def in_a_row(times: int) -> int:
    """How often a page is asked for when *times* are wanted: no more than one visitor may."""
    return min(times, LIMIT - 2 * WARM)


def page_rows(public: Served, pages: Mapping[str, str], asked: int) -> list[Row]:
    """Two rows for each of *pages*, a path by the name of its row."""
    found = []
    for name, path in pages.items():
        whole = Visitor(public.port)
        found.append(_row(name, cost(public, [partial(whole.get, path)] * (asked + WARM), WARM)))
        assert whole.status == 200, f"{path} answered {whole.status}"
        again = Visitor(public.port)
        get = partial(again.get, path, seen=whole.headers["etag"])
        found.append(_row(f"{name}, seen before", cost(public, [get] * (asked + WARM), WARM)))
        assert again.status == 304, f"{path} answered {again.status}"
        whole.close()
        again.close()
    return found


def _row(work: str, found: Cost) -> Row:
    return Row(
        work, f"{found.cpu_ms:.1f} ms CPU", note=f"usually {found.usual_ms:.1f}; {found.wall_ms:.1f} ms wall, median"
    )
