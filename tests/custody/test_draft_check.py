"""A board is asked whether the draft of a published case says who reported: answered with hit or no hit alone."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from admin.custody import checking, opening, queries
from admin.exposures.moving import put
from admin.staff.roles import Role
from portal.custody.models import IdentityRequest
from portal.custody.queries import openings
from portal.custody.values import Use
from portal.exposures.drafts import Answer, Keep
from portal.exposures.models import Exposure, ExposureStep
from portal.exposures.naming import CHECKED, HIT
from portal.exposures.states import ExposureState
from portal.kernel.clock import now
from portal.kernel.errors import IllegalMove, NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import PROVINCE
from tests.custody.scene import Scene
from tests.exposures.conftest import Docket, docket
from tests.exposures.drafts import Desk, desk
from tests.exposures.reviews import Bench

__all__ = ["docket"]
NAME, PHONE = "测试人甲", "13900000000"  # of the world's reporter, invented
REASON = "draft_check"


class Checking:
    """A draft of a named reporter's case, and a board at work."""

    def __init__(self, docket: Docket) -> None:
        self.docket = docket
        self.scene = Scene(docket.world, docket.world.new_person(PROVINCE, Role.CUSTODIAN))
        self.desk: Desk = desk(docket, named=True)
        self.number = self.desk.number

    def granted(self) -> Id:
        request = self.scene.ask(self.number, Use.CHECK, REASON)
        self.scene.consent(request, 2, 3)
        return request

    def checked(self, request: Id) -> checking.Checked:
        """Put on record, then compared, as the page does it."""
        who, world = self.scene.asker, self.docket.world
        assert who.id is not None
        self.scene.look(self.number, request)
        with world.at(self.number, who) as (session, _tip, keys):
            row = session.get_one(IdentityRequest, request)
            return checking.check_draft(session, row, world.staff_keys[who.id], keys, who, now())


@pytest.fixture
def at(docket: Docket) -> Checking:
    """Nothing asked yet, nothing drafted yet."""
    return Checking(docket)


def test_a_draft_that_names_nobody_is_no_hit_and_one_that_does_is_a_hit(at: Checking) -> None:
    at.desk.save()
    request = at.granted()
    assert at.checked(request) == checking.Checked(1, False)
    at.desk.write(f"据{NAME}反映（虚构）。")
    assert at.checked(request) == checking.Checked(2, True)
    with reading() as session:
        codes = session.scalars(
            select(ExposureStep.code).where(ExposureStep.action == "identity-check").order_by(ExposureStep.position)
        ).all()
        kinds = list(session.scalars(select(LedgerEntry.kind)))
    assert codes == ["no-hit", "hit"]
    assert kinds.count("identity-opened") == 2


def test_a_version_that_was_a_hit_is_neither_submitted_nor_approved(at: Checking) -> None:
    kept = at.desk.write(f"据{NAME}反映（虚构）。")
    answers = tuple(Answer(one, Keep.MISTAKEN, "认错了（虚构）。") for one in kept.questions)
    at.desk.save(replace(kept, answers=answers))
    request = at.granted()
    assert at.checked(request).hit
    with pytest.raises(Refused, match="names_reporter"):
        at.desk.submit()
    bench = Bench(at.docket, at.number)
    bench.save(replace(kept, content=at.desk.proposed().content))
    bench.ready()
    bench.submit()
    with transaction() as session:
        way = session.scalars(select(Exposure)).one()
        put(session, way, CHECKED, ExposureState(way.state), at.scene.asker, now(), HIT)
    with pytest.raises(Refused, match="names_reporter"):
        bench.approve()


def test_the_last_digits_of_a_telephone_are_a_hit(at: Checking) -> None:
    at.desk.write("来电尾号 0 0 0 0，已经核对（虚构）。")
    assert at.checked(at.granted()).hit


def test_a_request_to_check_never_shows_an_identity_and_one_to_look_never_checks(at: Checking) -> None:
    at.desk.save()
    who, world = at.scene.asker, at.docket.world
    assert who.id is not None
    own, request = world.staff_keys[who.id], at.granted()
    at.scene.look(at.number, request)
    with world.at(at.number, who) as (session, _tip, keys), pytest.raises(Refused, match="not_shown"):
        opening.look(session, session.get_one(IdentityRequest, request), own, keys.shred_key, now())
    other = at.scene.ask(at.number)
    at.scene.consent(other, 2, 3)
    at.scene.look(at.number, other)
    with world.at(at.number, who) as (session, _tip, keys):
        row = session.get_one(IdentityRequest, other)
        with pytest.raises(Refused, match="not_asked"):
            opening.compare(session, row, own, keys.shred_key, NAME, now())


def test_before_enough_have_agreed_nothing_is_compared(at: Checking) -> None:
    at.desk.save()
    request = at.scene.ask(at.number, Use.CHECK, REASON)
    at.scene.consent(request, 2)
    with pytest.raises(IllegalMove):
        at.checked(request)


def test_without_a_draft_or_a_name_there_is_nothing_to_ask(at: Checking) -> None:
    with reading() as session:
        assert Use.CHECK not in queries.records_of(session, at.docket.world.tip(at.number).id)
    with pytest.raises(NotFound, match="no_identity"):
        at.scene.ask(at.number, Use.CHECK, REASON)
    nameless = desk(at.docket)
    nameless.save()
    with pytest.raises(NotFound, match="no_identity"):
        at.scene.ask(nameless.number, Use.CHECK, REASON)


def test_the_reporter_reads_that_a_text_was_checked_and_why(at: Checking) -> None:
    at.desk.save()
    at.checked(at.granted())
    with reading() as session:
        (told,) = openings(session, at.docket.world.tip(at.number).id)
    assert (told.use, told.reason, told.consents) == (Use.CHECK, REASON, 2)


def test_the_page_answers_hit_or_no_hit_and_shows_nothing_of_the_identity(
    at: Checking, staff_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.custody.views.take_factor", lambda _typed: None)  # codes have tests of their own
    at.desk.write(f"据{NAME}反映（虚构）。")
    request = at.granted()
    client = staff_app.test_client()
    at.docket.world.sign_in(client, at.scene.asker)
    path = f"/tips/{at.number}/identity/{request}/"
    assert "只回答有没有" in client.get(path).text
    assert "稿子里有举报人的信息" in _pressed(client, path)
    editor = staff_app.test_client()
    at.docket.world.sign_in(editor, at.docket.editor)
    assert "第 1 版里有举报人的信息" in editor.get(f"/exposures/{at.number}/draft/").text
    at.desk.save(at.desk.proposed())
    page = _pressed(client, path)
    assert "：没有发现" in editor.get(f"/exposures/{at.number}/draft/").text
    assert "没有发现举报人的信息" in page
    assert NAME not in page
    assert PHONE not in page


def _pressed(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return client.post(path, data={"csrf_token": found[1], "code": "000000"}).text
