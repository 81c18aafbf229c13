"""What a request to open an identity is for, and what the reporter is told of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.custody.states import RequestState


class Use(StrEnum):
    """How much is shown once it is opened."""

    IDENTITY = "identity"  # all of it
    CONTACT = "contact"  # only how to reach the reporter, for a notice or a call back
    CHECK = "check"  # nothing: whether the draft of a published case says who it is, hit or no hit


class Answer(StrEnum):
    CONSENT = "consent"
    OBJECT = "object"


class Objection(StrEnum):
    """Why a seat holder does not consent. A code; the words are the page's."""

    NOT_NEEDED = "not_needed"  # the report can be handled without it
    UNCLEAR = "unclear"  # what is asked for is not explained
    DANGER = "danger"  # it would put the reporter at risk
    CONFLICT = "conflict"  # the holder has an interest in it


@dataclass(frozen=True, slots=True)
class Opening:
    """A request as the reporter sees it: days, offices and roles, the reason; nobody's name."""

    use: Use
    reason: str
    state: RequestState
    office: str
    office_en: str
    role: str
    asked_on: date
    opened_on: date | None
    ended_on: date | None
    consents: int
    objections: int
    k: int
