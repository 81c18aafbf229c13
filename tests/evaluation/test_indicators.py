"""Letters answered, mistakes mended, promises kept: what the later version of the rule counts besides."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime

from sqlalchemy import insert, select

from admin.evaluation.counting import counts
from portal.disclosures.models import PublishedPromise
from portal.disclosures.values import Period as Span
from portal.exposures.models import Exposure, ExposureStep
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import new_id
from portal.mailbox.models import Letter, Mailbox
from portal.statistics.evaluation import Counted, Period, version_for, versions
from portal.tips.models import Tip, TipHolding
from tests.admin_tips.world import CITY, DISTRICT, OTHER, World
from tests.conftest import StandingClock
from tests.disclosures.conftest import Accounts, figure

QUARTER = Period(2026, 4)
RULE = version_for(QUARTER)
LATER = date(2027, 3, 1)

Said = tuple[str, date] | tuple[str, date, str]


def counted(world: World, name: str, today: date = LATER) -> dict[str, Counted]:
    """What *name* counts for each office that has anything, by the office's code."""
    codes = {office.id: code for code, office in world.offices.items()}
    with reading() as session:
        found = counts(session, codes, QUARTER, RULE, today)
    return {codes[office]: one[name] for office, one in found.items() if name in one}


def wrote(number: str, *letters: Said) -> None:
    """Letters behind that report, after the receipt: direction, day, and the kind of notice."""
    with transaction() as session:
        box = session.scalars(select(Mailbox).join(Tip, Tip.id == Mailbox.tip_id).where(Tip.number == number)).one()
        for position, (direction, day, *notice) in enumerate(letters, 2):
            session.add(
                Letter(mailbox_id=box.id, tip_id=box.tip_id, position=position, direction=direction, day=day,
                       notice=notice[0] if notice else "", sealed=b"sealed")
            )  # fmt: skip


def test_the_earlier_version_counts_what_it_counted_before(world: World) -> None:
    number = world.report()
    wrote(number, ("in", date(2026, 9, 1)), ("out", date(2026, 9, 2)))
    assert [one.id for one in version_for(Period(2026, 3)).indicators] == ["clocks", "decision-days", "opening-days"]
    with reading() as session:
        found = counts(session, {world.offices[DISTRICT].id}, Period(2026, 3), versions()[0], LATER)
    assert "letters" not in found[world.offices[DISTRICT].id]


def test_a_letter_is_due_ten_working_days_later_and_counts_where_that_day_lies(world: World) -> None:
    # Thursday, 15 October 2026 and 10 working days are Thursday the 29th; 28 December leads into January.
    in_time, late, silent, next_year = (world.report() for _ in range(4))
    wrote(in_time, ("in", date(2026, 10, 15)), ("out", date(2026, 10, 29)))
    wrote(late, ("in", date(2026, 10, 15)), ("out", date(2026, 10, 30)))
    wrote(silent, ("in", date(2026, 10, 15)))
    wrote(next_year, ("in", date(2026, 12, 28)))
    assert counted(world, "letters") == {DISTRICT: Counted(1, 3)}
    assert counted(world, "letters", date(2026, 10, 29)) == {DISTRICT: Counted(1, 2)}, "the silent one has this day yet"


def test_a_letter_before_the_holidays_is_due_ten_working_days_later_all_the_same(world: World) -> None:
    in_time, late = world.report(), world.report()
    for number, answered in ((in_time, date(2026, 10, 19)), (late, date(2026, 10, 20))):
        wrote(number, ("in", date(2026, 9, 29)), ("out", answered))
    assert counted(world, "letters") == {DISTRICT: Counted(1, 2)}


def test_letters_about_an_office_count_for_nobody(world: World) -> None:
    number = world.report()
    wrote(number, ("in", date(2026, 10, 15)))
    with transaction() as session:
        tip = session.scalars(select(Tip).where(Tip.number == number)).one()
        tip.against_office_id = world.offices[OTHER].id
    assert counted(world, "letters") == {}


