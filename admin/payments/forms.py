"""Forms of payments: the bank's answer, and a budget. Words in Chinese."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from admin.payments.wording import BUDGET_REASONS
from admin.web.stepup import factor_field
from portal.kernel.errors import Refused
from portal.kernel.values import Fen
from portal.tips.amounts import parse_amount
from portal.web.fields import options


class AnswerForm(FlaskForm):
    """The bank's file, and a fresh second factor."""

    file = FileField("银行答复文件", [FileRequired("请选择文件。")])
    code = factor_field()


class BudgetForm(FlaskForm):
    """What an office may spend in a year, and why it is that much."""

    office = SelectField("单位", [InputRequired("请选择一项。")])
    year = SelectField("年度", coerce=int)
    amount = StringField(
        "预算金额（元）", [InputRequired("请填写金额。"), Length(max=40)], description="例如 200000 或 20万。"
    )
    reason = SelectField(
        "依据", [InputRequired("请选择一项。")], choices=options(BUDGET_REASONS.items(), empty="请选择")
    )
    strict = BooleanField("不得超过：超过预算的不能编入批次", description="不选的，接近或者超过时只提醒。")

    def validate_amount(self, field: StringField) -> None:
        """A sum as people write it."""
        try:
            parse_amount(field.data or "")
        except Refused as error:
            raise ValidationError("金额要写数字，单位是元，例如 200000 或 20万。") from error

    @property
    def amount_fen(self) -> Fen:
        """What was typed, in fen. Of a form that is valid."""
        return parse_amount(self.amount.data or "") or Fen(0)
