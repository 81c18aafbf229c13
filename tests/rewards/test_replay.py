"""Every decided reward comes out again as it was; whatever was changed underneath is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

import admin.commands
from admin.cli import _mingjing
from admin.rewards import deciding
from portal.kernel.shred import drop_shred_keys
from portal.kernel.transaction import reading, transaction
from portal.rewards import claiming
from portal.rewards.claim_models import RewardCase, RewardProposal
from portal.rewards.record import open_record
from portal.rewards.values import Relation
from tests.rewards.court import Court


@pytest.fixture
def replay(court: Court, monkeypatch: pytest.MonkeyPatch) -> Replaying:
    @contextmanager
    def as_it_is() -> Iterator[None]:
        yield

    monkeypatch.setattr(admin.commands, "opened", as_it_is)
    return Replaying(court)


class Replaying:
    """``mingjing reward replay`` on the database of the test."""

    def __init__(self, court: Court) -> None:
        self.court = court

    def __call__(self) -> Result:
        return CliRunner().invoke(_mingjing, ["reward", "replay"])

    def differences(self) -> list[str]:
        answer = self()
        lines = [json.loads(line) for line in answer.stdout.splitlines()]
        assert answer.exit_code == (1 if lines else 0)
        return [line["difference"] for line in lines]

    def change(self, **values: object) -> None:
        with transaction() as session:
            session.execute(update(RewardProposal).values(**values))


def test_nothing_differs_after_a_figure_a_refusal_and_a_second_decision(replay: Replaying) -> None:
    court = replay.court
    court.given()
    refused = court.ready()
    court.propose(refused, "掌握", excluded_by=("RW-4.2",))
    court.do(refused, deciding.approve, by=court.head)
    court.says(refused, claiming.ask_review, "")
    court.do(refused, deciding.answer_review, False, by=court.reviewer)
    court.propose(refused)
    court.do(refused, deciding.approve, by=court.head)
    answer = replay()
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert "3 computed again, 0 different, 0 destroyed" in answer.stderr


def test_a_changed_sum_rule_or_record_is_named_with_its_report(replay: Replaying) -> None:
    number = replay.court.given()
    replay.change(amount_fen=2_000_000)
    line = json.loads(replay().stdout)
    assert (line["number"], line["difference"]) == (number, "figure")
    assert (line["stored_fen"], line["now_fen"]) == (2_000_000, 100_000)
    replay.change(amount_fen=100_000, schedule_text="{}")
    assert replay.differences() == ["schedule_altered"]


def test_another_record_is_not_the_one_in_the_ledger(replay: Replaying) -> None:
    replay.court.given()
    replay.change(record=b"x" * 300)
    assert replay.differences() == ["record_not_in_ledger"]


def test_a_reward_of_another_sum_than_was_decided_is_named(replay: Replaying) -> None:
    replay.court.given()
    with transaction() as session:
        session.execute(update(RewardCase).values(amount_fen=90_000_000))
    assert replay.differences() == ["amount_of_the_reward"]


def test_the_record_dies_with_the_shred_key(replay: Replaying) -> None:
    number = replay.court.given()
    drop_shred_keys([replay.court.world.tip(number).id])
    assert replay.differences() == ["record_altered"]


def test_the_relation_of_a_reporter_is_kept_only_where_the_rule_asks(court: Court) -> None:
    row = court.propose(court.ready(relation="insider"))
    assert open_record(row).case.relation is Relation.OUTSIDER  # Beijing makes no difference
    elsewhere = court.propose(court.decided(court.filed(region="140100"), relation="insider"))
    assert open_record(elsewhere).case.relation is Relation.INSIDER  # Shanxi pays insiders a fifth more
    with reading() as session:
        stored = session.get_one(RewardProposal, elsewhere.id)
        assert b"insider" not in stored.record + stored.words
