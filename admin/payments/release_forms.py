"""Forms of a release: asking, answering for a seat, making the file. Each with a fresh second factor."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired, ValidationError

from admin.payments.release_wording import FILES, OBJECTIONS
from admin.web.stepup import factor_field
from portal.custody.values import Answer
from portal.web.fields import options

_CODE = "验证器现在显示的六位数字。每次都要新的：登录着的电脑被别人用了，也放行不了。"


class AskReleaseForm(FlaskForm):
    """Ask the board."""

    code = factor_field(description=_CODE)


class AnswerReleaseForm(FlaskForm):
    """Consent or objection, with a fresh second factor for either."""

    answer = RadioField("您的答复", [InputRequired("请选择一项。")], choices=options([
        (Answer.CONSENT.value, "同意放行"), (Answer.OBJECT.value, "不同意"),
    ]))  # fmt: skip
    reason = RadioField("不同意的，为什么", choices=options(OBJECTIONS.items()), validate_choice=False)
    code = factor_field(description=_CODE)

    def validate_reason(self, field: RadioField) -> None:
        """An objection says why."""
        if self.answer.data == Answer.OBJECT.value and field.data not in OBJECTIONS:
            raise ValidationError("不同意的，请选择原因。")


class TakeFileForm(FlaskForm):
    """Which kind of file; once it was made it stays that kind."""

    kind = RadioField("文件格式", [InputRequired("请选择一项。")])
    code = factor_field(description=_CODE)

    def prepare(self, made: str) -> None:
        """Offer the kinds; *made*: that of the file which was made before, if any."""
        self.kind.choices = options((kind, words) for kind, words in FILES.items() if made in ("", kind))
        if not self.is_submitted():
            self.kind.data = made or next(iter(FILES))
