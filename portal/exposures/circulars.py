"""Circulars (内部通报): what one on a case says, whom any may go to, and what keeps it from being sent. Pure.

Its words are proposed from the case record, as those of an exposure are, and masked in the same style: whoever
receives it learns no more of a person than the public would.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from portal.exposures.gates import few_could_know
from portal.exposures.generating import propose
from portal.exposures.readiness import HARD
from portal.exposures.record import CaseRecord
from portal.exposures.redaction.assistant import redact
from portal.exposures.redaction.values import Caution, Kind, Known, Span
from portal.exposures.values import Source
from portal.kernel.errors import Refused
from portal.kernel.values import Id
from portal.routing.rules import barred_by, superiors_of
from portal.routing.values import OfficeInfo

TITLE_LIMIT, BODY_LIMIT = 120, 8_000
"""Characters."""
_BESIDE = 8  # characters shown on either side of a piece
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_REGION_ENDS = re.compile(r"(00)+$")


class Place(StrEnum):
    """Where an office stands as seen from the one that sends."""

    BELOW = "below"
    BESIDE = "beside"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An office that may get a circular. ``near``: people there might guess who reported. ``proposed``: ticked."""

    office: OfficeInfo
    place: Place
    near: bool

    @property
    def proposed(self) -> bool:
        return self.place is Place.BELOW and not self.near


