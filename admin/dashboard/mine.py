"""What waits for a person, asked of the lists that they would open: one line for each, whatever roles they hold."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from admin.custody import queries as custody
from admin.dashboard import queries
from admin.dashboard.areas import open_by_area, tiles
from admin.dashboard.clocks import clocks
from admin.dashboard.drawing import drawings
from admin.dashboard.months import MONTHS, months
from admin.dashboard.values import Clocks, Dashboard, Number, months_before
from admin.evaluation import circularqueries as evaluation
from admin.exposures import circularqueries, wayqueries
from admin.payments import release_queries
from admin.rewards import queries as rewards
from admin.staff.roles import Permission
from admin.statistics import kept as bulletins
from admin.tips import queries as queue
from admin.tips.filters import YEAR, Filters, Whose, Within
from portal.custody.states import RequestState
from portal.kernel.actors import Actor

_MINE = (
    ("我的在办", Filters(whose=Whose.MINE), False),
    ("我的已超期", Filters(whose=Whose.MINE, overdue=True), True),
    ("我的今天到期", Filters(whose=Whose.MINE, within=Within.TODAY), False),
    ("我的 7 天内到期", Filters(whose=Whose.MINE, within=Within.WEEK), False),
)
_OFFICE = (
    ("在办", Filters(), False),
    ("已超期", Filters(overdue=True), True),
    ("今天到期", Filters(within=Within.TODAY), False),
    ("7 天内到期", Filters(within=Within.WEEK), False),
    ("还没有打开", Filters(show="received"), False),
    ("没有分派", Filters(whose=Whose.NOBODY), False),
)


def dashboard(session: Session, actor: Actor, today: date) -> Dashboard:
    """The page of *actor*: the union of what their roles let them see, and nothing beyond."""
    waiting = _waiting(session, actor)
    if not actor.offices_with(Permission.READ_QUEUE):
        return Dashboard((), waiting)
    wanted = [*_MINE, *_OFFICE]
    counted = queue.counts(session, actor, [filters for _, filters, _ in wanted], today)
    numbers = [
        Number(words, count, "queue.index", filters.query(), urgent)
        for (words, filters, urgent), count in zip(wanted, counted, strict=True)
    ]
    seen, names = queue.counted_scope(session, actor), tuple(months_before(today, MONTHS))
    ours = clocks(session, seen, names, today)
    lines = months(session, seen, names, ours.missed)
    return Dashboard(
        numbers[: len(_MINE)],
        waiting,
        [*numbers[len(_MINE) :], *_missed(ours)],
        ours.lines,
        lines,
        drawings(lines),
        tiles(open_by_area(session, seen)),
    )


def _missed(ours: Clocks) -> list[Number]:
    """How many clocks ran out unmet in this month, and in the twelve months up to it."""
    month = max(ours.missed)
    periods = (
        ("本月超过的期限", month, ours.missed[month]),
        ("近 12 个月超过的期限", YEAR, sum(one.year for one in ours.lines)),
    )
    return [
        Number(words, number, "dashboard.clocks", {"which": "missed", "period": period}, urgent=True)
        for words, period, number in periods
    ]


def _waiting(session: Session, actor: Actor) -> list[Number]:
    """Lists that hold something for the person to do; each is asked only of those who may open it."""
    found = []
    if actor.offices_with(Permission.APPROVE):
        found.append(Number("等我批准的建议", len(queries.proposals(session, actor)), "dashboard.proposals"))
    if actor.offices_with(Permission.ASK_IDENTITY):
        found.append(Number("我申请打开的身份", len(queries.openings(session, actor)), "dashboard.openings"))
    if actor.id is not None and actor.offices_with(Permission.SEAT):
        asked = custody.for_my_seats(session, actor.id)
        open_ones = sum(one.state is RequestState.ASKED and one.mine is None for one in asked)
        found.append(Number("等我答复的身份申请", open_ones, "custody.index"))
    if actor.offices_with(Permission.READ_TIP):
        total = rewards.count(session, actor, rewards.todo_of(actor))
        found.append(Number("等我办的奖励", total, "rewards.index", {"show": "todo"}))
    if actor.offices_with(Permission.READ_DRAFT):
        ways = wayqueries.lines(session, actor, "todo")
        found.append(Number("等我办的曝光", len(ways), "ways.index", {"show": "todo"}))
    if actor.offices_with(Permission.READ_CIRCULAR):
        unread = sum(not one.mine for one in circularqueries.received(session, actor))
        found.append(Number("没有签收的内部通报", unread, "circulars.index"))
    if actor.offices_with(Permission.SEND_EVALUATION):
        found.append(Number("等我签发的通报", evaluation.waiting_for(session, actor), "evaluation.index"))
    if actor.id is not None and actor.offices_with(Permission.PAYMENT_SEAT):
        releases = release_queries.for_my_seats(session, actor.id)
        open_ones = sum(one.row.state == "asked" and one.mine is None for one in releases)
        found.append(Number("等我答复的付款放行", open_ones, "releases.index"))
    if actor.offices_with(Permission.READ_DISCLOSURE):
        found.append(Number("等我办的基金公告", queries.disclosures(session, actor), "disclosures.index"))
    if actor.offices_with(Permission.PUBLISH_BULLETIN):
        found.append(Number("等我办的办理月报", bulletins.waiting_for(session, actor), "bulletins.index"))
    return found