def test_a_letter_counts_for_the_office_that_held_the_report_when_it_was_answered_or_due(world: World) -> None:
    answered_first, passed_on = world.report(), world.report()
    wrote(answered_first, ("in", date(2026, 10, 15)), ("out", date(2026, 10, 20)))
    wrote(passed_on, ("in", date(2026, 10, 15)), ("out", date(2026, 10, 28)))
    with transaction() as session:
        for tip in session.scalars(select(Tip)):
            held = session.scalars(select(TipHolding).where(TipHolding.tip_id == tip.id)).one()
            held.to_day = date(2026, 10, 22)
            session.add(TipHolding(tip_id=tip.id, office_id=world.offices[CITY].id, from_day=held.to_day, reason="x"))
            tip.office_id = world.offices[CITY].id
    assert counted(world, "letters") == {DISTRICT: Counted(1, 1), CITY: Counted(1, 1)}


def case(world: World, office: str, *steps: tuple[str, date]) -> None:
    """An exposure with these steps."""
    number = world.report()
    with transaction() as session:
        tip = session.scalars(select(Tip.id).where(Tip.number == number)).one()
        way = Exposure(id=new_id(), tip_id=tip, office_id=world.offices[office].id, state="published", version=1,
                       opened_by=new_id(), opened_on=date(2026, 9, 1))  # fmt: skip
        session.add(way)
        session.flush()
        rows = [
            {"id": new_id(), "exposure_id": way.id, "position": at, "day": day, "action": action, "state": "published"}
            for at, (action, day) in enumerate(steps, 1)
        ]
        session.execute(insert(ExposureStep), rows)


def test_a_mistake_is_mended_within_three_working_days_and_corrections_as_such_cost_nothing(world: World) -> None:
    friday, wednesday, thursday = date(2026, 11, 13), date(2026, 11, 18), date(2026, 11, 19)
    case(world, DISTRICT, ("approve", date(2026, 10, 9)), ("must-correct", friday), ("approve", wednesday))
    case(world, DISTRICT, ("must-correct", friday), ("withdraw", thursday))
    case(world, DISTRICT, ("must-correct", friday))
    case(world, DISTRICT, ("correct", friday), ("approve", thursday))
    case(world, OTHER, ("must-correct", date(2026, 7, 1)), ("withdraw", date(2026, 11, 2)))
    assert counted(world, "corrections") == {DISTRICT: Counted(1, 3)}
    assert counted(world, "corrections", wednesday) == {DISTRICT: Counted(1, 2)}, (
        "whoever still has the day is not late"
    )


def promised(world: World, every: str, days: int, since: date) -> None:
    with transaction() as session:
        session.add(
            PublishedPromise(id=new_id(), office_id=world.offices[CITY].id, region="320100", edition="notice",
                             every=every, days=days, in_force_from=since, set_on=since)
        )  # fmt: skip


def told(world: World, clock: StandingClock, month: int, day: date) -> None:
    """The figures of a month, published that day by the real verbs."""
    clock.set(datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC))
    last = calendar.monthrange(2026, month)[1]
    period = Span(start=date(2026, month, 1), end=date(2026, month, last), cumulative=False)
    Accounts(world).published(figure("35.10", series={"period": period}))


def test_promised_periods_count_in_the_quarter_in_which_they_were_due(world: World, clock: StandingClock) -> None:
    promised(world, "month", 20, date(2026, 8, 1))
    # August is due on 20 September, September on 20 October, October on 20 November, November on 20 December.
    told(world, clock, 9, date(2026, 10, 20))
    told(world, clock, 10, date(2026, 11, 21))
    assert counted(world, "promises", date(2026, 12, 20)) == {CITY: Counted(1, 2)}
    assert counted(world, "promises") == {CITY: Counted(1, 3)}, "November never came"


def test_who_promised_nothing_is_not_rated_for_it(world: World) -> None:
    assert counted(world, "promises") == {}
