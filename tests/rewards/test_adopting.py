"""A schedule changes by two people: who may propose, who may answer, what the book says, what a changed text does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from admin.audit.schedules import check_schedules
from admin.audit.whole import verify_all
from admin.rewards.schedules import adopt, propose, refuse, withdraw
from admin.staff.models import Staff
from admin.staff.roles import ROLES, Role
from portal.kernel.actors import SYSTEM, Actor, ActorKind
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.errors import DomainError, NotAllowed, Refused
from portal.kernel.site import Site, site
from portal.kernel.transaction import bind, reading, transaction
from portal.ledger.models import LedgerEntry
from portal.ledger.sequencer import sequence
from portal.ledger.verify import Report
from portal.rewards.entries import digest, shipped_texts, written
from portal.rewards.models import RewardSchedule
from portal.rewards.schedule_values import VersionState
from portal.rewards.standing import schedules_now, version_of
from tests.admin_tips.world import CITY, DISTRICT, PROVINCE, World, make_world
from tests.conftest import StandingClock
from tests.custody.test_at_once import at_once
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
WHY = "按新文件修改（虚构）"
NAME = "nanjing-2026"


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def reviewer(world: World) -> Actor:
    return world.person(CITY, Role.REWARD_REVIEWER)


@pytest.fixture
def head(world: World) -> Actor:
    return world.person(CITY, Role.HEAD)


def entry(**changed: Any) -> str:
    """A rule of the city, as Hebei's is."""
    whole = json.loads(shipped_texts()["hebei-2023"])
    return written({**whole, "id": NAME, "region": "320100", "region_name": "演示市", **changed})


def proposed(actor: Actor, given: str | None = None, why: str = WHY) -> int:
    with transaction() as session:
        return propose(session, given or entry(), why, actor, now()).version


def answered(verb: Callable[..., object], actor: Actor, version: int, *more: str, name: str = NAME) -> None:
    with transaction() as session:
        verb(session, name, version, *more, actor, now())


def refused_with(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(DomainError) as error:
        act()
    assert error.value.code == code


def book(kind: str) -> list[dict[str, Any]]:
    with reading() as session:
        payloads = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == kind)).all()
    return [json.loads(payload) for payload in payloads]


def faults() -> list[str]:
    report = Report()
    with reading() as session:
        check_schedules(session, report)
    return [str(one) for one in report.faults]


# --- two people


def test_one_proposes_another_adopts_and_only_then_it_holds(world: World, reviewer: Actor, head: Actor) -> None:
    version = proposed(reviewer)
    with reading() as session:
        assert NAME not in schedules_now(session)
    answered(adopt, head, version)
    with reading() as session:
        assert schedules_now(session)[NAME].region == "320100"
        used = version_of(session, NAME)
    (one,), (other,) = book("reward-schedule-proposed"), book("reward-schedule-decided")
    assert (one["actor"], other["actor"]) == (str(reviewer.id), str(head.id))
    assert one["event"]["sha256"] == other["event"]["sha256"] == used.sha256
    assert (other["event"]["answer"], other["subject"]) == ("adopted", NAME)
    assert "虚构" not in json.dumps([one, other], ensure_ascii=False)


def test_a_refusal_says_why_and_what_held_holds(world: World, reviewer: Actor, head: Actor) -> None:
    version = proposed(reviewer)
    refused_with("reason_needed", lambda: answered(refuse, head, version, " 不 "))
    answered(refuse, head, version, "比例和文件不符")
    with reading() as session:
        row = session.scalars(select(RewardSchedule)).one()
        assert (row.state, row.refusal, NAME in schedules_now(session)) == ("refused", "比例和文件不符", False)
    assert proposed(reviewer) == version + 1


def test_the_proposer_takes_it_back_and_nobody_else_does(world: World, reviewer: Actor, head: Actor) -> None:
    version = proposed(reviewer)
    refused_with("no_schedule_version", lambda: answered(withdraw, head, version))
    answered(withdraw, reviewer, version)
    refused_with("answered", lambda: answered(adopt, head, version))
    assert [one["event"]["answer"] for one in book("reward-schedule-decided")] == ["withdrawn"] and faults() == []


