"""The questions about the reporter: whether and how to be known. What is typed here is sealed apart from the report."""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import ric
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal.kernel import clock
from portal.tips.forms import Answers, Chosen, Pick, Question, Said
from portal.tips.values import LIMITS, MOST_FELLOWS, IdKind, KnownAs, Relation
from portal.web.fields import options
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l

ADULT_AGE = 14
"""Art. 31 of the personal information law: under 14 a guardian has to agree."""


class KnownAsForm(Question):
    keys = ("known_as",)
    known_as = Pick(
        _l("要不要留下您的姓名？"),
        choices=options(
            [
                (KnownAs.NO_NAME, _l("不留姓名")),
                (KnownAs.NAMED, _l("留下姓名，加密封存")),
                (KnownAs.LATER, _l("以后再决定")),
            ]
        ),
        validators=[Chosen(_l("请选择一项，三种方式都会受理"))],
    )


class WhoForm(Question):
    keys = ("name", "phone", "email", "address")
    name = StringField(_l("姓名"), validators=[Said(_l("请填写姓名；不想留姓名可以返回上一题改选"))])
    phone = StringField(_l("电话"), validators=[Said()])
    email = StringField(_l("电子邮箱"), validators=[Said()])
    address = StringField(_l("联系地址"), validators=[Said()])

    def validate_phone(self, field: Field) -> None:
        plain = unicodedata.normalize("NFKC", field.data or "")
        bare = re.sub(r"[\s()\-—–+转#*]", "", plain)
        if plain and not (bare.isascii() and bare.isdigit() and 5 <= len(bare) <= 20):
            raise ValidationError(_("电话只写数字，例如 13800000000 或 025-12345678；不想留可以空着"))
        field.data = plain

    def validate_email(self, field: Field) -> None:
        plain = unicodedata.normalize("NFKC", field.data or "").replace(" ", "")
        if plain and not re.fullmatch(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", plain):
            raise ValidationError(_("电子邮箱的样子不对，例如 name@example.cn；不想留可以空着"))
        field.data = plain


class RewardForm(Question):
    keys = ("wants_reward",)
    wants_reward = Pick(
        _l("查实以后，您想领取奖励吗？"),
        choices=options([("yes", _l("想领取")), ("no", _l("不领取"))]),
        validators=[Chosen(_l("请选择一项"))],
    )

    @classmethod
    def shown(cls, kept: Answers) -> Answers:
        return {"wants_reward": "yes" if kept["wants_reward"] else "no"} if "wants_reward" in kept else {}

    def answers(self) -> Answers:
        return {"wants_reward": self.wants_reward.data == "yes"}


class IdNumberForm(Question):
    keys = ("id_kind", "id_number", "id_consent")
    id_kind = SelectField(
        _l("证件类型"),
        choices=options(
            [
                (IdKind.RESIDENT, _l("居民身份证")),
                (IdKind.HONG_KONG_MACAU, _l("港澳居民居住证或通行证")),
                (IdKind.TAIWAN, _l("台湾居民居住证或通行证")),
                (IdKind.FOREIGN_RESIDENT, _l("外国人永久居留身份证")),
                (IdKind.PASSPORT, _l("护照")),
                (IdKind.OTHER, _l("其他证件")),
            ]
        ),
        validators=[Chosen(_l("请选择证件类型"))],
        validate_choice=False,
    )
    id_number = StringField(_l("证件号码"), validators=[Said()])
    id_consent = BooleanField(_l("我单独同意处理我的证件号码，只用于核实举报人身份和发放奖励"))
    under_14 = False

    def validate_id_number(self, field: Field) -> None:
        """The check digit of a resident's card (GB 11643) catches slips of the finger; other papers have none."""
        plain = unicodedata.normalize("NFKC", field.data or "").replace(" ", "").upper()
        field.data = plain
        if not plain:
            return
        if self.id_kind.data == IdKind.RESIDENT:
            if not ric.is_valid(plain):
                raise ValidationError(_("身份证号码不对，请逐位核对；暂时不想填可以空着"))
            self._check_age(plain)
        elif not re.fullmatch(r"[0-9A-Z()/\-]{4,30}", plain):
            raise ValidationError(_("证件号码只写字母和数字，请核对"))

    def _check_age(self, number: str) -> None:
        born, today = ric.get_birth_date(number), clock.today()
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        if age < ADULT_AGE and not self.under_14:
            raise ValidationError(_("按这个号码，您未满 14 周岁。请回到开始的一页，选择和监护人一起填写"))

    def validate_id_consent(self, field: Field) -> None:
        if self.id_number.data and not field.data:
            raise ValidationError(_("填写证件号码需要您单独同意；不同意请把号码清空"))

    def answers(self) -> Answers:
        return {
            "id_kind": self.id_kind.data,
            "id_number": self.id_number.data,
            "id_consent": bool(self.id_consent.data),
        }


class RelationForm(Question):
    keys = ("relation",)
    relation = Pick(
        _l("您和被举报方是什么关系？"),
        description=_l("这一项和姓名一起加密封存，办案人员看不到。"),
        choices=options(
            [
                (Relation.PUBLIC, _l("没有关系，普通群众")),
                (Relation.PATIENT, _l("我是患者或顾客")),
                (Relation.FAMILY, _l("我是患者的家属")),
                (Relation.INSIDER, _l("我在那里工作")),
                (Relation.FORMER_INSIDER, _l("我在那里工作过")),
                (Relation.COMPETITOR, _l("我是同行")),
                (Relation.SUPERVISOR, _l("我是社会监督员")),
                (Relation.OTHER, _l("其他，或者不想说")),
            ]
        ),
        validators=[Chosen(_l("请选择一项；不想说可以选最后一项"))],
    )


class FellowsForm(Question):
    keys = ("fellows",)
    fellows = TextAreaField(
        _l("有人和您一起举报吗？"),
        description=_l("一行写一个姓名，他们要知道并同意。没有就空着。奖励按一份计算，由您们自行分配。"),
        validators=[Said(limit=2000)],
    )

    @classmethod
    def shown(cls, kept: Answers) -> Answers:
        return {"fellows": "\n".join(kept.get("fellows", []))}

    def validate_fellows(self, field: Field) -> None:
        self._names = [line.strip() for line in (field.data or "").splitlines() if line.strip()]
        if len(self._names) > MOST_FELLOWS:
            raise ValidationError(_("最多写 %(most)s 位，其余的可以写在情况说明里", most=MOST_FELLOWS))
        if any(len(name) > LIMITS["fellow_reporters"] for name in self._names):
            raise ValidationError(_("一行只写一个姓名，请检查"))

    def answers(self) -> Answers:
        return {"fellows": self._names}
