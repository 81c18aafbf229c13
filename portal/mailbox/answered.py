"""Which letters of a reporter the office has answered, and when. Pure.

A letter is sealed: nobody but the two knows whether it asks anything. So each counts that does not itself answer a
question of the office, and whatever the office writes afterwards counts as its answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.mailbox.notices import NoticeKind

NO_ANSWER = frozenset(
    {
        NoticeKind.RECEIVED,
        NoticeKind.IDENTITY_SEALED,
        NoticeKind.IDENTITY_OPENED,
        NoticeKind.WITHDRAWN,
        NoticeKind.PRESSURE_REPORTED,
        NoticeKind.REWARD_OPENED,
        NoticeKind.REWARD_CLAIMED,
        NoticeKind.REWARD_RETURNED,
        NoticeKind.REWARD_PAID,
        NoticeKind.REWARD_FORFEITED,
        NoticeKind.REWARD_WAIVED,
        NoticeKind.REWARD_REVIEW_ASKED,
    }
)
"""Notices that the site posts by itself, or because of what the reporter did: nobody in the office wrote them."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter of one mailbox: from the reporter, or what kind of notice it is ("" for written words)."""

    day: date
    by_reporter: bool
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A letter that wanted an answer, and the day of the answer; None where there is none yet."""

    came: date
    answered: date | None


def turns(letters: Iterable[Sent]) -> list[Turn]:
    """The turns of one mailbox; *letters* in their order.

    Letters that follow each other without an answer between are one turn, which began with the first of them. The
    first letter after a question of the office answers it and begins none.
    """
    found: list[Turn] = []
    came: date | None = None
    asked = False
    for one in letters:
        if one.by_reporter:
            if asked:
                asked = False
            elif came is None:
                came = one.day
        elif one.notice not in NO_ANSWER:
            asked = one.notice == NoticeKind.QUESTION
            if came is not None:
                found.append(Turn(came, one.day))
                came = None
    return found if came is None else [*found, Turn(came, None)]
