"""Drafts for tests: a docket with an exposure that is being written, and what an editor does to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from admin.exposures import drafting, gating
from admin.exposures.moving import locked_way
from portal.exposures.drafts import Answer, Draft, Keep
from portal.exposures.models import Exposure
from portal.exposures.record import CaseRecord
from portal.exposures.values import Treatment
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.transaction import reading
from tests.exposures.conftest import Docket
from tests.exposures.records import record

PUBLISH = (Treatment.PUBLISH, "gate-grave", "性质恶劣（虚构）。")


@dataclass
class Desk:
    """The desk of an editor: one case that the gate opened for drafting."""

    docket: Docket
    number: str

    @property
    def exposure(self) -> Exposure:
        tip = self.docket.world.tip(self.number)
        with reading() as session:
            return session.scalars(select(Exposure).where(Exposure.tip_id == tip.id)).one()

    def do(self, verb: Any, *args: Any, by: Actor | None = None) -> Any:
        """A verb on the locked exposure, in a transaction of its own."""
        who = by or self.docket.editor
        with self.docket.world.at(self.number, who) as (session, tip, keys):
            return verb(session, locked_way(session, tip), *args, who, now(), keys)

    def draft(self) -> Draft | None:
        """The newest version, opened."""
        with self.docket.world.at(self.number, self.docket.editor) as (session, tip, keys):
            return drafting.draft_of(session, locked_way(session, tip), keys)

    def proposed(self) -> Draft:
        """What the editor starts from."""
        with self.docket.world.at(self.number, self.docket.editor) as (session, tip, keys):
            return Draft(content=drafting.material_of(session, locked_way(session, tip), keys).generated)

    def save(self, draft: Draft | None = None, *, seen: int | None = None, by: Actor | None = None) -> Draft:
        """Save *draft* (the newest, or what is proposed) as the next version; what was kept."""
        given = draft or self.draft() or self.proposed()
        self.do(drafting.save, given, self.exposure.version if seen is None else seen, by=by)
        kept = self.draft()
        assert kept is not None
        return kept

    def write(self, *paragraphs: str, title: str = "") -> Draft:
        """Save the proposed text with *paragraphs* behind it."""
        start = self.proposed()
        content = replace(start.content, paragraphs=(*start.content.paragraphs, *paragraphs))
        return self.save(replace(start, content=replace(content, title=title or content.title)))

    def ready(self) -> Draft:
        """Save what is proposed with every question answered."""
        kept = self.save()
        answers = tuple(Answer(one, Keep.WEIGHED, "看过了（虚构）。") for one in kept.questions)
        return self.save(replace(kept, answers=answers))

    def submit(self, *, seen: int | None = None, by: Actor | None = None) -> None:
        """Bring the newest version before a publisher."""
        self.do(drafting.submit, self.exposure.version if seen is None else seen, by=by)

    def in_review(self) -> Draft:
        """A draft that waits for a publisher."""
        kept = self.ready()
        self.submit()
        return kept


def desk(docket: Docket, what: CaseRecord | None = None, **report: Any) -> Desk:
    """A recorded case of a *report* that the gate opened for the public."""
    number = docket.recorded(what or record(), number=docket.closed(**report))
    docket.judge(number, gating.decide, *PUBLISH)
    return Desk(docket, number)
