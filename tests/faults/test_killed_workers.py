"""Workers are killed with -9 while reports are being sent. What was acknowledged is there, once, and opens."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

from tests.benches.deployment import Deployment
from tests.benches.journey import send
from tests.benches.served import Served
from tests.benches.visitor import Visitor
from tests.faults import book
from tests.faults.test_many_at_once import number_on, ready

REPORTERS = 24
PATIENCE_S = 60.0


class Trouble:
    """Kills every worker again and again until told to stop; counts how often."""

    def __init__(self, public: Served) -> None:
        self.kills = 0
        self._public, self._stop = public, threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> Trouble:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _go_on(self) -> None:
        pause = 0.05
        while not self._stop.wait(pause) and self.kills < 6:
            self._public.kill_workers()
            self.kills += 1
            pause = 0.7  # long enough for a new worker to take a few requests before it is killed too


def send_until_acknowledged(visitor: Visitor, broken: list[str]) -> Visitor:
    """Press; where the answer never came, open the receipt page; where there is none, press again."""
    until = time.monotonic() + PATIENCE_S
    page, body = visitor.path, visitor.body
    while time.monotonic() < until:
        try:
            visitor.path, visitor.body = page, body
            if send(visitor).code:
                return visitor
        except (OSError, HTTPException) as error:
            broken.append(type(error).__name__)
            time.sleep(0.1)
    raise AssertionError(f"never acknowledged; last answer {visitor.status}")


def test_every_acknowledged_report_survives_kill_9_and_opens(deployment: Deployment, public: Served) -> None:
    with ThreadPoolExecutor(8) as pool:
        windows = list(pool.map(lambda number: ready(public, number), range(REPORTERS)))
    broken: list[str] = []
    with Trouble(public) as trouble, ThreadPoolExecutor(REPORTERS) as pool:
        list(pool.map(lambda visitor: send_until_acknowledged(visitor, broken), windows))
    assert trouble.kills > 0 and broken, "no request was hit: the test showed nothing"
    assert len({number_on(visitor) for visitor in windows}) == REPORTERS
    assert book.reports(deployment) == REPORTERS
    for position, visitor in enumerate(windows):
        found = book.opened(deployment, visitor.code)
        assert found.words == f"第 {position} 位举报人写的话。" and found.letters == 1
    assert book.faults_of_the_ledger(deployment) == []
