"""The whole visit with nothing but the rights of the public process on PostgreSQL."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from admin.staff.roles import Role
from admin.tips.conversation import ask
from admin.tips.triage import record_reading
from portal.config import Settings
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.transaction import bind, transaction
from portal.mailbox.models import Mailbox
from portal.tips.models import IdentityRecord, Tip
from tests.admin_tips.world import DISTRICT, World
from tests.conftest import StandingClock
from tests.followup.conftest import WORDS, Handed, Visitor
from tests.followup.test_deeds import WHO
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def restricted(public_settings: Settings, as_role: AsRole) -> Visitor:
    """A visitor of a public site whose database lets it do what the public role may and no more."""
    from portal.app import create_app

    app: Flask = create_app(public_settings, as_role("public"))
    return Visitor(app)


def asked(world: World, mine: Handed) -> None:
    """Staff read the report and ask something."""
    by = world.person(DISTRICT, Role.INTAKE)
    with world.at(mine.number, by) as (session, tip, keys):
        record_reading(session, tip, by, now())
        ask(session, tip, "哪个院区？", by, now(), keys)


def test_a_whole_visit_needs_no_right_beyond_the_public_ones(
    mine: Handed, world: World, restricted: Visitor, database: Database, as_role: AsRole, clock: StandingClock
) -> None:
    bind(database)
    asked(world, mine)
    bind(as_role("public"))
    restricted.sign_in(mine.code)
    assert mine.number in restricted.text
    assert "2026年9月28日 星期一 演示甲区医疗保障局" in restricted.text.partition("谁打开过您的举报")[2]
    assert WORDS in restricted.get("/followup/sent/").text
    restricted.get("/followup/messages/")
    restricted.post("/followup/messages/", {"text": "本部。", "seen": "2", "files": (io.BytesIO(b"notes"), "笔记.txt")})
    assert "笔记.txt" in restricted.text
    link = restricted.page.text.partition('href="/followup/files/')[2].partition('"')[0]  # type: ignore[union-attr]
    assert restricted.client.get(f"/followup/files/{link}").data == b"notes"
    restricted.post("/followup/messages/1/remove/", {})
    for path, data in (("identity", WHO), ("pressure", {"text": "有人打听。"}), ("withdraw", {"sure": "y"})):
        restricted.get(f"/followup/{path}/")
        assert restricted.post(f"/followup/{path}/", data).status_code == 200
    assert "您已撤回" in restricted.text
    bind(database)
    tip = world.tip(mine.number)
    assert (tip.state, tip.named, tip.pressured, tip.withdrawn_on is not None) == ("screening", True, True, True)
    with transaction() as session:
        assert session.scalars(select(IdentityRecord.kind)).all() == ["identity"]


def test_a_code_handed_over_is_changed_with_the_public_rights(
    hand_in: Callable[..., Handed], restricted: Visitor, database: Database, as_role: AsRole
) -> None:
    bind(database)
    slip = hand_in(first_use_only=True)
    bind(as_role("public"))
    restricted.sign_in(slip.code)
    restricted.post("/followup/new-code/", {})
    assert slip.number in restricted.text
    assert WORDS in restricted.get("/followup/sent/").text
    bind(database)
    with transaction() as session:
        assert session.scalars(select(Mailbox.first_use_only)).one() is False
        assert session.scalars(select(Tip.number)).one() == slip.number
