"""Promising when fund accounts are published (定期公布的承诺). ``(session, …, actor, now)``. Never taken back: a later
promise takes the place of the earlier one from its day on, and both stay to be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from portal.directory.regions import regions
from portal.disclosures.events import PromiseSet
from portal.disclosures.models import PublishedPromise
from portal.disclosures.schedule import Every
from portal.disclosures.values import COUNTRY
from portal.disclosures.vocabulary import vocabulary
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.kernel.values import Id, new_id
from portal.ledger.book import append

MOST_DAYS = 999


@dataclass(frozen=True, slots=True)
class Given:
    """This edition of this place, within ``days`` of the end of every period that ends on ``since`` or later."""

    region: str
    edition: str
    every: Every
    days: int
    since: date


def promise(session: Session, office_id: Id, given: Given, actor: Actor, now: Utc) -> PublishedPromise:
    """Put the promise before the public. Refused: "no_region", "no_edition", "bad_days", "in_the_past",
    "promised_already" (another one from the same day on)."""
    actor.must(Permission.PUBLISH_DISCLOSURE, office_id)
    if given.region != COUNTRY and given.region not in regions():
        raise Refused("no_region", "没有这个行政区划代码。全国写 000000。")
    if given.edition not in vocabulary().editions:
        raise Refused("no_edition", "没有这个版本。")
    if not 0 < given.days <= MOST_DAYS:
        raise Refused("bad_days", f"天数要在 1 到 {MOST_DAYS} 之间。")
    if given.since < day_of(now):
        raise Refused("in_the_past", "开始的日子不能早于今天。")
    made = PublishedPromise(
        id=new_id(), office_id=office_id, region=given.region, edition=given.edition, every=given.every.value,
        days=given.days, in_force_from=given.since, set_on=day_of(now),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        raise Refused("promised_already", "同一天开始的承诺已经有了。要改的，请换一个开始的日子。") from None
    said = PromiseSet(office_id.hex, given.edition, given.every.value, given.days, given.since.isoformat())
    append(session, said, actor, now)
    return made
