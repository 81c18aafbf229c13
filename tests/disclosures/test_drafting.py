"""A file is taken in whole or not at all; what does not fit is explained before a second person sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from admin.disclosures import drafting
from admin.disclosures.drafting import File
from admin.disclosures.kept import checks_of, explanations_of
from portal.disclosures.models import Disclosure, DisclosureRow, DisclosureStep
from portal.disclosures.reading import Reading, read_figures
from portal.kernel.clock import now
from portal.kernel.errors import IllegalMove, NotAllowed, Refused
from portal.kernel.transaction import reading, transaction
from tests.disclosures.conftest import NEW, Accounts, counted, figure, file_of

INCOME, SPENT, LEFT = figure("428.10"), figure("400.00", "expenditure"), figure("29.10", "balance")
DIFFERING = INCOME, SPENT, LEFT
WHY = "来源四舍五入以前的数字不同（虚构）。"


def asked(accounts: Accounts) -> list[str]:
    """Checks of the differing figures that have to be explained."""
    with reading() as session:
        return [one.id for one in checks_of(session, DIFFERING) if one.explain]


def test_of_a_file_with_a_fault_nothing_is_stored(accounts: Accounts) -> None:
    faulty = read_figures("year,region\n2025,南京市\n".encode(), "错.csv")
    assert faulty.errors
    partly = Reading(file_of(INCOME).reading.lines, faulty.errors)
    with pytest.raises(Refused) as refused, transaction() as session:
        drafting.take_in(session, accounts.office, File("错.csv", "ab" * 32, partly), NEW, accounts.accountant, now())
    assert (refused.value.code, counted(Disclosure), counted(DisclosureRow)) == ("has_errors", 0, 0)


def test_a_check_that_differs_is_explained_before_it_goes_on(accounts: Accounts) -> None:
    one = accounts.taken(*DIFFERING)
    with pytest.raises(Refused) as refused:
        accounts.do(one, drafting.check)
    assert refused.value.code == "unexplained"
    (check_id,) = asked(accounts)
    accounts.do(one, drafting.explain, check_id, WHY)
    accounts.do(one, drafting.check)
    assert accounts.row(one).state == "checked"
    assert explanations_of(accounts.row(one)) == {check_id: WHY}


@pytest.mark.parametrize(("words", "code"), [(" ", "words_missing"), ("请打 13900000000 问王例外", "private_words")])
def test_an_explanation_is_for_the_public(accounts: Accounts, words: str, code: str) -> None:
    one = accounts.taken(*DIFFERING)
    with pytest.raises(Refused) as refused:
        accounts.do(one, drafting.explain, asked(accounts)[0], words)
    assert refused.value.code == code


def test_an_explanation_of_a_check_that_is_none_is_refused(accounts: Accounts) -> None:
    one = accounts.taken(INCOME)
    with pytest.raises(Refused) as refused:
        accounts.do(one, drafting.explain, "0" * 16, WHY)
    assert refused.value.code == "no_check"


def test_another_file_takes_the_place_of_the_first_and_explanations_of_the_same_checks_stay(accounts: Accounts) -> None:
    one, (check_id,) = accounts.taken(*DIFFERING), asked(accounts)
    accounts.do(one, drafting.explain, check_id, WHY)
    accounts.do(one, drafting.replace_file, file_of(*DIFFERING, figure("9.00", "interest")), NEW)
    assert (accounts.row(one).rows, counted(DisclosureRow)) == (4, 4)
    accounts.do(one, drafting.check)
    with pytest.raises(IllegalMove):
        accounts.do(one, drafting.replace_file, file_of(INCOME), NEW)


def test_a_draft_that_is_given_up_keeps_its_history_and_no_figure(accounts: Accounts) -> None:
    one = accounts.taken(INCOME)
    accounts.do(one, drafting.drop)
    assert (accounts.row(one).state, counted(DisclosureRow)) == ("dropped", 0)
    with reading() as session:
        steps = session.scalars(select(DisclosureStep.action).order_by(DisclosureStep.position)).all()
    assert steps == ["take-in", "drop"]


def test_who_only_approves_takes_nothing_in(accounts: Accounts) -> None:
    with pytest.raises(NotAllowed):
        accounts.taken(INCOME, by=accounts.publisher)


def test_figures_come_back_from_the_draft_as_they_were_printed(accounts: Accounts) -> None:
    printed = replace(INCOME, amount="428.100", note="第 3 页（虚构）")
    one = accounts.taken(printed, replace(SPENT, amount=""))
    with reading() as session:
        kept = drafting.figures_of(session, accounts.row(one))
    assert kept == [printed, replace(SPENT, amount="")]
