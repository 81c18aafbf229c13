"""What a second person checks before a case is published, and why a draft is sent back. Pure.

The points of the legal check follow 行政处罚法 arts 48 and 50 (PP-46.1, PP-46.3) and the confidentiality of reports.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from portal.kernel.errors import Refused


class Point(StrEnum):
    """Points of the legal check. One of the two about appeal is chosen; all others are needed."""

    FINAL = "final"
    APPEAL_PASSED = "appeal-passed"
    APPEAL_NOT_NEEDED = "appeal-not-needed"
    PERSONAL = "personal"
    SECRETS = "secrets"
    MINORS = "minors"


APPEAL = (Point.APPEAL_PASSED, Point.APPEAL_NOT_NEEDED)
NEEDED = tuple(one for one in Point if one not in APPEAL)


class Return(StrEnum):
    """Why a draft goes back to the editor."""

    FACTS = "facts"
    PRIVACY = "privacy"
    REPORTER = "reporter"
    WORDING = "wording"
    LEGAL = "legal"
    OTHER = "other"


def checked(points: Iterable[str]) -> str:
    """The ticked points as they are kept, codes with commas between them. Refused ("check_missing") unless all that
    are needed are there and just one of the two about appeal."""
    given = set(points)
    if not set(NEEDED) <= given or len(given & set(APPEAL)) != 1 or not given <= set(Point):
        raise Refused("check_missing", "法制审核还没有做完，请逐项核对以后再批准。")
    return ",".join(one for one in Point if one in given)
