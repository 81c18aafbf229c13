"""The forms of a case record and of the severity gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from admin.exposures.recording import WHY_LIMIT
from admin.tips.casework import WORDS_LIMIT
from portal.directory.regions import regions
from portal.exposures import wording as w
from portal.exposures.bases import offered
from portal.exposures.gates import rules_in_force
from portal.exposures.record import CaseRecord, Method
from portal.exposures.rules import times
from portal.exposures.values import (
    Amounts,
    Decided,
    Manner,
    Month,
    Ownership,
    Person,
    Points,
    Referral,
    Result,
    Size,
    Source,
    SubjectKind,
)
from portal.kernel.clock import today
from portal.kernel.errors import Refused
from portal.kernel.values import Fen
from portal.tips.amounts import amount_words, parse_exact
from portal.tips.catalogue import GROUPS, conducts_for
from portal.tips.values import SubjectType
from portal.web.fields import options

METHODS: Mapping[Method, str] = {
    Method.ON_SITE: "现场检查",
    Method.PAPERS: "查阅病历和票据",
    Method.DATA: "数据比对",
    Method.TALKS: "询问有关人员",
    Method.GOODS: "核对药品进销存",
}
SUMS: Mapping[str, str] = {
    "involved_fen": "涉及的医保基金",
    "fine_base_fen": "计算罚款的基数",
    "fine_fen": "罚款",
    "damages_fen": "违约金",
    "refused_fen": "拒付",
    "recovered_fen": "已经追回",
}
MARKS: Mapping[str, str] = {
    "only_source": "举报是唯一的线索",
    "recognisable": "公开以后，有人能认出举报人",
    "minor": "涉及未成年人",
    "pending": "正在复议或者诉讼",
    "repeated": "屡教不改",
    "widespread": "问题普遍存在",
}
_CHOOSE = "请选择一项"
_PARTS = {str(words): part for part, words in w.PARTS.items()}


def _exact(_form: Any, field: Any) -> None:
    try:
        parse_exact(field.data or "")
    except Refused as refused:
        raise ValidationError(refused.message) from refused


def _month(_form: Any, field: Any) -> None:
    try:
        _read_month(field.data)
    except Refused as refused:
        raise ValidationError(refused.message) from refused


def _read_month(text: str | None) -> Month | None:
    return Month(text.strip()) if text and text.strip() else None


def _pick(label: str, words: Mapping[Any, Any]) -> SelectField:
    return SelectField(label, [InputRequired(_CHOOSE)], choices=options(words.items(), empty="请选择"))


def _ticks(label: str, words: Mapping[Any, Any]) -> SelectMultipleField:
    return SelectMultipleField(label, choices=options(words.items()))


def _sum(name: str, description: str = "") -> StringField:
    return StringField(SUMS[name], [Optional(), _exact], description=description)


def _months(label: str) -> IntegerField:
    return IntegerField(label, [Optional(), NumberRange(1, 12, "请写 1 到 12")])


def _conducts() -> list[SelectChoice]:
    found = conducts_for(SubjectType.UNKNOWN, today())
    return options(((one.code, f"{GROUPS[one.group][0]}：{one.legal}") for one in found), empty="请选择")


class CaseRecordForm(FlaskForm):
    """The structured outcome, as typed; months as 2026-03, sums in yuan, one person and one kind of points a line."""

    region = StringField("地区", [InputRequired("请填写地区")], description="写到区县，例如：南京 秦淮。")
    source = _pick("案源", w.SOURCES)
    found_in = StringField("发现的月份", [Optional(), _month], description="如 2026-03")
    methods = _ticks("怎样查实的", METHODS)
    subject = _pick("违法的是谁", w.SUBJECTS)
    institution = StringField(
        "机构全称", [Optional(), Length(max=200)], description="输入几个字，从名录里选。违法的是参保人时不填。"
    )
    ownership = _pick("性质", w.OWNERSHIPS)
    size = _pick("规模", w.SIZES)
    manner = _pick("违法的类型", w.MANNERS)
    conducts = SelectMultipleField("违法行为", choices=_conducts)  # one list of choices for each, see `rows`
    began = StringField("开始的月份", [Optional(), _month], description="如 2025-03")
    ended = StringField("结束的月份", [Optional(), _month], description="如 2025-08")
    involved_fen = _sum("involved_fen")
    fine_base_fen = _sum("fine_base_fen")
    fine_times = StringField("罚款的倍数", [Optional()], description="如 2 或者 1.5；不按倍数的不填。")
    fine_fen = _sum("fine_fen")
    damages_fen = _sum("damages_fen")
    refused_fen = _sum("refused_fen")
    recovered_fen = _sum("recovered_fen")
    bases = SelectMultipleField("依据", choices=lambda: options((one.code, one.zh) for one in offered(today())))
    other_basis = StringField("其他依据", [Optional(), Length(max=200)])
    results = _ticks("处理结果", w.RESULTS)
    settlement_months = _months("暂停联网结算几个月")
    agreement_months = _months("中止协议几个月")
    referrals = _ticks("移送", w.REFERRALS)
    points = TextAreaField(
        "医保支付资格记分", [Optional(), Length(max=500)], description="一行一类：身份 人数 每人分数，例如：医师 2 6"
    )
    people = TextAreaField(
        "案件里的人",
        [Optional(), Length(max=2000)],
        description="一行一人：姓名 身份 职务。身份写：违法当事人、患者、证人或者其他人；职务只写违法当事人的。"
        "姓名只用来遮盖，不会公开。不要写举报人。",
    )
    could_know = IntegerField(
        "大约有多少人可能知道举报的内容",
        [Optional(), NumberRange(0, 100_000, "请写人数")],
        description="不清楚就不填。",
    )
    marks = _ticks("有没有下面的情况", MARKS)
    why = TextAreaField("更正的理由", [Optional(), Length(max=WHY_LIMIT)])

    def show(self, record: CaseRecord) -> None:
        """Fill in what stands already."""
        for name in ("region", "institution", "other_basis"):
            self[name].data = getattr(record, name)
        for name in ("source", "subject", "ownership", "size", "manner"):
            self[name].data = getattr(record, name).value
        for name in ("found_in", "began", "ended"):
            month = getattr(record, name)
            self[name].data = month.text if month else ""
        self.conducts.data = list(record.conducts)
        for name in SUMS:
            fen = getattr(record.amounts, name)
            self[name].data = amount_words(fen) if fen else ""
        self.fine_times.data = times(record.amounts.fine_tenths) if record.amounts.fine_tenths else ""
        self.methods.data = [one.value for one in record.methods]
        self.bases.data, self.referrals.data = list(record.bases), [one.value for one in record.referrals]
        self.results.data = [one.result.value for one in record.results]
        months = {one.result: one.months for one in record.results}
        self.settlement_months.data = months.get(Result.SUSPEND_SETTLEMENT) or None
        self.agreement_months.data = months.get(Result.SUSPEND_AGREEMENT) or None
        self.points.data = "\n".join(f"{one.role} {one.people} {one.points}" for one in record.points)
        self.people.data = "\n".join(f"{one.name} {w.PARTS[one.part]} {one.title}".strip() for one in record.people)
        self.could_know.data = record.could_know or None
        self.marks.data = [name for name in MARKS if getattr(record, name)]

    def to_record(self) -> CaseRecord:
        """What was typed. Refused when a line or a figure cannot be read; what contradicts itself is the verb's."""
        ticked = set(self.marks.data or ())
        return CaseRecord(
            region=self._region(),
            source=Source(self.source.data),
            found_in=_read_month(self.found_in.data),
            methods=tuple(Method(one) for one in self.methods.data or ()),
            subject=SubjectKind(self.subject.data),
            ownership=Ownership(self.ownership.data),
            size=Size(self.size.data),
            manner=Manner(self.manner.data),
            institution=(self.institution.data or "").strip(),
            conducts=tuple(dict.fromkeys(filter(None, self.conducts.data or ()))),
            began=_read_month(self.began.data),
            ended=_read_month(self.ended.data),
            amounts=Amounts(
                **{name: parse_exact(self[name].data or "") or Fen(0) for name in SUMS}, fine_tenths=self._tenths()
            ),
            bases=tuple(self.bases.data or ()),
            other_basis=(self.other_basis.data or "").strip(),
            results=tuple(self._results()),
            referrals=tuple(Referral(one) for one in self.referrals.data or ()),
            points=tuple(_points(self.points.data or "")),
            people=tuple(_people(self.people.data or "")),
            could_know=self.could_know.data or 0,
            **{name: name in ticked for name in MARKS},
        )

    @property
    def rows(self) -> list[str]:
        """What stands in each list of conducts: those that were chosen, then empty ones, three at least."""
        chosen = [one for one in self.conducts.data or () if one]
        return [*chosen, *[""] * max(1, 3 - len(chosen))]

    def _region(self) -> str:
        typed = (self.region.data or "").strip()
        if typed in regions():
            return typed
        found = next(iter(regions().search(typed, 1)), None)
        if found is None:
            raise Refused("unknown_region", "没有认出这个地区，请写省市区的名称，或者从提示里选。")
        return found.code

    def _tenths(self) -> int:
        typed = (self.fine_times.data or "").strip()
        whole, _, part = typed.partition(".")
        if not typed:
            return 0
        if not (whole.isascii() and whole.isdigit() and len(whole) < 3) or (part and part not in "0123456789"):
            raise Refused("bad_multiple", "罚款的倍数请写 2 或者 1.5 这样，最多一位小数。")
        return int(whole) * 10 + int(part or 0)

    def _results(self) -> Iterable[Decided]:
        months = {
            Result.SUSPEND_SETTLEMENT: self.settlement_months.data or 0,
            Result.SUSPEND_AGREEMENT: self.agreement_months.data or 0,
        }
        return [Decided(Result(one), months.get(Result(one), 0)) for one in self.results.data or ()]


