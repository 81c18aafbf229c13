"""What forbids submitting and approving a draft. Pure.

The same function is asked twice. The editor, whose session has the report open, passes its *pieces*; whoever approves
has the case record alone, and what came of the report stands in the draft as questions that have to be answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from portal.exposures.content import CaseContent, Withheld
from portal.exposures.drafts import Draft, Question, Topic, text_of
from portal.exposures.generating import propose
from portal.exposures.record import CaseRecord
from portal.exposures.redaction.assistant import redact
from portal.exposures.redaction.data import surnames, words
from portal.exposures.redaction.folding import fold
from portal.exposures.redaction.known import known_values
from portal.exposures.redaction.masking import MASK, WORDS, mask_of, masked, masks
from portal.exposures.redaction.values import Kind, Span
from portal.exposures.rules import contradictions
from portal.exposures.safety import Safety

HARD = frozenset(
    {
        Kind.ID_NUMBER,
        Kind.PHONE,
        Kind.BANK_CARD,
        Kind.EMAIL,
        Kind.WECHAT,
        Kind.QQ,
        Kind.PLATE,
        Kind.MEDICAL_RECORD,
        Kind.INSURANCE_NUMBER,
        Kind.KNOWN,
    }
)
"""Kinds that no reason keeps: they are masked or written away."""
_MASKABLE = frozenset({Kind.NAME, *WORDS})
_SUM = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?)\s?(万|亿)?余?元")
_NOBODY = frozenset("医药诊公市区县月日种些项")
"""Behind 某 these make a thing of it: 某医院, 某月."""
_UNIT = {"": 1, "万": 10_000, "亿": 100_000_000}
_DAY = re.compile(r"\d{1,2}\s?月\s?\d{1,2}\s?[日号]")


@dataclass(frozen=True, slots=True)
class Pieces:
    """Of the report's words, for one session: what must not be printed. ``unsure``: may be a name or may be a word."""

    sure: tuple[str, ...] = field(default=(), repr=False)
    unsure: tuple[str, ...] = field(default=(), repr=False)


NO_PIECES = Pieces()


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One thing in the way, with a sentence for whoever has to remove it. ``question``: where there is one to answer.

    ``code``: "hard" (masked or written away, whatever anybody says), "unanswered", "style", "record" (the case record
    itself has to be mended, or was since this version), "arithmetic", "empty".
    """

    code: str
    words: str = field(repr=False)
    question: Question | None = None


def pieces_of(report: str, usual: str) -> Pieces:
    """Names, numbers, contacts, places and days in *report*, without what stands in *usual* (the text generated from
    the record) anyway."""
    found = redact(report)
    sure = [span.value for span in found.spans]
    unsure = []
    for one in found.warnings:
        value = report[one.start : one.end]
        if one.kind is Kind.NAME:
            unsure.append(value)
        elif one.kind in (Kind.NUMBER, Kind.CONTACT):
            sure.append(value)
        elif one.kind is Kind.EXACT_DAY and re.search(r"\d|月", value):
            sure += [value, *_DAY.findall(value)]
    return Pieces(_apart(sure, usual), _apart(unsure, usual))


def _apart(values: list[str], usual: str) -> tuple[str, ...]:
    plain = dict.fromkeys(fold(one).text.strip() for one in values)
    return tuple(one for one in plain if len(one) >= 2 and one not in usual)


def facts_of(record: CaseRecord, draft: CaseContent) -> CaseContent:
    """What is generated from *record*, with title and paragraphs of *draft* and what is masked in them."""
    made = propose(record, draft.office, draft.invented)
    changed = replace(made, title=draft.title, paragraphs=draft.paragraphs)
    return replace(changed, withheld=withheld_in(text_of(changed)))


def withheld_in(text: str) -> tuple[Withheld, ...]:
    """The masks in *text*: people each once, everything else as often as it stands there."""
    found = [match[0] for match in MASK.finditer(text) if text[match.end() : match.end() + 1] not in _NOBODY]
    people = {_person(one) for one in found if not one.startswith("［")} - {""}
    counts = {Kind.NAME: len(people) + found.count("［姓名］")}
    counts |= {kind: found.count(f"［{word}］") for kind, word in WORDS.items()}
    return tuple(Withheld(kind.value, count) for kind, count in counts.items() if count)


def _person(mask: str) -> str:
    """``赵某1`` of ``长赵某1``; "" for 某 behind what is no surname (一家某医院 is nobody)."""
    stem, rest = mask[: mask.index("某")], mask[mask.index("某") :]
    known = surnames() | words("compound_surnames")
    name = next((stem[-size:] for size in (2, 1) if stem[-size:] in known), "")
    return name + rest if name or rest.startswith("某某") else ""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a question stands in :func:`portal.exposures.drafts.text_of`; code points, *end* is exclusive."""

    start: int
    end: int
    question: Question


def places_about(content: CaseContent, record: CaseRecord, pieces: Pieces = NO_PIECES) -> tuple[Place, ...]:
    """Every piece of the text that a person has to look at, from left to right."""
    text = text_of(content)
    found = redact(text, (*record.names, *pieces.sure))
    places = [Place(one.start, one.end, Question(Topic.MASK, one.kind.value, one.value)) for one in found.spans]
    for one in found.warnings:
        places.append(Place(one.start, one.end, Question(Topic.CAUTION, one.kind.value, text[one.start : one.end])))
    places += [*_unsure(text, pieces.unsure, places), *_sums_apart(text, content, record)]
    return tuple(sorted(places))


def questions_about(content: CaseContent, record: CaseRecord, pieces: Pieces = NO_PIECES) -> tuple[Question, ...]:
    """What the text makes a person look at, in the order in which it stands there; each piece once."""
    return tuple(dict.fromkeys(one.question for one in places_about(content, record, pieces)))


