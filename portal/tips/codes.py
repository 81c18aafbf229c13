"""Codes of a report against the tables that know them: regions, the catalogue of conducts, offices."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.directory.regions import regions
from portal.kernel.errors import NotFound, Refused
from portal.tips.catalogue import get as conduct_of
from portal.tips.values import Report


def check_codes(session: Session, report: Report) -> None:
    """Refuse codes that no table knows: a tampered field, or a choice that was withdrawn meanwhile."""
    if report.region is not None:
        try:
            regions().get(report.region)
        except NotFound:
            raise Refused("unknown_region", "没有这个地区，请重新选择；不清楚可以选“我不知道”。") from None
    if report.conduct is not None:
        try:
            conduct_of(report.conduct)
        except NotFound:
            raise Refused("unknown_conduct", "没有这个问题类型，请重新选择。") from None
    if report.against_office is not None:
        known = session.scalar(select(Office.id).where(Office.code == report.against_office))
        if known is None:
            raise Refused("unknown_office", "没有这个单位，请重新选择；不清楚可以选“我不知道”。")
