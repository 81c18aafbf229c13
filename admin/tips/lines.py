"""The queue's rows as they are drawn: every word is chosen here, so that the template only prints. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from admin.tips import wording
from portal.kernel.values import Id

_DESTROYED = "（材料已销毁）"


class QueueLine(NamedTuple):
    """One report in the queue, in the order of its cells; the template takes it apart again."""

    number: str
    label: str  # of its box
    due_kind: str  # overdue, near or plain
    due: str
    provisional: bool
    left: str
    tag: str
    state: str
    what: str
    region: str
    office: str
    channel: str
    received: str
    person: str
    new_letter: bool
    pressured: bool
    withdrawn: bool
    named: bool
    attachments: int


def queue_lines(
    rows: Iterable[Any],
    people: Mapping[Id, str],
    with_letters: Collection[Id],
    offices: Mapping[Id, str],
    today: date,
) -> list[QueueLine]:
    """*rows* of :class:`admin.tips.queries.Page` in words; ``people`` and ``offices`` are names by id."""
    return [
        QueueLine(
            row.number,
            f"勾选 {row.number}",
            wording.due_kind(row.due_on, today),
            wording.due_day(row.due_on),
            row.provisional,
            wording.due_words(row.due_on, today),
            wording.state_tag(row.state),
            wording.state_words(row.state) + (_DESTROYED if row.destroyed_on else ""),
            wording.what_words(row.subject_type, row.conduct),
            wording.region_words(row.region, short=True),
            offices[row.office_id],
            wording.CHANNELS[row.channel],
            wording.age_words(row.received_on, today),
            people.get(row.assignee_id, "—"),
            row.id in with_letters,
            row.pressured,
            row.withdrawn_on is not None,
            row.named,
            row.attachments,
        )
        for row in rows
    ]
