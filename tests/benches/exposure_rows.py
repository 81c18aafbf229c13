"""Rows of published cases: the list, one case, a search, the feed; whole, and for whoever has the page already."""

from __future__ import annotations

from dataclasses import replace

from portal.exposures.content import CaseContent
from portal.exposures.models import PublishedTerm
from portal.exposures.terms import terms
from portal.kernel.transaction import transaction
from tests.benches.deployment import Deployment
from tests.benches.measuring import Row
from tests.benches.page_rows import in_a_row, page_rows
from tests.benches.served import Served
from tests.exposures.showcase import HOSPITAL, office, put_up

CASES = 500


def rows(deployment: Deployment, public: Served, times: int) -> list[Row]:
    """All of them, over five hundred cases. Caches keep these pages for minutes: they are shown without a bar."""
    _put_up(deployment)
    pages = {
        "the list of cases": "/exposures/",
        "a search among cases": "/exposures/?q=%E9%92%88%E7%81%B8",
        "one case": "/exposures/2026-0250/",
        "the feed of cases": "/exposures/feed.xml",
    }
    return page_rows(public, pages, in_a_row(times))


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
