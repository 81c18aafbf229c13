"""Reporting, from the first question to the receipt, with scripts off."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.tips.models import Tip
from tests.journeys.reporter import Reporter


def test_the_shortest_honest_report_arrives_within_twelve_pages(reporter: Reporter, session: Session) -> None:
    reporter.open("/safe/")
    reporter.to_check("药店用医保卡卖大米。").send()
    assert reporter.path == "/report/receipt/"
    assert reporter.pages <= 12
    assert session.scalar(select(func.count()).select_from(Tip)) == 1
