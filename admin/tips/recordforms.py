"""One page for a report that came by telephone, e-mail, fax, post or visit: typed as it is heard, by keyboard alone."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from admin.tips import wording
from crypto.receipts import ReceiptSecrets
from portal.attachments.values import FileEntry
from portal.directory.regions import Region, regions
from portal.kernel.clock import today
from portal.kernel.values import Id
from portal.tips.amounts import parse_amount
from portal.tips.catalogue import conducts_for
from portal.tips.intake import Submission
from portal.tips.values import (
    LIMITS,
    AnswerWay,
    Channel,
    Identity,
    KnownAs,
    Month,
    Relation,
    Report,
    SubjectType,
    check_period,
)
from portal.web.fields import options

_CHOOSE = _l("请选择一项")
_CHANNELS = [channel for channel in Channel if channel is not Channel.WEB]


def _line(label: Any, limit: str, description: Any = "") -> StringField:
    return StringField(label, [Optional(), Length(max=LIMITS[limit])], description=description)


def _area(label: Any, limit: str, *checks: Any) -> TextAreaField:
    return TextAreaField(label, [*(checks or (Optional(),)), Length(max=LIMITS[limit])])


class RecordForm(FlaskForm):
    """What was reported, by whom if they said so, and how the answer goes back."""

    channel = RadioField(_l("来源"), [InputRequired(_CHOOSE)])
    words = _area(_l("原话记录"), "words", InputRequired(_l("请照原话记下反映的内容")))
    subject_type = RadioField(_l("举报对象"), default=SubjectType.UNKNOWN.value)
    target = _line(_l("名称"), "target", _l("输入几个字，从名录里选；名录里没有的照写。"))
    target_address = _line(_l("地址"), "target_address")
    conduct = SelectField(_l("主要问题"), validate_choice=True)
    region = StringField(_l("发生地区"), [Optional()], description=_l("写到区县，例如：南京 鼓楼。不清楚就不填。"))
    place = _line(_l("具体地点"), "place")
    period_from = StringField(_l("开始月份，如 2026-06"), [Optional()])
    period_to = StringField(_l("结束月份"), [Optional()])
    persons = _area(_l("涉及的人"), "persons")
    amount = StringField(_l("估计金额（元）"), [Optional()])
    how_known = _area(_l("怎么知道的"), "how_known")
    earlier_reports = _area(_l("以前的反映"), "earlier_reports")
    under_14 = BooleanField(_l("举报人未满十四周岁，监护人已同意"))
    file = MultipleFileField(_l("原件：来信、传真、录音或者其他文件"))
    known_as = RadioField(_l("是否留姓名"), [InputRequired(_CHOOSE)])
    name = _line(_l("姓名"), "name")
    id_number = _line(_l("证件号码"), "id_number")
    phone = _line(_l("电话"), "phone")
    email = _line(_l("电子邮箱"), "email")
    address = _line(_l("通信地址"), "address")
    relation = SelectField(_l("与举报对象的关系"), default=Relation.PUBLIC.value)
    wants_reward = BooleanField(_l("希望领取举报奖励"))
    answer_way = RadioField(_l("怎样答复"), [InputRequired(_CHOOSE)])

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.channel.choices = options((one.value, wording.CHANNELS[one]) for one in _CHANNELS)
        self.subject_type.choices = options((one.value, words) for one, words in _subjects())
        self.conduct.choices = options(_conducts(), empty=gettext("不清楚，或者都不像"))
        self.known_as.choices = options(
            [
                (KnownAs.NO_NAME.value, gettext("不留姓名")),
                (KnownAs.NAMED.value, gettext("留姓名，单独封存")),
                (KnownAs.LATER.value, gettext("以后再决定")),
            ]
        )
        self.relation.choices = options((one.value, words) for one, words in _RELATIONS.items())
        self.answer_way.choices = options(
            [
                (AnswerWay.CODE.value, gettext("给回执码，当面或者当时念给举报人")),
                (AnswerWay.CALLBACK.value, gettext("回电")),
                (AnswerWay.LETTER.value, gettext("回信")),
                (AnswerWay.NONE.value, gettext("不需要答复")),
            ]
        )

    def validate_region(self, field: Any) -> None:
        """Exactly one division, by code or by name."""
        if field.data and self.found_region() is None:
            raise ValidationError(gettext("没有认出这个地区，请写省市区的名称，或者从提示里选；不清楚就不填"))

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields, and what one answer makes another need."""
        fine = bool(super().validate(extra_validators))
        needed = [
            (self.known_as.data == KnownAs.NAMED, self.name, gettext("选择留姓名时请填写姓名")),
            (self.answer_way.data == AnswerWay.CALLBACK, self.phone, gettext("选择回电时请填写电话")),
            (self.answer_way.data == AnswerWay.LETTER, self.address, gettext("选择回信时请填写通信地址")),
        ]
        for asked, one, words in needed:
            if asked and not (one.data or "").strip():
                one.errors = [*one.errors, words]
                fine = False
        return fine

    def found_region(self) -> Region | None:
        """The division that was typed; None for nothing, or for what names none."""
        typed = (self.region.data or "").strip()
        if not typed:
            return None
        if typed in regions():
            return regions().get(typed)
        return next(iter(regions().search(typed, 1)), None)

    def to_submission(self, tip_id: Id, files: tuple[FileEntry, ...], secrets: ReceiptSecrets | None) -> Submission:
        """The report as it goes to the intake verb. Raises Refused with a sentence for whatever breaks a rule."""
        way, known = AnswerWay(self.answer_way.data), KnownAs(self.known_as.data)
        reach = way in (AnswerWay.CALLBACK, AnswerWay.LETTER)
        return Submission(
            tip_id=tip_id,
            report=self._report(),
            known_as=known,
            channel=Channel(self.channel.data),
            answer_way=way,
            identity=self._identity() if known is KnownAs.NAMED else None,
            contact=self._contact() if reach else None,
            files=files,
            secrets=secrets,
            first_use_only=secrets is not None,
        )

    def _report(self) -> Report:
        start, end = (Month.parse(one.data) if one.data else None for one in (self.period_from, self.period_to))
        check_period(start, end, today())
        region = self.found_region()
        return Report(
            words=self.words.data,
            region=region.code if region else None,
            subject_type=SubjectType(self.subject_type.data),
            conduct=self.conduct.data or None,
            target=self.target.data or "",
            target_address=self.target_address.data or "",
            period_from=start,
            period_to=end,
            place=self.place.data or "",
            persons=self.persons.data or "",
            amount_estimate_fen=parse_amount(self.amount.data or ""),
            how_known=self.how_known.data or "",
            earlier_reports=self.earlier_reports.data or "",
            wants_reward=bool(self.wants_reward.data),
            under_14=bool(self.under_14.data),
        )

    def _identity(self) -> Identity:
        return Identity(
            name=self.name.data or "",
            id_number=self.id_number.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
            address=self.address.data or "",
            relation=Relation(self.relation.data),
        )

    def _contact(self) -> Identity:
        return Identity(name=self.name.data or "", phone=self.phone.data or "", address=self.address.data or "")


_RELATIONS: dict[Relation, Any] = {
    Relation.PUBLIC: _l("一般群众"),
    Relation.INSIDER: _l("内部人员"),
    Relation.FORMER_INSIDER: _l("曾经的内部人员"),
    Relation.PATIENT: _l("患者"),
    Relation.FAMILY: _l("患者家属"),
    Relation.COMPETITOR: _l("同行"),
    Relation.SUPERVISOR: _l("社会监督员"),
    Relation.OTHER: _l("其他"),
}


def _subjects() -> list[tuple[SubjectType, str]]:
    return [(SubjectType(code), words) for code, words in wording.SUBJECTS.items()]


def _conducts() -> list[tuple[str, str]]:
    """Every conduct of the catalogue, by subject: one list, found by typing its first characters."""
    on = today()
    return [
        (one.code, f"{words}：{one.zh}")
        for kind, words in _subjects()
        if kind is not SubjectType.UNKNOWN
        for one in conducts_for(kind, on)
    ]