def _points(text: str) -> Iterable[Points]:
    for line in filter(None, map(str.split, text.splitlines())):
        if len(line) != 3 or not all(one.isascii() and one.isdigit() and len(one) < 4 for one in line[1:]):
            raise Refused("bad_points", "记分请一行写一类：身份 人数 每人分数，例如：医师 2 6")
        yield Points(line[0], int(line[1]), int(line[2]))


def _people(text: str) -> Iterable[Person]:
    for line in filter(None, map(str.split, text.splitlines())):
        place = next((at for at, word in enumerate(line) if word in _PARTS), 0)
        if not place:
            raise Refused("bad_person", "人员请一行写一人：姓名 身份 职务。身份写违法当事人、患者、证人或者其他人。")
        yield Person(" ".join(line[:place]), _PARTS[line[place]], " ".join(line[place + 1 :]))


def _rules() -> list[SelectChoice]:
    found = rules_in_force(today())
    return options(((one.id, f"{w.TREATMENTS[one.treatment]}：{one.words}") for one in found), empty="请选择")


class GateForm(FlaskForm):
    """What becomes of a closed case, by which rule, and why."""

    treatment = RadioField("怎样处置", [InputRequired(_CHOOSE)], choices=options(w.TREATMENTS.items()))
    rule = SelectField("按照哪一条", [InputRequired(_CHOOSE)], choices=_rules)
    words = TextAreaField("理由", [InputRequired("请填写理由"), Length(max=WORDS_LIMIT)])
