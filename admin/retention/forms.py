"""Forms of retention. Codes of :mod:`portal.retention.values`; words in Chinese."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from admin.retention.wording import GIVEN_REFUSALS, HOLDS
from portal.kernel.values import parse_tip_number
from portal.web.fields import options

APPROVE, REFUSE = "approve", "refuse"


class DecideForm(FlaskForm):
    """Yes or no; a no says why."""

    answer = RadioField(
        "您的决定", [InputRequired("请选择一项。")], choices=options([(APPROVE, "批准销毁"), (REFUSE, "不批准")])
    )
    reason = RadioField("不批准的，为什么", choices=options(GIVEN_REFUSALS.items()), validate_choice=False)

    def validate_reason(self, field: RadioField) -> None:
        """A refusal says why."""
        if self.answer.data == REFUSE and field.data not in GIVEN_REFUSALS:
            raise ValidationError("不批准的，请选择原因。")


class HoldForm(FlaskForm):
    """Which report, and why it has to stay."""

    number = StringField(
        "受理编号", [InputRequired("请填写受理编号。"), Length(max=40)], description="例如 MJ-7K3M-Q9RT。"
    )
    reason = SelectField("原因", [InputRequired("请选择一项。")], choices=options(HOLDS.items(), empty="请选择"))

    def validate_number(self, field: StringField) -> None:
        """A number as typed, put into its form."""
        parsed = parse_tip_number(field.data or "")
        if parsed is None:
            raise ValidationError("受理编号的写法不对，请核对。")
        field.data = parsed


class AdoptForm(FlaskForm):
    """A whole schedule as text."""

    text = TextAreaField("新的保管期限表（JSON）", [InputRequired("请粘贴保管期限表。"), Length(max=20_000)])
