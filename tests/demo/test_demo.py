"""The demonstration: made once, kept on a second call, never over anything else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from admin.app import create_app
from admin.audit.whole import verify_all
from admin.config import load_staff
from admin.demo import people
from admin.demo.commands import OPENED
from admin.demo.preparing import place_in, plan, prepare
from admin.demo.stories import CASE, all_stories, kept_codes, kept_notes
from admin.installation import rewrite_settings
from crypto import receipts
from portal.config import BadSettings, load, refuse_weak
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.directory.models import BoardSeat, CustodyBoard, Institution, Office
from portal.disclosures.models import Disclosure, PublishedDisclosure, PublishedFigure, PublishedPromise
from portal.exposures.content import CaseContent
from portal.exposures.models import (
    Circular,
    CircularCopy,
    CircularReceipt,
    Exposure,
    PublishedBatch,
    PublishedCase,
    PublishedTeaching,
    PublishedVersion,
)
from portal.kernel import clock as kernel_clock
from portal.kernel.db import Database
from portal.kernel.errors import Refused
from portal.kernel.site import bind_site
from portal.kernel.transaction import bind
from portal.routing.choose import choose
from portal.routing.values import RouteQuery
from portal.tips.findings_kept import LOSS, STATED
from portal.tips.models import IdentityRecord, Tip, TipEvent
from portal.tips.states import State
from tests.staff.deployment import sign_in_with


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration, in a path with a space."""
    folder = tmp_path_factory.mktemp("a demo") / "var"
    prepare(folder, kernel_clock.now())
    return folder


@pytest.fixture
def database(made: Path) -> Iterator[Database]:
    shared = load_staff(made / "staff.toml").shared
    opened = Database.open(shared.database_url, shared.shred_url, shared.sessions_url)
    bind(opened)
    yield opened
    bind(None)
    bind_site(None)
    opened.dispose()


def test_every_story_is_there_in_many_states(database: Database) -> None:
    with database.reading() as session:
        rows = session.execute(select(Tip.state, func.count()).group_by(Tip.state))
        states = {State(state): count for state, count in rows}
    assert sum(states.values()) == len(all_stories())
    assert len(states) >= 8
    assert {State.RECEIVED, State.VERIFYING, State.FILED, State.CLOSED} <= set(states)


def test_the_book_of_the_demonstration_holds(database: Database, made: Path) -> None:
    """Letters of every kind, drafts, payments: whoever tries ``mingjing ledger verify`` there is shown no fault."""
    here = load_staff(made / "staff.toml").shared.site
    with database.reading() as session:
        found = verify_all(session, here.checkpoint_vkey, here.witnesses)
    assert [str(fault) for fault in found.faults] == []


def test_the_decided_story_states_what_was_found_and_later_what_came_back(database: Database, made: Path) -> None:
    with database.reading() as session:
        cases = [number for note, number in kept_notes(made).items() if note.startswith(CASE)]
        closed = session.scalars(select(Tip.id).where(Tip.state == State.CLOSED, Tip.number.not_in(cases))).one()
        lines = session.scalars(select(TipEvent.code).where(TipEvent.tip_id == closed, TipEvent.action == STATED)).all()
    assert lines == [LOSS, LOSS]


def test_closed_cases_are_seen_in_every_stage_of_the_way_to_the_public(database: Database, made: Path) -> None:
    with database.reading() as session:
        ways = dict(session.execute(select(Tip.number, Exposure.state).join(Exposure, Exposure.tip_id == Tip.id)).all())
        cases = session.scalars(select(PublishedCase)).all()
        issues = session.scalars(select(PublishedBatch).order_by(PublishedBatch.issue)).all()
        versions = session.scalars(select(PublishedVersion)).all()
        notices = session.scalars(select(PublishedTeaching)).all()
        receipts_of_others = session.scalar(
            select(func.count())
            .select_from(CircularReceipt)
            .join(CircularCopy, CircularCopy.id == CircularReceipt.copy_id)
            .join(Circular, Circular.id == CircularCopy.circular_id)
            .where(CircularCopy.office_id != Circular.office_id, Circular.kind == "case")
        )
    assert {"drafting", "in-review", "published", "withdrawn"} <= set(ways.values())
    assert sorted(one.state for one in cases) == ["published"] * 7 + ["withdrawn"]
    assert [(one.issue, one.published_on is not None) for one in issues] == [(1, True), (2, True)]
    assert {one.kind for one in versions} == {"publish", "correct", "withdraw"}
    assert all(CaseContent.from_json(one.content).invented for one in versions if one.content)
    assert len(notices) == 2
    assert receipts_of_others == 1
    waiting = kept_notes(made)["案例：等分类处置"]
    assert waiting not in ways


def test_the_last_quarter_was_told_to_the_offices_and_one_has_not_signed(database: Database) -> None:
    with database.reading() as session:
        told = session.scalars(select(Circular).where(Circular.kind == "evaluation")).one()
        signed = (
            select(CircularCopy.office_id, func.count(CircularReceipt.id))
            .outerjoin(CircularReceipt, CircularReceipt.copy_id == CircularCopy.id)
            .where(CircularCopy.circular_id == told.id)
            .group_by(CircularCopy.office_id)
        )
        receipts = [number for _, number in session.execute(signed)]
    assert told.state == "sent" and told.approved_by not in (None, told.made_by)
    assert len(receipts) > 3 and receipts.count(0) == 1


