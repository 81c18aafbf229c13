"""``python -m tests.benches``: the rows that are promised, measured now, beside the floor of this very machine.

Makes a deployment of its own in a temporary folder, at 1,000 and 10,000 reports. ``--million`` does the same at
1,000,000, in a seeded database that is kept under ``var/bench`` and used again. ``--only`` measures some of the parts.
With ``--database-url`` and ``--shred-url`` it is done on two empty databases of a PostgreSQL server, and leaves them
full; the dashboard, which fills them with reports of its own, is then measured alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from admin.migrations import upgrade
from tests.benches import (
    dashboard_rows,
    exposure_rows,
    floor_rows,
    fund_rows,
    public_rows,
    redaction_rows,
    reward_rows,
    staff_rows,
    store_rows,
    trust_rows,
)
from tests.benches.deployment import HANDLER, HEAD, Deployment, Person, Urls, make_deployment
from tests.benches.measuring import REFERENCE_PAGE_MS, Row, table
from tests.benches.seeding import seed
from tests.benches.served import ROOT, both_sites

OFFICE = "js"
MILLION = 1_000_000
KEPT = ROOT / "var" / "bench"
PARTS = (
    "dashboard",
    "staff",
    "public",
    "mailbox",
    "attack",
    "memory",
    "rewards",
    "redaction",
    "exposures",
    "fund",
    "trust",
)


def main() -> None:
    """Measure and print; the exit status says nothing about speed."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="mj-bench-") as name:
        floor = floor_rows.measure(Path(name), options.times * 2)
        rows = floor_rows.rows(floor)
        say("floor measured")
        if options.million:
            with kept(options.reports or MILLION) as deployment:
                rows += at_size(deployment, options.reports or MILLION, options)
        else:
            rows += dashboard(Path(name) / "dashboard", options) if "dashboard" in options.only else []
            if set(options.only) - {"dashboard"}:
                deployment = make_deployment(Path(name) / "deployment", urls=_urls(options))
                rows += everything(deployment, floor, options)
        again = floor_rows.measure(Path(name) / "again", options.times)
    rows.append(replace(floor_rows.rows(again)[1], work="floor at the end: the Jinja page", note=_drift(floor, again)))
    floor_ms = (floor.page_ms + again.page_ms) / 2
    print(table(rows, floor_ms))
    missed = sum(row.met is False for row in rows)
    print(f"\n{sum(row.met is True for row in rows)} bars met, {missed} missed. Load of the machine: {os.getloadavg()}")
    print(f"In floor pages: CPU by {floor_ms:.2f} ms, the bar by the {REFERENCE_PAGE_MS} ms of where it was set.")


