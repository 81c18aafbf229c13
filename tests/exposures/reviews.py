"""Reviews for tests: what a publisher does to a draft that waits, and to what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from admin.exposures import publishing
from admin.exposures.moving import locked_way
from portal.exposures.models import ExposureStep, PublishedCase, PublishedVersion
from portal.exposures.reviews import NEEDED, Point
from portal.kernel.actors import Actor
from portal.kernel.clock import now, today
from portal.kernel.transaction import reading, transaction
from tests.exposures.conftest import Docket
from tests.exposures.drafts import Desk, desk

CHECKED = [one.value for one in (*NEEDED, Point.APPEAL_PASSED)]


class Bench(Desk):
    """A desk with the other person beside it."""

    def decide(self, verb: Any, *args: Any, by: Actor | None = None, keyed: bool = True) -> Any:
        """A verb of somebody who opens drafts and no reports, on the locked exposure."""
        who, tip = by or self.docket.publisher, self.docket.world.tip(self.number)
        with transaction() as session:
            way = locked_way(session, tip)
            keys = (self.docket.world.keys_of(session, tip),) if keyed else ()
            return verb(session, way, *args, who, now(), *keys)

    def approve(self, *, seen: int | None = None, by: Actor | None = None) -> PublishedCase:
        """Publish at once the version that waits."""
        seen = self.exposure.version if seen is None else seen
        case: PublishedCase = self.decide(publishing.approve, seen, CHECKED, by=by)
        return case

    def schedule(self, days: int = 3) -> PublishedCase:
        """Publish so many days later."""
        day = today() + timedelta(days=days)
        case: PublishedCase = self.decide(publishing.schedule, self.exposure.version, CHECKED, day)
        return case

    def published(self) -> PublishedCase:
        """A case before the public."""
        self.in_review()
        return self.approve()

    def case(self) -> PublishedCase:
        """What the public sees, as it is now."""
        with reading() as session:
            wanted = select(PublishedCase).where(PublishedCase.id == self.exposure.published_id)
            return session.scalars(wanted).one()

    def shown(self) -> list[PublishedVersion]:
        """Its versions, oldest first."""
        with reading() as session:
            wanted = select(PublishedVersion).where(PublishedVersion.case_id == self.exposure.published_id)
            return list(session.scalars(wanted.order_by(PublishedVersion.version)))

    def steps(self) -> list[str]:
        """Its history in codes."""
        with reading() as session:
            wanted = select(ExposureStep.action).where(ExposureStep.exposure_id == self.exposure.id)
            return list(session.scalars(wanted.order_by(ExposureStep.position)))


def bench(docket: Docket, **given: Any) -> Bench:
    """See :func:`tests.exposures.drafts.desk`."""
    made = desk(docket, **given)
    return Bench(made.docket, made.number)
