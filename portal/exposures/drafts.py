"""A draft of a published case, with the questions it raised and what a person answered to each. Pure.

It is sealed with the keys of the report and read by whoever approves it, who may not open the report: so it holds
nothing of the report's words. Of phrases that both texts have it knows how many there are, never which.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, astuple, dataclass, field, fields
from enum import StrEnum
from typing import Any

from portal.exposures.content import CaseContent, Withheld


class Topic(StrEnum):
    """What a question is about. The first three are about a piece of the text; the last two about the report."""

    MASK = "mask"  # the assistant would mask it
    CAUTION = "caution"  # the assistant leaves it to a person
    SUM = "sum"  # a sum of money that does not stand in the case record
    SHARED = "shared"  # phrases that the report has too
    WARNED = "warned"  # one of portal.exposures.safety.Warned


class Keep(StrEnum):
    """Why something stays although it was questioned."""

    MISTAKEN = "mistaken"  # it is no name, number, address …
    PUBLIC = "public"  # it is public anyway: an institution, an office, a law
    NEEDED = "needed"  # the facts cannot be told without it, and it points at nobody
    USUAL = "usual"  # everybody says it so
    WEIGHED = "weighed"  # looked at, and the risk is borne


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """Something that a person has to rewrite, or to keep for a reason.

    ``kind``: of :mod:`portal.exposures.redaction` or of the safety check, "" where there is one kind only. ``value``:
    the piece of the text, "" for the last two topics. ``count`` and ``characters``: of shared phrases.
    """

    topic: Topic
    kind: str
    value: str = field(default="", repr=False)
    count: int = 0
    characters: int = 0

    @property
    def id(self) -> str:
        """A short name for forms and links: the same for the same question."""
        return hashlib.sha256(json.dumps(list(astuple(self))).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Answer:
    """Why what *question* is about stays. It counts only for that very question."""

    question: Question
    keep: Keep
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One version. ``questions``: all that stood open or were answered when it was saved; ``reason`` and ``words``: of
    a correction, a code of ChangeReason and what the public is told, "" for a first publication."""

    content: CaseContent
    questions: tuple[Question, ...] = ()
    answers: tuple[Answer, ...] = ()
    reason: str = ""
    words: str = field(default="", repr=False)

    @property
    def redactions(self) -> tuple[Withheld, ...]:
        """What is masked in the text, by kind with how often."""
        return self.content.withheld

    @property
    def unanswered(self) -> tuple[Question, ...]:
        """The questions of its day that nobody answered."""
        answered = {one.question for one in self.answers}
        return tuple(one for one in self.questions if one not in answered)

    def answer_to(self, question: Question) -> Answer | None:
        """What was answered to that very question."""
        return next((one for one in self.answers if one.question == question), None)

    def to_json(self) -> str:
        """One line of canonical JSON, format 1."""
        data = {"v": 1, **asdict(self), "content": json.loads(self.content.to_json())}
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Draft:
        """What :meth:`to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("v", None) != 1:
            raise ValueError("not format 1")
        if set(data) != {item.name for item in fields(cls)}:
            raise ValueError("other fields than those of format 1")
        return cls(
            content=CaseContent.from_json(json.dumps(data["content"])),
            questions=tuple(_question(one) for one in data["questions"]),
            answers=tuple(
                Answer(_question(one["question"]), Keep(one["keep"]), one["words"]) for one in data["answers"]
            ),
            reason=data["reason"],
            words=data["words"],
        )


def _question(given: dict[str, Any]) -> Question:
    return Question(**{**given, "topic": Topic(given["topic"])})


def text_of(content: CaseContent) -> str:
    """Title and paragraphs, a line each: what the assistant and the safety check read."""
    return "\n".join((content.title, *content.paragraphs))