def test_the_collected_bulletins_are_published_with_sources_and_what_is_invented_says_so(database: Database) -> None:
    with database.reading() as session:
        figures = list(session.scalars(select(PublishedFigure)))
        corrections = session.scalars(select(PublishedDisclosure).where(PublishedDisclosure.kind == "correction")).all()
        left = session.scalars(select(Disclosure.state).distinct()).all()
        promises = session.scalars(select(PublishedPromise)).all()
    real = [one for one in figures if "虚构" not in one.source]
    assert len(real) == 335
    assert {one.confidence for one in real} == {"high", "medium", "low"}
    assert all(one.source for one in real)
    assert [(one.version, one.amount) for one in figures if one.version > 1] == [(2, "15.64")]
    assert len(corrections) == 1
    assert left == ["published"]
    assert [(one.every, one.days) for one in promises] == [("quarter", 60)]
    assert {one.amount for one in figures if one.measure == "yield"} == {""}


def test_named_reporters_are_sealed_to_a_board(database: Database) -> None:
    with database.reading() as session:
        named = [story for story in all_stories() if "name" in story]
        assert session.scalar(select(func.count()).select_from(IdentityRecord)) == len(named) == 8
        assert session.scalar(select(func.count()).select_from(BoardSeat)) == sum(
            len(board.seats) for board in plan().boards
        )


def test_a_county_of_three_people_asks_the_board_of_its_superior_and_every_state_can_be_seen(
    database: Database, made: Path
) -> None:
    with database.reading() as session:
        county = session.scalars(select(Office).where(Office.code == "GC")).one()
        rows = session.scalars(select(IdentityRequest).where(IdentityRequest.office_id == county.id)).all()
        boards = {session.get_one(CustodyBoard, row.board_id).name for row in rows}
        answers = session.execute(
            select(IdentityRequest.state, func.count(IdentityAnswer.id))
            .outerjoin(IdentityAnswer, IdentityAnswer.request_id == IdentityRequest.id)
            .group_by(IdentityRequest.id, IdentityRequest.state)
        ).all()
    assert sum(member.office == "GC" for member in plan().members) == 3
    assert boards == {"南京市身份保管组（演示）"}
    assert sorted(tuple(row) for row in answers) == [
        ("asked", 0), ("asked", 1), ("closed", 2), ("expired", 0), ("refused", 2),
    ]  # fmt: skip
    requests = [note for note in kept_notes(made) if not note.startswith(CASE)]
    assert OPENED in requests and len(requests) == 5


def test_a_report_about_the_highest_bureau_reaches_discipline_inspection_and_its_own_board(
    database: Database, made: Path
) -> None:
    vkey = load_staff(made / "staff.toml").shared.site.checkpoint_vkey
    about_the_top = RouteQuery("official", "320000", against_office="JS")
    with database.reading() as session:
        routed = choose(session, about_the_top, kernel_clock.now(), vkey)
        assert session.get_one(Office, routed.office_id).code == "JS-JJ"
        board = session.get_one(CustodyBoard, routed.board_id)
    assert board.name == "江苏省纪检身份保管组（演示）"


def test_institutions_and_people_say_that_they_are_invented(database: Database) -> None:
    with database.reading() as session:
        names = session.scalars(select(Institution.name)).all()
    assert len(names) > 5
    assert all("演示" in name for name in [*names, *(one.name for one in plan().members)])


def test_a_second_call_keeps_what_is_there(made: Path) -> None:
    before, codes = (made / "secrets" / "public" / "cookie-public").read_bytes(), kept_codes(made)
    assert prepare(made, kernel_clock.now()) == len(all_stories())
    assert (made / "secrets" / "public" / "cookie-public").read_bytes() == before
    assert kept_codes(made) == codes


def test_the_kept_receipt_codes_are_real(made: Path) -> None:
    codes = kept_codes(made)
    assert len(codes) >= 12
    assert all(receipts.parse(code) for code in codes.values())


def test_a_demo_sign_in_lets_in_and_the_page_says_demo(made: Path, database: Database) -> None:
    app = create_app(load_staff(made / "staff.toml"), database)
    browser = app.test_client()
    from portal.signin import totp

    code = totp.code_at(people.totp_secret("qh-handler"), kernel_clock.now())
    answer = sign_in_with(browser, "qh-handler", people.PASSPHRASE, code)
    assert answer.status_code == 303
    page = browser.get("/")
    assert page.status_code == 200
    assert "演示" in page.text and 'class="demo-banner"' in page.text


def test_the_table_of_sign_ins_names_everybody() -> None:
    text = people.sign_ins(plan(), kernel_clock.now())
    assert all(member.sign_in in text for member in plan().members)


def test_a_folder_that_says_production_is_refused_and_left_alone(made: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made, tmp_path / "var")
    path = folder / "public.toml"
    path.write_text(path.read_text().replace('mode = "demo"', 'mode = "production"'))
    before = path.read_bytes()
    with pytest.raises(Refused, match="not_a_demo"):
        prepare(folder, kernel_clock.now())
    assert path.read_bytes() == before


def test_a_production_refuses_the_demonstrations_secrets(made: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made, tmp_path / "var")
    path = folder / "public.toml"
    path.write_text(path.read_text().replace('mode = "demo"', 'mode = "production"'))
    with pytest.raises(BadSettings) as refused:
        refuse_weak(load(path), {})
    assert any("demonstration" in reason for reason in refused.value.reasons)


def test_a_run_that_failed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("admin.demo.preparing._fill", broken)
    with pytest.raises(OSError, match="no space"):
        prepare(tmp_path / "var", kernel_clock.now())
    assert not [path for path in (tmp_path / "var").rglob("*") if path.is_file()]


def test_passkeys_know_the_port_that_the_demonstration_runs_on(made: Path) -> None:
    for port in (8301, 8001):
        rewrite_settings(place_in(made, port), load_staff(made / "staff.toml").site.checkpoint_vkey)
        party = load_staff(made / "staff.toml").passkeys
        assert party is not None
        assert (party.origin, party.rp_id) == (f"http://localhost:{port}", "localhost")
