"""What was read and checked of a file, as one JSON object: docs/formats/fund-import.md. Pure."""

from __future__ import annotations

from portal.disclosures.checks import Check, check_all
from portal.disclosures.reading import Reading


def said_reading(reading: Reading) -> dict[str, object]:
    """``rows``: how many were accepted; ``errors``: row (0: the file), column, what to do; ``checks``: every one."""
    return {
        "rows": len(reading.lines),
        "errors": [{"row": one.row, "column": one.column, "message": one.message} for one in reading.errors],
        "checks": [said_check(one) for one in check_all(reading.figures)],
    }


def said_check(check: Check) -> dict[str, str]:
    """One check; sums are decimal strings in the unit of the figures."""
    names = ("name", "item", "computed", "published", "difference", "verdict")
    return {name: getattr(check, name) for name in names}
