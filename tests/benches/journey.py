"""Walking a :class:`Visitor` through the reporting journey, up to the button that sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.benches.visitor import Files, Visitor


@dataclass(frozen=True, slots=True)
class Story:
    """What a reporter types. Empty parts are skipped as the form lets them be skipped."""

    words: str = field(repr=False)
    target: str = ""
    target_address: str = ""
    region: tuple[str, ...] = ("unknown",)
    files: Files = ()
    more: Mapping[str, str] = field(default_factory=dict)  # slug of an optional question -> its text
    who: Mapping[str, str] = field(default_factory=dict)  # name, phone, email, address; empty: no name
    id_kind: str = "resident"
    id_number: str = ""
    fellows: str = ""


FIELD = {
    "place": "place",
    "persons": "persons",
    "amount": "amount",
    "source": "how_known",
    "earlier": "earlier_reports",
}
TICK = {"source": "how_known"}  # slug -> its box on the page of optional questions, where the two differ


class StuckError(Exception):
    """The journey did not lead on; the message names the page and its status, never its words."""


def to_check(visitor: Visitor, story: Story) -> Visitor:
    """Answer every question; ends on the page that shows all answers. Raises StuckError."""
    visitor.get("/report/").post("/report/", who="adult")
    levels = ("province", "city", "county")
    for upto in range(1, len(story.region) + 1):
        visitor.post("/report/where/", dict(zip(levels, story.region[:upto], strict=False)))
    visitor.post("/report/subject/", subject_type="unknown")
    visitor.post("/report/target/", target=story.target, target_address=story.target_address)
    visitor.post("/report/period/")
    visitor.post("/report/words/", words=story.words)
    ticks = [TICK.get(slug, slug) for slug in story.more] + (["files"] if story.files else [])
    visitor.post("/report/more/", more=ticks)
    if story.files:
        visitor.post("/report/files/", files=story.files, do="add")
        visitor.post("/report/files/", do="continue")
    for slug, text in story.more.items():
        visitor.post(f"/report/{slug}/", {FIELD[slug]: text})
    _known(visitor, story)
    if not visitor.path.startswith("/report/check/") or visitor.status != 200:
        raise StuckError(f"{visitor.path} answered {visitor.status}")
    return visitor


def send(visitor: Visitor) -> Visitor:
    """Press the button; ends on the receipt."""
    return visitor.post("/report/check/", truth="y")


def _known(visitor: Visitor, story: Story) -> None:
    if not story.who:
        visitor.post("/report/known/", known_as="no_name")
        return
    visitor.post("/report/known/", known_as="named")
    visitor.post("/report/name/", story.who)
    visitor.post("/report/relation/", relation="insider")
    visitor.post("/report/reward/", wants_reward="yes" if story.id_number else "no")
    if story.id_number:
        visitor.post("/report/number/", id_kind=story.id_kind, id_number=story.id_number, id_consent="y")
    visitor.post("/report/fellows/", fellows=story.fellows)
