"""A draft as its editor sees it: what was found, where it stands, what it was compared with. Kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from admin.exposures.drafting import Material, safety_of
from admin.exposures.draftwords import OFFERED, asked_in_words
from portal.exposures.difference import Piece, difference
from portal.exposures.drafts import Answer, Draft, Keep, Question, Topic, text_of
from portal.exposures.readiness import Hindrance, Pieces, Place, hindrances, mask_at, may_keep, places_about
from portal.exposures.redaction.folding import fold
from portal.exposures.safety import passage_of

AROUND = 14
"""Characters before and behind a piece that are shown with it."""


@dataclass(frozen=True, slots=True)
class Card:
    """One question. ``before``, ``after``: what stands around the piece; ``mask``: what would stand for it, "" when
    nothing can; ``keeps``: reasons that fit, none when it cannot be kept; ``reported``: the report has it too."""

    question: Question
    asked: str
    before: str = field(repr=False)
    after: str = field(repr=False)
    mask: str = field(repr=False)
    keeps: tuple[Keep, ...]
    answer: Answer | None
    reported: bool


@dataclass(frozen=True, slots=True)
class Together:
    """A phrase of the draft beside the sentence of the report that it also stands in."""

    phrase: str = field(repr=False)
    report: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a line; ``id`` of the question about it, "" when there is none."""

    text: str = field(repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True)
class DraftPage:
    """Everything that the page of a draft shows beside the form."""

    lines: tuple[tuple[Segment, ...], ...]
    cards: tuple[Card, ...]
    safety: tuple[Card, ...]
    together: tuple[Together, ...]
    changed: tuple[Piece, ...]
    todo: tuple[Hindrance, ...]

    @property
    def masks_all(self) -> bool:
        """Whether there is something that the assistant is sure of and nobody keeps."""
        return any(card.question.topic is Topic.MASK and card.answer is None for card in self.cards)


def draft_page(draft: Draft, material: Material, today: date) -> DraftPage:
    """What to show of a judged *draft*."""
    places = places_about(draft.content, material.record, material.pieces)
    first = {one.question: one for one in reversed(places)}
    cards = [_card(draft, material, one, first.get(one)) for one in draft.questions]
    text = text_of(draft.content)
    shared = safety_of(draft.content, material, today).shared
    about_report = (Topic.SHARED, Topic.WARNED)
    return DraftPage(
        lines=tuple(_lines(text, places)),
        cards=tuple(card for card in cards if card.question.topic not in about_report),
        safety=tuple(card for card in cards if card.question.topic in about_report),
        together=tuple(Together(one.text, passage_of(material.report, one.text)) for one in shared),
        changed=difference(text_of(material.generated), text),
        todo=hindrances(draft, material.record, material.pieces),
    )


def _card(draft: Draft, material: Material, question: Question, place: Place | None) -> Card:
    text, before, after = text_of(draft.content), "", ""
    if place is not None:
        before = text[max(0, place.start - AROUND) : place.start].rpartition("\n")[2]
        after = text[place.end : place.end + AROUND].partition("\n")[0]
    return Card(
        question=question,
        asked=asked_in_words(question),
        before=before,
        after=after,
        mask=mask_at(draft.content, place) if place else "",
        keeps=OFFERED[question.topic] if may_keep(question, material.record) else (),
        answer=draft.answer_to(question),
        reported=_in(question.value, material.pieces),
    )


def _in(value: str, pieces: Pieces) -> bool:
    plain = fold(value).text.strip()
    return bool(plain) and any(plain in one for one in (*pieces.sure, *pieces.unsure))


def _lines(text: str, places: Sequence[Place]) -> Iterator[tuple[Segment, ...]]:
    """Each line cut where questions begin and end; what lies inside another piece, or goes over a line's end, is not
    marked twice."""
    start = 0
    for line in text.split("\n"):
        end, at, cut = start + len(line), start, []
        for one in places:
            if at <= one.start and one.end <= end:
                cut += [Segment(text[at : one.start]), Segment(text[one.start : one.end], one.question.id)]
                at = one.end
        yield (*cut, Segment(text[at:end]))
        start = end + 1
