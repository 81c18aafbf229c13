"""The paragraph of a case, proposed from its record in the usual pattern of official bulletins. Pure.

Written from structured facts alone, to the month, people in the one style (姓+某, numbered when surnames repeat), and
never from a report's words. An editor writes on from here.
"""

from __future__ import annotations

from collections.abc import Sequence

from portal.directory.regions import regions
from portal.exposures.bases import bases
from portal.exposures.content import CaseContent, Withheld
from portal.exposures.record import CaseRecord, Method
from portal.exposures.redaction.masking import mask_of, masks
from portal.exposures.redaction.values import Kind, Span
from portal.exposures.rules import times
from portal.exposures.values import Decided, Manner, Person, Referral, Result, Source, SubjectKind
from portal.kernel.values import Fen
from portal.tips.amounts import amount_words
from portal.tips.catalogue import get

_LED = {
    Source.REPORT: "根据群众举报线索",
    Source.BIG_DATA: "根据大数据筛查线索",
    Source.TRACE_CODE: "根据药品追溯码疑点线索",
    Source.JOINT: "在部门联合检查中",
    Source.REFERRED: "根据有关部门移交的线索",
    Source.INSPECTION: "在监督检查中",
}
_WAYS = {
    Method.ON_SITE: "现场检查",
    Method.PAPERS: "查阅病历和票据",
    Method.DATA: "数据比对",
    Method.TALKS: "询问有关人员",
    Method.GOODS: "核对药品进销存",
}
_CASES = {
    Manner.FRAUD: "骗取医保基金案",
    Manner.OVER_TREATMENT: "过度诊疗案",
    Manner.CHARGING: "违规收费案",
    Manner.MANAGEMENT: "违反医保基金管理规定案",
}
_THEY = {
    SubjectKind.HOSPITAL: "该院",
    SubjectKind.CLINIC: "该机构",
    SubjectKind.PHARMACY: "该药店",
    SubjectKind.AGENCY: "该机构",
    SubjectKind.EMPLOYER: "该单位",
}
_TOLD = {
    Referral.POLICE: "公安机关",
    Referral.HEALTH: "卫生健康部门",
    Referral.MARKET: "市场监督管理部门",
    Referral.DRUG: "药品监督管理部门",
    Referral.TAX: "税务部门",
    Referral.DISCIPLINE: "纪检监察机关",
    Referral.PROCURATOR: "检察机关",
}
Facts = CaseRecord | CaseContent
"""What the words of a case are made from: inside the record, outside what was published."""
_AGENCY = frozenset({Result.DAMAGES, Result.REFUSED, Result.SUSPEND_AGREEMENT, Result.END_AGREEMENT})
"""What the agency does under the service agreement; everything else is the administration's."""


def propose(record: CaseRecord, office_name: str, invented: bool = False) -> CaseContent:
    """What could be published of *record*. ``invented``: a case of the demonstration, which says so."""
    shown = masked(record.offenders)
    parts = (_found(record, office_name, shown), _facts(record, shown), _decision(record, office_name), _rest(record))
    return CaseContent(
        title=_title(record, shown),
        paragraphs=tuple(one for one in parts if one),
        office=office_name,
        region=record.region,
        source=record.source,
        subject=record.subject,
        ownership=record.ownership,
        size=record.size,
        manner=record.manner,
        institution=record.institution,
        conducts=record.conducts,
        found_in=record.found_in,
        began=record.began,
        ended=record.ended,
        amounts=record.amounts,
        bases=_bases(record),
        results=record.results,
        referrals=record.referrals,
        points=record.points,
        withheld=(Withheld(Kind.NAME.value, len(shown)),) if shown else (),
        invented=invented,
    )


def masked(people: Sequence[Person]) -> tuple[str, ...]:
    """Each person as they are printed, in the one style of :mod:`portal.exposures.redaction.masking`."""
    spans = [Span(0, len(one.name), Kind.NAME, one.name.strip()) for one in people]
    made = masks("", spans)
    return tuple(mask_of(span, made) for span in spans)


def _title(record: CaseRecord, shown: Sequence[str]) -> str:
    return f"{place(record)}{_who(record, shown)}{_CASES[record.manner]}"


def place(record: Facts) -> str:
    """The region down to what the institution's own name begins with."""
    before = ""
    for name in regions().path(record.region):
        short = name[:-1] if len(name) > 2 else name
        if record.institution.startswith((name, short)):
            break
        before += name
    return before


def _who(record: CaseRecord, shown: Sequence[str]) -> str:
    several = f"{shown[0]}等" if len(shown) > 1 else "".join(shown)
    if record.subject is SubjectKind.INSURED:
        return f"参保人{several}" if shown else "一名参保人"
    if record.subject is SubjectKind.STAFF:
        return f"{record.institution}工作人员{several}"
    if record.institution:
        return record.institution
    return several or "有关单位和个人"


