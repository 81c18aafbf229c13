"""Several reports on one thing: finding them without opening them, and handling them together.

``(session, tip, …, actor, now, keys)``: see :mod:`admin.tips.casework`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips.casework import drop_proposals, followers_of, move, notify, visible
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.kernel.values import Id
from portal.mailbox.notices import NoticeKind
from portal.tips.clocks import stop_clocks
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys
from portal.tips.states import OPEN_STATES, Action, State

MOST_SHOWN = 20
_ALIKE = (
    select(Tip)
    .where(Tip.duplicate_tag.in_(bindparam("tags", expanding=True)), Tip.id != bindparam("tip"))  # few rows, one index
    .order_by(Tip.received_on, Tip.id)
    .limit(MOST_SHOWN)
)


def duplicates(session: Session, tip: Tip, tags: Sequence[bytes], actor: Actor) -> Sequence[Tip]:
    """Other reports of the same office on the same institution and conduct, the first received first.

    *tags*: of :func:`admin.tips.triage.duplicate_tags`. Only those that have been opened (an unread report is not
    matched) and that *actor* may see.
    """
    if not tags:
        return ()
    alike = session.scalars(_ALIKE, {"tags": tags, "tip": tip.id})
    return [one for one in alike if one.office_id == tip.office_id and visible(one, actor, Permission.READ_TIP)]


def merge(session: Session, tip: Tip, main: Tip, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """Handle *tip* together with *main*: open, held by the same office, and about the same office if any (S2e).

    What is merged goes wherever *main* goes: a report about one office must not travel to it behind a report about
    none.

    *tip* keeps its own number, day received and mailbox (RW-8.2); what *main* comes to is told to its reporter too.
    Both rows must be locked. What had been merged into *tip* follows it to *main*.
    """
    if main.id == tip.id or main.office_id != tip.office_id or not visible(main, actor, Permission.READ_TIP):
        raise Refused("bad_main", "请填写本单位正在办理的另一份举报的编号。")
    if State(main.state) not in OPEN_STATES or main.merged_into_id is not None:
        raise Refused("main_ended", "那份举报已经办结或者并入了别的举报，不能再并入。")
    if tip.against_office_id != main.against_office_id:
        raise Refused("other_accused", "两份举报涉及的医保部门不同，不能并案，请分别办理。")
    move(session, tip, Action.MERGE, actor, now)  # no code: the reporter reads the history and learns of no other
    tip.merged_into_id = main.id
    for follower in followers_of(session, tip):
        follower.merged_into_id = main.id
    stop_clocks(session, tip, day_of(now))
    drop_proposals(session, tip, now)
    notify(session, tip, NoticeKind.MERGED, {}, actor, now, keys)


def tell_followers(
    session: Session,
    tip: Tip,
    kind: NoticeKind,
    params: Mapping[str, str],
    actor: Actor,
    now: Utc,
    followers: Mapping[Id, ReportKeys],
) -> None:
    """Tell the reporters of merged reports what the main one came to. Refused when a key was not brought along."""
    for follower in followers_of(session, tip):
        if follower.id not in followers:
            raise Refused("follower_missing", "有刚刚并入的举报，请刷新页面后再办理。")
        notify(session, follower, kind, params, actor, now, followers[follower.id])
