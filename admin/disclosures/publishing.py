"""A second person reads, approves, publishes; or sends back. ``(session, disclosure, …, actor, now)``.

What is published is written once: rows of ``published_figure`` are never changed, a correction is another version. All
figures of a disclosure are published together or none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from admin.disclosures.drafting import WORDS_LIMIT, step
from admin.disclosures.kept import checks_of, newest_of, rows_of, unexplained
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from portal.disclosures.content import digest
from portal.disclosures.events import FundDisclosed
from portal.disclosures.models import (
    Disclosure,
    DisclosureRow,
    DisclosureStep,
    PublishedDisclosure,
    PublishedFigure,
    PublishedPlace,
    columns_of,
)
from portal.disclosures.states import DisclosureAction
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, Refused, Unavailable
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.tips.values import clean_text

_DRAWS = 20  # how often a number is drawn anew when somebody else took it
_WRITING = frozenset({"take-in", "replace"})


def must_be_another(session: Session, disclosure: Disclosure, actor: Actor) -> None:
    """NotAllowed unless *actor* may publish here and brought none of its figures, under whatever account."""
    actor.must(Permission.PUBLISH_DISCLOSURE, disclosure.office_id)
    if not is_another(session, disclosure, actor):
        raise NotAllowed("own_disclosure", "这份公告里有您提交的数字，请由另一位审批人办理。")


def is_another(session: Session, disclosure: Disclosure, actor: Actor) -> bool:
    """Whether none of its figures was brought by *actor*, under whatever account."""
    wrote = select(DisclosureStep.actor_id).where(
        DisclosureStep.disclosure_id == disclosure.id, DisclosureStep.action.in_(_WRITING)
    )
    makers = {disclosure.made_by, *session.scalars(wrote.distinct())}
    return not any(is_own(session, maker, actor) for maker in makers if maker is not None)


def send_back(session: Session, disclosure: Disclosure, words: str, actor: Actor, now: Utc) -> None:
    """Back to the accountant, with words. Refused ("words_missing")."""
    must_be_another(session, disclosure, actor)
    said = clean_text(words, WORDS_LIMIT, "退回的理由")
    if not said:
        raise Refused("words_missing", "请填写退回的理由。")
    disclosure.move(DisclosureAction.SEND_BACK)
    disclosure.approved_by = None
    step(session, disclosure, DisclosureAction.SEND_BACK.value, actor, now, said)


def approve(session: Session, disclosure: Disclosure, seen: str, actor: Actor, now: Utc) -> None:
    """A second person stands behind exactly what was read (*seen*: its mark). Refused: "changed", "unexplained"."""
    must_be_another(session, disclosure, actor)
    _unchanged(session, disclosure, seen)
    disclosure.move(DisclosureAction.APPROVE)
    disclosure.approved_by = actor.id
    step(session, disclosure, DisclosureAction.APPROVE.value, actor, now)


def publish(session: Session, disclosure: Disclosure, seen: str, actor: Actor, now: Utc) -> PublishedDisclosure:
    """Put all of it before the public. Refused: "changed"; "overtaken" when a figure was published or corrected by
    somebody else meanwhile; "unexplained" when what was published meanwhile raises a new question."""
    must_be_another(session, disclosure, actor)
    if disclosure.approved_by is None:
        raise Refused("not_approved", "这份公告还没有批准。")
    rows = _unchanged(session, disclosure, seen)
    disclosure.move(DisclosureAction.PUBLISH)
    shown = _number(session, disclosure, day_of(now))
    disclosure.code, disclosure.published_on = shown.code, shown.published_on
    try:
        with session.begin_nested():
            session.execute(insert(PublishedFigure), [_figure(row, shown) for row in rows])
    except IntegrityError:
        raise _overtaken() from None
    _places(session, rows, shown)
    session.execute(delete(DisclosureRow).where(DisclosureRow.disclosure_id == disclosure.id))
    step(session, disclosure, DisclosureAction.PUBLISH.value, actor, now)
    event = FundDisclosed(shown.code, shown.kind, shown.figures, shown.sha256, shown.reason)
    append(session, event, actor, now)
    return shown


def _unchanged(session: Session, disclosure: Disclosure, seen: str) -> list[DisclosureRow]:
    """The rows, when they are what was read, follow what is published now, and nothing is left to explain."""
    rows = rows_of(session, disclosure)
    figures = [row.figure for row in rows]
    if not rows or seen != disclosure.mark or digest(figures) != disclosure.sha256:
        raise Refused("changed", "您看的时候，数字有了变化。请刷新页面，看完再决定。")
    newest = newest_of(session, [one.series.code for one in figures])
    for row, figure in zip(rows, figures, strict=True):
        published = newest.get(figure.series.code)
        if (published.version if published else 0) != row.base:
            raise _overtaken()
    open_checks = unexplained(disclosure, checks_of(session, figures))
    if open_checks:
        raise Refused("unexplained", f"还有 {len(open_checks)} 项核对没有说明原因，请退回。{open_checks[0].item}")
    return rows


def _overtaken() -> Refused:
    return Refused("overtaken", "其中有的数字刚刚由别人公布或者更正了。请退回，重新核对以后再提交。")


def _figure(row: DisclosureRow, shown: PublishedDisclosure) -> dict[str, object]:
    figure = row.figure
    own = {"id": new_id(), "code": figure.series.code, "version": row.base + 1, "disclosure_id": shown.id}
    return {**columns_of(figure), **own, "year": figure.series.period.end.year, "published_on": shown.published_on}


def _number(session: Session, disclosure: Disclosure, day: date) -> PublishedDisclosure:
    """Draw the next number of the year and store the row; whoever draws the same at once waits, and draws anew."""
    for _ in range(_DRAWS):
        shown = PublishedDisclosure(
            id=new_id(), code=_next_code(session, day.year), office_id=disclosure.office_id, kind=disclosure.kind,
            title=disclosure.title, reason=disclosure.reason, words=disclosure.words,
            explanations=disclosure.explanations, figures=disclosure.rows, sha256=disclosure.sha256, published_on=day,
        )  # fmt: skip
        try:
            with session.begin_nested():
                session.add(shown)
                session.flush()
            return shown
        except IntegrityError:
            continue
    raise Unavailable("busy", "现在同时公布的公告太多，请过一会儿再试。")


def _next_code(session: Session, year: int) -> str:
    code = PublishedDisclosure.code
    drawn = select(code).where(code.startswith(f"{year}-")).order_by(func.length(code).desc(), code.desc())
    last = session.scalar(drawn.limit(1))  # 2026-10000 comes after 2026-9999
    return f"{year}-{int(last[5:]) + 1 if last else 1:04}"


def _places(session: Session, rows: Sequence[DisclosureRow], shown: PublishedDisclosure) -> None:
    """Which places have anything, for the lists: a region by its code, a place that is not sure by its words."""
    fresh: dict[tuple[str, str], list[int]] = defaultdict(list)
    touched: set[tuple[str, str]] = set()
    for row in rows:
        key = (row.region, "" if row.region else row.place)
        touched.add(key)
        if row.base == 0:
            fresh[key].append(row.end_on.year)
    for region, place in sorted(touched):
        _place(session, region, place, fresh[region, place], shown)


def _place(session: Session, region: str, place: str, years: list[int], shown: PublishedDisclosure) -> None:
    wanted = select(PublishedPlace).where(PublishedPlace.region == region, PublishedPlace.place == place)
    known = session.scalar(wanted.with_for_update())
    if known is None:
        session.add(
            PublishedPlace(
                id=new_id(), region=region, place=place, first_year=min(years), last_year=max(years),
                figures=len(years), changed_on=shown.published_on, changed_by=shown.id,
            )
        )  # fmt: skip
    else:
        known.first_year, known.last_year = min([known.first_year, *years]), max([known.last_year, *years])
        known.figures = known.figures + len(years)
        known.changed_on, known.changed_by = shown.published_on, shown.id
    session.flush()


def published_of(session: Session, disclosure_id: Id) -> list[PublishedFigure]:
    """The figures that one published disclosure brought, in a fixed order."""
    wanted = select(PublishedFigure).where(PublishedFigure.disclosure_id == disclosure_id)
    return list(session.scalars(wanted.order_by(PublishedFigure.region, PublishedFigure.place, PublishedFigure.code)))