def test_nobody_answers_the_own_proposal_under_any_account(world: World, reviewer: Actor, head: Actor) -> None:
    both = Actor(ActorKind.STAFF, reviewer.id, reviewer.name, {world.offices[CITY].id: frozenset(
        {*ROLES[Role.HEAD], *ROLES[Role.REWARD_REVIEWER]})})  # fmt: skip
    version = proposed(both)
    refused_with("same_person", lambda: answered(adopt, both, version))
    with transaction() as session:
        session.execute(update(Staff).where(Staff.id.in_([reviewer.id, head.id])).values(person_no="A-7"))
    refused_with("same_person", lambda: answered(adopt, head, version))
    refused_with("same_person", lambda: answered(refuse, head, version, WHY))


def test_neither_half_does_the_other_ones(world: World, reviewer: Actor, head: Actor) -> None:
    refused_with("not_allowed", lambda: proposed(head))
    version = proposed(reviewer)
    for nobody in (world.new_person(CITY, Role.REWARD_REVIEWER), world.person(CITY, Role.HANDLER), SYSTEM):
        with pytest.raises(NotAllowed):
            answered(adopt, nobody, version)


def test_an_office_speaks_for_its_place_and_the_one_without_a_superior_for_all(world: World, head: Actor) -> None:
    below = world.person(DISTRICT, Role.REWARD_REVIEWER)
    refused_with("not_allowed", lambda: proposed(below))
    assert proposed(below, entry(id="district-2026", region="320104", region_name="演示甲区")) == 1
    answered(adopt, head, 1, name="district-2026")
    above = world.person(PROVINCE, Role.REWARD_REVIEWER)
    assert proposed(above, entry(id="elsewhere-2026", region="110101", region_name="别处")) == 1
    refused_with("not_allowed", lambda: answered(adopt, head, 1, name="elsewhere-2026"))


# --- what cannot be proposed


@pytest.mark.parametrize(
    ("code", "given", "why"),
    [
        ("reason_needed", entry(), "短"),
        ("reason_needed", entry(), "长" * 301),
        ("bad_schedule", entry(cap_fen="1"), WHY),
        ("bad_schedule", "{", WHY),
        ("region_changed", entry(id="nanjing-2019", region="320105"), WHY),
        ("nothing_changed", shipped_texts()["nanjing-2019"], WHY),
    ],
)
def test_what_cannot_stand_is_refused_before_it_waits(
    world: World, reviewer: Actor, code: str, given: str, why: str
) -> None:
    refused_with(code, lambda: proposed(reviewer, given, why))
    assert book("reward-schedule-proposed") == []


def test_two_schedules_of_a_place_never_hold_on_one_day(world: World, reviewer: Actor, head: Actor) -> None:
    proposed(reviewer)
    second = entry(id="second-2026", effective_from="2026-10-01")
    assert proposed(reviewer, second) == 1
    answered(adopt, head, 1)
    refused_with("overlap", lambda: answered(adopt, head, 1, name="second-2026"))
    refused_with("overlap", lambda: proposed(reviewer, entry(id="third-2026")))
    assert proposed(reviewer, entry(effective_to="2026-09-30")) == 2
    answered(adopt, head, 2)
    answered(adopt, head, 1, name="second-2026")
    assert faults() == []


def test_one_change_of_a_schedule_waits_at_a_time(world: World, reviewer: Actor) -> None:
    proposed(reviewer)
    refused_with("proposal_waits", lambda: proposed(reviewer, entry(cap_fen=10_000_000)))
    assert len(book("reward-schedule-proposed")) == 1


# --- at once


