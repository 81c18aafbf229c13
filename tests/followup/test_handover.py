from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from crypto.receipts import ReceiptCode
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerQueue
from portal.mailbox.models import Mailbox
from tests.followup.conftest import WORDS, Handed, Visitor


@pytest.fixture
def slip(hand_in: Callable[..., Handed]) -> Handed:
    """A report that staff recorded; the code was handed over on a slip."""
    return hand_in(first_use_only=True)


def shown_code(visitor: Visitor) -> ReceiptCode:
    assert visitor.page is not None
    box = re.search(r'id="code"[^>]*>(.*?)</p>', visitor.page.text, re.DOTALL)
    assert box, "no code on the page"
    return ReceiptCode("".join(re.findall(r"[0-9]+", re.sub(r"<[^>]*>", " ", box[1]))))


def leaves() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(LedgerQueue).where(LedgerQueue.leaf.is_not(None))) or 0


def test_a_code_handed_over_must_be_changed_before_anything_is_shown(slip: Handed, visitor: Visitor) -> None:
    visitor.sign_in(slip.code)
    first = shown_code(visitor)
    assert first != slip.code
    for path in ("overview", "messages", "sent", "withdraw"):
        page = visitor.get(f"/followup/{path}/")
        assert shown_code(visitor) == first, "a reload shows the same code"
        assert WORDS not in page.text
        assert slip.number not in page.text


def test_once_the_new_code_is_saved_the_old_one_is_dead(slip: Handed, visitor: Visitor, public_app: Flask) -> None:
    visitor.sign_in(slip.code)
    new, before = shown_code(visitor), leaves()
    visitor.post("/followup/new-code/", {})
    assert slip.number in visitor.text
    assert WORDS in visitor.get("/followup/sent/").text
    assert leaves() == before + 1, "the new code finds the report in the published list too"
    assert "没有找到" in Visitor(public_app).sign_in(slip.code).text
    assert slip.number in Visitor(public_app).sign_in(new).text


def test_who_leaves_before_saving_can_use_the_slip_again(slip: Handed, visitor: Visitor, public_app: Flask) -> None:
    visitor.sign_in(slip.code)
    never_saved = shown_code(visitor)
    visitor.post("/followup/out/", {})
    assert "没有找到" in Visitor(public_app).sign_in(never_saved).text
    other = Visitor(public_app)
    other.sign_in(slip.code)
    assert shown_code(other) != never_saved


def test_of_two_windows_with_one_slip_only_the_first_gets_in(slip: Handed, public_app: Flask) -> None:
    one, two = Visitor(public_app), Visitor(public_app)
    one.sign_in(slip.code)
    two.sign_in(slip.code)
    one.post("/followup/new-code/", {})
    page = two.post("/followup/new-code/", {})
    assert page.status_code == 200
    assert "回执码" in two.text
    assert slip.number not in two.text
    with reading() as session:
        assert session.scalars(select(Mailbox.first_use_only)).one() is False


def test_pressed_twice_the_new_code_stays_the_same(slip: Handed, visitor: Visitor) -> None:
    visitor.sign_in(slip.code)
    visitor.post("/followup/new-code/", {})
    visitor.get("/followup/overview/")
    visitor.post("/followup/new-code/", {})
    assert slip.number in visitor.text
