"""The demonstration's fund accounts: the collected bulletins, one disclosure a source, and invented figures of a city.

Every step is the real verb. The bulletins are what their sources say, with the confidence that each of them has; what
is invented says so where its source would stand.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.demo.casework import Cast
from admin.disclosures import drafting, publishing
from admin.disclosures.drafting import File, Purpose
from admin.disclosures.kept import checks_of, locked
from admin.disclosures.promising import Given, promise
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.disclosures import checks
from portal.disclosures.models import Disclosure
from portal.disclosures.reading import read_figures
from portal.disclosures.schedule import Every
from portal.disclosures.values import CorrectionReason, Kind
from portal.disclosures.vocabulary import vocabulary
from portal.kernel.clock import Utc, day_of
from portal.kernel.transaction import transaction

OFFICE, CITY = "JS", "320100"
SPAN = timedelta(days=75)
"""Over so many days the disclosures are spread, the last one yesterday."""
INVENTED = "演示数据（虚构）"
_HEADINGS = "地区,险种,指标,期间起,期间止,版本,数值,单位,来源"
_WHY = {
    checks.ROLL: "来源没有说明：年末数常在下一年重列，或者含其他调整。",
    checks.RESTATED: "快报是初步数，公报是最终数；两版都保留，以公报为准。",
    checks.RESTATED_PART: "快报是初步数，公报是最终数；两版都保留，以公报为准。",
    checks.JUMP: "来源说明统计口径有变化，与上年不可比。",
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table to be published: what it is called, its bytes, what for."""

    name: str
    content: bytes
    purpose: Purpose


def publish_all(cast: Cast, now: Utc) -> int:
    """Publish all of them, the oldest first; how many disclosures that were."""
    _promise(cast, now - SPAN)
    sheets = [*_bulletins(), *_invented()]
    for number, sheet in enumerate(sheets):
        _publish(sheet, cast, now - SPAN + (SPAN - timedelta(days=1)) * number / len(sheets))
    return len(sheets)


def _promise(cast: Cast, now: Utc) -> None:
    """The city's monthly figures, within sixty days of the end of each quarter."""
    with transaction() as session:
        office = session.scalars(select(Office.id).where(Office.code == OFFICE)).one()
        _staff, publisher = cast.who_may(session, office, Permission.PUBLISH_DISCLOSURE)
        promise(session, office, Given(CITY, "monthly", Every.QUARTER, 60, day_of(now)), publisher, now)


def _bulletins() -> Iterator[_Sheet]:
    """The collected figures, a table for each source, in the order in which the sources came out."""
    text = (files("admin.demo") / "data" / "fund_bulletins.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    editions = {one.zh: one.rank for one in vocabulary().editions.values()}
    sources: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        sources.setdefault(row["source_title"], []).append(row)
    ordered = sorted(
        sources.items(),
        key=lambda item: (max(row["year"] for row in item[1]), editions.get(item[1][0]["edition"], 0), item[0]),
    )
    for title, its in ordered:
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(its)
        yield _Sheet(f"{title}.csv", out.getvalue().encode(), Purpose(f"{title}（演示导入）"))


def _invented() -> Iterator[_Sheet]:
    """A city's figures of half a year and of nine months; one was mistyped and is corrected."""
    half = (("职工医保", "31.26", "27.40"), ("城乡居民医保", "9.85", "10.12"))
    nine = (("职工医保", "47.03", "41.77"), ("城乡居民医保", "11.30", "15.46"))
    first = Purpose("演示市2026年上半年医保基金收支（虚构）")
    second = Purpose("演示市2026年1-9月医保基金收支（虚构）")
    why = "录入时两个数字颠倒了：1-9月居民医保支出应为15.64亿元（演示）。"
    corrects = Purpose("更正：演示市2026年1-9月居民医保支出（虚构）", Kind.CORRECTION, CorrectionReason.MISTYPED, why)
    yield _table("2026-06", half, first)
    yield _table("2026-09", nine, second)
    yield _table("2026-09", (("城乡居民医保", "11.30", "15.64"),), corrects)


def _table(last: str, funds: tuple[tuple[str, str, str], ...], purpose: Purpose) -> _Sheet:
    lines = [_HEADINGS]
    for fund, income, spent in funds:
        for measure, amount in (("收入", income), ("支出", spent)):
            lines.append(f"江苏省南京市,{fund},{measure},2026-01,{last},月报,{amount},亿元,{INVENTED}")
        lines.append(f"江苏省南京市,{fund},收益,2026-01,{last},月报,未公布,亿元,{INVENTED}")
    return _Sheet(f"{purpose.title}.csv", "\r\n".join(lines).encode(), purpose)


def _publish(sheet: _Sheet, cast: Cast, now: Utc) -> None:
    """Taken in by one person, published by another; what does not fit is explained between."""
    file = File(sheet.name, hashlib.sha256(sheet.content).hexdigest(), read_figures(sheet.content, sheet.name))
    with transaction() as session:
        office = session.scalars(select(Office.id).where(Office.code == OFFICE)).one()
        _staff, accountant = cast.who_may(session, office, Permission.EDIT_DISCLOSURE)
        _staff, publisher = cast.who_may(session, office, Permission.PUBLISH_DISCLOSURE)
        made = drafting.take_in(session, office, file, sheet.purpose, accountant, now)
        for check_id, words in _asked(session, made):
            drafting.explain(session, made, check_id, words, accountant, now)
        drafting.check(session, made, accountant, now)
        publishing.approve(session, made, made.mark, publisher, now)
        publishing.publish(session, locked(session, made.id, publisher), made.mark, publisher, now)


def _asked(session: Session, made: Disclosure) -> list[tuple[str, str]]:
    """What has to be explained, and how."""
    figures = drafting.figures_of(session, made)
    return [(one.id, _WHY[one.name]) for one in checks_of(session, figures) if one.explain]
