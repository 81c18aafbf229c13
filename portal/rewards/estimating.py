"""What a reward might come to, for somebody who only guesses: both ends of what is left open, and jumps close by. Pure.

The figure itself is :func:`portal.rewards.rules.assess`; here is only what to ask it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from portal.kernel.errors import Refused
from portal.rewards.jumps import Asking, Kind, Way
from portal.rewards.rules import assess, choose_table
from portal.rewards.values import GRADES, Assessment, Band, Case, Relation, Schedule

NUMBERED = GRADES[:3]
CLOSE = 10
"""A jump is close when it is within a tenth of where it stands."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a schedule makes a difference of: only that is asked. Empty: it makes none."""

    grades: tuple[str, ...]
    nature: bool
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """One fen more than ``last_fen`` of case value makes of ``before_fen`` of reward ``after_fen``."""

    last_fen: int
    before_fen: int
    after_fen: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """The lowest and the highest figure that the answers allow, each with its trace.

    ``more``: an office may add to it, and no rule says how much. ``unseen``: grades whose rate nobody has seen.
    """

    low: Assessment
    high: Assessment
    more: bool
    unseen: tuple[str, ...]
    jumps: tuple[Jump, ...]


def needs(schedule: Schedule) -> Needs:
    """What has to be asked before *schedule* gives a figure."""
    said = {(axis, value) for table in schedule.tables for axis, value in table.when.items()}
    axes = {axis for axis, _value in said}
    grades = tuple(grade for grade in GRADES if ("grade", grade) in said)
    if len(grades) == 1:  # one is known, and there are others
        grades = NUMBERED if grades[0] in NUMBERED else GRADES[3:]
    apart = set(Relation) if "relation" in axes else set(schedule.uplift.relations if schedule.uplift else ())
    relations = tuple(one for one in Relation if one in apart or one is Relation.OUTSIDER)
    return Needs(grades, "nature" in axes, relations if apart else ())


def estimate(case: Case, schedule: Schedule, grades: Sequence[str | None]) -> Estimate:
    """What *case* may come to with each of *grades*. Raises Refused, as ``assess`` does, where none gives a figure."""
    found: list[tuple[Case, Assessment]] = []
    unseen: list[str] = []
    refused: Refused | None = None
    for grade in grades:
        graded = replace(case, grade=grade)
        try:
            found += [(end, assess(end, schedule)) for end in bounds(graded, schedule)]
        except Refused as error:
            refused = refused or error
            unseen.append(grade or "")
    if not found:
        assert refused is not None
        raise refused
    (low_case, low), (high_case, high) = (pick(found, key=lambda pair: pair[1].reward_fen) for pick in (min, max))
    near = dict.fromkeys((*close_jumps(low_case, schedule), *close_jumps(high_case, schedule)))
    return Estimate(low, high, _more(case, schedule), tuple(unseen), tuple(near) if low.eligible else ())


def bounds(case: Case, schedule: Schedule) -> tuple[Case, Case]:
    """The case as an officer would have it who chooses least, and most. The same twice where nothing is chosen."""
    if case.case_value_fen == 0:
        return _without_loss(case, schedule)
    low = high = case
    band = band_of(case, schedule)
    if band.rate is not None and band.rate_max is not None:
        low, high = replace(low, rate_chosen=band.rate), replace(high, rate_chosen=band.rate_max)
    if band.base_max_fen is not None and band.base_max_fen != band.base_fen:
        low = replace(low, amount_chosen_fen=band.base_fen)
        high = replace(high, amount_chosen_fen=band.base_max_fen)
    uplift = schedule.uplift
    if uplift and case.relation in uplift.relations and uplift.kind in ("add_rate_range", "discretionary"):
        least = uplift.value or Decimal(0)
        low, high = replace(low, add_rate=least), replace(high, add_rate=uplift.value_max or least)
    return low, high


def _without_loss(case: Case, schedule: Schedule) -> tuple[Case, Case]:
    rule = schedule.no_loss
    if rule is None or rule.kind == "fixed":
        return case, case
    most = rule.max_fen if rule.max_fen is not None else schedule.cap_fen
    highest = rule.min_fen if most is None else most
    return replace(case, amount_chosen_fen=rule.min_fen), replace(case, amount_chosen_fen=highest)


def band_of(case: Case, schedule: Schedule) -> Band:
    """The band that *case* falls into. Raises Refused where no table fits."""
    table = choose_table(case, schedule.tables)
    return next(band for band in table.bands if band.holds(case.case_value_fen))


def close_jumps(case: Case, schedule: Schedule) -> Iterator[Jump]:
    """The jumps of which the case value is close: a guess may easily be on the other side."""
    if case.case_value_fen == 0:
        return
    table = choose_table(case, schedule.tables)
    for place in Asking(case, schedule, table).places():
        last, first = place.last_figure, place.first_figure
        if place.kind is not Kind.EDGE or place.way not in (Way.UP, Way.DOWN):
            continue
        near = abs(case.case_value_fen - last.value_fen) * CLOSE <= last.value_fen
        if near and last.reward_fen is not None and first.reward_fen is not None:
            yield Jump(last.value_fen, last.reward_fen, first.reward_fen)


def _more(case: Case, schedule: Schedule) -> bool:
    uplift = schedule.uplift
    if uplift is None or case.relation not in uplift.relations or case.case_value_fen == 0:
        return False
    return uplift.kind in ("add_rate_range", "discretionary") and uplift.value_max is None
