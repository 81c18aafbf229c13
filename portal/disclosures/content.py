"""The canonical lines of figures, whose SHA-256 stands in the book: anybody can compute it from the data. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from portal.disclosures.values import Figure


def canonical(figures: Iterable[Figure]) -> bytes:
    """One JSON object a line, keys sorted, in the order of the codes (docs/formats/fund-data.md)."""
    lines = sorted((one.series.code, _line(one)) for one in figures)
    return "".join(line + "\n" for _code, line in lines).encode()


def digest(figures: Iterable[Figure]) -> str:
    """SHA-256 of the canonical lines, hex."""
    return hashlib.sha256(canonical(figures)).hexdigest()


def _line(one: Figure) -> str:
    series = one.series
    said = {
        "code": series.code,
        "region": series.region,
        "place": series.place,
        "pooling": series.pooling.value,
        "fund": series.fund,
        "measure": series.measure,
        "start": series.period.start.isoformat(),
        "end": series.period.end.isoformat(),
        "cumulative": series.period.cumulative,
        "inferred": series.period.inferred,
        "edition": series.edition,
        "restated": series.restated,
        "amount": one.amount,
        "unit": one.unit,
        "source": one.source,
        "source_url": one.source_url,
        "source_day": one.source_day.isoformat() if one.source_day else "",
        "confidence": one.confidence.value,
        "note": one.note,
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
