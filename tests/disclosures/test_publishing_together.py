"""Two publishers, two threads: two disclosures get two codes; of two corrections of one figure the second is told."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlalchemy import select

from admin.disclosures import publishing
from admin.staff.roles import Role
from portal.disclosures.models import PublishedDisclosure, PublishedPlace
from portal.kernel.transaction import reading
from portal.kernel.values import Id
from tests.admin_tips.test_together import race
from tests.admin_tips.world import CITY
from tests.disclosures.conftest import CORRECTION, Accounts, figure, versions

INCOME, SPENT = figure("428.10"), figure("400.00", "expenditure")


def at_once(accounts: Accounts, *ones: Id) -> list[str]:
    """Publish these at the same moment, each by a person of its own."""
    people = [accounts.publisher, accounts.world.new_person(CITY, Role.FUND_PUBLISHER)]
    return race(
        *(
            partial(accounts.do, one, publishing.publish, accounts.row(one).mark, by=who)
            for one, who in zip(ones, people, strict=True)
        )
    )


def test_two_disclosures_of_one_place_get_two_codes(accounts: Accounts) -> None:
    assert at_once(accounts, accounts.approved(INCOME), accounts.approved(SPENT)) == ["done", "done"]
    with reading() as session:
        codes = sorted(session.scalars(select(PublishedDisclosure.code)))
        assert session.scalars(select(PublishedPlace.figures)).all() == [2]
    assert codes == ["2026-0001", "2026-0002"]


def test_the_same_figure_is_published_once(accounts: Accounts) -> None:
    both = accounts.approved(INCOME), accounts.approved(replace(INCOME, amount="429.00"))
    assert sorted(at_once(accounts, *both)) == ["done", "overtaken"]
    assert len(versions()) == 1


def test_of_two_corrections_one_is_refused(accounts: Accounts) -> None:
    accounts.published(INCOME)
    both = [accounts.approved(replace(INCOME, amount=amount), purpose=CORRECTION) for amount in ("428.60", "428.70")]
    assert sorted(at_once(accounts, *both)) == ["done", "overtaken"]
    assert [version for version, _amount in versions()] == [1, 2]


def test_one_disclosure_is_published_once(accounts: Accounts) -> None:
    one = accounts.approved(INCOME)
    assert sorted(at_once(accounts, one, one)) in (["changed", "done"], ["done", "illegal_move"])
    assert len(versions()) == 1
