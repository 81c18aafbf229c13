"""The demonstration's circular on the evaluation: of the quarter that is over, sent, and not signed for everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.demo.casework import Cast
from admin.demo.funds import OFFICE
from admin.evaluation import circulating
from admin.exposures.delivering import sign
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.transaction import transaction
from portal.kernel.values import Id
from portal.statistics.evaluation import Period

WORDS = "请没有得分的单位在十个工作日内报告原因和改进的措施。（演示，数字来自虚构的举报）"


def tell(cast: Cast, now: Utc) -> str:
    """Propose it, send it, and sign for every office but the last; its number."""
    with transaction() as session:
        office = session.scalars(select(Office.id).where(Office.code == OFFICE)).one()
        _staff, accountant = cast.who_may(session, office, Permission.PROPOSE_EVALUATION)
        _staff, head = cast.who_may(session, office, Permission.SEND_EVALUATION)
        readers = list(_readers(session, cast, office, now))
        to = [one for one, _ in readers]
        period = Period.last_quarter(day_of(now))
        made = circulating.propose(session, office, period, WORDS, to, (), accountant, now)
        circulating.send(session, made, circulating.mark(session, made), head, now)
        for one, reader in readers[:-1]:
            sign(session, made, [one], reader, now)
        return made.number


def _readers(session: Session, cast: Cast, office: Id, now: Utc) -> Iterator[tuple[Id, Actor]]:
    """The offices below in which somebody reads circulars, each with that person."""
    for one in _below(session, office, now):
        try:
            yield one, cast.who_may(session, one, Permission.READ_CIRCULAR)[1]
        except LookupError:
            continue


def _below(session: Session, office: Id, now: Utc) -> Sequence[Id]:
    return [one.office.id for one in circulating.recipients(session, office, now) if one.proposed]
