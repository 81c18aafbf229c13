"""The owner of the database writes what they like: it is refused when read, or found by ``mingjing ledger verify``."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from admin.audit.reports import check_reports
from admin.staff.roles import Role
from admin.tips import conversation, transfer, triage
from admin.tips.reading import open_tip
from crypto.errors import CryptoError
from portal.exposures.models import ExposureDraft
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import TipNumber
from portal.ledger.verify import Report
from portal.mailbox.letters import post_plain
from portal.mailbox.models import Letter
from portal.mailbox.notices import NoticeKind
from portal.tips import reporter
from portal.tips.models import Tip, TipBody, TipKey, TipRecord
from tests.admin_tips.world import CITY, DISTRICT, World, make_world
from tests.conftest import StandingClock
from tests.exposures.conftest import make_docket
from tests.exposures.drafts import desk

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def two(world: World) -> tuple[str, str]:
    """Two reports of the district that were read, one of them asked about, answered and noted."""
    intake = world.person(DISTRICT, Role.INTAKE)
    numbers = world.report(), world.report()
    for number in numbers:
        with world.at(number, intake) as (session, tip, _):
            triage.record_reading(session, tip, intake, now())
    world.do(numbers[0], conversation.ask, "哪个院区？", by=intake)
    code = world.mailboxes[numbers[0]]
    with transaction() as session:
        reporter.reply(session, reporter.open_own(session, code.tag, code.mailbox), "本部。", (), now())
    world.do(numbers[0], triage.note, "属实。", by=intake)
    return numbers


def faults() -> list[str]:
    report = Report()
    with reading() as session:
        check_reports(session, report)
    return [str(fault) for fault in report.faults]


def tamper(statement: Any) -> None:
    with transaction() as session:
        session.execute(statement)


def test_reports_that_nobody_touched_have_no_faults(world: World, two: tuple[str, str]) -> None:
    world.do(two[1], transfer.transfer, world.offices[CITY].id, "请核查。", by=world.person(DISTRICT, Role.INTAKE))
    assert faults() == []


def test_a_report_that_is_dropped_is_missed(world: World, two: tuple[str, str]) -> None:
    tip = world.tip(two[1])
    with transaction() as session:
        for table in Tip.metadata.sorted_tables[::-1]:
            if "tip_id" in table.c:
                session.execute(delete(table).where(table.c.tip_id == tip.id))
        session.execute(delete(Tip).where(Tip.id == tip.id))
    assert faults() == [f"report {two[1]}: it was received and is gone"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "closed"}, "the recorded moves do not lead to closed"),
        ({"office_id": CITY}, "the office that holds it never got it"),
    ],
)
def test_a_changed_state_or_office_is_found(
    world: World, two: tuple[str, str], change: dict[str, Any], said: str
) -> None:
    values = {name: world.offices[value].id if name == "office_id" else value for name, value in change.items()}
    tamper(update(Tip).where(Tip.number == two[0]).values(values))
    assert faults() == [f"report {two[0]}: {said}"]


def test_words_swapped_between_reports_open_for_nobody_and_are_found(world: World, two: tuple[str, str]) -> None:
    ids = [world.tip(number).id for number in two]
    with reading() as session:
        bodies = [session.get_one(TipBody, one) for one in ids]
    for mine, other in zip(ids, reversed(bodies), strict=True):
        tamper(update(TipBody).where(TipBody.tip_id == mine).values(report=other.report, manifest=other.manifest))
    assert faults() == [
        f"report {number}: its sealed words are not those that came in" for number in _in_order(world, two)
    ]
    with world.at(two[0], world.person(DISTRICT, Role.INTAKE)) as (session, tip, keys), pytest.raises(CryptoError):
        open_tip(session, tip, keys)


def test_an_office_key_swapped_between_reports_opens_nothing(world: World, two: tuple[str, str]) -> None:
    with reading() as session:
        other = session.scalars(select(TipKey).where(TipKey.tip_id == world.tip(two[1]).id)).one()
    tamper(update(TipKey).where(TipKey.tip_id == world.tip(two[0]).id).values(wrapped=other.wrapped))
    with pytest.raises(CryptoError), world.at(two[0], world.person(DISTRICT, Role.INTAKE)):
        pass


@pytest.mark.parametrize(
    "statement",
    [
        update(Letter).where(Letter.direction == "in").values(direction="out"),
        delete(Letter).where(Letter.direction == "in"),
    ],
)
def test_letters_put_into_another_mouth_or_dropped_are_found(two: tuple[str, str], statement: Any) -> None:
    tamper(statement)
    assert faults() == [f"report {two[0]}: its letters are not those of the book"]


def test_a_plain_notice_is_one_of_the_books_letters_and_another_in_its_place_is_found(
    world: World, two: tuple[str, str]
) -> None:
    tip = world.tip(two[0])
    with transaction() as session:
        letter = post_plain(session, tip.id, TipNumber(two[0]), NoticeKind.REWARD_OPENED, now())
    assert letter is not None and letter.sealed == b"" and faults() == []
    tamper(update(Letter).where(Letter.id == letter.id).values(notice=NoticeKind.RECEIVED.value))
    assert faults() == [f"report {two[0]}: its letters are not those of the book"]
    tamper(update(Letter).where(Letter.id == letter.id).values(notice=NoticeKind.REWARD_OPENED.value))
    assert faults() == []
    tamper(update(Letter).where(Letter.direction == "in").values(sealed=b""))
    assert faults() == [f"report {two[0]}: its letters are not those of the book"]


def test_a_draft_of_an_exposure_that_is_changed_or_dropped_is_found(world: World) -> None:
    at_work = desk(make_docket(world))
    at_work.save()
    number = at_work.number
    assert faults() == []
    with reading() as session:
        kept = session.scalars(select(ExposureDraft.sealed)).first()
    assert kept is not None
    tamper(update(ExposureDraft).values(sealed=kept[:-1] + bytes([kept[-1] ^ 1])))
    assert faults() == [f"report {number}: its records are not those of the book"]
    tamper(update(ExposureDraft).values(sealed=b""))
    assert faults() == [f"report {number}: its records are not those of the book"]


def test_a_letter_moved_to_another_mailbox_does_not_open_there(world: World, two: tuple[str, str]) -> None:
    with reading() as session:
        here = session.scalars(select(Letter).where(Letter.direction == "in")).one()
        there = session.scalars(select(Letter).where(Letter.tip_id == world.tip(two[1]).id)).one()
    moved = {"mailbox_id": there.mailbox_id, "tip_id": there.tip_id, "position": 9}
    tamper(update(Letter).where(Letter.id == here.id).values(moved))
    with pytest.raises(CryptoError):
        world.letters(two[1])
    assert len(faults()) == 2


def test_a_record_that_is_dropped_or_renamed_is_found(two: tuple[str, str]) -> None:
    tamper(update(TipRecord).values(kind="findings"))
    assert faults() == [f"report {two[0]}: its records are not those of the book"]
    tamper(delete(TipRecord))
    assert faults() == [f"report {two[0]}: its records are not those of the book"]


def _in_order(world: World, numbers: tuple[str, ...]) -> list[str]:
    return sorted(numbers, key=lambda number: world.tip(number).id.bytes)
