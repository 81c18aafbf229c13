"""A case at every station of its way to the public and back, for tests that look at pages."""

from __future__ import annotations

from admin.exposures import publishing, withdrawing
from admin.exposures.issues import locked_issue, open_issue
from admin.exposures.moving import locked_way
from portal.exposures.values import ChangeReason
from portal.kernel.clock import now
from portal.kernel.transaction import transaction
from portal.kernel.values import Id
from tests.exposures.conftest import Docket
from tests.exposures.reviews import CHECKED, Bench, bench

Faces = dict[str, dict[str, dict[str, object]]]
"""Endpoint -> name of a face -> what stands in the address."""
WRONG = ChangeReason.WRONG_FACT


def stations(docket: Docket, drafting: str) -> Faces:
    """Pages of exposures as they look at each station; *drafting*: the number of a case that is being written."""
    ways = {name: bench(docket) for name in ("waiting", "later", "shown", "wrong", "corrected", "down", "dropped")}
    for name in ("later", "shown", "wrong", "corrected", "down"):
        ways[name].in_review()
        if name != "later":
            ways[name].approve()
    _waits(ways["waiting"])
    ways["later"].schedule()
    ways["wrong"].decide(withdrawing.must_correct, WRONG, keyed=False)
    ways["corrected"].do(withdrawing.correct, WRONG, "金额写错了（虚构）。")
    ways["corrected"].in_review()
    ways["down"].decide(withdrawing.withdraw, WRONG, "金额不对，先撤下来（虚构）。")
    ways["dropped"].decide(withdrawing.drop, keyed=False)
    return {
        "ways.index": {"": {}},
        "ways.page": {"drafting": {"number": drafting}, **{name: _of(at) for name, at in ways.items()}},
        "ways.correct": {"": _of(ways["shown"])},
        "reviews.page": {name: _of(ways[name]) for name in ("waiting", "corrected", "shown")},
        "reviews.withdraw": {"": _of(ways["shown"])},
        "issues.page": {
            "published": {"issue_id": issue_of(docket, published=True)},
            "open": {"issue_id": issue_of(docket)},
        },
    }


def issue_of(docket: Docket, *, published: bool = False) -> Id:
    """An issue of two cases."""
    title, preamble = "曝光台（虚构）", "下面两个案例都是虚构的。"
    with transaction() as session:
        office = next(iter(docket.publisher.permissions))
        issue = open_issue(session, office, title, preamble, docket.publisher, now()).id
    benches = [bench(docket) for _ in range(2)]
    for at in benches:
        at.in_review()
        at.decide(publishing.put_into_issue, at.exposure.version, CHECKED, issue)
    if published:
        with transaction() as session:
            batch, world = locked_issue(session, issue, docket.publisher), docket.world
            tips = [world.tip(at.number) for at in benches]
            cases = [(locked_way(session, tip), world.keys_of(session, tip)) for tip in tips]
            publishing.publish_issue(session, batch, cases, docket.publisher, now())
    return issue


def _of(at: Bench) -> dict[str, object]:
    return {"number": at.number}


def _waits(at: Bench) -> None:
    """One with a mask, a reworded sentence and answers."""
    at.write("院长赵某被约谈（虚构），另有 300 元。")
    at.ready()
    at.submit()
