"""A fresh second factor before an act that matters, whoever holds the session: throttled like signing in."""

from __future__ import annotations

from admin.staff import factors, unlocking
from admin.staff.models import Staff
from admin.web.guard import current_staff
from portal.kernel.clock import now
from portal.kernel.errors import Refused
from portal.kernel.transaction import session_transaction, transaction
from portal.signin import throttle


def take_factor(typed: str) -> None:
    """Use up a one-time or recovery code of the person of this request. Raises Refused ("code_wrong") or Throttled.

    In a transaction of its own: a code that was right is used up even when the act is refused afterwards.
    """
    person, moment = current_staff(), now()
    counters = [throttle.device_counter(f"factor {person.staff.id}")]
    with session_transaction() as store:
        throttle.enter(store, counters, moment)
    with transaction() as session:
        staff = session.get_one(Staff, person.staff.id, with_for_update=True)
        seed = unlocking.seed_of(person.session.payload)
        if not factors.take_second_factor(session, staff, seed, typed, moment):
            raise Refused("code_wrong", "验证码不对，或者已经用过。请等验证器换一组数字再试。")
    with session_transaction() as store:
        throttle.succeeded(store, counters, moment)
