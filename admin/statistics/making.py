"""Having a month counted, again, given up; approved and published by a second person. ``(session, …, actor, now)``.

What is approved are the bytes that were read, and what is published are the same bytes: nothing is counted between.
A published month is never changed; a correction counts the same entries of the ledger and is made safe beside the
versions before it (:mod:`portal.statistics.correcting`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from admin.exposures.publicwords import public_words
from admin.staff.roles import Permission
from admin.statistics.counted import month_content, rule_of
from admin.statistics.kept import highest_for, is_another
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, Refused
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import canonical
from portal.statistics.correcting import corrected
from portal.statistics.counting import published_size
from portal.statistics.events import BulletinMoved, HandlingPublished
from portal.statistics.models import Bulletin, BulletinStep, PublishedBulletin
from portal.statistics.queries import versions
from portal.statistics.states import BulletinAction, BulletinState, next_bulletin_state
from portal.statistics.values import CorrectionReason, Month
from portal.tips.values import clean_text

WORDS_LIMIT = 500
"""Characters of what the public is told of a correction, and of why a bulletin was sent back."""
COUNTED = "count"
"""The first line of a history."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Why a published month is said again; ``words``: for the public."""

    reason: CorrectionReason
    words: str


def generate(
    session: Session, office_id: Id, month: Month, correction: Correction | None, actor: Actor, now: Utc
) -> Bulletin:
    """A draft of the month. Refused: "not_highest"; what :func:`month_content` refuses; "under_way"; "is_correction"
    for a month that is published, "not_published" for a correction of one that is not, "nothing_new",
    "words_missing", "private_words"."""
    actor.must(Permission.EDIT_BULLETIN, office_id)
    if office_id not in {one.id for one in highest_for(session, actor)}:
        raise Refused("not_highest", "月报统计全站的举报，只能由本站最上一级的医保局编制。")
    assert actor.id is not None  # permissions are people's
    words = _words(correction)
    made = Bulletin(
        id=new_id(), office_id=office_id, month=str(month), state=BulletinState.DRAFT.value,
        reason=correction.reason.value if correction else "", words=words, made_by=actor.id, made_on=day_of(now),
        **_counted(session, month, correction is not None, now),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        raise Refused("under_way", "这个月的月报已经有人在编制，请从列表里打开它。") from None
    _step(session, made, COUNTED, actor, now)
    return made


def count_again(session: Session, bulletin: Bulletin, actor: Actor, now: Utc) -> None:
    """The draft as the book says it now. Refused as :func:`generate` does, "nothing_new" when it says the same."""
    actor.must(Permission.EDIT_BULLETIN, bulletin.office_id)
    assert actor.id is not None
    _move(bulletin, BulletinAction.COUNT_AGAIN)
    said = _counted(session, Month.read(bulletin.month), bool(bulletin.reason), now)
    if said["content"] == bulletin.content:
        raise Refused("nothing_new", "重新统计的结果和现在这份完全一样。")
    for name, value in said.items():
        setattr(bulletin, name, value)
    bulletin.made_by, bulletin.made_on = actor.id, day_of(now)
    _step(session, bulletin, BulletinAction.COUNT_AGAIN.value, actor, now)


def drop(session: Session, bulletin: Bulletin, actor: Actor, now: Utc) -> None:
    """A draft is given up."""
    actor.must(Permission.EDIT_BULLETIN, bulletin.office_id)
    _move(bulletin, BulletinAction.DROP)
    _step(session, bulletin, BulletinAction.DROP.value, actor, now)


def send_back(session: Session, bulletin: Bulletin, words: str, actor: Actor, now: Utc) -> None:
    """Back to whoever makes it, with words. Refused ("words_missing")."""
    _must_be_another(session, bulletin, actor)
    said = clean_text(words, WORDS_LIMIT, "退回的理由")
    if not said:
        raise Refused("words_missing", "请填写退回的理由。")
    _move(bulletin, BulletinAction.SEND_BACK)
    bulletin.approved_by = None
    _step(session, bulletin, BulletinAction.SEND_BACK.value, actor, now, said)


def approve(session: Session, bulletin: Bulletin, seen: str, actor: Actor, now: Utc) -> None:
    """A second person stands behind exactly what was read (*seen*: its mark). Refused: "changed", "overtaken"."""
    _must_be_another(session, bulletin, actor)
    _move(bulletin, BulletinAction.APPROVE)
    _unchanged(session, bulletin, seen)
    bulletin.approved_by = actor.id
    _step(session, bulletin, BulletinAction.APPROVE.value, actor, now)


def publish(session: Session, bulletin: Bulletin, seen: str, actor: Actor, now: Utc) -> PublishedBulletin:
    """Put it before the public, byte for byte as it was approved. Refused: "changed", "overtaken"."""
    _must_be_another(session, bulletin, actor)
    _move(bulletin, BulletinAction.PUBLISH)
    _unchanged(session, bulletin, seen)
    day = day_of(now)
    shown = PublishedBulletin(
        id=new_id(), month=bulletin.month, version=bulletin.version, content=bulletin.content, sha256=bulletin.sha256,
        ledger_size=bulletin.ledger_size, reason=bulletin.reason, words=bulletin.words, published_on=day,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(shown)
            session.flush()
    except IntegrityError:
        raise _overtaken() from None
    bulletin.published_on = day
    _step(session, bulletin, BulletinAction.PUBLISH.value, actor, now)
    event = HandlingPublished(shown.month, shown.version, shown.ledger_size, shown.sha256, shown.reason)
    append(session, event, actor, now)
    return shown


def _words(correction: Correction | None) -> str:
    return "" if correction is None else public_words(correction.words, "更正的说明", limit=WORDS_LIMIT)


def _counted(session: Session, month: Month, corrects: bool, now: Utc) -> dict[str, Any]:
    """The columns that hold what was counted; beside earlier versions, of the same entries as the first of them."""
    earlier = list(reversed(versions(session, str(month))))
    if earlier and not corrects:
        raise Refused("is_correction", "这个月已经公布过。要改请从已公布的那一份更正，写明理由。")
    if corrects and not earlier:
        raise Refused("not_published", "这个月还没有公布过，没有可以更正的。")
    size = earlier[0].ledger_size if earlier else None
    said = month_content(session, month, day_of(now), size)
    if earlier:
        said = corrected([one.said for one in earlier], said, rule_of(month))
    text = canonical(said).decode()
    if earlier and text == earlier[-1].content:
        raise Refused("nothing_new", "重新统计的结果和已经公布的完全一样，没有要更正的。")
    return {
        "version": len(earlier) + 1,
        "content": text,
        "sha256": _sha256(text),
        "ledger_size": said["ledger_size"],
    }


def _must_be_another(session: Session, bulletin: Bulletin, actor: Actor) -> None:
    actor.must(Permission.PUBLISH_BULLETIN, bulletin.office_id)
    if not is_another(session, bulletin, actor):
        raise NotAllowed("own_bulletin", "这份月报是您统计的，请由另一位审批人办理。")


def _unchanged(session: Session, bulletin: Bulletin, seen: str) -> None:
    """What was read is what is here, and it follows what is published now."""
    if seen != bulletin.mark or _sha256(bulletin.content) != bulletin.sha256:
        raise Refused("changed", "您看的时候，月报有了变化。请刷新页面，看完再决定。")
    last = session.scalar(select(func.max(PublishedBulletin.version)).where(PublishedBulletin.month == bulletin.month))
    if (last or 0) + 1 != bulletin.version or published_size(session) < bulletin.ledger_size:
        raise _overtaken()


def _overtaken() -> Refused:
    return Refused("overtaken", "这个月刚刚公布了另一份。请退回，重新统计以后再提交。")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _move(bulletin: Bulletin, action: BulletinAction) -> None:
    bulletin.state = next_bulletin_state(BulletinState(bulletin.state), action).value


def _step(session: Session, bulletin: Bulletin, action: str, actor: Actor, now: Utc, words: str = "") -> None:
    """A line of the history and an entry of the ledger."""
    last = session.scalar(select(func.max(BulletinStep.position)).where(BulletinStep.bulletin_id == bulletin.id))
    session.add(
        BulletinStep(
            id=new_id(), bulletin_id=bulletin.id, position=(last or 0) + 1, day=day_of(now), action=action,
            state=bulletin.state, sha256=bulletin.sha256, words=words, actor_id=actor.id,
        )
    )  # fmt: skip
    session.flush()
    moved = BulletinMoved(bulletin.month, bulletin.version, action, bulletin.state, bulletin.sha256)
    append(session, moved, actor, now)
