"""When a report may be destroyed. Pure: the schedule, the facts and the day come in, a verdict goes out.

Years are counted as the Civil Code says (articles 200 to 202): from the day after the end, to the day of the same
number in the last year; where that month has no such day, to its last day. Days are those of Beijing.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from portal.kernel.errors import Refused
from portal.mailbox.reasons import Closing
from portal.retention.values import Facts, Member, Outcome, Schedule, Verdict, Wait
from portal.tips.states import FINAL, TRANSITIONS, State

OPEN_DAYS = 30
"""How long a batch waits for the second person, in calendar days (a setting of ours, no law)."""

MOST_IN_BATCH = 500
"""Reports that one person can look over."""

ADVANCE_DAYS = 30
"""A new schedule comes into force this many days after its adoption at the earliest: who objects has time to say so."""

ENDING: frozenset[str] = frozenset(
    action.value for (before, action), after in TRANSITIONS.items() if after in FINAL and before not in FINAL
)
"""Steps of a report's history that end it. A correction afterwards does not begin its term anew."""

_UNDECIDED = frozenset({State.NOT_ACCEPTED, State.REDIRECTED, State.NOT_FILED})
_BY_STATE = {
    State.CLOSED: Outcome.CLOSED,
    State.NOT_FILED: Outcome.NOT_FILED,
    State.REFERRED: Outcome.REFERRED,
    State.NOT_ACCEPTED: Outcome.NOT_ACCEPTED,
    State.REDIRECTED: Outcome.REDIRECTED,
    State.MERGED: Outcome.MERGED,
}


def schedule_in_force(schedules: Iterable[Schedule], today: date) -> Schedule:
    """The one that came into force last. Raises Refused ("no_schedule") when none has."""
    begun = [one for one in schedules if one.in_force_from <= today]
    if not begun:
        raise Refused("no_schedule", "现在没有有效的保管期限表，不能销毁任何材料。")
    return max(begun, key=lambda one: (one.in_force_from, one.version))


def outcome_of(facts: Facts) -> Outcome | None:
    """How it ended; None while it has not."""
    if facts.withdrawn and facts.state in _UNDECIDED:
        return Outcome.WITHDRAWN
    if facts.state is State.CLOSED and facts.code == Closing.AGREEMENT_DONE:
        return Outcome.AGREEMENT
    return _BY_STATE.get(facts.state)


def kept_until(ended_on: date, years: int) -> date:
    """The last day on which it is kept: *years* calendar years after the day it ended."""
    year = ended_on.year + years
    return date(year, ended_on.month, min(ended_on.day, monthrange(year, ended_on.month)[1]))


def judge(members: Sequence[Facts], schedule: Schedule, today: date) -> Verdict:
    """Whether a report and all that were merged into it may be destroyed. The first of *members* is the main one.

    They stand and fall together: what keeps one keeps all. Raises Refused ("no_term") for an outcome without a term.
    """
    waits = frozenset[Wait]().union(*(one.waits for one in members))
    outcomes = [outcome_of(one) for one in members]
    main, head = members[0], outcomes[0]
    if head is None or head is Outcome.MERGED or main.ended_on is None or None in outcomes:
        return Verdict((), None, waits | {Wait.NOT_ENDED})
    term = schedule.term(head)
    until = kept_until(main.ended_on, term.years)
    if today <= until:
        waits |= {Wait.TERM}
    found = (Member(one, outcome, term.rule) for one, outcome in zip(members, outcomes, strict=True) if outcome)
    return Verdict(tuple(found), until, waits)


def received_before(state: State, schedule: Schedule, today: date) -> date | None:
    """What ended in *state* can be due only when it was received before this day; None: nothing of that state can."""
    years = [schedule.terms[outcome].years for outcome in _outcomes_of(state) if outcome in schedule.terms]
    if not years:
        return None
    year = today.year - min(years)
    leap_day = (today.month, today.day) == (2, 29)
    return date(year, 3, 1) if leap_day else today.replace(year=year)


def _outcomes_of(state: State) -> Collection[Outcome]:
    """What a report that ended in *state* may have come to."""
    found = [_BY_STATE[state]] if state in _BY_STATE else []
    found += [Outcome.WITHDRAWN] if state in _UNDECIDED else []
    return found + ([Outcome.AGREEMENT] if state is State.CLOSED else [])


def digest_of(office: str, schedule: str, items: Iterable[tuple[str, str, str, str]]) -> str:
    """SHA-256, in hex, of what is proposed: office, schedule, and for each report its id, outcome, rule and last day.

    The order of *items* does not matter.
    """
    lines = [f"mingjing/shred-batch/1\n{office}\n{schedule}\n", *sorted(" ".join(item) + "\n" for item in items)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
