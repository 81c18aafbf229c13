"""Totals of what was paid: made by the worker, read by the public site, the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError

from admin.rewards import deciding, proposing
from admin.rewards.totalling import reward_totals
from admin.worker import load_workers
from portal.config import BadSettings, load
from portal.directory.models import CustodyBoard, Office
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site, bind_site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.mailbox.reasons import RecoveryReason
from portal.payments.models import Payment
from portal.payments.values import PaymentState, new_payment_number
from portal.rewards import claiming
from portal.rewards.total_models import RewardTotal
from portal.rewards.totals import place_of, quarter_began, told
from portal.statistics import counting
from portal.statistics.values import Month, PaidOut
from tests.conftest import StandingClock
from tests.journeys.chinese import chinese_in
from tests.journeys.reporter import Reporter
from tests.postgresql.conftest import AsRole, as_role
from tests.rewards.court import PAYEE, Court

__all__ = ["as_role"]

REGIONS = {"js": "320000", "nj": "320100", "qh": "320104", "sz": "320500", "wx": "320200"}
IN_TIME, TOO_LATE = date(2026, 6, 30), date(2026, 7, 1)


@pytest.fixture
def offices(database: Database, site: Site, clock: StandingClock) -> dict[str, Id]:
    """Five offices of one province, on 28 September 2026, and the board of their payees."""
    bind_site(replace(site, region="320000"))
    ids = {code: new_id() for code in (*REGIONS, "board")}
    with transaction() as session:
        session.add(CustodyBoard(id=ids["board"], name="付款保管组（演示）", purpose="payment"))
        for code, region in REGIONS.items():
            session.add(
                Office(id=ids[code], code=code, name=f"{code}（演示）", kind="bureau", level="city", region=region)
            )
    return ids


def pay(offices: dict[str, Id], code: str, count: int, day: date = IN_TIME, fen: int = 100_000) -> None:
    """So many rewards were paid by an office."""
    with transaction() as session:
        session.add_all(
            Payment(
                number=new_payment_number(), claim_id=new_id(), office_id=offices[code], board_id=offices["board"],
                year=day.year, amount_fen=fen, state=PaymentState.PAID.value, made_on=day, settled_on=day,
            )
            for _ in range(count)
        )  # fmt: skip


def cells() -> dict[tuple[int, str], RewardTotal]:
    reward_totals(now())
    with reading() as session:
        return {(row.year, row.place): row for row in told(session)}


def test_offices_of_a_city_count_together_and_a_place_without_payments_is_there(offices: dict[str, Id]) -> None:
    pay(offices, "nj", 15)
    pay(offices, "qh", 30)
    pay(offices, "sz", 9)
    found = cells()
    assert {place for year, place in found if year == 2026} == {"320000", "320100", "320200", "320500"}
    nanjing, suzhou, wuxi = (found[2026, place] for place in ("320100", "320500", "320200"))
    assert (nanjing.count_low, nanjing.count_high, nanjing.fen_low, nanjing.fen_high) == (20, 50, 2 * 10**6, 5 * 10**6)
    assert suzhou.count_low is wuxi.count_low is suzhou.fen_high is None


def test_what_was_paid_in_this_quarter_waits_for_its_end(offices: dict[str, Id], clock: StandingClock) -> None:
    pay(offices, "nj", 12, TOO_LATE)
    assert cells()[2026, "320100"].count_low is None
    clock.advance(days=3)
    found = cells()[2026, "320100"]
    assert found.count_low == 10 and found.counted_to == date(2026, 9, 30)


def test_only_what_the_bank_paid_counts(offices: dict[str, Id]) -> None:
    pay(offices, "nj", 40)
    with transaction() as session:
        for payment in session.scalars(select(Payment).limit(35)):
            payment.state = PaymentState.RETURNED.value
    assert cells()[2026, "320100"].count_low is None


def test_what_was_taken_back_stays_in_its_year_so_that_no_change_tells_of_it(
    court: Court, clock: StandingClock
) -> None:
    number = court.given()
    court.says(number, claiming.claim, PAYEE)
    (payment,) = court.payments()
    pay({"de": payment.office_id, "board": payment.board_id}, "de", 9)
    with transaction() as session:
        session.execute(update(Payment).where(Payment.state == "sealed").values(state="paid", settled_on=IN_TIME))
    court.sweep()
    told_of = [place for (year, place), row in cells().items() if year == 2026 and row.count_low == 10]
    with court.work(number, court.officer) as (session, work):
        proposing.propose_recovery(session, work, RecoveryReason.FORGED, "票据是伪造的（虚构）", court.officer, now())
    court.do(number, deciding.approve, by=court.head)
    assert court.reward(number).state == "recovered"
    clock.advance(days=3)
    assert len(told_of) == 1 and cells()[2026, told_of[0]].count_low == 10


def test_a_sum_of_which_one_payment_is_more_than_half_is_not_told(offices: dict[str, Id]) -> None:
    pay(offices, "nj", 11)
    pay(offices, "nj", 1, fen=5_000_000)
    found = cells()[2026, "320100"]
    assert (found.count_low, found.fen_low) == (10, None)


def test_a_bulletin_says_of_rewards_what_the_rows_of_the_page_come_to_and_says_it_for_ever(
    offices: dict[str, Id], clock: StandingClock
) -> None:
    pay(offices, "nj", 45)
    pay(offices, "sz", 12, fen=500_000)
    pay(offices, "wx", 9)
    pay(offices, "nj", 30, TOO_LATE)
    rows = [row for (year, _place), row in cells().items() if year == 2026]

    def said(month: Month) -> PaidOut:
        with reading() as session:
            return counting.paid(session, month)

    august = said(Month(2026, 8))
    assert (august.since, august.until, august.told_from) == (date(2026, 1, 1), IN_TIME, 10)
    assert (august.at_least, august.fen_at_least) == (30, 7 * 10**6)
    assert august.at_least == sum(row.count_low or 0 for row in rows)
    assert august.fen_at_least == sum(row.fen_low or 0 for row in rows)
    pay(offices, "sz", 80, date(2026, 11, 3))
    clock.advance(days=200)
    assert said(Month(2026, 8)) == august and said(Month(2026, 9)).at_least == 60
    assert (said(Month(2026, 2)).until, said(Month(2026, 2)).at_least) == (date(2025, 12, 31), 0)


def test_the_same_years_are_there_whether_anything_was_paid_or_not(offices: dict[str, Id]) -> None:
    before = set(cells())
    pay(offices, "wx", 11, date(2024, 3, 1))
    pay(offices, "wx", 11, date(2011, 3, 1))
    assert set(cells()) == before
    assert {year for year, _place in before} == {2022, 2023, 2024, 2025, 2026}


def test_nothing_is_written_where_nothing_changed(offices: dict[str, Id], site: Site) -> None:
    pay(offices, "nj", 12)
    assert reward_totals(now()) == 20
    assert reward_totals(now()) == 0
    bind_site(replace(site, region="320000", smallest_cell=20))
    assert reward_totals(now()) == 20 and cells()[2026, "320100"].count_low is None


def test_the_worker_does_it_by_itself() -> None:
    assert "reward totals" in load_workers().sweeps


def test_the_page_tells_bands_in_both_languages(offices: dict[str, Id], public_app: Flask, site: Site) -> None:
    bind_site(replace(site, region="320000"))
    assert "还没有统计" in Reporter(public_app).open("/rewards/paid/").words
    pay(offices, "nj", 45)
    pay(offices, "sz", 9)
    cells()
    page = Reporter(public_app).open("/rewards/").open("/rewards/paid/")
    assert "2026 年，算到 2026年6月30日" in page.words and "2025 年，算到 2025年12月31日" in page.words
    assert "南京市 20 到 49 20,000 元以上，不到 50,000 元" in page.words
    assert "苏州市 少于 10 不单独公布" in page.words and "45" not in page.words
    assert "Set-Cookie" not in page.page.headers
    assert chinese_in(Reporter(public_app, "en").open("/rewards/paid/").page.text) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_public_process_reads_the_totals_and_no_payment(
    offices: dict[str, Id], public_app: Flask, as_role: AsRole
) -> None:
    pay(offices, "nj", 45)
    as_role("worker")
    assert reward_totals(now()) > 0
    as_role("public")
    assert "20 到 49" in Reporter(public_app).open("/rewards/paid/").words
    with reading() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.scalars(select(Payment.amount_fen)).all()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction() as session:
        session.delete(session.scalars(select(RewardTotal)).first())


@pytest.mark.parametrize(
    ("region", "area", "place"),
    [
        ("320104", "320000", "320100"),
        ("320104", "", "320000"),
        ("320104", "320100", "320104"),
        ("320000", "320000", "320000"),
        ("110105", "320000", "110000"),
        ("", "320000", "000000"),
    ],
)
def test_a_payer_counts_where_it_lies_in_the_area_that_is_served(region: str, area: str, place: str) -> None:
    assert place_of(region, area) == place


def test_a_quarter_begins_in_january_april_july_and_october() -> None:
    assert [quarter_began(date(2026, month, 28)).month for month in range(1, 13)] == [1, 1, 1, 4, 4, 4, 7, 7, 7] + [
        10
    ] * 3


def test_the_threshold_is_a_setting_and_cannot_be_too_low(public_settings: object, tmp_path: Path) -> None:
    path = tmp_path / "public.toml"
    path.write_text("[rewards]\nsmallest_cell = 2\n", encoding="utf-8")
    with pytest.raises(BadSettings, match=r"rewards\.smallest_cell: must be at least 3"):
        load(path)
