"""Taking figures in, replacing them, explaining what does not fit, checking, giving up.

``(session, …, actor, now)``. A file with one fault is not taken in: what is approved is what was read, all of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from admin.disclosures.kept import checks_of, explanations_of, newest_of, next_position, rows_of, unexplained
from admin.exposures.publicwords import public_words
from admin.staff.queries import offices_above
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.disclosures.content import digest
from portal.disclosures.events import DisclosureMoved
from portal.disclosures.models import (
    Disclosure,
    DisclosureRow,
    DisclosureStep,
    PublishedDisclosure,
    PublishedFigure,
    columns_of,
)
from portal.disclosures.reading import Line, Reading
from portal.disclosures.states import DisclosureAction, DisclosureState
from portal.disclosures.values import CorrectionReason, Figure, Kind
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.tips.values import clean_text

TITLE_LIMIT, WORDS_LIMIT = 200, 500
"""Characters of a title, and of what the public is told of a correction or of a check."""
TAKEN_IN = "take-in"
"""The first line of a history."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read. ``sha256``: of its bytes, hex; the file itself is not kept."""

    name: str
    sha256: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the figures are for: new, or in the place of published ones, with a reason and words for the public."""

    title: str
    kind: Kind = Kind.PUBLICATION
    reason: CorrectionReason | None = None
    words: str = ""


def take_in(session: Session, office_id: Id, file: File, purpose: Purpose, actor: Actor, now: Utc) -> Disclosure:
    """A draft with the figures of a file. Refused: "has_errors", "nothing_new", "is_correction" when a figure is
    published already with another value, "of_another_office" when one was published by an office that is neither this
    one nor below it, "reason_missing", "words_missing", "private_words", "title_missing"."""
    actor.must(Permission.EDIT_DISCLOSURE, office_id)
    assert actor.id is not None  # permissions are people's
    fresh = _fresh(session, office_id, file.reading, purpose.kind)
    made = Disclosure(
        id=new_id(), office_id=office_id, state=DisclosureState.DRAFT.value, code=None, made_by=actor.id,
        made_on=day_of(now), **_said(purpose), **_of(file, fresh),
    )  # fmt: skip
    session.add(made)
    session.flush()
    _store(session, made, fresh)
    step(session, made, TAKEN_IN, actor, now)
    return made


def replace_file(
    session: Session, disclosure: Disclosure, file: File, purpose: Purpose, actor: Actor, now: Utc
) -> None:
    """Another file in the place of the first. Explanations of checks that are the same as before stay."""
    actor.must(Permission.EDIT_DISCLOSURE, disclosure.office_id)
    assert actor.id is not None
    disclosure.move(DisclosureAction.REPLACE)
    fresh = _fresh(session, disclosure.office_id, file.reading, purpose.kind)
    session.execute(delete(DisclosureRow).where(DisclosureRow.disclosure_id == disclosure.id))
    for name, value in {**_said(purpose), **_of(file, fresh)}.items():
        setattr(disclosure, name, value)
    disclosure.made_by, disclosure.made_on, disclosure.checked_by = actor.id, day_of(now), None
    session.flush()
    _store(session, disclosure, fresh)
    step(session, disclosure, DisclosureAction.REPLACE.value, actor, now)


def explain(session: Session, disclosure: Disclosure, check_id: str, words: str, actor: Actor, now: Utc) -> None:
    """:func:`explain_all` of one check."""
    explain_all(session, disclosure, {check_id: words}, actor, now)


def explain_all(session: Session, disclosure: Disclosure, said: Mapping[str, str], actor: Actor, now: Utc) -> None:
    """Say why checks do not fit (*said*: by their id); it is published with the figures. What was said of checks that
    are no more is forgotten. Refused: "no_check", "words_missing", "private_words"."""
    actor.must(Permission.EDIT_DISCLOSURE, disclosure.office_id)
    disclosure.move(DisclosureAction.EXPLAIN)
    known = {one.id for one in checks_of(session, figures_of(session, disclosure)) if one.explain}
    if not said:
        raise Refused("words_missing", "请填写说明。")
    if not known.issuperset(said):
        raise Refused("no_check", "这项核对已经变了，请刷新页面再写。")
    clean = {key: public_words(words, "说明", limit=WORDS_LIMIT, lines=False) for key, words in said.items()}
    kept = {key: value for key, value in explanations_of(disclosure).items() if key in known}
    disclosure.explanations = json.dumps({**kept, **clean}, ensure_ascii=False, sort_keys=True)
    step(session, disclosure, DisclosureAction.EXPLAIN.value, actor, now)


def check(session: Session, disclosure: Disclosure, actor: Actor, now: Utc) -> None:
    """All that does not fit is explained: it goes to a second person. Refused ("unexplained") with how many are not."""
    actor.must(Permission.EDIT_DISCLOSURE, disclosure.office_id)
    open_checks = unexplained(disclosure, checks_of(session, figures_of(session, disclosure)))
    if open_checks:
        raise Refused("unexplained", f"还有 {len(open_checks)} 项核对没有说明原因，不能送审。")
    disclosure.move(DisclosureAction.CHECK)
    disclosure.checked_by = actor.id
    step(session, disclosure, DisclosureAction.CHECK.value, actor, now)


def drop(session: Session, disclosure: Disclosure, actor: Actor, now: Utc) -> None:
    """A draft is given up; its figures go."""
    actor.must(Permission.EDIT_DISCLOSURE, disclosure.office_id)
    disclosure.move(DisclosureAction.DROP)
    session.execute(delete(DisclosureRow).where(DisclosureRow.disclosure_id == disclosure.id))
    step(session, disclosure, DisclosureAction.DROP.value, actor, now)


def figures_of(session: Session, disclosure: Disclosure) -> list[Figure]:
    """The figures of a disclosure that is not published."""
    return [row.figure for row in rows_of(session, disclosure)]


def step(session: Session, disclosure: Disclosure, action: str, actor: Actor, now: Utc, words: str = "") -> None:
    """History and book."""
    state = disclosure.state
    session.add(
        DisclosureStep(
            id=new_id(), disclosure_id=disclosure.id, position=next_position(session, disclosure), day=day_of(now),
            action=action, state=state, sha256=disclosure.sha256, words=words, actor_id=actor.id,
        )
    )  # fmt: skip
    session.flush()  # the position is taken from here on
    event = DisclosureMoved(disclosure.id.hex, disclosure.office_id.hex, action, state, disclosure.sha256)
    append(session, event, actor, now)


def same(figure: Figure, published: PublishedFigure) -> bool:
    """Whether the published version says all that *figure* says: how the place is written does not matter."""
    return columns_of(figure) == {**columns_of(published.figure), "place": figure.series.place}


@dataclass(frozen=True, slots=True)
class _Fresh:
    """Lines that say something new, and for each the published version that it follows."""

    lines: Sequence[tuple[Line, int]]


def _fresh(session: Session, office_id: Id, reading: Reading, kind: Kind) -> _Fresh:
    if reading.errors:
        raise Refused("has_errors", f"文件里有 {len(reading.errors)} 处错误，改好以后再提交。")
    newest = newest_of(session, [line.figure.series.code for line in reading.lines])
    lines: list[tuple[Line, int]] = []
    other: list[int] = []
    for line in reading.lines:
        published = newest.get(line.figure.series.code)
        if published is None:
            lines.append((line, 0))
        elif not same(line.figure, published):
            lines.append((line, published.version))
            other.append(line.row)
    if not lines:
        raise Refused("nothing_new", "这些数字都已经公布，而且完全一样，没有要公布的。")
    if other and kind is not Kind.CORRECTION:
        rows = "、".join(map(str, other[:10]))
        raise Refused(
            "is_correction",
            f"第 {rows} 行等 {len(other)} 行已经公布过，数值或者来源不同。要改请按“更正”提交，写明理由。",
        )
    _must_be_own(session, office_id, [(line.row, newest[line.figure.series.code]) for line, base in lines if base])
    return _Fresh(lines)


def _must_be_own(session: Session, office_id: Id, others: Sequence[tuple[int, PublishedFigure]]) -> None:
    """Who published a figure corrects it, or an office above: nobody's number is changed behind their back."""
    brought = {published.disclosure_id for _row, published in others}
    told = select(PublishedDisclosure.id, Office).join(Office, Office.id == PublishedDisclosure.office_id)
    offices = {row[0]: row[1] for row in session.execute(told.where(PublishedDisclosure.id.in_(brought)))}
    able = {
        one for one in {office.id for office in offices.values()} if office_id in {one, *offices_above(session, [one])}
    }
    for row, published in others:
        office = offices[published.disclosure_id]
        if office.id not in able:
            words = f"第 {row} 行的数是{office.name}公布的，只能由它或者它的上级更正。请删掉这一行，或者和它联系。"
            raise Refused("of_another_office", words)


def _said(purpose: Purpose) -> dict[str, str]:
    title = clean_text(purpose.title, TITLE_LIMIT, "标题", lines=False)
    if not title:
        raise Refused("title_missing", "请写标题。")
    corrects = purpose.kind is Kind.CORRECTION
    if corrects and purpose.reason is None:
        raise Refused("reason_missing", "更正要选择理由。")
    words = public_words(purpose.words, "更正的说明", limit=WORDS_LIMIT) if corrects else ""
    reason = purpose.reason.value if corrects and purpose.reason else ""
    return {"title": title, "kind": purpose.kind.value, "reason": reason, "words": words}


def _of(file: File, fresh: _Fresh) -> dict[str, str | int]:
    figures = [line.figure for line, _base in fresh.lines]
    return {
        "file_name": file.name[-200:],
        "file_sha256": file.sha256,
        "sha256": digest(figures),
        "rows": len(figures),
    }


def _store(session: Session, disclosure: Disclosure, fresh: _Fresh) -> None:
    session.execute(
        insert(DisclosureRow),
        [
            {
                "id": new_id(), "disclosure_id": disclosure.id, "position": line.row, "base": base,
                **columns_of(line.figure),
            }
            for line, base in fresh.lines
        ],
    )  # fmt: skip