@pytest.mark.parametrize("round_", range(3))
def test_of_two_answers_at_once_one_counts(world: World, reviewer: Actor, head: Actor, round_: int) -> None:
    version, other = proposed(reviewer), world.new_person(CITY, Role.HEAD)
    said = at_once(
        lambda: answered(adopt, head, version),
        lambda: answered(adopt, other, version),
        lambda: answered(refuse, other, version, WHY),
        lambda: answered(withdraw, reviewer, version),
    )
    assert sorted(said) == ["answered", "answered", "answered", "done"]
    assert len(book("reward-schedule-decided")) == 1 and faults() == []


def test_of_two_proposals_at_once_one_waits(world: World, reviewer: Actor) -> None:
    other = world.new_person(CITY, Role.REWARD_REVIEWER)
    said = at_once(lambda: proposed(reviewer), lambda: proposed(other))
    assert sorted(said) == ["done", "proposal_waits"] and len(book("reward-schedule-proposed")) == 1


# --- a hand in the database


def tampered(**values: Any) -> None:
    with transaction() as session:
        session.execute(update(RewardSchedule).values(**values))


def test_a_sound_history_has_no_faults(world: World, reviewer: Actor, head: Actor) -> None:
    answered(adopt, head, proposed(reviewer))
    proposed(reviewer, entry(cap_fen=10_000_000))
    with transaction() as session:
        while sequence(session, now()):
            pass
        report = verify_all(session, site().checkpoint_vkey, ())
    assert [str(one) for one in report.faults if "reward" in str(one)] == []


def test_a_text_changed_after_its_approval_is_named(world: World, reviewer: Actor, head: Actor) -> None:
    answered(adopt, head, proposed(reviewer))
    more = entry(cap_fen=90_000_000)
    tampered(text=more, sha256=digest(more))  # with its hash beside it: only the book knows better
    with transaction() as session:
        report = verify_all(session, site().checkpoint_vkey, ())
    said = [str(one) for one in report.faults if "reward" in str(one)]
    assert said and all(f"reward schedule {NAME} version 1" in one for one in said)


def test_a_text_changed_while_it_waits_is_not_adopted(world: World, reviewer: Actor, head: Actor) -> None:
    version = proposed(reviewer)
    tampered(text=entry(cap_fen=90_000_000))
    refused_with("altered", lambda: answered(adopt, head, version))


@pytest.mark.parametrize("state", [VersionState.ADOPTED, VersionState.PROPOSED, VersionState.REFUSED])
def test_an_answer_that_nobody_gave_is_named(world: World, reviewer: Actor, head: Actor, state: VersionState) -> None:
    version = proposed(reviewer)
    if state is VersionState.PROPOSED:
        answered(adopt, head, version)
    tampered(state=state.value, decided_by=head.id)
    assert len(faults()) == 1


def test_a_version_that_is_gone_is_missed(world: World, reviewer: Actor, head: Actor) -> None:
    answered(adopt, head, proposed(reviewer))
    with transaction() as session:
        session.execute(text("DELETE FROM reward_schedule"))
    assert faults() == [f"reward schedule {NAME} version 1: is in the book and nowhere else"]


def test_an_altered_version_is_put_right_by_two_people(world: World, reviewer: Actor, head: Actor) -> None:
    answered(adopt, head, proposed(reviewer))
    tampered(text=entry(cap_fen=90_000_000))
    with reading() as session, pytest.raises(Refused):
        schedules_now(session)
    answered(adopt, head, proposed(reviewer))
    with reading() as session:
        assert schedules_now(session)[NAME].cap_fen == 20_000_000


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_each_process_has_the_rights_it_needs_and_no_more(
    world: World, reviewer: Actor, head: Actor, as_role: AsRole
) -> None:
    as_role("staff")
    answered(adopt, head, proposed(reviewer))
    with pytest.raises(ProgrammingError):
        tampered(text=entry(cap_fen=90_000_000))
    for process in ("public", "worker"):
        as_role(process)
        with reading() as session:
            assert NAME in schedules_now(session)
        with pytest.raises(ProgrammingError):
            tampered(state="proposed")
    bind(world.database)
