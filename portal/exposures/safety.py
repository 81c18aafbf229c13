"""Whether what is to be published points at who reported: shared phrases, a small world, nearness in time. Pure.

It compares with the report as opened in the editor's session. Nothing that comes out of here is meant to be stored but
counts and the editor's answers: a phrase that stands in both texts is a piece of the report.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from portal.exposures.content import CaseContent
from portal.exposures.record import CaseRecord
from portal.exposures.values import Month, Source

SHORTEST = 6
"""Characters, without punctuation and spaces, from which on a phrase that both texts have is shown."""
FEW = 10
"""Fewer people than this who could have known make a small world."""
NEAR_DAYS = 30
"""Days after the receipt of the report within which a publication lets one infer the other."""
_ENDS = "。！？!?；;\n"


class Warned(StrEnum):
    """What the check warns of, beside the phrases."""

    ONE_MONTH = "one-month"  # one institution and one month of conduct: few days to have seen it on
    FEW_KNEW = "few-knew"  # the record says how few could have known
    SAYS_REPORT = "says-report"  # the text says that a report led to it, and one of the two above holds
    SOON = "soon"  # published close to the receipt of the report
    SAME_MONTH = "same-month"  # the text names the month in which the report came in


@dataclass(frozen=True, slots=True)
class Shared:
    """A phrase of the draft that the report has too. Offsets are code points of the draft; *end* is exclusive."""

    start: int
    end: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Safety:
    """What was found."""

    shared: tuple[Shared, ...] = field(repr=False)
    warned: tuple[Warned, ...]

    @property
    def quiet(self) -> bool:
        """Nothing that anybody has to look at."""
        return not self.shared and not self.warned


def check_safety(
    content: CaseContent, record: CaseRecord, report: str, received: date, publish_on: date, usual: Iterable[str] = ()
) -> Safety:
    """Hold a draft against the report it came from. *usual*: phrases that say nothing of who wrote them (words of the
    law, names of conducts); institution, office and legal bases always are. *received*: the day of the report."""
    text = "\n".join((content.title, *content.paragraphs))
    known = (content.institution, content.office, *content.bases, *usual)
    return Safety(
        shared_phrases(text, report, known), (*_small_world(content, record), *_timing(text, received, publish_on))
    )


def shared_phrases(draft: str, report: str, usual: Iterable[str] = ()) -> tuple[Shared, ...]:
    """The longest phrases of at least SHORTEST characters that both have, from left to right, none inside another.

    Width, capitals, punctuation and spaces make no difference. A phrase that lies wholly in one of *usual* is left out.
    """
    mine, places = _plain(draft)
    theirs, _ = _plain(report)
    common = [plain for plain, _ in map(_plain, usual)]
    grams = {theirs[at : at + SHORTEST] for at in range(len(theirs) - SHORTEST + 1)}
    found: list[Shared] = []
    at = 0
    while at + SHORTEST <= len(mine):
        if mine[at : at + SHORTEST] not in grams:
            at += 1
            continue
        length = _longest(mine, at, theirs)
        phrase = mine[at : at + length]
        if not any(phrase in one for one in common):
            start, end = places[at], places[at + length - 1] + 1
            found.append(Shared(start, end, draft[start:end]))
        at += length
    return tuple(found)


def passage_of(report: str, phrase: str) -> str:
    """The sentences of *report* in which *phrase* first stands, however it is spaced there; "" when it does not."""
    theirs, places = _plain(report)
    mine, _ = _plain(phrase)
    at = theirs.find(mine) if mine else -1
    if at < 0:
        return ""
    start, end = places[at], places[at + len(mine) - 1] + 1
    while start and report[start - 1] not in _ENDS:
        start -= 1
    while end < len(report) and report[end - 1] not in _ENDS:
        end += 1
    return report[start:end].strip()


def _longest(mine: str, at: int, theirs: str) -> int:
    """How far from *at* one place of *theirs* goes on alike; each place is walked once, so long texts stay cheap."""
    best, start = SHORTEST, theirs.find(mine[at : at + SHORTEST])
    while start >= 0:
        length = best
        while (
            mine[at : at + length + 1] == theirs[start : start + length + 1]
            and at + length < len(mine)
            and (start + length < len(theirs))
        ):
            length += 1
        best = max(best, length)
        start = theirs.find(mine[at : at + best + 1], start + 1) if at + best < len(mine) else -1
    return best


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Letters, digits and characters alone, folded, and where each stood in *text*."""
    kept, places = [], []
    for place, character in enumerate(text):
        for one in unicodedata.normalize("NFKC", character).casefold():
            if one.isalnum():
                kept.append(one)
                places.append(place)
    return "".join(kept), places


def _small_world(content: CaseContent, record: CaseRecord) -> tuple[Warned, ...]:
    found = []
    if content.institution and content.began is not None and content.began == (content.ended or content.began):
        found.append(Warned.ONE_MONTH)
    if 0 < record.could_know < FEW:
        found.append(Warned.FEW_KNEW)
    if found and content.source is Source.REPORT:
        found.append(Warned.SAYS_REPORT)
    return tuple(found)


def _timing(text: str, received: date, publish_on: date) -> tuple[Warned, ...]:
    found = []
    if (publish_on - received).days < NEAR_DAYS:
        found.append(Warned.SOON)
    if Month(received.isoformat()[:7]).zh in unicodedata.normalize("NFKC", text):
        found.append(Warned.SAME_MONTH)
    return tuple(found)
