"""After work is done and the workers have been recycled, no key, code or passphrase is left in either process."""

from __future__ import annotations

import base64
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from http.client import HTTPException
from pathlib import Path

import psutil
import pytest

from admin.staff import unlocking
from admin.staff.models import Staff
from crypto.keys import Purpose, inner_from_seed
from crypto.receipts import parse
from portal.directory.models import Office
from portal.kernel.transaction import reading
from portal.tips.receipt_hash import submit_secrets
from portal.tips.reporter import open_own
from tests.benches.deployment import COUNTY, Deployment
from tests.benches.journey import Story, send, to_check
from tests.benches.served import ALONE, PUBLIC, STAFF, Served, serving
from tests.benches.staff_rows import signed_in
from tests.benches.visitor import Visitor
from tests.conftest import lacking
from tests.faults.test_many_at_once import number_on

RECYCLED = f"{ALONE} --max-requests 20 --max-requests-jitter 0 --graceful-timeout 1"
WORDS = "只有经办人看得到的一句话，内存里也不该留着。"
BLOCK = 8 * 2**20
OVERLAP = 256


def writable(pid: int) -> Iterator[tuple[int, int]]:
    """The parts of a process's memory that it may write: begin and end of each."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        found = re.match(r"(\w+)-(\w+) rw\S+ \S+ \S+ \S+\s*(.*)", line)
        if found and not found[3].startswith("[v"):
            yield int(found[1], 16), int(found[2], 16)


def held_by(pid: int, secrets: Mapping[str, bytes]) -> set[str]:
    """Which of *secrets* stand in the memory of a process."""
    found: set[str] = set()
    if not os.access(f"/proc/{pid}/mem", os.R_OK):
        lacking("this machine does not let a process read the memory of its own children")
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for start, end in writable(pid):
            for at in range(start, end, BLOCK):
                try:
                    memory.seek(at)
                    data = memory.read(min(BLOCK + OVERLAP, end - at))
                except OSError:
                    break  # given back meanwhile
                found |= {name for name, secret in secrets.items() if secret in data}
    return found


def held(*sites: Served, secrets: Mapping[str, bytes]) -> set[str]:
    """The same for every process of the sites, masters included."""
    processes = [process for one in sites for process in (one.master, *one.workers())]
    return {name for process in processes for name in held_by(process.pid, secrets)}


def recycle(served: Served, path: str, patience_s: float = 60) -> None:
    """Ask until every worker of now has been replaced."""
    old = {worker.pid for worker in served.workers()}
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        with suppress(OSError, HTTPException):  # a worker may go while we ask
            Visitor(served.port).get(path)
        alive = {pid for pid in old if psutil.pid_exists(pid)}
        if not alive and len(served.workers()) == len(old):
            return
    raise AssertionError("the workers were not replaced")


def halves(name: str, secret: bytes) -> dict[str, bytes]:
    """A key in two pieces: whoever frees memory writes over its beginning, so the whole would not be found again."""
    return {f"{name}, first half": secret[:16], f"{name}, second half": secret[16:32]}


def keys_of(deployment: Deployment, code: str) -> dict[str, bytes]:
    """Everything that was unlocked on the way, worked out once more by the test."""
    person = deployment.people[COUNTY]
    with deployment.opened(), reading() as session:
        known = submit_secrets(parse(code))
        report_key = open_own(session, known.tag, known.mailbox).keys.report_key
        staff = session.query(Staff).filter_by(sign_in=COUNTY).one()
        office = session.query(Office).filter_by(code="gl").one()
        own = inner_from_seed(Purpose.STAFF, person.seed)
        granted = unlocking.open_granted(session, staff, own, Purpose.OFFICE, office.id)
        assert granted is not None
        return {
            **halves("key of the person", person.seed),
            **halves("key of the office", granted.seed),
            **halves("key of the report", report_key),
            **halves("key of the mailbox", known.mailbox.seed),
        }


def work(public: Served, staff: Served, deployment: Deployment) -> tuple[str, Visitor, Visitor, bytes]:
    """Report, read it as staff and as its reporter; both are still signed in. Returns code, both, the draft's key."""
    reporter = to_check(Visitor(public.port), Story(WORDS, region=("320000", "320100", "320106")))
    draft_key = base64.urlsafe_b64decode(reporter.cookies["mj_draft"].partition(".")[0] + "=")
    send(reporter)
    code, number = reporter.code, number_on(reporter)
    reporter.post("/report/saved/")
    reporter.get("/followup/").post("/followup/", code=code)
    reporter.get("/followup/sent/")
    assert WORDS in reporter.words
    handler = signed_in(staff, deployment.people[COUNTY])
    handler.get(f"/tips/{number}/")
    assert WORDS in handler.words
    return code, reporter, handler, draft_key


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
def test_after_signing_out_and_recycling_no_secret_is_left_in_either_process(sqlite_deployment: Deployment) -> None:
    deployment = sqlite_deployment
    person = deployment.people[COUNTY]
    with ExitStack() as stack:
        environment = deployment.environment()
        public, staff = (
            stack.enter_context(serving(name, environment, deployment.folder / f"{name[:6]}.log", options=RECYCLED))
            for name in (PUBLIC, STAFF)
        )
        code, reporter, handler, draft_key = work(public, staff, deployment)
        secrets = {
            **keys_of(deployment, code),
            **halves("key of the draft", draft_key),
            "receipt code": code.encode(),
            "passphrase": person.passphrase.encode(),
            "seed of the authenticator": person.totp_secret,
            "words of the report": WORDS.encode(),
            "words of the report, as Python holds them": WORDS.encode("utf-16-le"),
        }
        handler.get("/sign-in/").post("/sign-in/out", follow=False)
        reporter.get("/followup/sent/").post("/followup/out/", follow=False)
        assert (handler.status, reporter.status) == (303, 303)
        recycle(public, "/safe/")
        recycle(staff, "/sign-in/")
        control = {
            "a key of the site": deployment.settings.secret_key,
            "control": deployment.settings.shared.secret_key,
        }
        assert held(public, staff, secrets={name: base64.b64encode(key) for name, key in control.items()}) == set(
            control
        )
        assert held(public, staff, secrets=secrets) == set()
