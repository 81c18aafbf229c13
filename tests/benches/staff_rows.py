"""Rows of the staff site: the list, one report, and what an attack on the sign-in page does to everybody else."""

from __future__ import annotations

import gzip
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from sqlalchemy import select

from portal.kernel.transaction import reading
from portal.signin import totp
from portal.tips.models import Tip
from tests.benches.deployment import HANDLER, Deployment, Person
from tests.benches.measuring import Row, cost, cpu_row
from tests.benches.public_rows import counted
from tests.benches.served import Served
from tests.benches.visitor import Visitor

ATTACKS_A_SECOND = 8
WARM = 16
LISTS = {
    "": "staff list",
    "?order=arrival": "staff list, by arrival",
    "?overdue=1": "staff list, overdue only",
    "?show=ended&order=arrival": "staff list, ended",
}


def signed_in(staff: Served, person: Person) -> Visitor:
    """Somebody of the staff at work."""
    visitor = Visitor(staff.port)
    for _ in range(2):
        visitor.get("/sign-in/")
        visitor.post("/sign-in/", sign_in=person.sign_in, passphrase=person.passphrase, code=person.code())
        if "mj_staff" in visitor.cookies:
            return visitor
        time.sleep(totp.STEP_S - time.time() % totp.STEP_S + 0.2)  # a code counts once: wait for the next
    raise RuntimeError(f"the sign-in answered {visitor.status}")


def list_rows(visitor: Visitor, staff: Served, held: int, times: int) -> list[Row]:
    """A page of 50 in several orders, and the page after it, with *held* reports in the book."""
    found = []
    for query, name in LISTS.items():
        visitor.get(f"/{query}")
        assert visitor.status == 200, f"the list answered {visitor.status}"
        shown = len(set(re.findall(r'href="/tips/(MJ-[^/]+)/"', visitor.text)))
        size = len(gzip.compress(visitor.body, 6))
        spent = cost(staff, [partial(visitor.get, f"/{query}")] * (times + WARM), WARM)
        row = cpu_row(f"{name}, {held:,} reports", spent, "<= 15 ms CPU", 15)
        found.append(replace(row, note=f"{shown} reports, {len(visitor.body) / 1000:.0f} KB of HTML; {row.note}"))
        if not query:
            weight = f"{size / 1000:.1f} KB"
            found.append(Row(f"its weight, {held:,} reports", weight, "<= 60 KB (gzip)", size <= 60_000))
    deep = re.search(r'href="(/\?[^"]*after=[^"]+)"', visitor.get("/").text)
    if deep:
        after = deep[1].replace("&amp;", "&")
        spent = cost(staff, [partial(visitor.get, after)] * (times + WARM), WARM)
        found.append(cpu_row(f"staff list, the page after, {held:,} reports", spent, "<= 15 ms CPU", 15))
    return found


def overview_rows(visitor: Visitor, staff: Served, held: int, times: int) -> list[Row]:
    """The dashboard and the evaluation, which count anew at every look, with *held* reports in the book."""
    found = []
    for path, name, most in (("/dashboard/", "dashboard", 400), ("/evaluation/", "evaluation of offices", 400)):
        visitor.get(path)
        assert visitor.status == 200, f"{path} answered {visitor.status}"
        spent = cost(staff, [partial(visitor.get, path)] * (times + 2), 2)
        found.append(cpu_row(f"{name}, {held:,} reports", spent, f"<= {most} ms CPU", most))
    return found


def case_row(deployment: Deployment, visitor: Visitor, staff: Served, held: int, times: int) -> Row:
    """Opening reports, each for the second time: the first also records who took it up."""
    with deployment.opened(), reading() as session:
        numbers = session.scalars(select(Tip.number).where(Tip.state != "received").limit(min(times, 50))).all()
    for number in numbers[:WARM]:
        visitor.get(f"/tips/{number}/")
        assert visitor.status == 200, f"the report answered {visitor.status}"
    spent = cost(staff, [partial(visitor.get, f"/tips/{number}/") for number in numbers])
    return cpu_row(f"opening one report, {held:,} reports", spent, "<= 10 ms CPU", 10)


def statements_row(deployment: Deployment, held: int) -> Row:
    """SQL of one page of the list, whatever the number of reports."""
    from admin.app import create_app

    person = deployment.people[HANDLER]
    with deployment.opened() as database:
        client = create_app(deployment.settings, database).test_client()
        page = client.get("/sign-in/").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        fields = {"sign_in": person.sign_in, "passphrase": person.passphrase, "code": person.code()}
        client.post("/sign-in/", data={**fields, "csrf_token": token[1]})
        seen = counted(database, lambda: client.get("/"))
    return Row(f"statements of a staff list, {held:,} reports", str(len(seen)))


def attack_rows(staff: Served, visitor: Visitor, times: int) -> list[Row]:
    """Wrong passphrases, eight a second: for one account from everywhere, then for any account from anywhere."""
    quiet = cost(staff, [partial(_look, visitor)] * times)
    most = max(60.0, 2 * quiet.p95_ms)
    rows = [Row("a staff page while all is quiet", f"{quiet.p95_ms:.0f} ms p95", note=f"{quiet.cpu_ms:.1f} ms CPU")]
    for name, spread in (("one account", False), ("random accounts and networks", True)):
        with _attack(staff, spread) as answers:
            time.sleep(6.0)  # the free tries are over
            answers.clear()
            busy = cost(staff, [partial(_look, visitor)] * times)
        refused = sum(status == 429 for status in answers)
        ours = f"{busy.p95_ms:.0f} ms p95, {refused} of {len(answers)} tries refused unhashed"
        if spread:  # a figure without a bar
            note = "these tries look like people's: what they take is bounded by the slots for slow hashes"
            rows.append(Row(f"a staff page, attack on {name}", ours, note=note))
        else:
            met = busy.p95_ms <= most and refused >= 0.7 * len(answers)
            rows.append(Row(f"a staff page, attack on {name}", ours, f"<= {most:.0f} ms, >= 70 % refused", met))
    return rows


def refusal_row(staff: Served) -> Row:
    """What one refused try costs: it must be nothing like the 64 MiB hash."""
    attacker = _attacker(staff)
    for _ in range(12):
        _try(attacker, "somebody")
    spent = cost(staff, [partial(_try, attacker, "somebody")] * 60)
    return cpu_row("a sign-in try that is refused", spent, "<= 20 ms CPU", 20)


@contextmanager
def _attack(staff: Served, spread: bool) -> Iterator[list[int]]:
    answers: list[int] = []
    stop = threading.Event()

    def go_on(lane: int) -> None:
        attacker = _attacker(staff)
        while not stop.wait(2 / ATTACKS_A_SECOND):
            attacker.address = Visitor(staff.port).address if spread else attacker.address
            answers.append(_try(attacker, f"nobody-{lane}-{len(answers)}" if spread else "victim"))

    threads = [threading.Thread(target=go_on, args=(lane,)) for lane in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _attacker(staff: Served) -> Visitor:
    return Visitor(staff.port).get("/sign-in/")


def _try(attacker: Visitor, name: str) -> int:
    attacker.post("/sign-in/", sign_in=name, passphrase="correct horse battery staple is wrong", code="123456")
    return attacker.status


def _look(visitor: Visitor) -> None:
    visitor.get("/")
    if visitor.status != 200:
        raise RuntimeError(f"the page answered {visitor.status}")
