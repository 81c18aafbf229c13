"""Setting what an office may spend on rewards in a year. ``(session, …, actor, now)``."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, Refused
from portal.kernel.values import Fen, Id
from portal.ledger.book import append
from portal.payments.batch_events import BudgetSet
from portal.payments.batch_models import PaymentBudget
from portal.payments.batching import BudgetReason
from portal.payments.budget import budget_in_force

MOST_FEN = 10**14
"""A trillion yuan: more was mistyped."""


def set_budget(
    session: Session, office: Id, year: int, amount: Fen, strict: bool, reason: BudgetReason, actor: Actor, now: Utc
) -> PaymentBudget:
    """Put a new amount in force; the ones before stay as history.

    Below what is committed already is allowed: the page then says so. NotAllowed without the permission; Refused
    ("bad_amount", "bad_year": only last year, this one and the next, "same_budget").
    """
    actor.must(Permission.SET_BUDGET, office)
    if actor.id is None:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    if not 0 <= amount <= MOST_FEN:
        raise Refused("bad_amount", "预算要在 0 元到一万亿元之间，请核对。")
    if abs(year - day_of(now).year) > 1:
        raise Refused("bad_year", "只能设定上一年、今年和明年的预算。")
    session.scalar(select(Office.id).where(Office.id == office).with_for_update())  # two people at once: one waits
    last = budget_in_force(session, office, year)
    if last is not None and (last.amount_fen, last.strict) == (amount, strict):
        raise Refused("same_budget", "和现在的预算一样，没有改动。")
    made = PaymentBudget(
        office_id=office,
        year=year,
        version=last.version + 1 if last else 1,
        amount_fen=amount,
        strict=strict,
        reason=reason.value,
        set_by=actor.id,
        set_on=day_of(now),
    )
    session.add(made)
    session.flush()
    append(session, BudgetSet(office.hex, year, amount, strict, reason.value), actor, now)
    return made
