"""Whom to pay is sealed to the payer's board in the moment in which it is said, and stands nowhere else."""

from __future__ import annotations

import base64
import json

import pytest
from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Session

from admin.payments.shredding import without_payment
from admin.upkeep import orphan_shred_keys
from portal.directory.models import BoardSeat, CustodyBoard
from portal.kernel.clock import now
from portal.kernel.db import Base
from portal.kernel.errors import DomainError, Refused, Unavailable
from portal.kernel.shred import create_shred_key, read_shred_key
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.ledger.models import LedgerEntry
from portal.payments.models import PayeeRecord, PayeeShare, Payment
from portal.payments.sealing import binding
from portal.payments.values import Payee
from portal.routing import choose
from tests.admin_tips.world import CITY, DISTRICT, World
from tests.conftest import StandingClock
from tests.payments.vault import PEOPLE, SEATS, Vault, make_vault


def everything(session: Session) -> str:
    """Every column of every table as text: bytes as they are, in base64 and in hex."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            for column, value in zip(table.columns, row, strict=True):
                if isinstance(column.type, LargeBinary) and value is not None:
                    found += [value.decode("latin-1"), base64.b64encode(value).decode(), value.hex()]
                else:
                    found.append(str(value))
    return "\n".join(found)


def test_a_payment_waits_with_a_share_for_each_seat(vault: Vault) -> None:
    made = vault.register()
    with reading() as session:
        row = session.get_one(Payment, made.id)
        assert (row.number, row.amount_fen, row.state, row.board_id) == (made.number, 123_456, "sealed", vault.board)
        assert session.scalar(select(func.count()).select_from(PayeeShare)) == SEATS
        assert session.get_one(PayeeRecord, made.id).k == 2


def test_no_name_number_or_account_stands_in_any_table(vault: Vault) -> None:
    for payee in PEOPLE:
        vault.register(payee)
    with reading() as session:
        held = everything(session)
    for payee in PEOPLE:
        for word in (payee.name, payee.id_number, payee.bank, payee.account):
            spelled = (
                word,
                word.encode().decode("latin-1"),
                word.encode().hex(),
                base64.b64encode(word.encode()).decode(),
            )
            assert not any(one in held for one in spelled)


def test_the_book_binds_the_payment_and_names_neither_payment_nor_claim(vault: Vault) -> None:
    made = vault.register()
    with reading() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "payee-sealed")).one()
        assert entry.subject == binding(session.get_one(Payment, made.id))
        said = entry.payload.decode()
        digests = [row.digest.hex() for row in session.scalars(select(PayeeShare).order_by(PayeeShare.position))]
    assert json.loads(said)["event"]["shares"] == digests
    for word in (made.number, str(made.id), str(made.claim_id), made.claim_id.hex, "123456"):
        assert word not in said


def test_a_row_that_was_altered_is_bound_no_more(vault: Vault) -> None:
    made = vault.register()
    before = binding(made)
    for name, value in (("amount_fen", 1), ("office_id", new_id()), ("number", "PN-2222-2222"), ("board_id", new_id())):
        kept = getattr(made, name)
        setattr(made, name, value)
        assert binding(made) != before
        setattr(made, name, kept)
    assert binding(made) == before


def test_a_claim_is_registered_once_and_again_only_after_the_money_came_back(vault: Vault) -> None:
    claim = new_id()
    first = vault.register(claim=claim)
    with transaction() as session:
        with pytest.raises(Refused) as caught:
            vault.register(PEOPLE[1], claim=claim, session=session)
        vault.register(PEOPLE[2], session=session)  # the transaction is not spoilt by the refusal
    assert caught.value.code == "payee_there"
    for state, taken in (("in_batch", True), ("paid", True), ("returned", False)):
        with transaction() as session:
            session.get_one(Payment, first.id).state = state
        assert refuses(vault, claim) is taken, state


def refuses(vault: Vault, claim: Id) -> bool:
    try:
        vault.register(PEOPLE[1], claim=claim)
    except Refused as error:
        assert error.code == "payee_there"
        return True
    return False


@pytest.mark.parametrize(
    ("payee", "fen", "code"),
    [
        (Payee("", *("110101199001010015", "虚构银行演示支行", "6200000000000000034")), 1, "payee_name"),
        (Payee("测试甲", "110101199001010016", "虚构银行演示支行", "6200000000000000034"), 1, "payee_id_number"),
        (Payee("测试甲", "110101199001010015", "行", "6200000000000000034"), 1, "payee_bank"),
        (Payee("测试甲", "110101199001010015", "虚构银行演示支行", "6200000000000000035"), 1, "payee_account"),
        (PEOPLE[0], 0, "payment_amount"),
        (PEOPLE[0], -5, "payment_amount"),
    ],
)
def test_what_is_wrong_is_refused_with_a_code_and_stored_nowhere(
    vault: Vault, payee: Payee, fen: int, code: str
) -> None:
    with pytest.raises(DomainError) as caught:
        vault.register(payee, fen)
    assert caught.value.code == code
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Payment)) == 0


def test_without_a_payment_board_nothing_is_taken_though_a_board_of_identities_is_there(world: World) -> None:
    empty = Vault(world, new_id())
    with pytest.raises(Unavailable) as caught:
        empty.register()
    assert caught.value.code == "no_payment_board"


def test_a_report_is_never_sealed_to_a_payment_board(vault: Vault) -> None:
    number = vault.world.report(named=True)
    with reading() as session:
        purposes = {row.id: row.purpose for row in session.scalars(select(CustodyBoard))}
    assert purposes[vault.world.tip(number).board_id] == "identity"


def test_the_nearest_board_in_the_line_keeps_the_payee(world: World, clock: StandingClock) -> None:
    make_vault(world)
    clock.advance(seconds=10)
    nearer = make_vault(world, CITY)
    clock.advance(seconds=10)
    assert nearer.register().board_id == nearer.board
    own = make_vault(world, DISTRICT)
    clock.advance(seconds=10)
    assert own.register().board_id == own.board


def test_a_board_of_another_line_and_a_retired_one_are_passed_over(vault: Vault) -> None:
    for change in ({"office_id": vault.world.offices["320105"].id}, {"office_id": None, "retired_on": now().date()}):
        with transaction() as session:
            board = session.get_one(CustodyBoard, vault.board)
            for name, value in change.items():
                setattr(board, name, value)
        choose.forget()
        with pytest.raises(Unavailable):
            vault.register()


def test_a_vacant_seat_gets_its_share_too(vault: Vault) -> None:
    with transaction() as session:
        session.get_one(BoardSeat, vault.seats[3]).holder_id = None
    choose.forget()
    vault.register()
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(PayeeShare)) == SEATS


def test_the_sweep_leaves_the_keys_of_payees_and_takes_those_that_no_payment_names(
    vault: Vault, clock: StandingClock
) -> None:
    made, orphan = vault.register(), new_id()
    create_shred_key(orphan, now().date())
    clock.advance(days=12)
    assert orphan_shred_keys(now()) == 1
    assert len(read_shred_key(made.id)) == 32
    with reading() as session:
        assert without_payment(session, [made.id, orphan]) == [orphan]
