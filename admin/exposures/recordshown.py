"""A case record in rows of words, for the pages that show one."""

from __future__ import annotations

from admin.exposures.recordforms import MARKS, METHODS, SUMS
from portal.directory.regions import regions
from portal.exposures import wording as w
from portal.exposures.bases import bases
from portal.exposures.record import CaseRecord
from portal.exposures.rules import times
from portal.tips.amounts import amount_words
from portal.tips.catalogue import get

Row = dict[str, object]


def rows(record: CaseRecord) -> list[Row]:
    """Label and value of everything that was filled in; several lines as a list."""
    period = [month.text if month else "不清楚" for month in (record.began, record.ended)]
    results = [f"{w.RESULTS[one.result]}{f'（{one.months} 个月）' if one.months else ''}" for one in record.results]
    given: list[tuple[str, object]] = [
        ("地区", "".join(regions().path(record.region))),
        ("案源", str(w.SOURCES[record.source])),
        ("发现的月份", record.found_in.text if record.found_in else ""),
        ("怎样查实的", [METHODS[one] for one in record.methods]),
        ("违法的是谁", [str(w.SUBJECTS[record.subject]), *filter(None, [record.institution])]),
        ("性质、规模", f"{w.OWNERSHIPS[record.ownership]}，{w.SIZES[record.size]}"),
        ("违法的类型", str(w.MANNERS[record.manner])),
        ("违法行为", [get(code).legal for code in record.conducts]),
        ("起止月份", f"{period[0]} 至 {period[1]}" if record.began or record.ended else ""),
        ("金额", _sums(record)),
        ("依据", [*(bases()[code].zh for code in record.bases), *filter(None, [record.other_basis])]),
        ("处理结果", results),
        ("移送", [str(w.REFERRALS[one]) for one in record.referrals]),
        ("记分", [f"{one.role} {one.people} 人，每人 {one.points} 分" for one in record.points]),
        (
            "案件里的人",
            [f"{one.name}（{w.PARTS[one.part]}{f'，{one.title}' if one.title else ''}）" for one in record.people],
        ),
        ("可能知情的人数", str(record.could_know) if record.could_know else ""),
        ("有没有这些情况", [words for name, words in MARKS.items() if getattr(record, name)]),
    ]
    return [{"key": key, "value": value} for key, value in given if value]


def _sums(record: CaseRecord) -> list[str]:
    sums = [(words, getattr(record.amounts, name)) for name, words in SUMS.items()]
    found = [f"{words} {amount_words(fen, grouped=True)} 元" for words, fen in sums if fen]
    return [*found, f"罚款的倍数 {times(record.amounts.fine_tenths)}"] if record.amounts.fine_tenths else found
