"""Rows of the public site: the form page, accepting a report in three shapes, one's mailbox, memory."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import partial

from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal.app import create_app
from portal.kernel.db import Database
from tests.benches.deployment import Deployment
from tests.benches.floor_rows import Floor
from tests.benches.journey import Story, send, to_check
from tests.benches.measuring import Beside, Cost, Row, cost, cpu_row, rate, raw_get
from tests.benches.served import Served
from tests.benches.slow_hash import slow_hashes
from tests.benches.visitor import Visitor

MIB = 2**20
WARM = 16
WORDS = ("药店把保健品刷成药品，医保卡被多次刷卡。" * 40)[:680]  # 680 characters are 2,040 bytes of UTF-8
PLAIN = Story(WORDS, target="某某大药房", region=("320000", "320100", "320106"))
NAMED = Story(WORDS, target="某某大药房", region=PLAIN.region, who={"name": "测速人", "phone": "13800000000"})


def rows(deployment: Deployment, public: Served, floor: Floor, times: int) -> list[Row]:
    """All of them; *times* is how often a cheap page is asked for."""
    return [
        *form_rows(public, floor, times),
        *accepting_rows(deployment, public, max(240, times // 5)),
        statements_row(deployment),
    ]


def form_rows(public: Served, floor: Floor, times: int) -> list[Row]:
    """The first page of the form, and a question in the middle of a draft."""
    visitor = Visitor(public.port)
    begun = cost(public, [partial(visitor.get, "/report/")] * (times + WARM), WARM)
    sizes = page_sizes(visitor)
    to_check(visitor, PLAIN)
    asked = cost(public, [partial(visitor.get, "/report/words/")] * (times + WARM), WARM)
    assert visitor.status == 200
    most = max(3.0, 2 * floor.page_ms)
    bar = f"<= {most:.1f} ms (3 ms, or twice the Jinja floor)"
    answers = rate(public, raw_get("/report/", {}, visitor.address))
    return [
        cpu_row("form page: the start of a report", begun, bar, most, scaled=False),
        cpu_row("form page: a question of a draft", asked, bar, most, scaled=False),
        Row("form page: answers a second, 4 clients", f"{answers:.0f}/s", ">= 400/s", answers >= 400,
            "client and server share the machine's cores"),
        Row("form page: all told", f"{sum(sizes.values()) / 1000:.1f} KB", "<= 60 KB", sum(sizes.values()) <= 60_000,
            "gzip; " + ", ".join(f"{name} {size / 1000:.1f}" for name, size in sizes.items())),
    ]  # fmt: skip


def page_sizes(visitor: Visitor) -> dict[str, int]:
    """Bytes that a first visit to the page that is open transfers, by kind of file, compressed as a browser asks."""
    sizes = {"page": len(gzip.compress(visitor.body, 6))}
    for address in sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', visitor.text))):
        visitor.get(address, encoding="gzip")
        kind = address.rsplit(".", 1)[-1]
        sizes[kind] = sizes.get(kind, 0) + len(visitor.body)
    return sizes


def accepting_rows(deployment: Deployment, public: Served, times: int) -> list[Row]:
    """The press of the button and the receipt page behind it, the draft being ready; what a file adds."""
    with slow_hashes() as hashed, deployment.opened() as database:

        def between() -> float:
            database.fold_logs()  # as the worker does, once a second
            return hashed()

        plain = sending(public, PLAIN, times, between)
        named = sending(public, NAMED, times, between)
    upload = uploading(public, times)
    note = f"Argon2id, 19 MiB, 2 passes; beside the reports with a name {named.beside_ms:.1f}"
    return [
        Row("slow hash of a receipt code", f"{plain.beside_ms:.1f} ms CPU", note=note),
        _accepting("accepting 2 KB, receipt page included", plain, 8),
        _accepting("the same with a name", named, 12),
        cpu_row("a 1 MiB file on top", upload, "<= 15 ms more", 15.0),
    ]


def _accepting(work: str, found: Cost, more_ms: int) -> Row:
    most = found.beside_ms + more_ms
    return cpu_row(work, found, f"<= {most:.1f} ms (slow hash + {more_ms})", most)


def sending(public: Served, story: Story, times: int, beside: Beside) -> Cost:
    """Sending drafts that are complete."""
    ready = [to_check(Visitor(public.port), story) for _ in range(times + WARM)]
    found = cost(public, [partial(_send, visitor) for visitor in ready], WARM, beside)
    for visitor in ready:
        visitor.close()
    return found


def _send(visitor: Visitor) -> None:
    send(visitor)
    assert visitor.code, f"no receipt: {visitor.path} answered {visitor.status}"


def uploading(public: Served, times: int) -> Cost:
    """Adding one file to a draft. Only the request with the file is counted, not the page it leads to."""
    visitor = Visitor(public.port)
    data = b"%PDF-1.4\n" + bytes(MIB - 9)
    ready: list[Visitor] = []
    for number in range(min(times, 40)):
        if number % 20 == 0:  # fifty files a report at most
            visitor = to_check(Visitor(public.port), Story(WORDS, files=(("a.pdf", data[:4000]),)))
            visitor.get("/report/files/")
        ready.append(visitor)

    def upload(one: Visitor) -> None:
        one.path = "/report/files/"
        one.post(follow=False, files=(("photo.pdf", data),), do="add")
        assert one.status == 303, f"the file was not taken: {one.status}"

    page = {id(one): one.body for one in ready}

    def again(one: Visitor) -> None:
        one.body = page[id(one)]  # the form that was shown, with its token
        upload(one)

    return cost(public, [partial(again, one) for one in ready])


def statements_row(deployment: Deployment) -> Row:
    """SQL of the press of the button, counted on all three stores."""
    from tests.journeys.reporter import Reporter

    with deployment.opened() as database:
        app = create_app(deployment.settings.shared, database)
        reporter = Reporter(app)
        for _ in range(2):  # the first one also reads the directory, which is then kept for some seconds
            reporter.browser.delete_cookie("mj_draft")
            reporter.to_check(WORDS)
            form = reporter.form()["fields"]
            seen = counted(database, lambda: reporter.browser.post("/report/check/", data={**form, "truth": "y"}))  # noqa: B023
    inserts = sum(word == "INSERT" for word in seen)
    others = [word for word in seen if word != "INSERT"]
    kinds = ", ".join(f"{others.count(kind)} {kind}" for kind in dict.fromkeys(others))
    return Row("statements of accepting, beside inserts", str(len(others)), "<= 6", len(others) <= 6,
               f"{kinds}; {inserts} INSERT")  # fmt: skip


def counted(database: Database, work: Callable[[], object]) -> list[str]:
    """The first word of every statement of *work*; beginnings of transactions are not statements."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        word = statement.split(None, 1)[0].upper()
        if word != "BEGIN":
            seen.append(word)

    engines: set[Engine] = {database.engine, database.shred, database.sessions}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    return seen
