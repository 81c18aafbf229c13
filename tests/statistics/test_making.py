"""From a month that is over to what the public reads: counted, approved and published by two people, corrected."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from admin.staff.roles import Role
from admin.statistics import kept, making
from admin.statistics.making import Correction
from portal.kernel.actors import Actor
from portal.kernel.clock import today
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from portal.statistics.models import Bulletin, BulletinStep, PublishedBulletin
from portal.statistics.queries import months, neighbours, versions
from portal.statistics.values import CorrectionReason, Month
from portal.tips.models import Tip
from portal.tips.values import Channel
from tests.admin_tips.test_together import race
from tests.admin_tips.world import CITY, PROVINCE
from tests.conftest import StandingClock
from tests.statistics.conftest import CORRECTION, SEPTEMBER, Desk, place_all, rows


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value.code


def booked(kind: str) -> list[dict[str, object]]:
    with reading() as session:
        found = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == kind))
        return [json.loads(one)["event"] for one in found]


def test_what_was_approved_is_published_byte_for_byte_and_its_hash_is_in_the_book(desk: Desk) -> None:
    one = desk.approved()
    approved = desk.row(one).content
    shown = desk.do(one, making.publish, desk.row(one).mark)
    assert shown.content == approved
    assert shown.sha256 == hashlib.sha256(shown.content.encode()).hexdigest()
    assert shown.said["received"]["total"] == 7
    (event,) = booked("handling-published")
    assert (event["month"], event["version"], event["sha256"]) == ("2026-09", 1, shown.sha256)
    moves = sorted(f"{step['action']} -> {step['state']}" for step in booked("bulletin-moved"))
    assert moves == ["approve -> approved", "count -> draft", "publish -> published"]


def test_nobody_approves_or_publishes_what_they_had_counted_under_any_account(desk: Desk) -> None:
    both = desk.world.new_person(PROVINCE, Role.FUND_ACCOUNTANT)
    one = desk.counted(by=both)
    twin = Actor(both.kind, both.id, both.name, {desk.office: frozenset({"edit-bulletin", "publish-bulletin"})})
    for verb in (making.approve, making.publish):
        with pytest.raises(NotAllowed):
            desk.do(one, verb, desk.row(one).mark, by=twin)
    with pytest.raises(NotAllowed):
        desk.do(one, making.approve, desk.row(one).mark, by=desk.maker)


def test_only_the_highest_bureau_speaks_for_the_site(desk: Desk) -> None:
    city = desk.world.person(CITY, Role.FUND_ACCOUNTANT)
    office = desk.world.offices[CITY].id
    with transaction() as session:
        assert refused(partial(making.generate, session, office, SEPTEMBER, None, city, now_())) == "not_highest"
    with transaction() as session, pytest.raises(NotAllowed):
        making.generate(session, desk.office, SEPTEMBER, None, city, now_())
    one = desk.counted()
    with reading() as session, pytest.raises(NotFound):
        kept.shown(session, one, city)


def now_() -> datetime:
    return datetime(2026, 10, 9, 2, 0, tzinfo=UTC)


def test_a_month_that_goes_on_or_has_entries_without_a_place_is_not_counted(desk: Desk, clock: StandingClock) -> None:
    assert refused(lambda: desk.counted(Month(2026, 10))) == "not_over"
    assert refused(lambda: desk.counted(Month(2020, 12))) == "no_rule"
    desk.world.report()
    clock.set(datetime(2026, 11, 3, 2, 0, tzinfo=UTC))
    assert refused(lambda: desk.counted(Month(2026, 10))) == "waiting"
    place_all(desk.world)
    desk.counted(Month(2026, 10))


def test_a_month_is_counted_when_nothing_of_its_last_second_is_still_being_written(
    desk: Desk, clock: StandingClock
) -> None:
    clock.set(datetime(2026, 10, 31, 16, 0, 1, tzinfo=UTC))
    assert refused(lambda: desk.counted(Month(2026, 10))) == "not_over"
    with reading() as session:
        assert Month(2026, 10) not in kept.months_without(session, today())
    clock.set(datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC))  # begun before, and there only now
    for _ in range(5):
        desk.world.report()
    place_all(desk.world)
    clock.set(datetime(2026, 11, 1, 16, 0, tzinfo=UTC))
    with reading() as session:
        assert Month(2026, 10) in kept.months_without(session, today())
    made = desk.counted(Month(2026, 10))
    with reading() as session:
        draft = session.get_one(Bulletin, made)
        assert draft.said["received"]["total"] == 5


def test_a_month_has_one_bulletin_under_way(desk: Desk) -> None:
    one = desk.counted()
    assert refused(desk.counted) == "under_way"
    desk.do(one, making.drop, by=desk.maker)
    desk.counted()


def test_two_who_count_the_same_month_at_once_leave_one_bulletin(desk: Desk) -> None:
    other = desk.world.new_person(PROVINCE, Role.FUND_ACCOUNTANT)
    assert sorted(race(desk.counted, partial(desk.counted, by=other))) == ["done", "under_way"]
    assert rows(Bulletin) == 1


def test_one_bulletin_is_published_once_by_two_at_once(desk: Desk) -> None:
    one = desk.approved()
    mark, other = desk.row(one).mark, desk.world.new_person(PROVINCE, Role.FUND_PUBLISHER)
    done = race(partial(desk.do, one, making.publish, mark), partial(desk.do, one, making.publish, mark, by=other))
    assert sorted(done) == ["done", "illegal_move"]
    assert (rows(PublishedBulletin), len(booked("handling-published"))) == (1, 1)


def test_what_changed_since_it_was_read_is_not_approved(desk: Desk) -> None:
    one = desk.counted()
    assert refused(lambda: desk.do(one, making.approve, "0" * 64)) == "changed"
    mark = desk.row(one).mark
    with transaction() as session:
        session.execute(update(Bulletin).values(content=desk.row(one).content.replace('"total":7', '"total":9')))
    assert refused(lambda: desk.do(one, making.approve, mark)) == "changed"
    with pytest.raises(IllegalMove):
        desk.do(one, making.publish, mark)


def test_a_bulletin_that_was_sent_back_needs_a_new_approval(desk: Desk) -> None:
    one = desk.approved()
    assert refused(lambda: desk.do(one, making.send_back, "　")) == "words_missing"
    desk.do(one, making.send_back, "请再看一遍（虚构）。")
    with pytest.raises(IllegalMove):
        desk.do(one, making.publish, desk.row(one).mark)
    assert desk.row(one).approved_by is None
    assert refused(lambda: desk.do(one, making.count_again, by=desk.maker)) == "nothing_new"
    desk.do(one, making.approve, desk.row(one).mark)
    assert desk.do(one, making.publish, desk.row(one).mark).version == 1


def test_a_published_month_is_only_corrected_with_a_reason_and_of_the_same_entries(
    desk: Desk, clock: StandingClock
) -> None:
    first = desk.published()
    assert refused(desk.counted) == "is_correction"
    assert refused(lambda: desk.counted(correction=CORRECTION)) == "nothing_new"
    assert refused(lambda: desk.counted(Month(2026, 8), CORRECTION)) == "not_published"
    clock.set(datetime(2026, 10, 20, 2, 0, tzinfo=UTC))
    desk.world.report()
    place_all(desk.world)
    put_right(7)
    again = desk.published(correction=CORRECTION)
    assert (again.version, again.ledger_size, again.reason) == (2, first.ledger_size, "record")
    assert again.said["received"]["tables"]["channel"]["cells"]["12393"] == 7
    with reading() as session:
        assert [one.version for one in versions(session, "2026-09")] == [2, 1]
        assert [(one.month, one.version) for one in months(session)] == [("2026-09", 2)]
        assert neighbours(session, "2026-09") == ("", "")


def test_a_correction_of_one_report_shows_no_table_in_which_it_could_be_seen(desk: Desk) -> None:
    desk.published()
    put_right(1)
    received = desk.published(correction=CORRECTION).said["received"]
    assert received["total"] == 7
    assert received["tables"]["channel"]["withheld"]
    assert not received["tables"]["subject"]["withheld"]


def put_right(count: int) -> None:
    """So many reports came by telephone, it turns out."""
    with transaction() as session:
        ids = session.scalars(select(Tip.id).where(Tip.received_on < today().replace(day=1)).limit(count)).all()
        session.execute(update(Tip).where(Tip.id.in_(ids)).values(channel=Channel.HOTLINE.value))


@pytest.mark.parametrize(
    ("words", "code"), [(" ", "words_missing"), ("举报人张伟（虚构）电话13800138000登记错了。", "private_words")]
)
def test_a_correction_says_why_and_names_nobody(desk: Desk, words: str, code: str) -> None:
    desk.published()
    put_right(7)
    assert refused(lambda: desk.counted(correction=Correction(CorrectionReason.RECORD, words))) == code


def test_two_corrections_of_a_month_cannot_be_under_way_and_the_second_follows_the_first(desk: Desk) -> None:
    desk.published()
    put_right(7)
    one = desk.counted(correction=CORRECTION)
    assert refused(lambda: desk.counted(correction=CORRECTION)) == "under_way"
    with transaction() as session:
        session.execute(update(Bulletin).where(Bulletin.id == one).values(version=1))
    assert refused(lambda: desk.do(one, making.approve, desk.row(one).mark)) == "overtaken"


@pytest.mark.parametrize("table", [PublishedBulletin, BulletinStep])
@pytest.mark.parametrize("act", ["update {0} set sha256 = ''", "delete from {0}"])
def test_nobody_changes_what_was_published_nor_its_history(
    desk: Desk, table: type[PublishedBulletin] | type[BulletinStep], act: str
) -> None:
    desk.published()
    with pytest.raises(DatabaseError), transaction() as session:
        session.execute(text(act.format(table.__tablename__)))


def test_months_without_a_bulletin_are_offered_the_latest_first(desk: Desk, clock: StandingClock) -> None:
    clock.set(datetime(2026, 12, 9, 2, 0, tzinfo=UTC))
    with reading() as session:
        assert list(map(str, kept.months_without(session, today()))) == ["2026-11", "2026-10", "2026-09"]
    desk.counted()
    with reading() as session:
        assert list(map(str, kept.months_without(session, today()))) == ["2026-11", "2026-10"]


def test_what_waits_for_a_person_leaves_out_what_they_had_counted(desk: Desk) -> None:
    one = desk.counted()
    with reading() as session:
        assert kept.waiting_for(session, desk.approver) == 1
        assert kept.waiting_for(session, desk.maker) == 0
    published: Id = one
    desk.do(published, making.approve, desk.row(one).mark)
    desk.do(published, making.publish, desk.row(one).mark)
    with reading() as session:
        assert kept.waiting_for(session, desk.approver) == 0
