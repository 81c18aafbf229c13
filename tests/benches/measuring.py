"""What a request costs: CPU of the whole server process tree around many of them, and the table of rows.

CPU is the figure to compare; wall time on a shared machine drifts. On such a machine CPU drifts too: what neighbours do
empties the caches, and the same request takes up to twice as long. Neighbours only ever add, so a row is measured in
rounds and its figure is the best of them, as ``timeit`` has it; the middle one stands beside it (decision 0012).
"""

from __future__ import annotations

import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median, quantiles

from admin.run import HOST
from tests.benches.served import Served

SETTLE_S = 0.15  # what a worker does after its answer has left belongs to the request
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one request in milliseconds: CPU in the best round and in the middle one; median and ``p95`` of wall time.

    ``beside_ms``: the best round of what was measured between them.
    """

    cpu_ms: float
    usual_ms: float
    wall_ms: float
    p95_ms: float
    beside_ms: float = 0.0


Beside = Callable[[], float]
"""Measures one round of something that the requests contain, in milliseconds of CPU."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. ``met`` None: a figure without a bar."""

    work: str
    ours: str
    bar: str = ""
    met: bool | None = None
    note: str = ""
    pages: Pages | None = None


REFERENCE_PAGE_MS = 1.5
"""What the floor's Jinja page took on the machine on which the bars were set (1.4 to 1.6 ms of CPU)."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The same in pages of the floor, so that a slower machine and a loaded one can be told from slower work. The
    verdict does not look at it.

    ``spent_ms`` and ``most_ms`` are CPU beside what has a bar of its own on this very machine (the slow hash).
    """

    spent_ms: float
    most_ms: float

    def words(self, floor_ms: float) -> str:
        return f"{self.spent_ms / floor_ms:.1f} of {self.most_ms / REFERENCE_PAGE_MS:.1f}"


def cpu_row(work: str, found: Cost, bar: str, most_ms: float, *, scaled: bool = True) -> Row:
    """A row of CPU a request. ``scaled`` False: the bar is the floor's own."""
    pages = Pages(found.cpu_ms - found.beside_ms, most_ms - found.beside_ms) if scaled else None
    note = f"usually {found.usual_ms:.1f}; {found.wall_ms:.1f} ms wall, median"
    return Row(work, f"{found.cpu_ms:.1f} ms CPU", bar, found.cpu_ms <= most_ms, note, pages)


def cost(
    served: Served, requests: Iterable[Callable[[], object]], warm_up: int = 0, beside: Beside | None = None
) -> Cost:
    """Run *requests* one after the other, in rounds; what each of them cost. *beside* is measured before each round.

    ``warm_up``: how many of them come first and are not counted. The first answers of a worker compile templates and
    statements, once.
    """
    waiting = iter(requests)
    for request in islice(waiting, warm_up):
        request()
    counted = list(waiting)
    rounds = [counted[number::ROUNDS] for number in range(ROUNDS)]
    spent, besides = [], []
    for one in filter(None, rounds):
        besides.append(beside() if beside else 0.0)
        spent.append(_round(served, one))
    walls = [wall for _, found in spent for wall in found]
    each = [cpu_ms for cpu_ms, _ in spent]
    return Cost(min(each), median(each), median(walls), p95(walls), min(besides))


def mean_cpu_ms(served: Served, requests: Sequence[Callable[[], object]]) -> float:
    """CPU of one request on average, in milliseconds; one round, for what is measured beside others."""
    return _round(served, requests)[0]


def _round(served: Served, requests: Sequence[Callable[[], object]]) -> tuple[float, list[float]]:
    """CPU of one request on average, and the wall time of each, in milliseconds."""
    walls: list[float] = []
    time.sleep(SETTLE_S)
    before = served.cpu_s()
    for request in requests:
        begun = time.perf_counter()
        request()
        walls.append((time.perf_counter() - begun) * 1000)
    time.sleep(SETTLE_S)
    return (served.cpu_s() - before) * 1000 / len(walls), walls


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[18] if len(values) > 1 else values[0]


def rate(served: Served, request: bytes, clients: int = 4, seconds: float = 4.0) -> float:
    """Answers a second to *clients* that each keep one connection and ask again at once. The machine is shared."""
    counted = [0] * clients
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=_ask_on, args=(served.port, request, until, counted, i)) for i in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counted) / (time.monotonic() - begun)


def raw_get(path: str, cookies: dict[str, str], address: str) -> bytes:
    """A request as bytes, for :func:`rate`."""
    kept = "; ".join(f"{name}={value}" for name, value in cookies.items())
    cookie = f"Cookie: {kept}\r\n" if kept else ""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: {address}\r\n{cookie}\r\n".encode()


def _ask_on(port: int, request: bytes, until: float, counted: list[int], place: int) -> None:
    """Speaks just enough HTTP to know where an answer ends, so that the client costs next to nothing."""
    connection = socket.create_connection((HOST, port), timeout=30)
    while time.monotonic() < until:
        connection.sendall(request)
        if not _read_answer(connection):  # the worker ended this connection: open another
            connection.close()
            connection = socket.create_connection((HOST, port), timeout=30)
            continue
        counted[place] += 1
    connection.close()


def _read_answer(connection: socket.socket) -> bool:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return False
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head[:60].decode("latin-1"))
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    left = length - len(body)
    while left > 0:
        left -= len(connection.recv(left))
    return b"connection: close" not in head.lower()


def table(rows: Sequence[Row], floor_ms: float) -> str:
    """The rows under one another; *floor_ms* is what the floor's page took in this run."""
    verdicts = {True: "met", False: "MISSED", None: ""}
    lines = [("work", "ours", "bar", "verdict", "in floor pages", "")]
    lines += [
        (row.work, row.ours, row.bar, verdicts[row.met], row.pages.words(floor_ms) if row.pages else "", row.note)
        for row in rows
    ]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(lines[0]))]
    drawn = [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    drawn.insert(1, "-" * min(180, sum(widths) + 8))
    return "\n".join(drawn)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
