"""What a citizen is told of a fund first, in sentences: what came in, what went out, what is left and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.disclosures import telling
from portal.disclosures.overview import Head
from portal.disclosures.periods import whole_months
from portal.disclosures.ratios import Ratio
from portal.disclosures.telling import ratio_words
from portal.disclosures.vocabulary import vocabulary
from portal.web.locale import month_words, sentence


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for a page, its sums strong, and the figures that it was made of."""

    text: Markup
    codes: tuple[str, ...]


def sentences(place: str, head: Head) -> Iterator[Sentence]:
    """What came in and went out, and what is left; a part that is not told is left out."""
    words = {"place": place, "period": telling.period_words(head.period), "fund": telling.fund_words(head.fund)}
    if head.income and head.expenditure:
        came, went = _strong(telling.amount_words(head.income)), _strong(telling.amount_words(head.expenditure))
        text = sentence("%(period)s，%(place)s %(fund)s 收入 %(came)s，支出 %(went)s。", **words, came=came, went=went)
        codes: tuple[str, ...] = (head.income.series.code, head.expenditure.series.code)
        if head.over is not None:
            unit = vocabulary().units[head.income.unit]
            over = telling.sum_words(abs(head.over), unit)
            more, less = sentence("收入比支出多 %(over)s。", over=over), sentence("支出比收入多 %(over)s。", over=over)
            text += more if head.over >= 0 else less
        yield Sentence(text, codes)
    if head.left is not None:
        said = {"fund": telling.fund_words(head.left_fund), "left": _strong(telling.amount_words(head.left))}
        if whole_months(head.period):
            month = month_words(head.period.end.isoformat()[:7])
            text = sentence("到%(month)s末，%(fund)s 累计结存 %(left)s。", month=month, **said)
        else:
            text = sentence("到期末，%(fund)s 累计结存 %(left)s。", **said)
        if isinstance(head.months, Ratio):
            months = _strong(ratio_words(head.months))
            text += sentence("照这一期的支出，够用大约 %(months)s。", months=months)
            yield Sentence(text, head.months.codes)
        else:
            yield Sentence(text, (head.left.series.code,))


def _strong(words: str) -> Markup:
    return Markup("<strong>{}</strong>").format(words)


def last_left(heads: Sequence[Head], course: Sequence[Head]) -> Iterator[Sentence]:
    """Where nothing says what is left: what an earlier year says of it, as that year's."""
    if not heads or any(head.left is not None for head in heads):
        return
    end = heads[0].period.end
    known = [
        head for head in course if head.period.end < end and head.left is not None and head.left.number is not None
    ]
    for head in known[-1:]:
        period, before = (telling.period_words(one.period) for one in (heads[0], head))
        text = sentence("%(period)s的累计结存没有公布，最近公布的是%(before)s的。", period=period, before=before)
        for said in list(sentences("", head))[-1:]:
            yield Sentence(text + said.text, said.codes)
