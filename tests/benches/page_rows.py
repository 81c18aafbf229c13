"""What pages cost that everybody may keep: whole, and for whoever has the page already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median, quantiles

from tests.benches.measuring import Cost, Pages, Row, cost
from tests.benches.served import Served
from tests.benches.visitor import Visitor, any_address

WARM = 16
SHARE = 1.2
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


def paired_rows(small: Served, large: Served, pages: Mapping[str, tuple[str, str]], size: str, asked: int) -> list[Row]:
    """The same of two sites with little and with much, asked in turns, so that a machine that grows slower slows both.

    *pages*: by the name of its rows, a path of the small site and one of the large. The bar is a share more than what
    the small one takes.
    """
    found = []
    for name, paths in pages.items():
        visitors = [Visitor(served.port) for served in (small, large)]
        marks = [one.get(path).headers.get("etag", "") for one, path in zip(visitors, paths, strict=True)]
        for words, seen, status in ((name, ["", ""], 200), (f"{name}, seen before", marks, 304)):
            of_small, of_large = (partial(_anybody, *one) for one in zip(visitors, paths, seen, strict=True))
            found.append(_paired_row(f"{words} ({size})", small, large, of_small, of_large, asked))
            assert [one.status for one in visitors] == [status] * 2, f"{paths} answered otherwise"
        for one in visitors:
            one.close()
    return found


def _anybody(visitor: Visitor, path: str, seen: str) -> None:
    """Ask from an address of one's own: whole tables are given out a few times a minute to each."""
    visitor.address = any_address()
    visitor.get(path, seen=seen)


def _paired_row(
    work: str, small: Served, large: Served, of_small: Callable[[], None], of_large: Callable[[], None], asked: int
) -> Row:
    little, much = _in_turns(((small, of_small), (large, of_large)), asked)
    most = _quiet(little) * SHARE
    return Row(
        work,
        f"{_quiet(much):.1f} ms CPU",
        f"<= {SHARE} x {_quiet(little):.1f} of one region",
        _quiet(much) <= most,
        f"usually {median(much):.1f}; of one region {median(little):.1f}",
        Pages(_quiet(much), most),
    )


def _in_turns(sites: Sequence[tuple[Served, Callable[[], None]]], asked: int) -> list[list[float]]:
    """CPU of each of *asked* requests of each site, in milliseconds, one request of each after the other. What a worker
    does after its answer has left is counted with the next request of its site."""
    spent: list[list[float]] = [[] for _ in sites]
    before = [served.cpu_s() for served, _get in sites]
    for _ in range(WARM + asked):
        for place, (served, get) in enumerate(sites):
            get()
            now = served.cpu_s()
            spent[place].append((now - before[place]) * 1000)
            before[place] = now
    return [one[WARM:] for one in spent]


def _quiet(spent: list[float]) -> float:
    """What a tenth of the requests stayed below: neighbours on the machine only ever add."""
    return quantiles(spent, n=10)[0]


def _row(work: str, found: Cost) -> Row:
    return Row(
        work, f"{found.cpu_ms:.1f} ms CPU", note=f"usually {found.usual_ms:.1f}; {found.wall_ms:.1f} ms wall, median"
    )