def maskable(question: Question) -> bool:
    """Whether one press can put a mask there; a role or a day is for somebody to rewrite."""
    return question.topic in (Topic.MASK, Topic.CAUTION) and question.kind in _MASKABLE


def mask_in(content: CaseContent, places: Iterable[Place]) -> CaseContent:
    """Title and paragraphs with a mask at each of *places* that can have one."""
    title, *rest = masked(text_of(content), [_span(one) for one in sorted(places) if maskable(one.question)]).split(
        "\n"
    )
    return replace(content, title=title, paragraphs=tuple(rest))


def mask_at(content: CaseContent, place: Place) -> str:
    """What a mask there would be; "" where none can be."""
    if not maskable(place.question):
        return ""
    span = _span(place)
    return mask_of(span, masks(text_of(content), [span]))


def _span(place: Place) -> Span:
    return Span(place.start, place.end, Kind(place.question.kind), place.question.value)


def _unsure(text: str, unsure: tuple[str, ...], taken: Sequence[Place]) -> Iterator[Place]:
    folded = fold(text)
    for found in known_values(folded.text, unsure):
        start, end = folded.back(found.start, found.end)
        if not any(start < one.end and one.start < end for one in taken):
            yield Place(start, end, Question(Topic.CAUTION, Kind.NAME.value, text[start:end]))


def questions_of(safety: Safety) -> tuple[Question, ...]:
    """What the reporter-safety check makes a person look at: counts and codes."""
    length = sum(len(one.text) for one in safety.shared)
    shared = (Question(Topic.SHARED, "", count=len(safety.shared), characters=length),) if safety.shared else ()
    return (*shared, *(Question(Topic.WARNED, one.value) for one in safety.warned))


def may_keep(question: Question, record: CaseRecord) -> bool:
    """Whether a reason keeps it: not a number that leads to somebody, and nobody whom the record names."""
    if question.topic is not Topic.MASK:
        return True
    people = any(True for _ in known_values(fold(question.value).text, record.names))
    return question.kind not in HARD and not people


def hindrances(draft: Draft, record: CaseRecord, pieces: Pieces = NO_PIECES) -> tuple[Hindrance, ...]:
    """Everything in the way, in the order of the text; empty when the draft may go on."""
    safety = [one for one in draft.questions if one.topic in (Topic.SHARED, Topic.WARNED)]
    asked = (*questions_about(draft.content, record, pieces), *safety)
    found = [*_whole(draft.content), *_of_record(draft.content, record), *_style(draft.content, record)]
    if any(not may_keep(one, record) for one in _masks(draft.words, record, pieces)):
        found.append(Hindrance("hard", "更正的说明里有不能公开的内容，请改写。"))
    for question in asked:
        if not may_keep(question, record):
            found.append(Hindrance("hard", "这一处要遮盖或者改写，不能保留。", question))
        elif draft.answer_to(question) is None:
            found.append(Hindrance("unanswered", "这一处还没有处理：请改写，或者写明保留的理由。", question))
    return tuple(found)


def _whole(content: CaseContent) -> Iterator[Hindrance]:
    if not content.title or not any(content.paragraphs):
        yield Hindrance("empty", "请写标题和正文。")


def _of_record(content: CaseContent, record: CaseRecord) -> Iterator[Hindrance]:
    if content != facts_of(record, content):
        yield Hindrance("record", "案件记录在这一版以后更正过。请打开草稿，核对以后再保存一次。")
    for sentence in contradictions(record.amounts):
        yield Hindrance("arithmetic", f"案件记录的金额对不上：{sentence}请承办人员先更正案件记录。")
    free = "\n".join((*content.bases, *(one.role for one in content.points)))
    if any(not may_keep(one, record) for one in _masks(free, record)):
        yield Hindrance("record", "案件记录的依据或者记分里有不能公开的内容，请承办人员先更正案件记录。")


def _masks(text: str, record: CaseRecord, pieces: Pieces = NO_PIECES) -> list[Question]:
    found = redact(text, (*record.names, *pieces.sure)).spans
    return [Question(Topic.MASK, one.kind.value, one.value) for one in found]


def _style(content: CaseContent, record: CaseRecord) -> Iterator[Hindrance]:
    """A name that is masked in the middle gives its ends away."""
    text = fold(text_of(content)).text
    for name in (fold(one).text.strip() for one in record.names):
        shown = re.search(rf"{re.escape(name[0])}[某*×xX]{{1,3}}{re.escape(name[-1])}", text) if len(name) > 2 else None
        if shown:
            yield Hindrance("style", f"“{shown[0]}”露出了名字的最后一个字，请写成“{name[0]}某”。")


def _sums_apart(text: str, content: CaseContent, record: CaseRecord) -> Iterator[Place]:
    """Sums of the text that neither stand in the record nor in what is generated from it, to the fen."""
    generated = propose(record, content.office)
    sums = record.amounts
    known = {fen for _, fen, _ in _sums(text_of(generated))}
    known |= {
        sums.involved_fen, sums.fine_base_fen, sums.fine_fen, sums.damages_fen, sums.refused_fen, sums.recovered_fen,
        sums.involved_fen - sums.refused_fen, sums.involved_fen - sums.refused_fen - sums.recovered_fen,
    }  # fmt: skip
    for start, fen, end in _sums(text):
        if fen not in known:
            yield Place(start, end, Question(Topic.SUM, "", text[start:end]))


def _sums(text: str) -> Iterator[tuple[int, int, int]]:
    folded = fold(text)
    for match in _SUM.finditer(folded.text):
        start, end = folded.back(*match.span())
        yield start, int(Decimal(match[1].replace(",", "")) * _UNIT[match[2] or ""] * 100), end
