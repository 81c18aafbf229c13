"""What the home page says of the fund: the newest figures of the site's region, in sentences."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.disclosures import queries, telling
from portal.disclosures.overview import HEADS, MAIN, funds_of, heads, main_period, standing
from portal.disclosures.saying import Sentence, sentences
from portal.disclosures.values import COUNTRY


def latest_sentences(session: Session, region: str) -> list[Sentence]:
    """Of *region*, else of the whole country; none when nothing is published."""
    place = queries.place(session, region) or queries.place(session, COUNTRY)
    if place is None:
        return []
    found = queries.current(session, place.region, [place.last_year], funds=funds_of(HEADS), measures=MAIN)
    level, own = standing([one for one in found if one.series.confirmed])
    period = main_period(own)
    name = telling.level_words(place.region, level)
    return [one for head in heads(own, period) for one in sentences(name, head)] if period else []
