"""Teaching notices (精准滴灌): an editor picks an audience and writes on, another person approves, the public sees it.

``(session, …, actor, now)``. Nothing is stored that the redaction assistant would mask, nor anything it warns of that
nobody has answered; the lines that the rules wrote and the sentence made from the published case are known to be clean.
``known``: names of the case record (:func:`admin.exposures.teaching_queries.known_of`), which are held against too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.exposures.displaying import PUBLISHED, newest
from admin.exposures.teaching_following import hide
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from portal.exposures.content import CaseContent
from portal.exposures.events import TeachingDisplayed
from portal.exposures.models import PublishedCase, PublishedTeaching, Teaching
from portal.exposures.redaction.assistant import redact
from portal.exposures.redaction.values import Kind, Known
from portal.exposures.teaching import Audience, TeachingNotice, notice_for
from portal.exposures.teaching_states import Display, TeachingAction, TeachingState, next_teaching_state
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.values import Id
from portal.ledger.book import append

LEAD_LIMIT, LINE_LIMIT, MOST_LINES, WORDS_LIMIT = 300, 60, 8, 500
"""Characters of the lead and of a line of the checklist, lines of it, characters of a reason: a poster has one page."""


@dataclass(frozen=True, slots=True, order=True)
class Doubt:
    """Something the assistant cannot judge: its kind and the piece. An editor says that it may stand."""

    kind: Kind
    text: str

    @property
    def key(self) -> str:
        """``name:张三``, as a form carries it."""
        return f"{self.kind.value}:{self.text}"


def content_of(session: Session, case: PublishedCase) -> CaseContent:
    """What the public reads of the case now. Refused ("not_on_show") when that is nothing."""
    if case.state != PUBLISHED:
        raise Refused("not_on_show", "这个案例现在没有公布，不能据此制作警示提醒。")
    return CaseContent.from_json(newest(session, case).content)


def begin(session: Session, case: PublishedCase, audience: Audience, actor: Actor, now: Utc) -> Teaching:
    """A first draft for *audience*, by the rules of the day. Refused: "not_on_show", "no_guidance", "begun" (there is
    one for this audience already)."""
    actor.must(Permission.EDIT_EXPOSURE, case.office_id)
    notice = notice_for(content_of(session, case), audience, day_of(now))
    if _find(session, case, audience.slug) is not None:
        raise Refused("begun", "给这个对象的提醒已经有了，请打开它继续写。")
    row = Teaching(
        case_id=case.id,
        office_id=case.office_id,
        audience=audience.slug,
        state=TeachingState.DRAFTING.value,
        version=1,
        content=notice.to_json(),
        answers="[]",
        again=False,
        words="",
        made_by=_person(actor),
        made_on=day_of(now),
    )
    session.add(row)
    session.flush()
    return row


def rewrite(
    session: Session,
    row: Teaching,
    lead: str,
    check: Sequence[str],
    answered: Collection[str],
    actor: Actor,
    now: Utc,
    known: Known = (),
) -> None:
    """The editor's lead and checklist in the place of the proposed ones; the rest is the rules' of the day.

    *answered*: keys of :class:`Doubt`. Refused: "no_lead", "no_checks", "too_long", "personal" (the assistant would
    mask something) and "doubts" (it warns, and nobody answered).
    """
    case = _case(session, row)
    actor.must(Permission.EDIT_EXPOSURE, case.office_id)
    _move(row, TeachingAction.REWRITE)
    proposed = proposed_of(session, case, row, day_of(now))
    notice = replace(proposed, happened=_one_line(lead), check=_lines(check))
    _measure(notice)
    found = doubts(notice, proposed, known)
    if any(one.key not in answered for one in found):
        raise Refused("doubts", "有些地方要您看过才能保存：请逐条核对，可以公开的打钩，不能公开的改写。")
    row.content, row.answers = notice.to_json(), json.dumps([[one.kind, one.text] for one in found], ensure_ascii=False)
    row.version, row.again, row.words = row.version + 1, False, ""
    row.made_by, row.made_on = _person(actor), day_of(now)


def submit(session: Session, row: Teaching, actor: Actor, now: Utc) -> None:
    """Hand it to somebody who publishes. Refused "again": the case was corrected and nobody has saved it since."""
    actor.must(Permission.EDIT_EXPOSURE, row.office_id)
    if row.again:
        raise Refused("again", "案例更正过，请先核对并且保存一次，再送审。")
    _move(row, TeachingAction.SUBMIT)
    row.words = ""  # what was wrong is answered: the page must not say any more that it came back


def send_back(session: Session, row: Teaching, words: str, actor: Actor, now: Utc) -> None:
    """Back to the editor, with what is wrong. Refused "no_words"."""
    actor.must(Permission.PUBLISH_EXPOSURE, row.office_id)
    words = words.strip()
    if not words or len(words) > WORDS_LIMIT:
        raise Refused("no_words", "请写明要改什么，最多 500 字。")
    _move(row, TeachingAction.SEND_BACK)
    row.words = words


def approve(session: Session, row: Teaching, seen: int, actor: Actor, now: Utc, known: Known = ()) -> PublishedTeaching:
    """Before the public, by another person than the one who wrote it. *seen*: the version that was read.

    Refused: "changed", "own_notice", "not_on_show", and what :func:`rewrite` refuses, by the rules of today.
    """
    case = _case(session, row)
    actor.must(Permission.PUBLISH_EXPOSURE, case.office_id)
    if row.version != seen:
        raise Refused("changed", "在您审阅的时候，这份提醒改过了。请先看最新的内容。")
    if is_own(session, row.made_by, actor):
        raise Refused("own_notice", "这份提醒是您自己写的，请由另一位审批人审批。")
    after = next_teaching_state(TeachingState(row.state), TeachingAction.APPROVE)
    notice = TeachingNotice.from_json(row.content)
    answered = {one.key for one in answers_of(row)}
    if any(one.key not in answered for one in doubts(notice, proposed_of(session, case, row, day_of(now)), known)):
        raise Refused("doubts", "里面还有没有核对过的地方，请退回编辑。")
    row.state = after.value
    return _show(session, case, row, notice, actor, now)


def take_back(session: Session, row: Teaching, actor: Actor, now: Utc) -> None:
    """Off the public page, to be written anew. An editor or a publisher; nobody has to wait for the other."""
    if not actor.may(Permission.EDIT_EXPOSURE, row.office_id):
        actor.must(Permission.PUBLISH_EXPOSURE, row.office_id)
    case = _case(session, row)
    _move(row, TeachingAction.TAKE_BACK)
    shown = _published(session, case, row.audience)
    if shown is not None and shown.state == Display.SHOWN:
        hide(session, case, shown, Display.PAUSED, actor, now)


def doubts(notice: TeachingNotice, proposed: TeachingNotice, known: Known = ()) -> tuple[Doubt, ...]:
    """What a person has to judge in the words that are not the rules' own. Refused ("personal") when the assistant
    would mask any of them; the refusal says which kind, not what."""
    usual = {proposed.happened, *proposed.check}
    found: dict[Doubt, None] = {}
    for line in (notice.happened, *notice.check):
        if line in usual:
            continue
        read = redact(line, known)
        if read.spans:
            raise Refused("personal", f"这一句里像有不能公开的个人信息，请改写：“{read.text}”。")
        found.update({Doubt(one.kind, line[one.start : one.end]): None for one in read.warnings})
    return tuple(found)


def doubts_of(
    session: Session, case: PublishedCase, row: Teaching, lead: str, check: Sequence[str], now: Utc, known: Known = ()
) -> tuple[Doubt, ...]:
    """The same of words that an editor typed, before they are stored."""
    proposed = proposed_of(session, case, row, day_of(now))
    return doubts(replace(proposed, happened=_one_line(lead), check=_lines(check)), proposed, known)


def answers_of(row: Teaching) -> tuple[Doubt, ...]:
    """What the editor let stand."""
    return tuple(Doubt(Kind(kind), text) for kind, text in json.loads(row.answers))


def proposed_of(session: Session, case: PublishedCase, row: Teaching, on: date) -> TeachingNotice:
    """What the rules of the day would write for the audience of *row*."""
    return notice_for(content_of(session, case), audience_of(row), on)


def audience_of(row: Teaching) -> Audience:
    """Whom a notice speaks to. NotFound for a slug that nothing here writes."""
    found = Audience.of(row.audience)
    if found is None:
        raise NotFound("no_teaching", "没有找到这份提醒。")
    return found


def _show(
    session: Session, case: PublishedCase, row: Teaching, notice: TeachingNotice, actor: Actor, now: Utc
) -> PublishedTeaching:
    audience, day = audience_of(row), day_of(now)
    manner = content_of(session, case).manner
    shown = _published(session, case, row.audience)
    if shown is None:
        shown = PublishedTeaching(case_id=case.id, audience=row.audience, version=0, published_on=day)
        shown.kind, shown.ownership, shown.size = audience.kind.value, audience.ownership.value, audience.size.value
        session.add(shown)
    shown.state, shown.manner, shown.content = Display.SHOWN.value, manner.value, notice.to_json()
    shown.sha256, shown.version, shown.changed_on = notice.sha256, shown.version + 1, day
    session.flush()
    told = TeachingDisplayed(case.code, row.audience, shown.version, Display.SHOWN.value, notice.sha256)
    append(session, told, actor, now)
    return shown


def _find(session: Session, case: PublishedCase, audience: str) -> Teaching | None:
    return session.scalar(select(Teaching).where(Teaching.case_id == case.id, Teaching.audience == audience))


def _published(session: Session, case: PublishedCase, audience: str) -> PublishedTeaching | None:
    wanted = select(PublishedTeaching).where(
        PublishedTeaching.case_id == case.id, PublishedTeaching.audience == audience
    )
    return session.scalar(wanted.with_for_update())


def _case(session: Session, row: Teaching) -> PublishedCase:
    """The case, held until the transaction ends: it must not be corrected or taken down meanwhile."""
    wanted = select(PublishedCase).where(PublishedCase.id == row.case_id)
    return session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one()


def _move(row: Teaching, action: TeachingAction) -> None:
    row.state = next_teaching_state(TeachingState(row.state), action).value


def _person(actor: Actor) -> Id:
    if actor.id is None:
        raise NotAllowed("not_allowed", "这一步要由人来办。")
    return actor.id


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, map(_one_line, lines)))


def _measure(notice: TeachingNotice) -> None:
    if not notice.happened:
        raise Refused("no_lead", "请写一句发生了什么。")
    if not notice.check:
        raise Refused("no_checks", "请至少写一条今天要查的。")
    long = len(notice.happened) > LEAD_LIMIT or len(notice.check) > MOST_LINES
    if long or any(len(one) > LINE_LIMIT for one in notice.check):
        raise Refused("too_long", "海报只有一页：开头最多 300 字，清单最多 8 条，每条最多 60 字。")
