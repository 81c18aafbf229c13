"""What the public sees is written by four verbs, and each leaves its line in the book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.exposures import displaying
from portal.directory.models import Office
from portal.exposures.generating import propose
from portal.exposures.models import PublishedCase, PublishedConduct, PublishedTerm, PublishedVersion
from portal.exposures.values import ChangeReason, VersionKind
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.errors import IllegalMove
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.ledger.models import LedgerEntry
from tests.exposures.records import record

PHARMACY = propose(record(institution="演示安康大药房"), "演示区医疗保障局", invented=True)
HOSPITAL = propose(record(institution="演示晨光医院"), "演示区医疗保障局", invented=True)
WRONG = ChangeReason.WRONG_FACT.value


@pytest.fixture
def bureau(database: Database) -> Id:
    with transaction() as session:
        made = Office(id=new_id(), code="demo", name="演示区医疗保障局", kind="bureau", level="county", region="320104")
        session.add(made)
        return made.id


def shown(bureau: Id, publish_on: date | None = None) -> PublishedCase:
    with transaction() as session:
        return displaying.show(session, PHARMACY, bureau, SYSTEM, now(), publish_on=publish_on)


def do(case: PublishedCase, verb: Callable[..., None], *args: object) -> None:
    with transaction() as session:
        verb(session, displaying.locked_case(session, case.id), *args, SYSTEM, now())


def versions(session: Session, case: PublishedCase) -> list[PublishedVersion]:
    wanted = select(PublishedVersion).where(PublishedVersion.case_id == case.id).order_by(PublishedVersion.version)
    return list(session.scalars(wanted))


def booked(session: Session, case: PublishedCase) -> int:
    return len(session.scalars(select(LedgerEntry.id).where(LedgerEntry.subject == case.code)).all())


def test_cases_are_numbered_through_the_year(bureau: Id) -> None:
    year = today().year
    assert [shown(bureau).code for _ in range(3)] == [f"{year}-0001", f"{year}-0002", f"{year}-0003"]


def test_two_who_publish_at_once_get_two_numbers(bureau: Id) -> None:
    codes: list[str] = []
    threads = [Thread(target=lambda: codes.append(shown(bureau).code)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(codes)) == 4


def test_a_case_of_a_later_day_waits_and_the_book_hears_of_it_at_its_release(bureau: Id) -> None:
    later = today() + timedelta(days=3)
    case = shown(bureau, publish_on=later)
    with reading() as session:
        assert (case.state, case.published_on, booked(session, case)) == ("waiting", later, 0)
    do(case, displaying.release)
    with reading() as session:
        assert session.get_one(PublishedCase, case.id).state == "published"
        assert booked(session, case) == 1
    with pytest.raises(IllegalMove):
        do(case, displaying.release)


def test_a_change_adds_a_version_and_is_found_by_its_new_words(bureau: Id) -> None:
    case = shown(bureau)
    do(case, displaying.change, HOSPITAL, WRONG, "机构名称有误。")
    with reading() as session:
        first, second = versions(session, case)
        found = set(session.scalars(select(PublishedTerm.term).where(PublishedTerm.case_id == case.id)))
        assert (first.sha256, second.sha256) == (PHARMACY.sha256, HOSPITAL.sha256)
        assert (second.kind, second.reason, second.words) == ("correct", WRONG, "机构名称有误。")
        assert "晨光" in found
        assert "安康" not in found
        assert session.get_one(PublishedCase, case.id).title == HOSPITAL.title


def test_what_is_taken_down_leaves_hashes_and_no_word(bureau: Id) -> None:
    case = shown(bureau)
    do(case, displaying.change, replace(PHARMACY, title="秦淮区某药店案"), WRONG, "标题有误。")
    do(case, displaying.take_down, VersionKind.WITHDRAW, "decision-revoked", "处理决定已被撤销。")
    with reading() as session:
        rows = versions(session, case)
        assert [row.content for row in rows] == ["", "", ""]
        assert rows[0].sha256 == PHARMACY.sha256
        assert rows[2].sha256 == rows[1].sha256
        assert not session.scalars(select(PublishedTerm.term).where(PublishedTerm.case_id == case.id)).all()
        assert not session.scalars(select(PublishedConduct.conduct).where(PublishedConduct.case_id == case.id)).all()
        assert booked(session, case) == 3
    with pytest.raises(IllegalMove):
        do(case, displaying.change, PHARMACY, WRONG, "再改。")


def test_a_case_that_waited_and_is_given_up_keeps_its_number_and_loses_its_text(bureau: Id) -> None:
    case = shown(bureau, publish_on=today() + timedelta(days=3))
    with transaction() as session:
        displaying.forget_waiting(session, displaying.locked_case(session, case.id))
    with reading() as session:
        assert [row.content for row in versions(session, case)] == [""]
    assert shown(bureau).code > case.code
