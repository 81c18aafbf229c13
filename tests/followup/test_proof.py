"""My report is in the record: not yet, then proven, with a file that anybody can check and whose name says nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from admin.audit.checkpoints import make_checkpoint
from crypto import checkpoints, tree
from crypto.receipts import secrets_from, slow_hash
from portal.config import Settings
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site, bind_site
from portal.kernel.transaction import bind, transaction
from portal.ledger.models import LedgerCheckpoint
from tests.admin_tips.world import World
from tests.conftest import StandingClock
from tests.followup.conftest import WORDS, Handed, Visitor, one_database
from tests.ledger.scripts import run_script
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
RECORD = "/followup/record/"


def publish(world: World, clock: StandingClock) -> None:
    clock.advance(minutes=5)
    with transaction() as session:
        make_checkpoint(session, world.signer, now(), publish=True)


def leaf_of(mine: Handed, site: Site) -> bytes:
    return secrets_from(slow_hash(mine.code, site.receipts, site.receipt_cost), site.receipts).leaf


def test_before_the_next_publication_it_says_not_yet_and_from_when(inside: Visitor) -> None:
    page = inside.get(RECORD)
    assert page.status_code == 200
    assert "现在还没有" in inside.text
    assert "2026年9月28日 星期一 12:00 起可以在这里看到" in inside.text
    assert "下载证明文件" not in inside.text


@one_database
def test_where_nothing_is_published_by_the_clock_no_hour_is_promised(inside: Visitor, site: Site) -> None:
    bind_site(replace(site, publish_hours=()))
    inside.get(RECORD)
    assert "公布没有固定的时间" in inside.text


def test_after_it_the_line_is_shown_with_what_it_means_and_a_warning(
    inside: Visitor, world: World, clock: StandingClock, mine: Handed, site: Site
) -> None:
    publish(world, clock)
    inside.get(RECORD)
    for said in ("在记录里", "这说明什么", "这不说明什么", "保存证明，本身就是一种痕迹", leaf_of(mine, site).hex()):
        assert said in inside.text


def test_the_file_is_a_proof_that_anybody_can_check_and_its_name_says_nothing(
    inside: Visitor, world: World, clock: StandingClock, mine: Handed, site: Site, tmp_path: Path
) -> None:
    publish(world, clock)
    inside.get(RECORD)
    answer = inside.post(RECORD, {})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''file.txt"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    leaf, text = leaf_of(mine, site), answer.text
    assert checkpoints.verify_proof(text, tree.leaf_hash(leaf), site.checkpoint_vkey).size % 32 == 0
    for secret in (mine.number, mine.code.digits, mine.code.grouped, WORDS):
        assert secret not in text
    (tmp_path / "file.txt").write_text(text, "utf-8")
    held = run_script(tmp_path, "verify", str(tmp_path / "file.txt"), site.checkpoint_vkey, leaf.hex())
    assert held.returncode == 0, held.stderr


def test_the_button_before_the_publication_leads_back_to_not_yet(inside: Visitor) -> None:
    inside.get("/followup/overview/")
    inside.post(RECORD, {})
    assert "现在还没有" in inside.text


@one_database
def test_nobody_gets_it_without_a_session_or_without_the_token(visitor: Visitor, inside: Visitor) -> None:
    assert inside.client.post(RECORD, data={}).status_code == 400
    visitor.client.delete_cookie("mj_mailbox")
    visitor.get(RECORD)
    assert "输入回执码" in visitor.text


def test_two_reporters_get_two_lines(
    public_app: Flask, hand_in: Callable[..., Handed], world: World, clock: StandingClock, site: Site
) -> None:
    files = []
    both = hand_in(), hand_in()
    publish(world, clock)
    for one in both:
        visitor = Visitor(public_app)
        visitor.sign_in(one.code)
        visitor.get(RECORD)
        files.append(visitor.post(RECORD, {}).text)
        assert checkpoints.verify_proof(files[-1], tree.leaf_hash(leaf_of(one, site)), site.checkpoint_vkey)
    assert len(set(files)) == 2


def test_a_code_handed_over_by_staff_has_its_line_once_it_was_changed(
    visitor: Visitor, hand_in: Callable[..., Handed], world: World, clock: StandingClock
) -> None:
    slip = hand_in(first_use_only=True)
    publish(world, clock)
    visitor.sign_in(slip.code)
    visitor.get(RECORD)
    assert "现在还没有" not in visitor.text, "the new code comes first"
    visitor.post("/followup/new-code/", {})
    visitor.get(RECORD)
    assert "现在还没有" in visitor.text
    publish(world, clock)
    visitor.get(RECORD)
    assert "在记录里" in visitor.text


@one_database
def test_a_ledger_that_was_bent_is_not_shown_as_if_it_held(
    inside: Visitor, world: World, clock: StandingClock, mine: Handed, site: Site, database: Database
) -> None:
    publish(world, clock)
    leaf = leaf_of(mine, site)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_node_no_update")
        connection.exec_driver_sql("UPDATE ledger_node SET hash = randomblob(32)")
    page = inside.get(RECORD)
    assert page.status_code == 409
    assert leaf.hex() not in page.text


@one_database
def test_a_line_that_was_cut_away_is_not_proven(inside: Visitor, world: World, clock: StandingClock) -> None:
    publish(world, clock)
    with transaction() as session:
        size = session.scalars(select(LedgerCheckpoint.size).order_by(LedgerCheckpoint.size.desc())).first()
    assert size is not None
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_leaf_no_delete")
        connection.exec_driver_sql("DELETE FROM ledger_leaf WHERE entry_id IS NULL")
    inside.get(RECORD)
    assert "现在还没有" in inside.text


@pytest.mark.parametrize("path", ["/followup/record/", "/en/followup/record/"])
@one_database
def test_the_page_says_the_same_in_both_languages(
    inside: Visitor, world: World, clock: StandingClock, path: str
) -> None:
    assert inside.get(path).status_code == 200
    publish(world, clock)
    inside.get(path)
    assert ("Keeping a proof is itself a trace" if "/en/" in path else "痕迹") in inside.text


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_page_needs_only_the_public_rights(
    mine: Handed, world: World, clock: StandingClock, public_settings: Settings, as_role: AsRole, site: Site
) -> None:
    from portal.app import create_app

    publish(world, clock)
    visitor = Visitor(create_app(public_settings, as_role("public")))
    visitor.sign_in(mine.code)
    visitor.get(RECORD)
    assert "在记录里" in visitor.text
    proof = visitor.post(RECORD, {}).text
    bind(world.database)
    assert checkpoints.verify_proof(proof, tree.leaf_hash(leaf_of(mine, site)), site.checkpoint_vkey)
