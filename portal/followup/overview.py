"""What the first page behind the code shows, made from the opened report. No words of the report are in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.directory.models import Office
from portal.followup.outlook import DUTIES, LABELS, NEXT, STEPS, days_late, sentence
from portal.followup.queries import Holder, Reading
from portal.followup.rewardwords import trace_words
from portal.mailbox.facts import basis_words
from portal.mailbox.letters import OUT, OpenLetter
from portal.mailbox.notices import words
from portal.tips.models import Clock, TipEvent
from portal.tips.reporter import OwnView
from portal.tips.states import State
from portal.web.locale import gettext as _
from portal.web.locale import language, long_date


@dataclass(frozen=True, slots=True)
class Owed:
    """Something the office owes by a day. ``late``: days past it."""

    duty: str
    due: date
    basis: str
    provisional: bool
    paused: bool
    late: int


@dataclass(frozen=True, slots=True)
class Message:
    """A letter as the conversation shows it."""

    position: int
    mine: bool
    who: str
    day: date
    title: str
    paragraphs: Sequence[str] = field(repr=False)
    files: Sequence[Any] = field(repr=False)
    read: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The page: where the report stands, what is owed by when, who has it, what happened."""

    label: str
    kind: str
    sentence: str
    next: str
    owed: Sequence[Owed]
    office: str
    holders: Sequence[Holder]
    readings: Sequence[Reading]
    steps: Sequence[dict[str, str]]
    latest: Message | None


def office_name(office: Office | None) -> str:
    """The office's name in the reader's language."""
    if office is None:
        return str(_("办理单位"))
    return office.name_en if language() == "en" and office.name_en else office.name


def overview(view: OwnView, held_by: Sequence[Holder], read_by: Sequence[Reading], today: date) -> Overview:
    """Everything the first page says about *view* on a day."""
    state = State(view.tip.state)
    label, kind = LABELS[state]
    names = {holder.office.id: office_name(holder.office) for holder in held_by}
    owed = [_owed(clock, today) for clock in view.clocks if _is_shown(clock)]
    from_office = [letter for letter in view.letters if letter.row.direction == OUT]
    return Overview(
        str(label),
        kind,
        sentence(state),
        str(NEXT[state]),
        owed,
        office_name(view.office),
        held_by,
        read_by,
        [*_steps(view.events, names), *(_expected(one) for one in owed)],
        message(from_office[-1], office_name(view.office)) if from_office else None,
    )


def _is_shown(clock: Clock) -> bool:
    return clock.state in ("running", "paused") and clock.rule in DUTIES


def _owed(clock: Clock, today: date) -> Owed:
    paused = clock.state == "paused"
    late = 0 if paused else days_late(clock.due_on, today)
    return Owed(str(DUTIES[clock.rule]), clock.due_on, basis_words(clock.rule), clock.provisional, paused, late)


def _steps(events: Sequence[TipEvent], names: dict[Any, str]) -> list[dict[str, str]]:
    shown = [event for event in events if event.action in STEPS]
    last = len(shown) - 1
    return [
        {
            "title": str(STEPS[event.action]),
            "when": long_date(event.day),
            "text": names.get(event.office_id, ""),
            "state": "now" if index == last else "done",
        }
        for index, event in enumerate(shown)
    ]


def _expected(owed: Owed) -> dict[str, str]:
    when = _("期限暂停计算") if owed.paused else _("最迟 %(day)s", day=long_date(owed.due))
    return {"title": owed.duty, "when": when, "text": "", "state": "next"}


def message(letter: OpenLetter, office: str) -> Message:
    """One letter in words: the notice it carries, then what a person wrote."""
    row, body = letter.row, letter.body
    mine = row.direction != OUT
    title, paragraphs = words(body.notice, body.params) if body.notice else ("", ())
    said = (body.text,) if body.text else ()
    who = _("您") if mine else _("通知") if body.notice and not body.text else office
    both = (*said, *paragraphs, *trace_words(body))
    return Message(row.position, mine, who, row.day, title, both, body.files, row.read_by_office)
