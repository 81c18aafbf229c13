"""Rows that need no browser or many: sealing of files, one's mailbox, memory of the workers."""

from __future__ import annotations

import io
import secrets
import time
from dataclasses import replace
from functools import partial
from statistics import median

from crypto.sealing import new_key, seal_stream
from portal.kernel.clock import now
from portal.kernel.transaction import transaction
from portal.mailbox.letters import OUT, LetterBody, post
from portal.tips.receipt_hash import submit_secrets
from portal.tips.reporter import open_own
from tests.benches.deployment import Deployment
from tests.benches.journey import Story, send, to_check
from tests.benches.measuring import ROUNDS, Pages, Row, cost, cpu_row
from tests.benches.public_rows import PLAIN, WORDS
from tests.benches.served import Served
from tests.benches.slow_hash import slow_hashes
from tests.benches.visitor import Visitor

MIB = 2**20
LETTERS = 5
REST_MS = 13.0
"""Of the 50 ms: the hash took 37 where the bar was set."""


class _Nowhere(io.RawIOBase):
    def write(self, data: object, /) -> int:
        return len(data)  # type: ignore[arg-type]  # bytes of some kind


def sealing_row(mib: int = 256) -> Row:
    """Streams in this process, one after the other, in the chunks that an upload brings; the best of them."""
    chunk = secrets.token_bytes(64 * 1024)
    took = []
    for _ in range(ROUNDS):
        stream = seal_stream(new_key(), "file", bytes(16), _Nowhere())  # type: ignore[arg-type]  # it needs write() only
        begun = time.process_time()
        for _ in range(mib * MIB // len(chunk)):
            stream.write(chunk)
        stream.finish()
        took.append(time.process_time() - begun)
    best, usual = (mib * MIB / 1e6 / one for one in (min(took), median(took)))
    note = f"{mib} MiB a stream; usually {usual:.0f}"
    return Row("file sealing", f"{best:.0f} MB/s of CPU", ">= 800 MB/s", best >= 800, note)


def mailbox_rows(deployment: Deployment, public: Served, times: int) -> list[Row]:
    """Signing in with the code and reading five letters; then reading on."""
    boxes = [_mailbox_of_five(deployment, public) for _ in range(min(times, 26))]
    visitors = [Visitor(public.port) for _ in boxes]
    for visitor in visitors:
        visitor.get("/followup/")

    def come_in(visitor: Visitor, code: str) -> None:
        visitor.path = "/followup/"
        visitor.post("/followup/", code=code)
        assert visitor.status == 200 and "mj_mailbox" in visitor.cookies, f"the code was answered {visitor.status}"

    requests = [partial(come_in, visitor, code) for visitor, code in zip(visitors, boxes, strict=True)]
    with slow_hashes() as hashed:
        spent = cost(public, requests, 6, hashed)
    page = visitors[0].path
    on = cost(public, [partial(visitors[0].get, page)] * times, 6)
    row = cpu_row("one's mailbox: code and five letters", spent, "<= 50 ms", 50.0)
    note = f"{row.note}; slow hash {spent.beside_ms:.1f} ms of it"
    row = replace(row, note=note, pages=Pages(spent.cpu_ms - spent.beside_ms, REST_MS))
    return [
        row,
        Row("one's mailbox, the page again", f"{on.cpu_ms:.1f} ms CPU", note=f"usually {on.usual_ms:.1f}"),
    ]


def _mailbox_of_five(deployment: Deployment, public: Served) -> str:
    """A report sent through the form, with letters of the office behind it; returns its code."""
    from crypto.receipts import parse
    from portal.kernel.actors import SYSTEM

    code = send(to_check(Visitor(public.port), PLAIN)).code
    with deployment.opened(), transaction() as session:
        known = submit_secrets(parse(code))
        mine = open_own(session, known.tag, known.mailbox)
        for number in range(LETTERS - 1):
            body = LetterBody(text=f"请补充说明第 {number} 点。")
            post(session, mine.mailbox.id, mine.tip.id, mine.number, OUT, body, mine.keys.letter, SYSTEM, now())
            session.flush()
    return code


def memory_rows(public: Served, staff: Served, big_mib: int = 150) -> list[Row]:
    """Resident memory of a worker after everything above, and what a large file adds while it is sealed."""
    at_work = {"public": max(public.resident_mib()), "staff": max(staff.resident_mib())}
    visitor = Visitor(public.port, timeout_s=120)
    to_check(visitor, Story(WORDS, files=(("a.pdf", b"%PDF-1.4\n" + bytes(4000)),)))
    after: list[float] = []
    for _ in range(4):
        visitor.get("/report/files/")
        visitor.post("/report/files/", follow=False, files=(("film.mp4", _film(big_mib)),), do="add")
        assert visitor.status == 303, f"the file was not taken: {visitor.status}"
        after.append(max(public.resident_mib()))
    note, public_mib = "resident, after the rows above", at_work["public"]
    rows = [
        Row("memory per worker, public", f"{public_mib:.0f} MiB", "<= 100 MiB", public_mib <= 100, note),
        Row("memory per worker, staff", f"{at_work['staff']:.0f} MiB", note=note),
    ]
    grown = after[-1] - after[0]
    note = f"four files of {big_mib} MiB: {', '.join(f'{one:.0f}' for one in after)} MiB"
    return [*rows, Row("memory flat in the file's size", f"{grown:+.0f} MiB", "<= 10 MiB", abs(grown) <= 10, note)]


def _film(mib: int) -> bytes:
    return b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(mib * MIB - 24)
