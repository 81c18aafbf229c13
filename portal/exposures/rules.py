"""What of a case record contradicts itself, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain

from portal.exposures.bases import bases
from portal.exposures.record import CaseRecord
from portal.exposures.values import Amounts, Month, Result, Source, SubjectKind
from portal.kernel.errors import NotFound, Refused
from portal.tips.amounts import amount_words
from portal.tips.catalogue import get

NEED_INSTITUTION = frozenset(
    {SubjectKind.HOSPITAL, SubjectKind.CLINIC, SubjectKind.PHARMACY, SubjectKind.AGENCY, SubjectKind.EMPLOYER}
)
"""Kinds of subject that are named in full."""
SUSPENSIONS = frozenset({Result.SUSPEND_SETTLEMENT, Result.SUSPEND_AGREEMENT})
"""Results that last for some months."""
LONGEST_MONTHS = 12
"""The longest of all suspensions of Regulation 735 (arts 38 and 41: at most a year)."""


def contradictions(amounts: Amounts) -> tuple[str, ...]:
    """What does not add up, a sentence each: base and multiple against the fine, parts against the whole."""
    return tuple(_arithmetic(amounts))


def faults(record: CaseRecord, today: date) -> tuple[str, ...]:
    """Everything that keeps a record from being kept, a sentence each; empty when it is whole."""
    checks = (_who(record), _when(record, today), _what(record), _arithmetic(record.amounts), _decided(record))
    return tuple(chain(*checks, _named(record)))


def check(record: CaseRecord, today: date) -> None:
    """Raise Refused ("bad_record") with every fault at once."""
    found = faults(record, today)
    if found:
        raise Refused("bad_record", " ".join(found))


def _arithmetic(sums: Amounts) -> Iterator[str]:
    base, tenths, fine = sums.fine_base_fen, sums.fine_tenths, sums.fine_fen
    if tenths and not base:
        yield "写了罚款的倍数，请把计算罚款的基数也写上。"
    if base and not tenths:
        yield "写了计算罚款的基数，请把倍数也写上；不按倍数算的，基数不填。"
    # A multiple with one decimal may leave a tenth of a fen: either neighbour is right.
    if base and tenths and abs(base * tenths - fine * 10) >= 10:
        right, multiple = amount_words(base * tenths // 10), times(tenths)
        yield f"基数 {amount_words(base)} 元的 {multiple} 倍是 {right} 元，罚款写的是 {amount_words(fine)} 元，请核对。"
    if base and sums.involved_fen and base > sums.involved_fen:
        yield "计算罚款的基数不能多于涉及的医保基金。"
    if sums.recovered_fen + sums.refused_fen > sums.involved_fen:
        yield "追回和拒付的合起来不能多于涉及的医保基金。"


def times(tenths: int) -> str:
    """A multiple that is kept in tenths, as it is written: ``2`` or ``1.5``."""
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def _who(record: CaseRecord) -> Iterator[str]:
    if record.subject in NEED_INSTITUTION and not record.institution:
        yield "请填写机构的全称。"
    if record.subject is SubjectKind.INSURED and record.institution:
        yield "违法的是参保人时，不写机构：接诊的机构不公开。"


def _when(record: CaseRecord, today: date) -> Iterator[str]:
    if record.began and record.ended and record.began > record.ended:
        yield "行为开始的月份晚于结束的月份。"
    if record.found_in and record.began and record.found_in < record.began:
        yield "发现的月份早于行为开始的月份。"
    this_month = Month(f"{today:%Y-%m}")
    if any(month and month > this_month for month in (record.found_in, record.began, record.ended)):
        yield "月份还没有到，请核对。"


def _what(record: CaseRecord) -> Iterator[str]:
    if not record.conducts:
        yield "请至少选一项违法行为。"
    if not all(_known_conduct(code) for code in record.conducts):
        yield "违法行为没有这个选项，请重新选择。"
    if not all(code in bases() for code in record.bases):
        yield "依据没有这个选项，请重新选择。"
    if not (record.bases or record.other_basis):
        yield "请写明依据：从列表里选，或者写在“其他依据”里。"
    if record.only_source and record.source is not Source.REPORT:
        yield "案源不是群众举报的，不能说举报是唯一的线索。"


def _known_conduct(code: str) -> bool:
    try:
        get(code)
    except NotFound:
        return False
    return True


def _decided(record: CaseRecord) -> Iterator[str]:
    decided = {one.result for one in record.results}
    sums = record.amounts
    if not decided:
        yield "请至少选一项处理结果。"
    if len(decided) != len(record.results):
        yield "同一项处理结果写了两次。"
    for result, fen, name in (
        (Result.FINE, sums.fine_fen, "罚款"),
        (Result.DAMAGES, sums.damages_fen, "违约金"),
        (Result.REFUSED, sums.refused_fen, "拒付"),
    ):
        if fen and result not in decided:
            yield f"写了{name}的金额，处理结果里没有选这一项。"
        if result in decided and not fen:
            yield f"处理结果里选了{name}，请写上金额。"
    for one in record.results:
        if one.result in SUSPENSIONS and not 1 <= one.months <= LONGEST_MONTHS:
            yield f"暂停联网结算、中止协议的，请写明几个月（1 到 {LONGEST_MONTHS}）。"
        if one.result not in SUSPENSIONS and one.months:
            yield "只有暂停联网结算和中止协议有月数。"


def _named(record: CaseRecord) -> Iterator[str]:
    if any(len("".join(name.split())) < 2 for name in record.names):
        yield "人员请写全名，至少两个字。"
    if len(set(record.names)) != len(record.names):
        yield "同一个名字写了两次。两个人同名的，只写一次。"
    free = [record.other_basis, *(one.role for one in record.points), *(one.title for one in record.people)]
    if any(name and name in text for name in record.names for text in free):
        yield "“其他依据”、记分人员的身份和职务里不能出现人名。"
    if any(one.people < 1 or one.points < 1 or not one.role for one in record.points):
        yield "记分请写明身份、人数和分数。"
