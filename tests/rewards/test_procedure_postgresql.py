"""The way of a reward with nothing but the rights of each process on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from admin.rewards import deciding
from admin.rewards.sweeping import sweep_rewards
from portal.config import Settings
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import bind, transaction
from portal.rewards import claiming
from portal.rewards.claim_models import RewardCase
from tests.followup.conftest import Visitor, hand_in_report
from tests.payments.vault import PEOPLE
from tests.postgresql.conftest import AsRole, as_role
from tests.rewards.court import Court

__all__ = ["as_role"]
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_a_reporter_wishes_and_claims_with_the_public_rights(
    court: Court, site: Site, public_settings: Settings, database: Database, as_role: AsRole
) -> None:
    from portal.app import create_app

    handed = hand_in_report(site)
    court.take(handed.number)
    other = court.given()
    visitor = Visitor(create_app(public_settings, as_role("public")))
    bind(as_role("public"))
    visitor.sign_in(handed.code)
    visitor.get("/followup/reward/")
    visitor.post("/followup/reward/wish/", {})
    bind(database)
    court.decided(handed.number)
    court.propose(handed.number)
    court.do(handed.number, deciding.approve, by=court.head)
    bind(as_role("public"))
    visitor.get("/followup/reward/claim/")
    payee = PEOPLE[0]
    typed = {"name": payee.name, "id_number": payee.id_number, "bank": payee.bank, "account": payee.account}
    visitor.post("/followup/reward/claim/", typed)
    assert "已经领取，等待付款" in visitor.text
    with transaction() as session:
        assert session.scalars(select(RewardCase)).all() == []  # without a code there is not one row
    bind(database)
    assert (court.reward(handed.number).state, court.reward(other).state) == ("claimed", "notified")


def test_the_public_process_cannot_give_itself_a_reward_nor_read_what_it_rests_on(
    court: Court, as_role: AsRole
) -> None:
    court.given()
    bind(as_role("public"))
    for refused in (
        "UPDATE reward_case SET amount_fen = 20000000",
        "UPDATE reward_case SET reviewed = false, told = NULL",
        "SELECT record FROM reward_proposal",
        "DELETE FROM reward_step",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction() as session:
            session.execute(text(refused))


def test_the_worker_follows_the_bank_with_its_own_rights(court: Court, database: Database, as_role: AsRole) -> None:
    number = court.given()
    court.says(number, claiming.claim, PEOPLE[0])
    wished = court.decided(court.filed(wants_reward=False))
    court.says(wished, claiming.wish)
    court.bank("paid")
    bind(as_role("worker"))
    with transaction() as session:
        assert sweep_rewards(session, now()) == 2
    bind(database)
    assert court.world.notices(number)[-1] == "reward_paid"
    assert court.world.notices(wished)[-1] == "reward_opened"
