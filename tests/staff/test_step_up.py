"""A fresh second factor before every act on an account, a key, a seat, an identity or the end of a report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from flask import Flask
from sqlalchemy import func, select

from admin.staff.models import KeyGrant, Passkey, Staff, StaffRole
from admin.staff.roles import ROLES, Permission, Role
from portal.custody.models import IdentityRequest
from portal.directory.models import BoardSeat, CustodyBoard, Office, SealingKey
from portal.kernel.clock import today
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import new_id
from portal.ledger.models import LedgerEntry
from portal.retention.models import RetentionHold, ShredBatch
from tests.admin_tips.world import DISTRICT, make_world
from tests.architecture.tree import ROOT
from tests.conftest import StandingClock
from tests.staff.crossing import HELD, Browser, Crossing, hold
from tests.staff.deployment import said

Fields = Callable[[Crossing, Browser], dict[str, str]]

SHIPPED = ROOT / "portal" / "retention" / "data" / "schedule.json"
WATCHED = ("staff.", "keys.", "seats.", "custody.", "releases.", "retention.")
"""Blueprints in which every act is one of the two tables below."""
WITHOUT = {
    "staff.end_sessions": "only ends one's own sessions",
    "staff.ask_passkey": "the question to the device is how a factor is given",
    "staff.made_passkey": "its challenge was given after a fresh factor, to this session alone",
    "staff.keep_passphrase": "what is typed back was made after a fresh factor, in this session alone",
    "custody.drop": "taking one's own request back opens nothing",
    "releases.drop": "taking one's own request back releases nothing",
    "retention.holds": "holding back destroys nothing",
}


def _nothing(_crossing: Crossing, _browser: Browser) -> dict[str, str]:
    return {}


def _sheets(path: str) -> Fields:
    """The sheets are made first; then their form says that they are kept."""

    def made(crossing: Crossing, browser: Browser) -> dict[str, str]:
        shown = browser.ask("POST", path.format(**crossing.ids), do="sheets").text
        found = re.search(r'name="paper"[^>]* value="([^"]+)"', shown)
        assert found
        return {"do": "found", "kept": "y", "paper": found[1]}

    return made


def _given(**fields: str) -> Fields:
    return lambda crossing, _browser: {name: value.format(**crossing.ids) for name, value in fields.items()}


def _new_board(crossing: Crossing, _browser: Browser) -> dict[str, str]:
    fields = {"name": "演示新保管组", "office": str(crossing.ids["office_id"]), "k": "2"}
    for place, keeper in enumerate((crossing.ids["me"], crossing.ids["keeper"])):
        fields |= {f"seats-{place}-person": str(keeper), f"seats-{place}-person_no": f"A-{place}"}
    return fields


ASKED: Mapping[str, Fields] = {
    "staff.invite": _given(name="壬新人", sign_in="newcomer", office="{office_id}", roles="handler"),
    "staff.change_role": _given(office="{office_id}", role="intake"),
    "staff.reset": _nothing,
    "staff.leave": _nothing,
    "staff.waiting": _given(staff="{staff_id}", office="{office_id}", fingerprint="0000", compared="y"),
    "staff.codes": _nothing,
    "staff.new_passphrase": _nothing,
    "staff.new_passkey": _given(name="电话"),
    "staff.remove_passkey": _nothing,
    "staff.found_key": _sheets("/staff/me/offices/{new_office}/key"),
    "keys.change": _nothing,
    "seats.index": _given(seat="{empty_seat}", person="{keeper}", person_no="A-9"),
    "seats.new_board": _new_board,
    "seats.choose_board": _given(board=""),
    "seats.retire_board": _nothing,
    "seats.found_key": _sheets("/custody/seats/{empty_seat}/key/"),
    "seats.hand_over": _given(fingerprint="0000"),
    "seats.from_paper": _given(first="abc", second="def"),
    "seats.reseal": _given(do="begin"),
    "custody.of_tip": _given(use="identity", reason="facts", words="要核对（虚构）。"),
    "custody.answer": _given(answer="consent"),
    "custody.opened": _nothing,
    "releases.of_batch": _given(kind="csv"),
    "releases.answer": _given(answer="consent"),
    "retention.propose": _nothing,
    "retention.batch": _given(answer="approve"),
    "retention.lift": _nothing,
    "retention.schedule": lambda _crossing, _browser: {"text": SHIPPED.read_text("utf-8")},
}
"""What each act's form has to say for the second factor to be all that is missing."""

