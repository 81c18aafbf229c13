"""The bars on the corpus: what may leak, what may be touched, what comes back unchanged."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.exposures.redaction.assistant import redact
from portal.exposures.redaction.values import Redacted
from tests.exposures.redaction import numbers
from tests.exposures.redaction.generating import FRAMES, NARRATIVES, PUBLISHED, SLOT, narrative
from tests.exposures.redaction.measuring import Counts, corpus, measure, share, written

PATTERNED = (
    "id-number", "old id-number", "phone", "landline", "bank-card", "email", "wechat", "qq", "plate", "medical-record",
    "insurance-number", "address",
)  # fmt: skip
NAMES = ("name", "short name", "titled name")
MADE = {
    "身份证": numbers.id_number,
    "老身份证号": numbers.old_id_number,
    "手机": numbers.mobile,
    "座机": numbers.landline,
    "卡号": numbers.card,
    "QQ号": numbers.qq,
    "住院号": numbers.record_number,
    "医保卡号": numbers.insurance_number,
    "车牌": numbers.plate,
}


@cache
def counted(source: str, known: bool) -> Counts:
    """Both halves and three fillings of the frames, or the narratives that were written whole."""
    total: Counts = {}
    for seed in range(3):
        for which in (0, 1):
            found = corpus(5 + seed, which) if source == "frames" else written(5 + seed, which)
            for kind, outcome in measure(found, known=known).items():
                total.setdefault(kind, Counter()).update(outcome)
    return total


def kept(counts: Counts) -> tuple[str, ...]:
    return tuple(kind for kind in counts if kind.startswith("keep"))


def test_the_corpus_is_large_and_every_text_of_it_another() -> None:
    assert len(set(FRAMES)) == len(FRAMES) > 250
    assert len(set(NARRATIVES)) == len(NARRATIVES) > 150
    assert len(set(PUBLISHED)) == len(PUBLISHED) == 20


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("source", ["frames", "whole"])
def test_no_number_no_contact_and_no_home_leaks(source: str, known: bool) -> None:
    counts = counted(source, known)
    leaked = {kind: counts[kind]["leaked"] for kind in PATTERNED if kind in counts}
    assert len(leaked) > 6
    assert set(leaked.values()) == {0}


@pytest.mark.parametrize("source", ["frames", "whole"])
def test_every_name_that_is_known_is_masked(source: str) -> None:
    counts = counted(source, True)["name"]
    assert counts["masked"] > 500
    assert counts["leaked"] == 0
    assert counts["warned"] <= 3  # a Latin name behind a Chinese character, a name inside an institution's


def test_without_known_names_nearly_all_names_are_masked_or_warned_of() -> None:
    assert share(counted("frames", False), NAMES, "leaked") <= 0.03


def test_names_made_to_be_missed_are_mostly_found() -> None:
    assert share(counted("whole", False), NAMES, "leaked") <= 0.10


@pytest.mark.parametrize("source", ["frames", "whole"])
def test_roles_and_days_are_put_before_a_person(source: str) -> None:
    assert share(counted(source, False), ("role", "exact-day"), "leaked") <= 0.1


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("source", ["frames", "whole"])
def test_what_is_to_be_kept_is_kept(source: str, known: bool) -> None:
    counts = counted(source, known)
    assert sum(sum(counts[kind].values()) for kind in kept(counts)) > 400
    assert share(counts, kept(counts), "touched") <= 0.01


@pytest.mark.parametrize("text", PUBLISHED)
def test_a_published_paragraph_comes_back_as_it_was(text: str) -> None:
    assert redact(text).text == text


def test_published_paragraphs_hardly_ever_need_a_person() -> None:
    assert sum(len(redact(text).warnings) for text in PUBLISHED) <= len(PUBLISHED) // 5


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FRAMES + NARRATIVES), st.randoms(use_true_random=False))
def test_what_was_masked_is_not_masked_again(frame: str, rng: random.Random) -> None:
    once = redact(narrative(rng, 0, frame).text)
    assert redact(once.text).text == once.text


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_arbitrary_text_is_masked_once_and_for_all(text: str) -> None:
    once = redact(text)
    assert redact(once.text).text == once.text


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(MADE)),
    st.randoms(use_true_random=False),
    st.text(" -.\u200b\u3000\u00ad·", min_size=1, max_size=2),
)
def test_a_number_with_signs_put_inside_does_not_leak(label: str, rng: random.Random, gap: str) -> None:
    number = MADE[label](rng)
    at = rng.randrange(1, len(number))
    text = f"{label}{number[:at]}{gap}{number[at:]}，就是他的。"
    assert len(left(redact(text), text, len(label), len(label) + len(number) + len(gap))) == 0


def _places(answer: Redacted) -> list[tuple[int, int]]:
    """Where something was masked, then where something was warned of."""
    return [(one.start, one.end) for one in answer.spans] + [(one.start, one.end) for one in answer.warnings]


def left(answer: Redacted, text: str, start: int, end: int) -> list[str]:
    """The digits between *start* and *end* that are neither masked nor warned of."""
    found = {at for start, end in _places(answer) for at in range(start, end)}
    return [text[at] for at in range(start, end) if text[at].isdigit() and at not in found]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60), st.sampled_from(FRAMES))
def test_spans_lie_apart_inside_the_text_and_the_rest_is_unchanged(noise: str, frame: str) -> None:
    text = noise + SLOT.sub("𠮷\ud800王建国", frame)
    answer = redact(text)
    places = _places(answer)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(sorted(places)))
    assert list(answer.spans) == sorted(answer.spans) and list(answer.warnings) == sorted(answer.warnings)
    assert all(span.value == text[span.start : span.end] for span in answer.spans)
    at, rest = 0, answer.text
    for span in (*answer.spans, None):
        unchanged = text[at : span.start if span else len(text)]
        assert unchanged in rest
        rest = rest[rest.index(unchanged) + len(unchanged) :]
        at = span.end if span else at
