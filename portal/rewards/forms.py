"""What the public pages of rewards ask: a place, and what a schedule needs to give a figure. Nothing of it is kept."""

from __future__ import annotations

from typing import Any

from wtforms import Field, Form, SelectField, StringField
from wtforms.validators import ValidationError

from portal.directory.regions import regions
from portal.kernel.errors import Refused
from portal.rewards.estimating import Needs
from portal.rewards.telling import GRADES, NATURES, RELATIONS
from portal.rewards.values import Nature, Relation, Subject
from portal.tips.amounts import parse_amount
from portal.tips.forms import Chosen, Pick, Said
from portal.web.fields import options
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l

UNSURE = "unsure"
"""The value of “not sure” where a grade is asked: all grades are worked out."""


class PlaceForm(Form):
    """A province and a city of it. ``code`` is the place meant; "" before a province is chosen."""

    province = SelectField(_l("省、自治区、直辖市"), validate_choice=False)
    city = SelectField(_l("市、州"), validate_choice=False)

    def offer(self, region: str) -> None:
        """Give the fields their choices; without a posted province those of *region* ("" none)."""
        line = [one.code for one in reversed(regions().parents(region))] + [region] if region else []
        if not self.province.raw_data:
            self.province.data, self.city.data = (*line, "", "")[:2]
        provinces = regions().children()
        if self.province.data not in {one.code for one in provinces}:
            self.province.data = ""
        self.province.choices = options(((one.code, one.name) for one in provinces), empty=_("请选择"))
        below = regions().children(self.province.data) if self.province.data else ()
        cities = [one for one in below if one.level == "city"]
        if self.city.data not in {one.code for one in cities}:
            self.city.data = ""
        whole = ("", _("全省，或者不知道哪个市"))
        self.city.choices = options([whole, *((one.code, one.name) for one in cities)]) if cities else []

    @property
    def code(self) -> str:
        """The city, or the province, or ""."""
        return self.city.data or self.province.data or ""

    @property
    def levels(self) -> list[Any]:
        """The fields to draw."""
        return [self.province, self.city] if self.city.choices else [self.province]

    def missing(self) -> bool:
        """Whether no province is chosen; its field then says so."""
        if not self.province.data:
            self.province.errors = [_("请选择省、自治区或者直辖市")]
        return not self.province.data


class CalculatorForm(Form):
    """The questions of one schedule; those that it does not need are taken off by :meth:`keep`."""

    subject = Pick(
        _l("举报的是谁？"),
        choices=options(
            [
                (Subject.INSTITUTION, _l("医院、药店、经办机构或者别的单位")),
                (Subject.INDIVIDUAL, _l("个人，例如借卡、倒卖药品")),
            ]
        ),
        validators=[Chosen(_l("请选择举报的是单位还是个人"))],
    )
    amount = StringField(
        _l("医保基金损失了多少钱？"),
        description=_l("写数字，单位是元，例如 3000 或 1.5万。只算查实的、您举报的那件事，罚款不算。"),
        validators=[Said(_l("请写一个数，大概的也可以；没有损失写 0"), limit=40)],
    )
    nature = Pick(_l("是哪一类问题？"), validators=[Chosen(_l("请选择是哪一类问题"))])
    grade = Pick(_l("您能提供什么样的证据？"), validators=[Chosen(_l("请选择一项；说不准可以选最后一项"))])
    relation = Pick(_l("您和被举报的单位有什么关系？"), validators=[Chosen(_l("请选择一项"))])

    def keep(self, asked: Needs) -> None:
        """Take off what the schedule makes no difference of, and give the others their choices."""
        if asked.grades:
            named = [(grade, _named(GRADES[grade])) for grade in asked.grades]
            self.grade.choices = options([*named, (UNSURE, _("说不准，都算一算"))])
        else:
            del self.grade
        if asked.nature:
            self.nature.choices = options((one.value, _named(words)) for one, words in NATURES.items())
        else:
            del self.nature
        if asked.relations:
            self.relation.choices = options((one.value, _named(RELATIONS[one])) for one in asked.relations)
        else:
            del self.relation

    def validate_amount(self, field: Field) -> None:
        """A sum as people write it; what it came to is ``fen``."""
        try:
            self.fen = parse_amount(field.data or "") or 0
        except Refused as error:
            raise ValidationError(_("金额要写数字，单位是元，例如 3000 或 1.5万；没有损失写 0")) from error

    def chosen_nature(self) -> Nature | None:
        """What was chosen, where it was asked."""
        return Nature(self.nature.data) if "nature" in self else None

    def chosen_relation(self) -> Relation:
        """What was chosen; an outsider where it makes no difference."""
        return Relation(self.relation.data) if "relation" in self else Relation.OUTSIDER

    def chosen_grades(self, asked: Needs) -> tuple[str | None, ...]:
        """The grade that was chosen, or all of them; (None,) where none is asked."""
        if "grade" not in self:
            return (None,)
        return asked.grades if self.grade.data == UNSURE else (self.grade.data,)


def _named(words: tuple[Any, Any]) -> str:
    """A name and what it means, on one line."""
    return str(_("%(name)s：%(meaning)s", name=str(words[0]), meaning=str(words[1])))
