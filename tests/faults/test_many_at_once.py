"""Many reporters press the button in the same moment, some of them twice."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

from tests.benches.deployment import Deployment
from tests.benches.journey import Story, send, to_check
from tests.benches.served import Served
from tests.benches.visitor import Visitor
from tests.faults import book

REPORTERS = 32


def ready(public: Served, number: int) -> Visitor:
    """Somebody with everything written, on the page with the button."""
    return to_check(Visitor(public.port), Story(f"第 {number} 位举报人写的话。", region=("320000", "320100", "320106")))


def twin(public: Served, visitor: Visitor) -> Visitor:
    """The same browser in a second window."""
    other = Visitor(public.port, visitor.address)
    other.cookies, other.path, other.body = dict(visitor.cookies), visitor.path, visitor.body
    return other


def number_on(visitor: Visitor) -> str:
    found = re.search(r"MJ-\w{4}-\w{4}", visitor.words)
    assert found is not None, f"{visitor.path} answered {visitor.status} without a number"
    return found[0]


def test_of_32_reporters_at_once_none_is_lost_none_is_doubled_and_all_numbers_differ(
    deployment: Deployment, public: Served
) -> None:
    with ThreadPoolExecutor(8) as pool:
        windows = list(pool.map(lambda number: ready(public, number), range(REPORTERS)))
    second = [twin(public, visitor) for visitor in windows[::2]]
    together = threading.Barrier(len(windows) + len(second))

    def press(visitor: Visitor) -> Visitor:
        together.wait(30)
        return send(visitor)

    with ThreadPoolExecutor(together.parties) as pool:
        list(pool.map(press, windows + second))
    assert [visitor.status for visitor in windows + second] == [200] * together.parties
    numbers = [number_on(visitor) for visitor in windows]
    assert len(set(numbers)) == REPORTERS
    assert [number_on(visitor) for visitor in second] == numbers[::2]
    assert book.reports(deployment) == REPORTERS
    for position in (0, 1, REPORTERS - 1):
        found = book.opened(deployment, windows[position].code)
        assert (found.number, found.words) == (numbers[position], f"第 {position} 位举报人写的话。")
    assert book.faults_of_the_ledger(deployment) == []
