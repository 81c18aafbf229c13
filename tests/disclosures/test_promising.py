"""Who publishes may promise when; a promise stays, and what was published says whether it was kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from admin.disclosures.promising import Given, promise
from portal.directory.models import Office
from portal.disclosures.models import PublishedPromise
from portal.disclosures.promises import promised
from portal.disclosures.schedule import Every, Kept
from portal.disclosures.values import NOT_DISCLOSED, Period
from portal.kernel.clock import now, today
from portal.kernel.errors import NotAllowed, Refused
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import OTHER
from tests.disclosures.conftest import CORRECTION, Accounts, counted, figure

YEARLY = Given("320100", "notice", Every.YEAR, 90, date(2026, 9, 28))


def given(accounts: Accounts, what: Given = YEARLY) -> None:
    with transaction() as session:
        promise(session, accounts.office, what, accounts.publisher, now())


def test_a_promise_is_kept_by_the_first_publication_of_its_period(accounts: Accounts) -> None:
    given(accounts)
    accounts.published(figure("428.10", year=2026))
    with reading() as session:
        (one,) = promised(session, date(2027, 1, 2))
        assert session.scalars(select(LedgerEntry.kind)).all().count("disclosure-promised") == 1
    assert (one.office, one.edition, one.days) == ("演示市医疗保障局", "notice", 90)
    assert [(due.end, due.came, due.kept) for due in one.dues] == [(date(2026, 12, 31), today(), Kept.KEPT)]


def test_two_offices_of_one_name_have_a_promise_each(accounts: Accounts) -> None:
    given(accounts)
    other = Accounts(accounts.world, OTHER)
    with transaction() as session:
        promise(session, other.office, YEARLY, other.publisher, now())
        session.execute(update(Office).values(name="同名的医保局（虚构）"))
    with reading() as session:
        assert len(promised(session, date(2027, 1, 2))) == 2


def test_a_publication_of_another_edition_or_place_keeps_nothing(accounts: Accounts) -> None:
    given(accounts)
    accounts.published(figure(year=2026, series={"edition": "quick"}), figure(year=2026, series={"region": "320104"}))
    with reading() as session:
        (one,) = promised(session, date(2027, 5, 1))
    assert [(due.kept, due.late) for due in one.dues] == [(Kept.OVERDUE, 31)]


def test_a_promise_of_a_year_is_kept_neither_by_silence_nor_by_its_last_month(accounts: Accounts) -> None:
    given(accounts)
    december = Period(start=date(2026, 12, 1), end=date(2026, 12, 31), cumulative=False)
    accounts.published(figure(NOT_DISCLOSED, year=2026), figure("35.10", series={"period": december}))
    with reading() as session:
        (one,) = promised(session, date(2027, 5, 1))
    assert [due.kept for due in one.dues] == [Kept.OVERDUE]
    correction = figure("428.10", year=2026)
    accounts.published(correction, purpose=CORRECTION)
    with reading() as session:
        (one,) = promised(session, date(2027, 5, 1))
    assert [(due.came, due.kept) for due in one.dues] == [(today(), Kept.KEPT)]


def test_a_promise_of_months_is_kept_by_figures_since_january(accounts: Accounts) -> None:
    given(accounts, Given("320100", "notice", Every.MONTH, 20, date(2026, 9, 28)))
    accounts.published(figure(series={"period": Period(start=date(2026, 1, 1), end=date(2026, 9, 30))}))
    with reading() as session:
        (one,) = promised(session, date(2026, 10, 1))
    assert [(due.start, due.came) for due in one.dues] == [(date(2026, 9, 1), today())]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (Given("990000", "notice", Every.YEAR, 90, date(2026, 9, 28)), "no_region"),
        (Given("320100", "rumour", Every.YEAR, 90, date(2026, 9, 28)), "no_edition"),
        (Given("320100", "notice", Every.YEAR, 0, date(2026, 9, 28)), "bad_days"),
        (Given("320100", "notice", Every.YEAR, 90, date(2026, 9, 27)), "in_the_past"),
    ],
)
def test_a_promise_that_cannot_be_checked_is_refused(accounts: Accounts, what: Given, code: str) -> None:
    with pytest.raises(Refused) as refused:
        given(accounts, what)
    assert (refused.value.code, counted(PublishedPromise)) == (code, 0)


def test_who_only_prepares_figures_promises_nothing(accounts: Accounts) -> None:
    with pytest.raises(NotAllowed), transaction() as session:
        promise(session, accounts.office, YEARLY, accounts.accountant, now())


def test_a_promise_is_followed_by_another_and_never_changed(accounts: Accounts) -> None:
    given(accounts)
    with pytest.raises(Refused) as refused:
        given(accounts, Given("320100", "notice", Every.YEAR, 30, YEARLY.since))
    assert refused.value.code == "promised_already"
    given(accounts, Given("320100", "notice", Every.YEAR, 30, YEARLY.since + timedelta(days=1)))
    with pytest.raises(DBAPIError), transaction() as session:
        session.execute(update(PublishedPromise).values(days=400))
    with reading() as session:
        (one,) = promised(session, date(2027, 1, 1))
    assert one.days == 30
