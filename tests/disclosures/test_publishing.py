"""A second person approves what was read; publishing is all or nothing; a figure stays, a correction follows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Executable, delete, select, update
from sqlalchemy.exc import DBAPIError

from admin.disclosures import drafting, publishing
from admin.disclosures.drafting import Purpose
from admin.disclosures.kept import disclosures_of, explanations_of
from admin.staff.models import Staff
from admin.staff.roles import ROLES, Role
from portal.disclosures import dataqueries, queries
from portal.disclosures.content import digest
from portal.disclosures.models import Disclosure, DisclosureRow, PublishedDisclosure, PublishedFigure, PublishedPlace
from portal.disclosures.values import Kind
from portal.kernel.actors import Actor, ActorKind
from portal.kernel.errors import IllegalMove, NotAllowed, Refused
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import CITY, OTHER
from tests.disclosures.conftest import CORRECTION, Accounts, counted, figure, file_of, versions
from tests.disclosures.figures import publish

INCOME, SPENT = figure("428.10"), figure("400.00", "expenditure")


def test_figures_are_published_under_a_code_with_their_place_and_their_hash_in_the_book(accounts: Accounts) -> None:
    assert accounts.published(INCOME, SPENT) == "2026-0001"
    assert sorted(versions()) == [(1, "400.00"), (1, "428.10")]
    with reading() as session:
        shown = session.scalars(select(PublishedDisclosure)).one()
        place = session.scalars(select(PublishedPlace)).one()
        booked = session.scalars(select(LedgerEntry.kind)).all()
        kept = [row.figure for row in session.scalars(select(PublishedFigure))]
    assert (shown.figures, shown.sha256) == (2, digest(kept)) == (2, digest([INCOME, SPENT]))
    assert (place.region, place.place, place.figures, place.last_year) == ("320100", "", 2, 2025)
    assert booked.count("fund-disclosed") == 1
    assert booked.count("disclosure-moved") == 4
    assert counted(DisclosureRow) == 0


def test_codes_count_on_within_the_year(accounts: Accounts) -> None:
    assert [accounts.published(INCOME), accounts.published(SPENT)] == ["2026-0001", "2026-0002"]


def test_who_brought_the_figures_does_not_approve_them_under_another_account_either(accounts: Accounts) -> None:
    one = accounts.checked(INCOME)
    other = accounts.world.new_person(CITY, Role.FUND_PUBLISHER)
    with transaction() as session:
        for person in (accounts.accountant, other):
            session.get_one(Staff, person.id).person_no = "E1024"
    with pytest.raises(NotAllowed) as refused:
        accounts.do(one, publishing.approve, accounts.row(one).mark, by=other)
    assert refused.value.code == "own_disclosure"


def test_who_replaced_the_file_of_somebody_else_does_not_approve_it(accounts: Accounts) -> None:
    both = _with_both_halves(accounts)
    one = accounts.taken(INCOME)
    accounts.do(one, drafting.replace_file, file_of(SPENT), Purpose("改过（虚构）"), by=both)
    accounts.do(one, drafting.replace_file, file_of(INCOME), Purpose("又改（虚构）"))
    accounts.do(one, drafting.check)
    with pytest.raises(NotAllowed):
        accounts.do(one, publishing.approve, accounts.row(one).mark, by=both)


def test_an_approval_of_what_was_replaced_meanwhile_is_refused(accounts: Accounts) -> None:
    one = accounts.checked(INCOME)
    seen = accounts.row(one).mark
    accounts.do(one, publishing.send_back, "请核对数值（虚构）。", by=accounts.publisher)
    accounts.do(one, drafting.replace_file, file_of(SPENT), Purpose("改过（虚构）"))
    accounts.do(one, drafting.check)
    with pytest.raises(Refused) as refused:
        accounts.do(one, publishing.approve, seen, by=accounts.publisher)
    assert refused.value.code == "changed"


def test_an_approval_of_figures_that_were_explained_otherwise_meanwhile_is_refused(accounts: Accounts) -> None:
    one = accounts.checked(INCOME, SPENT, figure("1.00", "balance"))
    seen = accounts.row(one).mark
    with reading() as session:
        (asked,) = explanations_of(session.get_one(Disclosure, one))
    accounts.do(one, publishing.send_back, "请说得具体些（虚构）。", by=accounts.publisher)
    accounts.do(one, drafting.explain, asked, "另一种说法（虚构）。")
    accounts.do(one, drafting.check)
    with pytest.raises(Refused) as refused:
        accounts.do(one, publishing.approve, seen, by=accounts.publisher)
    assert refused.value.code == "changed"


def test_what_is_under_way_stands_above_what_was_published_and_given_up(accounts: Accounts) -> None:
    accounts.published(figure("1", year=2024))
    accounts.do(accounts.taken(figure("2", year=2023)), drafting.drop)
    draft, waiting = accounts.taken(figure("3", year=2022)), accounts.checked(figure("4", year=2021))
    with reading() as session:
        found = disclosures_of(session, accounts.publisher)
    assert {one.id for one in found[:2]} == {draft, waiting}
    assert len(found) == 4


def test_nothing_is_published_before_it_is_approved(accounts: Accounts) -> None:
    one = accounts.checked(INCOME)
    with pytest.raises((Refused, IllegalMove)):
        accounts.do(one, publishing.publish, accounts.row(one).mark, by=accounts.publisher)
    assert versions() == []


def test_a_figure_that_is_published_with_the_same_value_is_left_out(accounts: Accounts) -> None:
    accounts.published(INCOME)
    one = accounts.taken(INCOME, SPENT)
    assert accounts.row(one).rows == 1
    with pytest.raises(Refused) as refused:
        accounts.taken(INCOME)
    assert refused.value.code == "nothing_new"


def test_another_value_needs_a_correction_with_reason_and_words_and_is_another_version(accounts: Accounts) -> None:
    accounts.published(INCOME)
    other = replace(INCOME, amount="428.70")
    with pytest.raises(Refused, match="is_correction") as refused:
        accounts.taken(SPENT, other)
    assert "第 3 行" in refused.value.message
    for purpose in (Purpose("更正（虚构）", Kind.CORRECTION), replace(CORRECTION, words=" ")):
        with pytest.raises(Refused):
            accounts.taken(other, purpose=purpose)
    assert accounts.published(other, purpose=CORRECTION) == "2026-0002"
    assert versions() == [(1, "428.10"), (2, "428.70")]
    with reading() as session:
        assert session.scalars(select(PublishedPlace.figures)).all() == [1], "a correction is no further figure"


def test_an_office_below_or_beside_does_not_correct_what_another_published_but_one_above_does(
    accounts: Accounts,
) -> None:
    below = Accounts(accounts.world, OTHER)
    accounts.published(INCOME)
    other = replace(INCOME, amount="428.70")
    with pytest.raises(Refused) as refused:
        below.taken(other, purpose=CORRECTION)
    assert refused.value.code == "of_another_office"
    assert "第 2 行" in refused.value.message and accounts.world.offices[CITY].name in refused.value.message
    below.published(SPENT)
    accounts.published(replace(SPENT, amount="400.10"), purpose=CORRECTION)
    assert sorted(versions()) == [(1, "400.00"), (1, "428.10"), (2, "400.10")]


def test_a_correction_of_what_was_corrected_meanwhile_is_refused(accounts: Accounts) -> None:
    accounts.published(INCOME)
    late = accounts.approved(replace(INCOME, amount="428.60"), purpose=CORRECTION)
    accounts.published(replace(INCOME, amount="428.70"), purpose=CORRECTION)
    with pytest.raises(Refused) as refused:
        accounts.do(late, publishing.publish, accounts.row(late).mark, by=accounts.publisher)
    assert refused.value.code == "overtaken"
    assert versions() == [(1, "428.10"), (2, "428.70")]


def test_what_breaks_in_the_middle_leaves_nothing_published(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = accounts.approved(INCOME, SPENT)

    def broken(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "_places", broken)
    with pytest.raises(KeyboardInterrupt):
        accounts.do(one, publishing.publish, accounts.row(one).mark, by=accounts.publisher)
    assert (versions(), counted(PublishedDisclosure), counted(DisclosureRow)) == ([], 0, 2)
    assert accounts.row(one).state == "approved"


@pytest.mark.parametrize(
    "change", [update(PublishedFigure).values(amount="1"), delete(PublishedFigure)], ids=["changed", "deleted"]
)
def test_a_published_figure_cannot_be_changed_or_deleted(accounts: Accounts, change: Executable) -> None:
    accounts.published(INCOME)
    with pytest.raises(DBAPIError), transaction() as session:
        session.execute(change)
    assert versions() == [(1, "428.10")]


def _with_both_halves(accounts: Accounts) -> Actor:
    """Somebody whom the separation of duties let through: the verbs stand on their own."""
    one = accounts.world.new_person(CITY, Role.FUND_ACCOUNTANT)
    held = ROLES[Role.FUND_ACCOUNTANT] | ROLES[Role.FUND_PUBLISHER]
    return Actor(ActorKind.STAFF, one.id, one.name, {accounts.office: frozenset(held)})


def test_codes_count_on_beyond_four_digits_and_stay_in_order_for_whoever_pages(accounts: Accounts) -> None:
    with transaction() as session:
        publish(session, [figure(year=2020)], code="2026-9999")
    assert [accounts.published(INCOME), accounts.published(SPENT)] == ["2026-10000", "2026-10001"]
    with reading() as session:
        oldest = [one.code for one in dataqueries.disclosures(session, 9)]
        after = [one.code for one in dataqueries.disclosures(session, 9, "2026-9999")]
        newest = [one.code for one in queries.disclosures(session, 9)]
    assert oldest == ["2026-9999", *after] == ["2026-9999", "2026-10000", "2026-10001"]
    assert newest == oldest[::-1]
