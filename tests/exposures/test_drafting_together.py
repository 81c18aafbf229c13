"""Two editors, two threads, one draft: one of them wins and the other is told; no version is lost or written over."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select

from admin.exposures import drafting
from admin.staff.roles import Role
from portal.exposures.drafts import Draft
from portal.exposures.models import ExposureDraft
from portal.kernel.transaction import reading
from tests.admin_tips.test_together import race
from tests.admin_tips.world import DISTRICT
from tests.exposures.conftest import Docket
from tests.exposures.drafts import desk


def _with(draft: Draft, line: str) -> Draft:
    return replace(draft, content=replace(draft.content, paragraphs=(*draft.content.paragraphs, line)))


def _versions() -> list[int]:
    with reading() as session:
        return list(session.scalars(select(ExposureDraft.version).order_by(ExposureDraft.version)))


@pytest.mark.parametrize("round_", range(2))
def test_two_save_at_once(docket: Docket, round_: int) -> None:
    at, other = desk(docket), docket.world.new_person(DISTRICT, Role.EDITOR)
    start, mine = at.proposed(), docket.editor
    answers = race(
        partial(at.do, drafting.save, _with(start, "一（虚构）。"), 0, by=mine),
        partial(at.do, drafting.save, _with(start, "二（虚构）。"), 0, by=other),
    )
    assert sorted(answers) == ["changed", "done"]
    kept = at.draft()
    assert kept is not None
    assert kept.content.paragraphs[-1] == ("一（虚构）。" if answers[0] == "done" else "二（虚构）。")
    assert _versions() == [1]


@pytest.mark.parametrize("round_", range(2))
def test_one_submits_while_another_saves(docket: Docket, round_: int) -> None:
    at, other = desk(docket), docket.world.new_person(DISTRICT, Role.EDITOR)
    ready, seen = at.ready(), at.exposure.version
    answers = race(
        partial(at.do, drafting.submit, seen, by=docket.editor),
        partial(at.do, drafting.save, _with(ready, "又写一句（虚构）。"), seen, by=other),
    )
    assert sorted(answers) in (["changed", "done"], ["done", "illegal_move"])
    submitted = answers[0] == "done"
    assert at.exposure.state == ("in-review" if submitted else "drafting")
    assert at.exposure.version == (seen if submitted else seen + 1), "what is in review is what was submitted"
