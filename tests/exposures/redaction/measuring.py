"""What the assistant finds and touches, counted: ``python -m tests.exposures.redaction.measuring`` prints it."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from portal.exposures.redaction.assistant import redact
from tests.exposures.redaction.generating import FRAMES, NARRATIVES, Narrative, Piece, narrative

Counts = dict[str, Counter[str]]


def corpus(seed: int, which: int) -> list[Narrative]:
    """Every second frame, filled once."""
    rng = random.Random(seed)
    return [narrative(rng, which, frame) for frame in FRAMES[which::2]]


def written(seed: int, which: int) -> list[Narrative]:
    """Every narrative that was written whole, its numbers from half *which*."""
    rng = random.Random(seed)
    return [narrative(rng, which, line) for line in NARRATIVES]


def measure(narratives: list[Narrative], *, known: bool) -> Counts:
    """By kind: how many were masked, warned of or leaked; of what is to be kept, how many were kept or touched."""
    counts: Counts = defaultdict(Counter)
    for one in narratives:
        answer = redact(one.text, one.known if known else ())
        masked = {at for span in answer.spans for at in range(span.start, span.end)}
        warned = {at for caution in answer.warnings for at in range(caution.start, caution.end)}
        for piece in one.pieces:
            counts[piece.kind][_outcome(one.text, piece, masked, warned)] += 1
    return counts


def _outcome(text: str, piece: Piece, masked: set[int], warned: set[int]) -> str:
    places = {at for at in range(piece.start, piece.end) if text[at].isalnum()}
    if piece.kind.startswith("keep"):
        return "touched" if places & masked else "kept"
    if places <= masked or (piece.kind in ("role", "exact-day") and places & masked):
        return "masked"
    return "warned" if places & warned else "leaked"


def table(counts: Counts) -> str:
    """A line a kind."""
    return "\n".join(
        f"{kind:18}" + "".join(f" {what} {n:4}" for what, n in sorted(c.items())) for kind, c in sorted(counts.items())
    )


def share(counts: Counts, kinds: tuple[str, ...], bad: str) -> float:
    """Which part of these *kinds* came out as *bad*."""
    total = sum((counts[kind] for kind in kinds), Counter())
    return total[bad] / max(1, sum(total.values()))


if __name__ == "__main__":
    for given in (False, True):
        for half in (0, 1):
            print(f"half {half}, known {given}\n{table(measure(corpus(5 + half, half), known=given))}\n")
        print(f"written whole, known {given}\n{table(measure(written(5, 0), known=given))}\n")