# Whether a page asks is the same on either database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def crossing(
    database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock, staff_app: Flask
) -> Iterator[Crossing]:
    """The office at work; *me* may everything, is a keeper among others, and has a passkey and an office to found."""
    before = ROLES[HELD]
    made = Crossing(make_world(database, checkpoint_key[0]), staff_app)
    hold(frozenset(Permission))
    office = made.world.offices[DISTRICT].id
    new, passkey = new_id(), new_id()
    made.ids |= {"keeper": made.world.person(DISTRICT, Role.CUSTODIAN).id, "me": made.me.id, "passkey_id": passkey}
    made.ids |= {"new_office": new, "empty_seat": made.special["seats.found_key"]["seat_id"]}
    made.special["staff.found_key"] = {"office_id": new}
    assert made.me.id is not None
    with transaction() as session:
        session.get_one(IdentityRequest, made.special["custody.opened"]["request_id"]).state = "granted"
        session.add(Office(id=new, code="NEW", name="演示新局", kind="bureau", level="county", region="320106"))
        session.flush()
        session.add(StaffRole(staff_id=made.me.id, office_id=office, role=Role.CUSTODIAN.value))
        session.add(StaffRole(staff_id=made.me.id, office_id=new, role=Role.INTAKE.value))
        session.add(
            Passkey(
                id=passkey, staff_id=made.me.id, credential_id=b"1", public_key=b"", proof=b"", sign_count=0,
                name="电话", made_on=today(),
            )
        )  # fmt: skip
    yield made
    hold(before)


def test_every_act_on_people_keys_seats_identities_and_ends_is_in_one_of_the_tables(crossing: Crossing) -> None:
    acts = {
        rule.endpoint
        for rule in crossing.app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith(WATCHED)
    }
    assert acts == set(ASKED) | set(WITHOUT)
    assert not set(ASKED) & set(WITHOUT)


@pytest.mark.parametrize("endpoint", ASKED)
def test_an_act_that_matters_is_not_done_without_a_fresh_second_factor(crossing: Crossing, endpoint: str) -> None:
    browser = crossing.browser()
    fields, before = ASKED[endpoint](crossing, browser), _state()
    asked = browser.ask("POST", crossing.path_to(endpoint), **fields)
    assert asked.status_code in (200, 400) and 'name="code"' in asked.text, f"{asked.status_code}: {asked.text[:500]}"
    wrong = browser.ask("POST", crossing.path_to(endpoint), **fields, code="000000")
    assert (wrong.status_code, said(wrong)) == (422, "验证码不对，或者已经用过。请等验证器换一组数字再试。")
    assert _state() == before


def test_guessing_the_second_factor_is_throttled_whatever_the_act(crossing: Crossing) -> None:
    browser = crossing.browser()
    acts = (
        "staff.codes",
        "keys.change",
        "custody.answer",
        "retention.lift",
        "staff.leave",
        "seats.reseal",
        "staff.reset",
    )
    answers = []
    for endpoint in acts:
        fields = ASKED[endpoint](crossing, browser)
        answers.append(browser.ask("POST", crossing.path_to(endpoint), **fields, code="000000").status_code)
    assert (answers[0], answers[-1]) == (422, 429), "all acts count together"


def _state() -> list[object]:
    """All that any of these acts would change, and the book, which names every one of them."""
    counted = (Staff, StaffRole, KeyGrant, SealingKey, Passkey, CustodyBoard, IdentityRequest, LedgerEntry)
    with reading() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in counted]
        seats = session.execute(select(BoardSeat.holder_id, BoardSeat.next_holder_id).order_by(BoardSeat.id)).all()
        people = session.execute(select(Staff.state, Staff.locked_seed).order_by(Staff.id)).all()
        batches = session.scalars(select(ShredBatch.state).order_by(ShredBatch.id)).all()
        holds = session.scalars(select(RetentionHold.lifted_on).order_by(RetentionHold.id)).all()
    return [*counts, *seats, *people, *batches, *holds]