def _found(record: CaseRecord, office: str, shown: Sequence[str]) -> str:
    when = f"{record.found_in.zh}，" if record.found_in else ""
    led = f"{_LED[record.source]}，" if record.source in _LED else ""
    ways = "、".join(_WAYS[one] for one in record.methods)
    how = f"通过{ways}，" if ways else "经核查，"
    return f"{when}{office}{led}{how}查实{_who(record, shown)}违反医疗保障基金使用规定。"


def _facts(record: CaseRecord, shown: Sequence[str]) -> str:
    who = _THEY.get(record.subject) or ("、".join(shown) if shown else "当事人")
    done = "；".join(get(code).legal for code in record.conducts)
    cost = record.amounts.involved_fen
    text = f"经查，{period(record)}{who}存在下列行为：{done}。{f'涉及医保基金{_yuan(cost)}。' if cost else ''}"
    titled = [f"{one.title}{name}" for one, name in zip(record.offenders, shown, strict=True) if one.title]
    responsible = "、".join(titled)
    return f"{text}相关责任人：{responsible}。" if titled else text


def period(record: Facts) -> str:
    """The months of the conduct with a comma behind them; "" when none is stated."""
    if record.began and record.ended and record.began != record.ended:
        return f"{record.began.zh}至{record.ended.zh}，"
    if record.began and not record.ended:
        return f"{record.began.zh}起，"
    return f"{record.ended.zh}，" if record.ended else ""


def _bases(record: CaseRecord) -> tuple[str, ...]:
    listed = tuple(bases()[code].zh for code in record.bases)
    free = record.other_basis.strip().rstrip("。；，、,. ")
    return (*listed, free) if free else listed


def _decision(record: CaseRecord, office: str) -> str:
    """Both actors (两个主体): the administration by the law, the agency by the agreement."""
    administration = [one for one in record.results if one.result not in _AGENCY]
    agency = [one for one in record.results if one.result in _AGENCY]
    law = "、".join(_bases(record))
    said = []
    if administration:
        said.append(f"{office}{f'依据{law}，' if law else ''}作出以下处理：{_listed(record, administration)}。")
    if agency:
        by = f"依据{law}和服务协议，" if law and not administration else "按照服务协议，"
        said.append(f"医保经办机构{by}作出以下处理：{_listed(record, agency)}。")
    return "".join(said)


def _listed(record: CaseRecord, decided: Sequence[Decided]) -> str:
    words = [result_words(record, one) for one in decided]
    return words[0] if len(words) == 1 else "；".join(f"{n}.{one}" for n, one in enumerate(words, 1))


def result_words(record: Facts, one: Decided) -> str:
    """One result with its sum: 责令退回医保基金5万元."""
    sums = record.amounts
    back = sums.involved_fen if not sums.refused_fen else Fen(0)  # what was refused was never paid
    words = {
        Result.RETURN: f"责令退回医保基金{_yuan(back)}",
        Result.FINE: _fine(record),
        Result.DAMAGES: f"收取违约金{_yuan(sums.damages_fen)}",
        Result.REFUSED: f"拒付违规费用{_yuan(sums.refused_fen)}",
        Result.WARNING: "给予警告",
        Result.TALK: "约谈有关负责人",
        Result.SUSPEND_SETTLEMENT: f"暂停医疗费用联网结算{one.months}个月",
        Result.SUSPEND_AGREEMENT: f"中止医保服务协议{one.months}个月",
        Result.END_AGREEMENT: "解除医保服务协议",
        Result.RECTIFY: "责令改正",
    }
    return words[one.result]


def _fine(record: Facts) -> str:
    sums = record.amounts
    if not sums.fine_tenths:
        return f"罚款{_yuan(sums.fine_fen)}"
    base = "骗取金额" if record.manner is Manner.FRAUD else "造成损失金额"
    if sums.fine_base_fen != sums.involved_fen:
        base = f"{base}{_yuan(sums.fine_base_fen)}"
    return f"处{base}{times(sums.fine_tenths)}倍罚款{_yuan(sums.fine_fen)}"


def _rest(record: CaseRecord) -> str:
    said = []
    if record.referrals:
        said.append(f"有关线索已移送{'、'.join(_TOLD[one] for one in record.referrals)}。")
    if record.points:
        each = (f"对{one.people}名{one.role}{'各' if one.people > 1 else ''}记{one.points}分" for one in record.points)
        said.append(f"按照医保支付资格管理规定，{'，'.join(each)}。")
    back, lost = record.amounts.recovered_fen, record.amounts.involved_fen - record.amounts.refused_fen
    if back and back >= lost:
        said.append("目前，应当退回的医保基金已全部追回。")
    elif back:
        said.append(f"目前，已追回医保基金{_yuan(back)}，其余正在追缴。")
    return "".join(said)


def _yuan(fen: int) -> str:
    """``52300.50元``; nothing for a sum that is not stated."""
    return f"{amount_words(fen)}元" if fen else ""
