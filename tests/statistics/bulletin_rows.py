"""Bulletins as rows, where what was counted does not matter: their figures are invented."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from portal.kernel.clock import today
from portal.kernel.transaction import transaction
from portal.kernel.values import Id, new_id
from portal.ledger.events import canonical
from portal.statistics.content import content
from portal.statistics.models import Bulletin, PublishedBulletin
from portal.statistics.suppression import rule_on
from portal.statistics.values import Counted, Days, Group, Month, PaidOut, Recovered

NO_REWARDS = PaidOut(date(2026, 1, 1), date(2026, 6, 30), 0, 0, 10)


def invented(month: Month, channels: dict[str, int], days: tuple[int, ...] = ()) -> dict[str, Any]:
    """The content of a month with these reports; as many decisions, all of them fines."""
    total = sum(channels.values())
    took = [Days(one, one * 5 // 7) for one in days]
    counted = Counted(
        received=Group({"channel": channels, "office": {"320000": total, "320100": 0}}),
        decided=Group({"outcome": {"penalty": total, "not_proven": 0}}),
        opened=Group({"reason": {"identity:facts": 0, "contact:call_back": 0}}),
        waited={"screened": took, "decided": took, "closed": ()},
        missed=Group({"office": {"320000": 0, "320100": 0}}),
        recovered=Recovered(6, 600_00, 200_00),
        paid=PaidOut(date(2026, 1, 1), date(2026, 6, 30), 30, 5_000_000, 10),
    )
    return content(month, 1000, counted, rule_on(month.last))


def bulletin_row(office: Id, month: str = "2026-08", state: str = "draft") -> Id:
    """A bulletin inside, which somebody else had counted."""
    made = new_id()
    text = canonical(invented(Month.read(month), {"web": 12, "12393": 8})).decode()
    with transaction() as session:
        session.add(
            Bulletin(
                id=made, office_id=office, month=month, version=1, state=state, content=text, ledger_size=0,
                sha256=hashlib.sha256(text.encode()).hexdigest(), made_by=new_id(), made_on=today(),
            )
        )  # fmt: skip
    return made


def publish_row(said: dict[str, Any], version: int = 1, day: date | None = None, **given: str) -> None:
    """A published version with this content."""
    text = canonical(said).decode()
    with transaction() as session:
        session.add(
            PublishedBulletin(
                id=new_id(), month=said["month"], version=version, content=text, ledger_size=said["ledger_size"],
                sha256=hashlib.sha256(text.encode()).hexdigest(), published_on=day or today(), **given,
            )
        )  # fmt: skip