@dataclass(frozen=True, slots=True, kw_only=True)
class CircularText:
    """The words of a circular. ``kept``: what the assistant asked about and the sender left standing, as keys."""

    title: str
    body: str = field(repr=False)
    kept: tuple[str, ...] = field(default=(), repr=False)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(one.strip() for one in self.body.splitlines() if one.strip())

    def to_json(self) -> str:
        """One line of canonical JSON, format 1."""
        return json.dumps({"v": 1, **asdict(self)}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> CircularText:
        """What :meth:`to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("v", None) != 1:
            raise ValueError("not format 1")
        return cls(title=data["title"], body=data["body"], kept=tuple(data["kept"]))


@dataclass(frozen=True, slots=True)
class Asked:
    """A piece of the text that a person has to judge. ``key``: names it as long as it stands in the text. ``around``:
    the piece with what stands beside it, for reading."""

    kind: Kind
    value: str = field(repr=False)
    around: str = field(default="", compare=False, repr=False)

    @property
    def key(self) -> str:
        return f"{self.kind.value}:{self.value}"


def new_circular_number() -> str:
    """``TB-7K3M-Q9RT``: random, so that it neither counts circulars nor leads to a report."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"TB-{drawn[:4]}-{drawn[4:]}"


def propose_text(record: CaseRecord, office_name: str) -> CircularText:
    """What could be told inside of *record*."""
    content = propose(record, office_name)
    body = ["各有关单位：", *content.paragraphs]
    body.append(
        "请对照上述情况开展自查，发现类似问题的，及时处理。本通报只在医疗保障系统内部使用，不得对外公开或者转发。"
    )
    return CircularText(title=f"关于{content.title}的内部通报", body="\n".join(body))


def candidates(
    home: Id,
    offices: Mapping[Id, OfficeInfo],
    kept_from: Collection[Id] = (),
    accused: Id | None = None,
    record: CaseRecord | None = None,
) -> list[Candidate]:
    """The offices below, beside and above *home* that can open what is sealed to them, in this order, then by code.

    Left out: *kept_from* (who must not see the report), an office that the case is about, all below it, and an office
    where everybody belongs to the *accused* one as well. Without a *record* it is no case, and near to nobody.
    """
    barred = {home, *kept_from}
    for one in offices.values():
        if record and record.institution and one.name == record.institution:
            barred |= barred_by(one.id, offices)
    found = [
        Candidate(one, place, record is not None and _is_near(one, record))
        for one in offices.values()
        if one.id not in barred and _can_read(one, accused) and (place := place_of(home, one.id, offices))
    ]
    order = list(Place)
    return sorted(found, key=lambda one: (order.index(one.place), one.office.code))


def _can_read(office: OfficeInfo, accused: Id | None) -> bool:
    return office.active and office.has_key and office.readers(accused) > 0


def place_of(home: Id, other: Id, offices: Mapping[Id, OfficeInfo]) -> Place | None:
    """Where *other* stands as seen from *home*; None for an office of another line, and for *home* itself."""
    if home in superiors_of(other, offices):
        return Place.BELOW
    if other in superiors_of(home, offices):
        return Place.ABOVE
    above = offices[home].superior_id
    if above is not None and other != home and offices[other].superior_id == above:
        return Place.BESIDE
    return None


def _is_near(office: OfficeInfo, record: CaseRecord) -> bool:
    """The office of the very place, where a report by one of few would point at somebody."""
    if record.source is not Source.REPORT or not (record.only_source or few_could_know(record)):
        return False
    return office.region.startswith(_REGION_ENDS.sub("", record.region))


@dataclass(frozen=True, slots=True)
class Looked:
    """What the assistant says of title and body together.

    ``hard``: what no answer keeps: numbers, contacts, and whoever the record names. ``asked``: what a person has to
    judge, each once. ``masked``: the whole with everything masked that the assistant is sure of.
    """

    hard: tuple[str, ...] = field(repr=False)
    asked: tuple[Asked, ...] = field(repr=False)
    masked: str = field(repr=False)


def looked_at(title: str, body: str, known: Known) -> Looked:
    """*known*: the names in the case record."""
    whole = f"{title}\n{body}"
    found = redact(whole, known)
    hard = [one.value for one in found.spans if _is_hard(one, known)]
    unsure: list[Span | Caution] = [*(one for one in found.spans if not _is_hard(one, known)), *found.warnings]
    asked = [
        Asked(one.kind, whole[one.start : one.end], _around(whole, one.start, one.end))
        for one in sorted(unsure, key=lambda one: one.start)
    ]
    return Looked(tuple(dict.fromkeys(hard)), tuple(dict.fromkeys(asked)), found.text)


def _around(whole: str, start: int, end: int) -> str:
    first, last = max(0, start - _BESIDE), min(len(whole), end + _BESIDE)
    cut = " ".join(whole[first:last].split())
    return f"{'…' if first else ''}{cut}{'…' if last < len(whole) else ''}"


def _is_hard(span: Span, known: Known) -> bool:
    return span.kind in HARD or any(name in span.value for name in known)


def checked(title: str, body: str, known: Known, answered: Collection[str]) -> CircularText:
    """What may be sealed. Refused: "no_title", "no_body", "too_long", "named" (something that has to be masked),
    "unanswered" (a piece that nobody has judged; *answered* are keys of :class:`Asked`)."""
    title, body = title.strip(), body.strip()
    if not title or "\n" in title:
        raise Refused("no_title", "请填写一行标题。")
    if not body:
        raise Refused("no_body", "请填写通报的正文。")
    if len(title) > TITLE_LIMIT or len(body) > BODY_LIMIT:
        raise Refused("too_long", f"标题最多 {TITLE_LIMIT} 个字，正文最多 {BODY_LIMIT} 个字。")
    return CircularText(title=title, body=body, kept=may_stand(title, body, known, answered))


def may_stand(title: str, body: str, known: Known, answered: Collection[str]) -> tuple[str, ...]:
    """What of these words the assistant asked about and a person left standing, as keys. Refused: "named",
    "unanswered"."""
    looked = looked_at(title, body, known)
    if looked.hard:
        raise Refused("named", f"下面的内容不能写进通报，请遮盖或者删去：{'、'.join(looked.hard)}。")
    kept = tuple(one.key for one in looked.asked)
    if not set(kept) <= set(answered):
        raise Refused("unanswered", "有的内容需要您判断能不能留下，请逐条看过。")
    return kept
