"""The one entry of the redaction assistant. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from portal.exposures.redaction.folding import Folded, fold
from portal.exposures.redaction.known import known_values
from portal.exposures.redaction.masking import MASK, mask_of, masked, masks
from portal.exposures.redaction.names import names
from portal.exposures.redaction.numbers import Found, numbers
from portal.exposures.redaction.places import addresses, institutions
from portal.exposures.redaction.roles import days, roles
from portal.exposures.redaction.spreading import spread
from portal.exposures.redaction.values import Caution, Kind, Known, Redacted, Span

_ROUNDS = 6


def redact(text: str, known: Known = ()) -> Redacted:
    """*text* with what must not be printed masked, what was masked, and what a person has to judge.

    Masking can bring two harmless pieces together; so what was masked is read again until nothing more is found.
    """
    spans, cautions = _look(text, known)
    for _ in range(_ROUNDS):
        out = masked(text, spans)
        more = _more(text, spans, out, known)
        if not more:
            break
        spans = sorted((*spans, *more))
    return Redacted(masked(text, spans), tuple(spans), tuple(_free(len(text), cautions, spans)))


def _look(text: str, known: Known) -> tuple[list[Span], list[Caution]]:
    folded = fold(text)
    if not folded.text:
        return [], []
    taken = bytearray(len(folded.text))
    for match in MASK.finditer(folded.text):
        taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    sure, unsure = [], []
    for found in _all(folded, known):
        if not found.sure:
            unsure.append(found)
        elif found.end > found.start and not any(taken[found.start : found.end]):
            taken[found.start : found.end] = b"\x01" * (found.end - found.start)
            sure.append(found)
    spans = sorted(_span(text, folded, found) for found in sure)
    return spans, [Caution(*folded.back(one.start, one.end), one.kind) for one in unsure if one.end > one.start]


def _span(text: str, folded: Folded, found: Found) -> Span:
    start, end = folded.back(found.start, found.end)
    return Span(start, end, found.kind, text[start:end])


def _all(folded: Folded, known: Known) -> Iterable[Found]:
    text = folded.text
    kept = bytearray(len(text))
    for start, end in institutions(text):
        kept[start:end] = b"\x01" * (end - start)
    yield from numbers(text)
    of_names = list(names(text))
    for found in (*known_values(text, known), *addresses(text), *of_names, *spread(text, of_names)):
        if found.kind is not Kind.NAME or not any(kept[found.start : found.end]):
            yield found
    yield from roles(text)
    yield from days(text)


def _more(text: str, spans: list[Span], out: str, known: Known) -> list[Span]:
    """What the masked text shows besides, as spans of the input; pieces that touch a mask stay with the mask."""
    of_names, shift, ends, shifts = masks(text, spans), 0, [0], [0]
    for span in spans:
        shift += len(mask_of(span, of_names)) - (span.end - span.start)
        ends.append(span.end + shift)
        shifts.append(shift)
    starts, more = [span.start for span in spans], []
    for one in _look(out, known)[0]:
        which = bisect_right(ends, one.start) - 1
        start, end = one.start - shifts[which], one.end - shifts[which]
        following = bisect_left(starts, start)
        if text[start:end] == one.value and (following == len(starts) or starts[following] >= end):
            more.append(Span(start, end, one.kind, one.value))
    return more


def _free(length: int, cautions: list[Caution], spans: list[Span]) -> list[Caution]:
    """Cautions without what was masked and without each other: the first and longest kept, cut where a mask begins."""
    taken, free = bytearray(length), []
    for span in spans:
        taken[span.start : span.end] = b"\x01" * (span.end - span.start)
    for one in sorted(cautions, key=lambda one: (one.start, -one.end)):
        start, end = one.start, one.end
        while start < end and taken[start]:
            start += 1
        cut = taken.find(1, start, end)
        end = end if cut < 0 else cut
        if end - start >= 2 or (end > start and one.kind is Kind.NAME):
            taken[start:end] = b"\x01" * (end - start)
            free.append(Caution(start, end, one.kind))
    return free