def dashboard(folder: Path, options: argparse.Namespace) -> list[Row]:
    """The dashboard's rows, in a deployment of its own: its 120,000 reports have nothing that could be opened."""
    say("the dashboard of 120,000 reports")
    deployment = make_deployment(folder, urls=_urls(options))
    with both_sites(deployment) as (_, staff):
        return dashboard_rows.rows(deployment, staff, OFFICE, max(10, options.times // 5))


def everything(deployment: Deployment, floor: floor_rows.Floor, options: argparse.Namespace) -> list[Row]:
    """Every other row that was asked for, the staff's at 1,000 and then at 10,000 reports."""
    rows: list[Row] = []
    for size in (1_000, 10_000) if "staff" in options.only else ():
        rows += at_size(deployment, size, options)
    with both_sites(deployment) as (public, staff):
        if "public" in options.only:
            say("the public site")
            rows += public_rows.rows(deployment, public, floor, options.times)
        if "mailbox" in options.only:
            rows += store_rows.mailbox_rows(deployment, public, max(12, options.times // 4))
        if "attack" in options.only:
            say("an attack on the sign-in")
            visitor = staff_rows.signed_in(staff, deployment.people[HANDLER])
            rows += [*staff_rows.attack_rows(staff, visitor, options.times), staff_rows.refusal_row(staff)]
        if "memory" in options.only:
            say("memory")
            rows += [store_rows.sealing_row(), *store_rows.memory_rows(public, staff)]
        if "rewards" in options.only:
            say("a hundred thousand assessments")
            rows += reward_rows.rows()
        if "redaction" in options.only:
            say("a thousand narratives masked")
            rows += redaction_rows.rows()
        if "exposures" in options.only:
            say("five hundred published cases")
            rows += exposure_rows.rows(deployment, public, options.times)
        if "fund" in options.only:
            say("fund accounts: 384,000 figures")
            rows += fund_rows.rows(deployment, public, options.times)
        if "trust" in options.only:  # last: it makes the ledger long
            say("names sealed to a quorum, and a ledger of a million lines")
            rows += [*trust_rows.quorum_rows(), trust_rows.resealing_row(deployment)]
            rows += trust_rows.ledger_rows(deployment, public, options.times)
    return rows


def at_size(deployment: Deployment, size: int, options: argparse.Namespace) -> list[Row]:
    """The rows that could depend on how many reports there are."""
    with deployment.opened() as database:
        took = seed(database, size, OFFICE, say=say)
    say(f"the list at {size:,} reports")
    rows = [Row(f"seeding to {size:,} reports", f"{took:.0f} s")] if took else []
    with both_sites(deployment) as (_, staff):
        visitor = staff_rows.signed_in(staff, deployment.people[HANDLER])
        rows += staff_rows.list_rows(visitor, staff, size, options.times // 2)
        rows.append(staff_rows.case_row(deployment, visitor, staff, size, options.times // 2))
        head = staff_rows.signed_in(staff, deployment.people[HEAD])
        rows += staff_rows.overview_rows(head, staff, size, max(5, options.times // 10))
        most = max(staff.resident_mib())
    return [*rows, Row(f"memory per staff worker, {size:,} reports", f"{most:.0f} MiB")]


@contextmanager
def kept(size: int) -> Iterator[Deployment]:
    """The seeded deployment under ``var/bench``, made or gone on with.

    Migrations that came since are run on it. Where one that it was made with has changed, it is made anew.
    """
    folder, marks = KEPT / str(size), KEPT / str(size) / "bench.json"
    shape = _shape()
    before = json.loads(marks.read_text("utf-8")) if marks.exists() else {"shape": {}}
    if folder.exists() and not (before["shape"] and before["shape"].items() <= shape.items()):
        say(f"{folder} is of another schema, or was broken off while it was made: it is made anew")
        shutil.rmtree(folder)
    if not folder.exists():
        made = make_deployment(folder)
        people = {name: [one.passphrase, one.totp_secret.hex(), one.seed.hex()] for name, one in made.people.items()}
        before = {"shape": shape, "people": people}
    people_now = {
        name: Person(name, words, bytes.fromhex(secret), bytes.fromhex(own))
        for name, (words, secret, own) in before["people"].items()
    }
    deployment = Deployment(folder, people_now)
    with deployment.opened() as database:
        upgrade(database)
    marks.write_text(json.dumps({**before, "shape": shape}), "utf-8")
    yield deployment


def _shape() -> dict[str, str]:
    """The migrations and what is in them."""
    files = (ROOT / "admin" / "migrations" / "versions").glob("*.py")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _drift(floor: floor_rows.Floor, again: floor_rows.Floor) -> str:
    return f"{again.page_ms / floor.page_ms:.2f} of the floor at the start: how steady the machine was"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benches", description=__doc__)
    parser.add_argument("--million", action="store_true", help="at 1,000,000 reports, kept under var/bench")
    parser.add_argument("--reports", type=int, help="with --million: another number of reports")
    parser.add_argument("--times", type=int, default=200, help="how often a cheap page is asked for")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="these parts and the floor")
    parser.add_argument("--database-url", help="an empty PostgreSQL database, as its owner")
    parser.add_argument("--shred-url", help="another one, for the shred keys")
    options = parser.parse_args()
    if bool(options.database_url) != bool(options.shred_url) or (options.million and options.database_url):
        parser.error("--database-url and --shred-url go together, and not with --million")
    options.only = options.only or [part for part in PARTS if not (options.database_url and part == "dashboard")]
    if options.database_url and "dashboard" in options.only and len(options.only) > 1:
        parser.error("the dashboard wants two empty databases of its own: --only dashboard")
    return options


def _urls(options: argparse.Namespace) -> Urls | None:
    """The server's databases, which both sites enter as their owner; None for SQLite."""
    if not options.database_url:
        return None
    return Urls(*(options.database_url, options.shred_url) * 3)


def say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
