"""Forms of the monthly bulletin: which month, why it is said again, what the second person says."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from admin.statistics.making import WORDS_LIMIT, Correction
from portal.statistics.values import CorrectionReason
from portal.statistics.wording import REASONS
from portal.web.fields import options


class MonthForm(FlaskForm):
    """A month to be counted, and the bureau that speaks for the site."""

    office = SelectField("单位", [InputRequired("请选择单位。")])
    month = SelectField("月份", [InputRequired("请选择月份。")])


class CorrectionForm(FlaskForm):
    """Why a published month is counted again."""

    reason = SelectField(
        "更正的理由", [InputRequired("请选择更正的理由。")], choices=options(REASONS.items(), empty="请选择")
    )
    words = TextAreaField(
        "更正的说明", [InputRequired("请填写更正的说明。"), Length(max=WORDS_LIMIT)], description="公众会看到。"
    )

    @property
    def correction(self) -> Correction:
        """What was filled in."""
        return Correction(CorrectionReason(self.reason.data), self.words.data or "")
