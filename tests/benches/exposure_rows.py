"""Rows of published cases: the list, one case, a search, the feed; whole, and for whoever has the page already."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from portal.exposures.content import CaseContent
from portal.exposures.models import PublishedTerm
from portal.exposures.terms import terms
from portal.kernel.transaction import transaction
from tests.benches.deployment import Deployment
from tests.benches.measuring import Cost, Row, cost
from tests.benches.served import Served
from tests.benches.visitor import Visitor
from tests.exposures.showcase import HOSPITAL, office, put_up

CASES = 500
WARM = 16
LIMIT = 100
"""Requests in a row: below what one visitor may ask for in a minute."""


def rows(deployment: Deployment, public: Served, times: int) -> list[Row]:
    """All of them, over five hundred cases. Caches keep these pages for minutes: they are shown without a bar."""
    _put_up(deployment)
    asked = min(times, LIMIT - 2 * WARM)
    pages = {
        "the list of cases": "/exposures/",
        "a search among cases": "/exposures/?q=%E9%92%88%E7%81%B8",
        "one case": "/exposures/2026-0250/",
        "the feed of cases": "/exposures/feed.xml",
    }
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


def _row(work: str, found: Cost) -> Row:
    return Row(
        work, f"{found.cpu_ms:.1f} ms CPU", note=f"usually {found.usual_ms:.1f}; {found.wall_ms:.1f} ms wall, median"
    )


def _put_up(deployment: Deployment) -> None:
    with deployment.opened(), transaction() as session:
        bureau = office(session)
        for number in range(1, CASES + 1):
            case = put_up(session, bureau, _content(number), code=f"2026-{number:04}")
            rest = terms(_content(number).searched) - terms(case.title)
            session.add_all(PublishedTerm(case_id=case.id, term=one) for one in rest)


def _content(number: int) -> CaseContent:
    return replace(
        HOSPITAL, title=f"演示第{number}医院虚构诊疗项目案", institution=f"演示第{number}医院", invented=True
    )
