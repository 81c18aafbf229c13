"""Tables of fund accounts. The public reads the ``published_*`` tables; of the others it sees nothing.

``published_figure`` is never changed: a correction is another version of the same code.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from portal.disclosures.states import DisclosureAction, DisclosureState, next_disclosure_state
from portal.disclosures.values import Confidence, Figure, Kind, Period, Pooling, Series
from portal.kernel.db import Base, partial_index
from portal.kernel.values import Id, new_id


def _names(values: type[StrEnum]) -> str:
    return ",".join(f"'{value.value}'" for value in values)


class _FigureColumns:
    """The columns of a figure, in a draft and as published. ``amount``: the printed decimal, "" for not disclosed."""

    region: Mapped[str] = mapped_column(String(6))
    place: Mapped[str] = mapped_column(String(60))
    pooling: Mapped[str] = mapped_column(String(12))
    fund: Mapped[str] = mapped_column(String(30))
    measure: Mapped[str] = mapped_column(String(30))
    start_on: Mapped[date]
    end_on: Mapped[date]
    cumulative: Mapped[bool]
    inferred: Mapped[bool]  # the period is not said by the source
    edition: Mapped[str] = mapped_column(String(12))
    restated: Mapped[int] = mapped_column(default=0)
    amount: Mapped[str] = mapped_column(String(28))
    unit: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(200))
    source_url: Mapped[str] = mapped_column(String(400), default="")
    source_day: Mapped[date | None]
    confidence: Mapped[str] = mapped_column(String(6))
    note: Mapped[str] = mapped_column(String(400), default="")

    @property
    def figure(self) -> Figure:
        """The value that the columns tell."""
        return figure_of(*(getattr(self, name) for name in FIGURE_COLUMNS))


FIGURE_COLUMNS = (
    "region", "place", "pooling", "fund", "measure", "start_on", "end_on", "cumulative", "inferred", "edition",
    "restated", "amount", "unit", "source", "source_url", "source_day", "confidence", "note",
)  # fmt: skip


def figure_of(
    region: str, place: str, pooling: str, fund: str, measure: str, start_on: date, end_on: date, cumulative: bool,
    inferred: bool, edition: str, restated: int, amount: str, unit: str, source: str, source_url: str,
    source_day: date | None, confidence: str, note: str,
) -> Figure:  # fmt: skip
    """The value that the columns tell, given in the order of FIGURE_COLUMNS: a page reads hundreds."""
    period = Period(start=start_on, end=end_on, cumulative=cumulative, inferred=inferred)
    series = Series(
        region=region, place=place, pooling=Pooling(pooling), fund=fund, measure=measure, period=period,
        edition=edition, restated=restated,
    )  # fmt: skip
    return Figure(
        series=series, amount=amount, unit=unit, source=source, source_url=source_url, source_day=source_day,
        confidence=Confidence(confidence), note=note,
    )  # fmt: skip


def columns_of(figure: Figure) -> dict[str, Any]:
    """The columns that tell a figure."""
    series, period = figure.series, figure.series.period
    return {
        "region": series.region,
        "place": series.place,
        "pooling": series.pooling.value,
        "fund": series.fund,
        "measure": series.measure,
        "start_on": period.start,
        "end_on": period.end,
        "cumulative": period.cumulative,
        "inferred": period.inferred,
        "edition": series.edition,
        "restated": series.restated,
        "amount": figure.amount,
        "unit": figure.unit,
        "source": figure.source,
        "source_url": figure.source_url,
        "source_day": figure.source_day,
        "confidence": figure.confidence.value,
        "note": figure.note,
    }


class Disclosure(Base):
    """Figures on their way to the public (公告), as one file brought them. ``code``: given when it is published.

    ``file_sha256``: of the file (hex); ``sha256``: of the canonical lines of its figures. ``reason``, ``words``: of a
    correction, for the public. ``explanations``: JSON, id of a check → what the accountant says of it.
    """

    __tablename__ = "disclosure"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(DisclosureState)})", name="state"),
        CheckConstraint(f"kind in ({_names(Kind)})", name="kind"),
        CheckConstraint("approved_by is null or approved_by <> made_by", name="two_people"),
        Index("ix_disclosure_office_id_state", "office_id", "state"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(16), unique=True)
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    reason: Mapped[str] = mapped_column(String(12), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    explanations: Mapped[str] = mapped_column(Text, default="{}")
    made_by: Mapped[Id]
    made_on: Mapped[date]
    checked_by: Mapped[Id | None]
    approved_by: Mapped[Id | None]
    published_on: Mapped[date | None]

    def move(self, action: DisclosureAction) -> None:
        """Raises IllegalMove when the table of states does not have it."""
        self.state = next_disclosure_state(DisclosureState(self.state), action).value

    @property
    def mark(self) -> str:
        """SHA-256 (hex) of all that a second person reads: an approval names it, so that it stands for nothing else."""
        read = (self.sha256, self.kind, self.title, self.reason, self.words, self.explanations)
        return hashlib.sha256(json.dumps(read, ensure_ascii=False).encode()).hexdigest()


class DisclosureStep(Base):
    """One line of the history of a disclosure, in codes; ``words``: why it was sent back. Never changed."""

    __tablename__ = "disclosure_step"
    __table_args__ = (UniqueConstraint("disclosure_id", "position"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    disclosure_id: Mapped[Id] = mapped_column(ForeignKey("disclosure.id"))
    position: Mapped[int]
    day: Mapped[date]
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[Id | None]


class DisclosureRow(_FigureColumns, Base):
    """A figure of a disclosure that is not published; ``position``: its row in the file. Gone once it is published.

    ``base``: the version of the published figure that was the newest when it was taken in, 0 for none.
    """

    __tablename__ = "disclosure_row"
    __table_args__ = (UniqueConstraint("disclosure_id", "position"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    disclosure_id: Mapped[Id] = mapped_column(ForeignKey("disclosure.id"))
    position: Mapped[int]
    base: Mapped[int] = mapped_column(default=0)


class PublishedDisclosure(Base):
    """What was published together: ``code`` (2026-0007) is its address. Never changed."""

    __tablename__ = "published_disclosure"
    __table_args__ = (CheckConstraint(f"kind in ({_names(Kind)})", name="kind"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(12), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    explanations: Mapped[str] = mapped_column(Text, default="{}")
    figures: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    published_on: Mapped[date] = mapped_column(index=True)


LATEST_FIRST = (
    PublishedDisclosure.published_on.desc(),
    func.length(PublishedDisclosure.code).desc(),
    PublishedDisclosure.code.desc(),
)
"""The order of disclosures, the newest first: the ten thousandth of a year has a longer code than the one before."""


ASKED = ("version", "region", "fund", "measure", "edition", "year", "inferred", "amount")
"""What programs may ask figures by: in one index with the code, so that whatever they ask for together, and however
little there is of it, is found in the order of codes without looking at a row."""


class PublishedFigure(_FigureColumns, Base):
    """A version of a published figure; the newest of a ``code`` is what it says now, the others are its history.

    ``year``: of the last day, for lists.
    """

    __tablename__ = "published_figure"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        Index("ix_published_figure_region_year", "region", "year", "fund", "measure"),
        Index("ix_published_figure_region_fund", "region", "fund", "measure", "end_on"),
        Index("ix_published_figure_fund_measure", "fund", "measure", "end_on", "region"),
        Index("ix_published_figure_disclosure_id_code", "disclosure_id", "code"),
        Index("ix_published_figure_asked", "code", *ASKED),
        partial_index("ix_published_figure_unsure", "place", "year", where="region = ''"),
        partial_index("ix_published_figure_corrected", "published_on", "code", "version", where="version > 1"),
        # once for each figure that was corrected
        partial_index("ix_published_figure_corrected_code", "version", "code", where="version = 2"),
    )  # fmt: skip
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    disclosure_id: Mapped[Id] = mapped_column(ForeignKey("published_disclosure.id"))
    year: Mapped[int]
    published_on: Mapped[date]


class PublishedPlace(Base):
    """A place of which anything is published, so that no page has to look for them among all figures.

    ``place``: its own words; several unconfirmed places share the region "". ``changed_by``: the disclosure that
    published or corrected figures of it last; what is told of the place can only change together with it.
    """

    __tablename__ = "published_place"
    __table_args__ = (UniqueConstraint("region", "place"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(6))
    place: Mapped[str] = mapped_column(String(60))  # "" for a region that has a code
    first_year: Mapped[int]
    last_year: Mapped[int]
    figures: Mapped[int]
    changed_on: Mapped[date]
    changed_by: Mapped[Id] = mapped_column(ForeignKey("published_disclosure.id"))


class PublishedPromise(Base):
    """What an office promised: this edition within ``days`` of the end of each period (``every``). Never changed.

    A later row of the same office, edition and ``every`` takes the place of the earlier one from its day on.
    """

    __tablename__ = "published_promise"
    __table_args__ = (
        CheckConstraint("every in ('month','quarter','year')", name="every"),
        CheckConstraint("days > 0 and days < 1000", name="days"),
        UniqueConstraint("office_id", "region", "edition", "every", "in_force_from"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    region: Mapped[str] = mapped_column(String(6))
    edition: Mapped[str] = mapped_column(String(12))
    every: Mapped[str] = mapped_column(String(8))
    days: Mapped[int]
    in_force_from: Mapped[date]
    set_on: Mapped[date]
