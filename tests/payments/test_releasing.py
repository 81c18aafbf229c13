"""A batch is made into its file by one who did not prepare it, after k keepers agreed, once; by nobody else, never
more."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from admin.payments import batches
from admin.payments.ending import sweep_releases
from admin.payments.releasing import drop, locked_release
from admin.staff.models import Staff, StaffRole
from admin.staff.roles import Role
from crypto.errors import BadShare, CryptoError, QuorumNotMet
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import new_id
from portal.ledger.models import LedgerEntry
from portal.payments.batch_models import PaymentBatch
from portal.payments.layout import FileKind, PaymentFile
from portal.payments.models import PassedPayeeShare, PayeeRecord, PayeeShare, Payment, PaymentAnswer, PaymentRelease
from portal.payments.values import PaymentNumber
from tests.admin_tips.world import DISTRICT, OTHER
from tests.conftest import StandingClock
from tests.payments.test_registering import everything
from tests.payments.vault import PEOPLE, Vault, make_vault


def names_in(file: PaymentFile) -> list[str]:
    """The payees of a CSV file."""
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    return sorted(row[2] for row in rows[1:-1])


def refused(work: Callable[..., Any], *args: Any, **named: Any) -> str:
    with pytest.raises(DomainError) as caught:
        work(*args, **named)
    return caught.value.code


def entries(kind: str) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == kind)) or 0


def test_two_keepers_of_four_let_the_other_officer_make_the_file_once(vault: Vault) -> None:
    batch = vault.batch(100, 200, 300)
    release = vault.ask(batch)
    vault.consent(release, 1, 3)
    file = vault.take(release)
    assert names_in(file) == sorted(payee.name for payee in PEOPLE)
    with reading() as session:
        row = session.get_one(PaymentBatch, batch)
        assert (row.state, row.file_sha256) == ("released", file.sha256)
        assert session.scalar(select(func.count()).select_from(PassedPayeeShare)) == 0
    ended = vault.release(release)
    assert (ended.state, ended.once_public, ended.once_sealed) == ("released", None, None)
    assert refused(vault.take, release) == "illegal_move"


def test_every_step_is_in_the_book(vault: Vault) -> None:
    release = vault.ask(vault.batch(100))
    vault.consent(release, 1, 2)
    vault.take(release)
    told = {f"payment-release-{step}": 0 for step in ("asked", "answered", "ended")} | {"payees-opened": 0}
    assert {kind: entries(kind) for kind in told} == {
        "payment-release-asked": 1, "payment-release-answered": 2, "payment-release-ended": 1, "payees-opened": 1,
    }  # fmt: skip


def test_one_consent_opens_nothing(vault: Vault) -> None:
    release = vault.ask(vault.batch(100))
    vault.consent(release, 1)
    assert refused(vault.take, release) == "illegal_move"
    with transaction() as session:  # somebody writes into the database
        session.get_one(PaymentRelease, release).state = "granted"
    with pytest.raises(QuorumNotMet):
        vault.take(release)
    with reading() as session:
        assert session.scalars(select(PaymentBatch.state)).one() == "draft"


def test_a_second_file_needs_a_second_release_and_is_the_same(vault: Vault) -> None:
    batch = vault.batch(100, 200)
    files = []
    for seats in ((1, 2), (3, 4)):
        release = vault.ask(batch)
        vault.consent(release, *seats)
        files.append(vault.take(release))
    assert files[0].content == files[1].content
    again = vault.ask(batch)
    vault.consent(again, 1, 4)
    assert refused(vault.take, again, FileKind.XLSX) == "other_kind"
    assert vault.release(again).state == "granted"  # nothing was lost by the refusal
    assert vault.take(again).sha256 == files[0].sha256


def test_whoever_prepared_a_batch_neither_asks_nor_takes(vault: Vault) -> None:
    batch = vault.batch(100)
    assert refused(vault.ask, batch, vault.preparer) == "same_person"
    release = vault.ask(batch)
    vault.consent(release, 1, 2)
    assert refused(vault.take, release, by=vault.preparer) == "not_allowed"


def test_a_second_account_of_the_preparer_is_the_preparer(vault: Vault) -> None:
    batch = vault.batch(100)
    with transaction() as session:
        for person in (vault.preparer.id, vault.asker.id):
            session.get_one(Staff, person).person_no = "A-1"
    assert refused(vault.ask, batch) == "same_person"


def test_a_keeper_of_the_board_does_not_ask(vault: Vault) -> None:
    batch = vault.batch(100)
    with transaction() as session:
        for person in (vault.keepers[0].id, vault.asker.id):
            session.get_one(Staff, person).person_no = "A-2"
    assert refused(vault.ask, batch) == "asker_has_seat"


@pytest.mark.parametrize("role", [Role.INTAKE, Role.HANDLER, Role.HEAD, Role.REWARD_REVIEWER])
def test_whoever_works_on_reports_or_rewards_elsewhere_asks_for_no_release(vault: Vault, role: Role) -> None:
    batch = vault.batch(100)
    with transaction() as session:
        home = vault.world.offices[OTHER].id
        session.add(StaffRole(id=new_id(), staff_id=vault.asker.id, office_id=home, role=role.value))
    assert refused(vault.ask, batch) == "works_on_it"


def test_an_officer_of_another_office_finds_no_batch(vault: Vault) -> None:
    stranger = vault.world.new_person(OTHER, Role.FINANCE)
    assert refused(vault.ask, vault.batch(100), stranger) == "no_batch"


def test_a_keeper_answers_once_under_whatever_account(vault: Vault) -> None:
    release = vault.ask(vault.batch(100))
    vault.consent(release, 1)
    assert refused(vault.consent, release, 1) == "answered_already"
    with transaction() as session:
        for keeper in vault.keepers[:2]:
            session.get_one(Staff, keeper.id).person_no = "K-1"
    assert refused(vault.consent, release, 2) == "answered_already"
    assert vault.release(release).state == "asked"


@pytest.mark.parametrize(
    ("role", "office", "bars"),
    [
        (Role.HANDLER, OTHER, True),
        (Role.REWARD_REVIEWER, OTHER, True),
        (Role.FINANCE, DISTRICT, True),
        (Role.FINANCE, OTHER, False),
        (Role.CUSTODIAN, DISTRICT, False),
    ],
)
def test_whoever_works_on_reports_rewards_or_these_payments_answers_nothing(
    vault: Vault, role: Role, office: str, bars: bool
) -> None:
    release, keeper = vault.ask(vault.batch(100)), vault.keepers[0]
    with transaction() as session:
        home = vault.world.offices[office].id
        session.add(StaffRole(id=new_id(), staff_id=keeper.id, office_id=home, role=role.value))
    if bars:
        assert refused(vault.consent, release, 1) == "works_on_it"
    else:
        vault.consent(release, 1)
        assert vault.release(release).state == "asked"


def test_a_keeper_of_another_board_finds_nothing(vault: Vault, clock: StandingClock) -> None:
    release = vault.ask(vault.batch(100))
    other = make_vault(vault.world, OTHER)
    clock.advance(seconds=10)
    with pytest.raises(NotFound):
        vault.consent(release, 1, by=other.keepers[0])


def test_the_key_of_another_seat_opens_no_share(vault: Vault) -> None:
    release = vault.ask(vault.batch(100))
    vault.keys[0], vault.keys[1] = vault.keys[1], vault.keys[0]
    with pytest.raises(CryptoError):
        vault.consent(release, 1)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(PaymentAnswer)) == 0


def test_objections_end_it_when_k_cannot_come_together_any_more(vault: Vault) -> None:
    release = vault.ask(vault.batch(100))
    vault.consent(release, 1)
    vault.object_to(release, 2, 3)
    assert vault.release(release).state == "asked"
    vault.object_to(release, 4)
    ended = vault.release(release)
    assert (ended.state, ended.once_sealed) == ("refused", None)
    vault.ask(ended.batch_id)  # it may be asked again


def test_what_nobody_took_in_seven_days_expires_at_once_and_is_swept(vault: Vault, clock: StandingClock) -> None:
    asked, granted = vault.ask(vault.batch(100)), vault.ask(vault.batch(200))
    vault.consent(granted, 1, 2)
    clock.advance(days=8)
    assert refused(vault.consent, asked, 1) == "release_expired"
    assert refused(vault.take, granted) == "release_expired"
    with transaction() as session:
        assert sweep_releases(session, now()) == 2
    assert {vault.release(one).state for one in (asked, granted)} == {"expired"}
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(PassedPayeeShare)) == 0


def test_a_batch_that_changed_after_it_was_asked_for_is_not_released(vault: Vault) -> None:
    batch = vault.batch(100, 200)
    release = vault.ask(batch)
    vault.consent(release, 1, 2)
    with transaction() as session:
        number = session.scalars(select(Payment.number).order_by(Payment.number)).first()
        assert number is not None
        batches.take_out(session, batch, PaymentNumber(number), vault.preparer, now())
    assert refused(vault.take, release) == "batch_changed"


@pytest.mark.parametrize("column", ["amount_fen", "number", "claim_id"])
def test_a_sum_that_was_changed_in_the_tables_leaves_no_seat(vault: Vault, column: str) -> None:
    batch = vault.batch(100)
    value = {"amount_fen": 99_900, "number": "PN-2222-2222", "claim_id": new_id()}[column]
    with transaction() as session:
        session.execute(update(Payment).values({column: value}))
        session.get_one(PaymentBatch, batch).total_fen = 99_900
    assert refused(vault.consent, vault.ask(batch), 1) == "not_in_book"


def test_another_payee_under_the_same_number_leaves_no_seat(vault: Vault) -> None:
    batch = vault.batch(100)
    mine = vault.register(PEOPLE[1], 100)
    with transaction() as session:  # what belongs to another payment is put in the place of this one's
        here = session.scalars(select(Payment).where(Payment.batch_id == batch)).one()
        session.get_one(PayeeRecord, here.id).sealed = session.get_one(PayeeRecord, mine.id).sealed
    assert refused(vault.consent, vault.ask(batch), 1) == "not_in_book"


def test_a_request_in_another_name_leaves_no_seat(vault: Vault) -> None:
    release = vault.ask(vault.batch(100))
    with transaction() as session:
        other = vault.world.new_person(DISTRICT, Role.FINANCE)
        session.get_one(PaymentRelease, release).asked_by = other.id or new_id()
    vault.checkpoint()
    assert refused(vault.consent, release, 1) == "not_in_book"


def test_shares_that_were_swapped_between_payments_name_the_seat(vault: Vault) -> None:
    release = vault.ask(vault.batch(100, 200))
    vault.consent(release, 1, 2)
    with transaction() as session:
        first = session.scalars(select(PaymentAnswer.id).where(PaymentAnswer.position == 2)).one()
        one, other = session.scalars(select(PassedPayeeShare).where(PassedPayeeShare.answer_id == first)).all()
        one.passed, other.passed = other.passed, one.passed
    with pytest.raises(BadShare) as caught:
        vault.take(release)
    assert caught.value.position == 2
    assert vault.release(release).state == "granted"


def test_a_payee_that_was_altered_after_the_consent_does_not_open(vault: Vault) -> None:
    release = vault.ask(vault.batch(100))
    vault.consent(release, 1, 2)
    with transaction() as session:
        row = session.scalars(select(PayeeRecord)).one()
        row.sealed = row.sealed[:-1] + bytes((row.sealed[-1] ^ 1,))
    assert refused(vault.take, release) == "batch_changed"


def test_an_asker_without_the_role_gets_no_share_and_no_file(vault: Vault) -> None:
    release, late = vault.ask(vault.batch(100)), vault.ask(vault.batch(200))
    vault.consent(release, 1, 2)
    with transaction() as session:
        session.execute(delete(StaffRole).where(StaffRole.staff_id == vault.asker.id))
    assert refused(vault.consent, late, 1) == "asker_may_not"


def test_one_release_at_a_time_and_the_asker_may_take_it_back(vault: Vault) -> None:
    batch = vault.batch(100)
    release = vault.ask(batch)
    assert refused(vault.ask, batch) == "asked_already"
    with transaction() as session, pytest.raises(NotAllowed):
        drop(session, locked_release(session, release), vault.preparer, now())
    with transaction() as session:
        drop(session, locked_release(session, release), vault.asker, now())
    with transaction() as session, pytest.raises(IllegalMove):
        drop(session, locked_release(session, release), vault.asker, now())
    vault.ask(batch)


def test_a_payee_that_was_destroyed_is_not_released(vault: Vault) -> None:
    batch = vault.batch(100)
    with transaction() as session:
        session.execute(delete(PayeeShare))
        session.execute(delete(PayeeRecord))
    with pytest.raises(Refused, match="payee_gone"):
        vault.ask(batch)


def test_nothing_that_was_opened_stays_in_any_table(vault: Vault) -> None:
    release = vault.ask(vault.batch(100, 200, 300))
    vault.consent(release, 1, 2)
    vault.take(release)
    with reading() as session:
        held = everything(session)
    for payee in PEOPLE:
        for word in (payee.name, payee.id_number, payee.account):
            assert word not in held and word.encode().decode("latin-1") not in held and word.encode().hex() not in held
