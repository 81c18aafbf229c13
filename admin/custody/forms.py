"""Forms of asking for an identity and of answering. Codes of :mod:`portal.mailbox.reasons`; words in Chinese."""

from __future__ import annotations

from collections.abc import Collection

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from admin.custody.wording import OBJECTIONS, USES
from admin.tips.casework import WORDS_LIMIT
from admin.web.stepup import factor_field
from portal.custody.reasons import REASONS, may_give
from portal.custody.values import Answer, Use
from portal.mailbox.reasons import choices
from portal.web.fields import options

_CODE = "验证器现在显示的六位数字。每次都要新的：登录着的电脑被别人用了，也打不开。"


def _code() -> StringField:
    return factor_field(description=_CODE)


class AskForm(FlaskForm):
    """What is asked for, why by the list, and why in words for the board."""

    use = RadioField("要打开什么", [InputRequired("请选择一项。")])
    reason = RadioField("理由", [InputRequired("请选择一项。")])
    words = TextAreaField(
        "向保管人说明",
        [InputRequired("请写明为什么需要。"), Length(max=WORDS_LIMIT)],
        description="只有这个保管组的保管人和本单位能看。举报人会看到上面选的理由，不会看到这段话。",
    )
    code = _code()

    def prepare(self, uses: Collection[Use]) -> None:
        """Offer only what is sealed, with the reasons that go with it."""
        self.use.choices = options((use.value, USES[use]) for use in Use if use in uses)
        self.reason.choices = options(pair for use in Use if use in uses for pair in choices(REASONS[use]))

    def validate_reason(self, field: RadioField) -> None:
        """A reason of the list that belongs to what is asked for."""
        if self.use.data in set(Use) and not may_give(Use(self.use.data), field.data or ""):
            raise ValidationError("这个理由不适用于要打开的内容，请另选一项。")


class AnswerForm(FlaskForm):
    """Consent or objection, with a fresh second factor for either."""

    answer = RadioField("您的答复", [InputRequired("请选择一项。")], choices=options([
        (Answer.CONSENT.value, "同意打开"), (Answer.OBJECT.value, "不同意"),
    ]))  # fmt: skip
    reason = RadioField("不同意的，为什么", choices=options(OBJECTIONS.items()), validate_choice=False)
    code = _code()

    def validate_reason(self, field: RadioField) -> None:
        """An objection says why."""
        if self.answer.data == Answer.OBJECT.value and field.data not in OBJECTIONS:
            raise ValidationError("不同意的，请选择原因。")


class OpenForm(FlaskForm):
    """A fresh second factor before an identity is shown."""

    code = _code()


class HandOverForm(FlaskForm):
    """The fingerprint that was compared by voice is the one that was on the page."""

    fingerprint = HiddenField()
    code = _code()


class PaperForm(FlaskForm):
    """Recovery sheets of a board, as many as their threshold asks for."""

    first = TextAreaField("第一张恢复词", [InputRequired("请输入恢复词。"), Length(max=600)])
    second = TextAreaField("第二张恢复词", [InputRequired("请输入恢复词。"), Length(max=600)])
    third = TextAreaField("第三张恢复词", [Optional(), Length(max=600)])
    code = _code()

    def sheets(self) -> list[str]:
        """What was typed, empty ones left out."""
        return [one.data for one in (self.first, self.second, self.third) if one.data and one.data.strip()]
