"""Tables of exposures. What is published stands in clear and knows no report; the way there is sealed.

The public site may read the ``published_*`` tables and nothing else here: no row of those points at a tip.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.exposures.circular_states import CircularKind, CircularState
from portal.exposures.states import ExposureState
from portal.exposures.teaching_states import Display, TeachingState
from portal.exposures.values import Treatment, VersionKind
from portal.kernel.db import Base, index_where_filled, partial_index
from portal.kernel.values import Id, new_id

_PROPOSED = "state = 'proposed' and kind = 'evaluation'"


def _names(values: type[StrEnum]) -> str:
    return ",".join(f"'{value.value}'" for value in values)


class ExposureGate(Base):
    """A decision of the severity gate on a closed case, ``turn`` by turn; the newest counts.

    ``words``: the reason, sealed with the keys of the report.
    """

    __tablename__ = "exposure_gate"
    __table_args__ = (
        CheckConstraint(f"treatment in ({_names(Treatment)})", name="treatment"),
        UniqueConstraint("tip_id", "turn"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"))
    turn: Mapped[int]
    treatment: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(String(40))
    words: Mapped[bytes]
    decided_by: Mapped[Id]
    decided_on: Mapped[date]


class Exposure(Base):
    """The way of one closed case to the public. ``version``: of the draft; an approval names the one it read.

    ``publish_on``: the day of a scheduled publication. ``withdraw_by``: the last day to correct or withdraw what is
    known to be wrong (PP-46.2). ``published_id``: what the public sees, once there is anything.
    """

    __tablename__ = "exposure"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(ExposureState)})", name="state"),
        Index("ix_exposure_office_id_state", "office_id", "state"),
        index_where_filled("exposure", "publish_on"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"), unique=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    state: Mapped[str] = mapped_column(String(24))
    version: Mapped[int] = mapped_column(default=0)
    batch_id: Mapped[Id | None] = mapped_column(ForeignKey("published_batch.id"))
    publish_on: Mapped[date | None]
    withdraw_by: Mapped[date | None]
    published_id: Mapped[Id | None] = mapped_column(ForeignKey("published_case.id"))
    opened_by: Mapped[Id]
    opened_on: Mapped[date]


class ExposureDraft(Base):
    """One version of a draft with the answers to its warnings, sealed with the keys of the report. Never changed."""

    __tablename__ = "exposure_draft"
    __table_args__ = (UniqueConstraint("exposure_id", "version"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    exposure_id: Mapped[Id] = mapped_column(ForeignKey("exposure.id"))
    version: Mapped[int]
    sealed: Mapped[bytes]
    made_by: Mapped[Id]
    made_on: Mapped[date]


class ExposureStep(Base):
    """One line of an exposure's history, in codes. ``version``: of the draft that it was about."""

    __tablename__ = "exposure_step"
    __table_args__ = (UniqueConstraint("exposure_id", "position"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    exposure_id: Mapped[Id] = mapped_column(ForeignKey("exposure.id"))
    position: Mapped[int]
    day: Mapped[date]
    action: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(24))
    version: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(String(24), default="")
    actor_id: Mapped[Id | None]


class ExposureReview(Base):
    """What a publisher decided on one version of a draft. Never changed.

    ``decision``: the action. ``checks``: points of the legal check, codes with commas between them, "" for a return.
    ``reason``, ``words``: why it was sent back, a code and words sealed with the keys of the report.
    """

    __tablename__ = "exposure_review"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    exposure_id: Mapped[Id] = mapped_column(ForeignKey("exposure.id"), index=True)
    version: Mapped[int]
    decision: Mapped[str] = mapped_column(String(12))
    checks: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(String(24), default="")
    words: Mapped[bytes] = mapped_column(default=b"")
    made_by: Mapped[Id]
    made_on: Mapped[date]


class Circular(Base):
    """What an office tells others inside (内部通报): of a case, or of the evaluation of offices.

    Of a case: ``sealed``, under a key of its own that each copy wraps. Of the evaluation: ``period`` and ``content``
    (:class:`portal.exposures.circular_sheets.EvaluationSheet`) in clear with its ``sha256``, fixed from the moment of
    proposing. ``words``: why it was sent back.
    """

    __tablename__ = "circular"
    __table_args__ = (
        CheckConstraint(f"kind in ({_names(CircularKind)})", name="kind"),
        CheckConstraint(f"state in ({_names(CircularState)})", name="state"),
        CheckConstraint("(kind = 'case') = (tip_id is not null)", name="of_a_report"),
        CheckConstraint("kind = 'case' or content <> ''", name="fixed"),
        CheckConstraint("state <> 'sent' or sent_on is not null", name="sent"),
        CheckConstraint("kind = 'case' or state <> 'sent' or approved_by is not null", name="approved"),
        CheckConstraint("approved_by is null or approved_by <> made_by", name="two_people"),
        partial_index("ix_circular_proposed", "office_id", "period", unique=True, where=_PROPOSED),
    )  # fmt: skip
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    tip_id: Mapped[Id | None] = mapped_column(ForeignKey("tip.id"), index=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(default=b"")
    period: Mapped[str] = mapped_column(String(8), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[Id]
    made_on: Mapped[date]
    approved_by: Mapped[Id | None]
    sent_on: Mapped[date | None]

    @property
    def gone(self) -> bool:
        """The report was destroyed, and the words with it."""
        return self.kind == CircularKind.CASE and not self.sealed


class CircularCopy(Base):
    """The copy for one office. Of a case: the key of the circular, ``wrapped`` to the key of that office."""

    __tablename__ = "circular_copy"
    __table_args__ = (
        CheckConstraint("(key_id is null) = (wrapped is null)", name="wrapped"),
        UniqueConstraint("circular_id", "office_id"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    circular_id: Mapped[Id] = mapped_column(ForeignKey("circular.id"))
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"), index=True)
    key_id: Mapped[bytes | None] = mapped_column(ForeignKey("sealing_key.id"), index=True)
    wrapped: Mapped[bytes | None]


class CircularReceipt(Base):
    """Somebody read a copy: the read receipt (签收)."""

    __tablename__ = "circular_receipt"
    __table_args__ = (UniqueConstraint("copy_id", "staff_id"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    copy_id: Mapped[Id] = mapped_column(ForeignKey("circular_copy.id"))
    staff_id: Mapped[Id]
    read_on: Mapped[date]


class PublishedBatch(Base):
    """An issue (第N期) of an office with its preamble. In clear; ``published_on`` is None while it is put together."""

    __tablename__ = "published_batch"
    __table_args__ = (UniqueConstraint("office_id", "year", "issue"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    year: Mapped[int]
    issue: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    preamble: Mapped[str] = mapped_column(Text, default="")
    published_on: Mapped[date | None]


class PublishedCase(Base):
    """A case that the public sees, or a notice that it was withdrawn or has expired. ``code`` is its address for good.

    ``waiting``: approved for a later day, written in clear by then so that the worker, which holds no key, can show it;
    the public role does not see such a row. The columns beside ``version`` repeat what lists are filtered by.
    """

    __tablename__ = "published_case"
    __table_args__ = (
        CheckConstraint("state in ('waiting','published','withdrawn','expired')", name="state"),
        Index("ix_published_case_state_published_on", "state", "published_on"),
        Index("ix_published_case_region", "region"),
        index_where_filled("published_case", "expires_on"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(16), unique=True)  # 2026-0012: year and running number of the site
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    batch_id: Mapped[Id | None] = mapped_column(ForeignKey("published_batch.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)  # within the issue
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(6))
    subject: Mapped[str] = mapped_column(String(12))
    year: Mapped[int]
    published_on: Mapped[date]
    changed_on: Mapped[date]
    expires_on: Mapped[date | None]


class PublishedVersion(Base):
    """One version of a published case, never changed.

    ``content``: :class:`portal.exposures.content.CaseContent` as JSON; "" for the notice that it was withdrawn or has
    expired, and emptied in all earlier versions then. ``sha256`` stays.
    """

    __tablename__ = "published_version"
    __table_args__ = (
        CheckConstraint(f"kind in ({_names(VersionKind)})", name="kind"),
        UniqueConstraint("case_id", "version"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[Id] = mapped_column(ForeignKey("published_case.id"))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    content: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str] = mapped_column(String(64))
    day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(24), default="")  # a code
    words: Mapped[str] = mapped_column(Text, default="")  # what the public is told of the reason


class PublishedConduct(Base):
    """A conduct of a published case, for the filter."""

    __tablename__ = "published_conduct"
    case_id: Mapped[Id] = mapped_column(ForeignKey("published_case.id"), primary_key=True)
    conduct: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class PublishedTerm(Base):
    """Two neighbouring characters of what is published, for the search; only while it is published."""

    __tablename__ = "published_term"
    __table_args__ = (Index("ix_published_term_term_case_id", "term", "case_id"),)
    case_id: Mapped[Id] = mapped_column(ForeignKey("published_case.id"), primary_key=True)
    term: Mapped[str] = mapped_column(String(2), primary_key=True)


class Teaching(Base):
    """The way of one teaching notice to the public: one audience of one published case.

    ``content``: :class:`portal.exposures.teaching.TeachingNotice` as JSON, made of what is public already and of words
    that passed the redaction; ``answers``: what the editor was warned of and let stand, as JSON pairs of kind and text.
    ``version``: of the words; an approval names the one it read. ``again``: the case was corrected since. ``words``:
    why it was sent back. ``content``, ``answers`` and ``words`` are emptied once it has ended.
    """

    __tablename__ = "teaching_notice"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(TeachingState)})", name="state"),
        UniqueConstraint("case_id", "audience"),
        Index("ix_teaching_notice_office_id_state", "office_id", "state"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[Id] = mapped_column(ForeignKey("published_case.id"))
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    audience: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    content: Mapped[str] = mapped_column(Text)
    answers: Mapped[str] = mapped_column(Text, default="[]")
    again: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[Id]
    made_on: Mapped[date]


class PublishedTeaching(Base):
    """A teaching notice that the public sees, or that it is being looked at again, or gone with its case.

    ``content``: "" unless it is shown; ``sha256`` stays. The columns between repeat what lists are filtered by.
    """

    __tablename__ = "published_teaching"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(Display)})", name="state"),
        UniqueConstraint("case_id", "audience"),
        Index("ix_published_teaching_state_kind", "state", "kind"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[Id] = mapped_column(ForeignKey("published_case.id"))
    audience: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    ownership: Mapped[str] = mapped_column(String(10))
    size: Mapped[str] = mapped_column(String(10))
    manner: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    published_on: Mapped[date]
    changed_on: Mapped[date]
