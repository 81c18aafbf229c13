"""Which schedules hold: the shipped ones under what was adopted, each named exactly, none with an altered text."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.kernel.errors import NotFound, Refused
from portal.kernel.values import new_id
from portal.rewards.choose import choose
from portal.rewards.entries import digest, entry_of, read, shipped_texts, written
from portal.rewards.models import RewardSchedule
from portal.rewards.schedule import shipped
from portal.rewards.schedule_values import VersionState
from portal.rewards.standing import schedule_as_of, schedules_now, sound_now, text_of, version_of

DAY = date(2026, 9, 28)


def entry(name: str, **changed: Any) -> dict[str, Any]:
    return {**json.loads(shipped_texts()[name]), **changed}


def kept(session: Session, text: str, version: int, state: VersionState = VersionState.ADOPTED) -> RewardSchedule:
    row = RewardSchedule(
        name=entry_of(text)["id"],
        version=version,
        text=text,
        sha256=digest(text),
        state=state.value,
        why="换了文件（虚构）",
        proposed_by=new_id(),
        proposed_on=DAY,
    )
    session.add(row)
    session.flush()
    return row


def test_without_a_decision_the_shipped_ones_hold(session: Session) -> None:
    assert schedules_now(session) == dict(shipped())
    assert version_of(session, "beijing-2023").version == 0


def test_the_newest_adopted_version_lies_over_the_shipped_one(session: Session) -> None:
    for version, cap in ((1, 10_000_000), (2, 15_000_000)):
        kept(session, written(entry("beijing-2023", cap_fen=cap)), version)
        assert schedules_now(session)["beijing-2023"].cap_fen == cap
    assert version_of(session, "beijing-2023").version == 2
    assert schedules_now(session)["hebei-2023"] == shipped()["hebei-2023"]


@pytest.mark.parametrize("state", [VersionState.PROPOSED, VersionState.REFUSED, VersionState.WITHDRAWN])
def test_what_was_not_adopted_changes_nothing(session: Session, state: VersionState) -> None:
    kept(session, written(entry("beijing-2023", cap_fen=1_000_000)), 1, state)
    assert schedules_now(session) == dict(shipped())


def test_a_new_city_comes_before_its_province(session: Session) -> None:
    assert choose("130100", DAY, schedules_now(session)).id == "hebei-2023"
    kept(session, written(entry("hebei-2023", id="city-2026", region="130100", region_name="虚构市")), 1)
    assert choose("130102", DAY, schedules_now(session)).id == "city-2026"
    assert choose("130200", DAY, schedules_now(session)).id == "hebei-2023"


def test_what_a_decision_used_is_given_back_whatever_holds_now(session: Session) -> None:
    before = version_of(session, "beijing-2023")
    kept(session, written(entry("beijing-2023", cap_fen=10_000_000)), 1)
    first = version_of(session, "beijing-2023")
    kept(session, written(entry("beijing-2023", cap_fen=15_000_000)), 2)
    caps = [schedule_as_of(session, one.name, one.version, one.sha256).cap_fen for one in (before, first)]
    assert caps == [20_000_000, 10_000_000]
    assert text_of(session, before) == shipped_texts()["beijing-2023"]


def test_another_text_than_the_one_named_is_not_given(session: Session) -> None:
    with pytest.raises(Refused) as refused:
        schedule_as_of(session, "beijing-2023", 0, "0" * 64)
    assert refused.value.code == "altered"
    for name, version in (("beijing-2023", 7), ("nowhere-2026", 0), ("nowhere-2026", 1)):
        with pytest.raises(NotFound):
            schedule_as_of(session, name, version)
    with pytest.raises(NotFound):
        version_of(session, "nowhere-2026")


def test_an_altered_text_gives_no_figure(session: Session) -> None:
    row = kept(session, written(entry("beijing-2023")), 1)
    more = written(entry("beijing-2023", cap_fen=90_000_000))
    session.execute(update(RewardSchedule).where(RewardSchedule.id == row.id).values(text=more))
    for ask in (lambda: schedules_now(session), lambda: schedule_as_of(session, "beijing-2023", 1)):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == "altered" and "beijing-2023" in refused.value.message
    sound, altered = sound_now(session)
    assert "beijing-2023" not in sound and [one.name for one in altered] == ["beijing-2023"]


def test_every_shipped_text_reads_back_as_the_shipped_schedule() -> None:
    assert {name: read(text) for name, text in shipped_texts().items()} == dict(shipped())


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"id": 1, "id": 2}', "[" * 5000, '{"id": "\\ud800"}', "{}", "9" * 70_000]
)
def test_what_is_no_schedule_is_refused_in_words(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text)
    assert refused.value.code == "bad_schedule" and refused.value.message


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def places(at: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = at.items() if isinstance(at, dict) else enumerate(at) if isinstance(at, list) else ()
    return [way, *(place for key, value in inner for place in places(value, (*way, key)))]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_stands_in_a_field_it_is_read_or_refused(data: st.DataObject) -> None:
    whole = {"it": entry(data.draw(st.sampled_from(["beijing-2023", "chongqing-2025", "gansu-2019", "shaanxi-2024"])))}
    *way, last = data.draw(st.sampled_from(places(whole)[1:]))
    at: Any = whole
    for key in way:
        at = at[key]
    at[last] = data.draw(ODD)
    try:
        read(json.dumps(whole["it"]))
    except Refused as refused:
        assert refused.code == "bad_schedule" and refused.message
