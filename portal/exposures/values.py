"""What a case record and a published case are made of. Codes are stored; words are in the ``wording`` modules. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from portal.kernel.errors import Refused
from portal.kernel.values import Fen

NOTHING = Fen(0)
_MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")


class Source(StrEnum):
    """The class of what led to the case (案源). A class, never a description: a description points at somebody."""

    REPORT = "report"
    BIG_DATA = "big-data"
    TRACE_CODE = "trace-code"
    JOINT = "joint"
    REFERRED = "referred"
    INSPECTION = "inspection"
    UNSTATED = "unstated"


class SubjectKind(StrEnum):
    """Whom the case is about."""

    HOSPITAL = "hospital"
    CLINIC = "clinic"
    PHARMACY = "pharmacy"
    AGENCY = "agency"
    EMPLOYER = "employer"
    INSURED = "insured"
    STAFF = "staff"
    OTHER = "other"


class Ownership(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    UNKNOWN = "unknown"


class Size(StrEnum):
    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    UNKNOWN = "unknown"


class Manner(StrEnum):
    """What kind of breach it was, as teaching material tells them apart."""

    FRAUD = "fraud"
    OVER_TREATMENT = "over-treatment"
    CHARGING = "charging"
    MANAGEMENT = "management"


class Result(StrEnum):
    """What was decided (处理结果)."""

    RETURN = "return"
    FINE = "fine"
    DAMAGES = "damages"
    REFUSED = "refused"
    WARNING = "warning"
    TALK = "talk"
    SUSPEND_SETTLEMENT = "suspend-settlement"
    SUSPEND_AGREEMENT = "suspend-agreement"
    END_AGREEMENT = "end-agreement"
    RECTIFY = "rectify"


class Referral(StrEnum):
    """Whom the case was handed to (移送)."""

    POLICE = "police"
    HEALTH = "health"
    MARKET = "market"
    DRUG = "drug"
    TAX = "tax"
    DISCIPLINE = "discipline"
    PROCURATOR = "procurator"


class Treatment(StrEnum):
    """The severity gate (NT-8.1, 区分性质、分类处置): in public, inside, or neither."""

    PUBLISH = "publish"
    CIRCULATE = "circulate"
    NEITHER = "neither"


class VersionKind(StrEnum):
    """What a version of a published case is."""

    PUBLISH = "publish"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class ChangeReason(StrEnum):
    """Why a version of a published case followed another. The first four are those of 处罚法 48 (PP-46.2)."""

    DECISION_CHANGED = "decision-changed"
    DECISION_REVOKED = "decision-revoked"
    DECISION_UNLAWFUL = "decision-unlawful"
    DECISION_VOID = "decision-void"
    WRONG_FACT = "wrong-fact"
    SLIP = "slip"
    PERSONAL_DATA = "personal-data"
    REPAIRED = "repaired"
    TERM_OVER = "term-over"
    OTHER = "other"


class Part(StrEnum):
    """What a person named in the record has to do with the case. A reporter is never named in it."""

    OFFENDER = "offender"
    PATIENT = "patient"
    WITNESS = "witness"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month, written ``2026-03``. Raises Refused ("bad_month")."""

    text: str

    def __post_init__(self) -> None:
        if not _MONTH.fullmatch(self.text):
            raise Refused("bad_month", "月份请写成“2026-03”这样。")

    @property
    def year(self) -> int:
        return int(self.text[:4])

    @property
    def zh(self) -> str:
        """``2026年3月``, as Chinese prose has it."""
        return f"{self.year}年{int(self.text[5:])}月"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Sums of a case, in fen; 0 is "not stated". ``fine_tenths``: the multiple of the fine times ten (2 times: 20; 1.5
    times: 15), 0 for a fine that is no multiple; ``fine_base_fen``: what was multiplied."""

    involved_fen: Fen = NOTHING
    fine_base_fen: Fen = NOTHING
    fine_tenths: int = 0
    fine_fen: Fen = NOTHING
    damages_fen: Fen = NOTHING
    refused_fen: Fen = NOTHING
    recovered_fen: Fen = NOTHING


NO_AMOUNTS = Amounts()


@dataclass(frozen=True, slots=True)
class Decided:
    """One result. ``months``: for how long, for a suspension; 0 otherwise."""

    result: Result
    months: int = 0


@dataclass(frozen=True, slots=True)
class Points:
    """Points on a payment qualification (医保支付资格记分): of which role, how many people, how many points each."""

    role: str
    people: int
    points: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in the record. The name is known so that it can be masked; it is never printed."""

    name: str = field(repr=False)
    part: Part
    title: str = ""
    """A title of an offender that stays (院长, 收费员), "" for none."""
