"""Forms of the second person, and of what happens after publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from admin.exposures.issues import TITLE_LIMIT
from admin.exposures.publicwords import LIMIT
from admin.exposures.waywords import POINTS, RETURNS
from admin.exposures.withdrawing import GIVEN
from admin.tips.casework import WORDS_LIMIT
from admin.web.stepup import factor_field
from portal.exposures import wording
from portal.exposures.models import PublishedBatch
from portal.exposures.reviews import APPEAL, NEEDED
from portal.kernel.errors import Refused
from portal.kernel.values import Id
from portal.web.fields import options

NOW, LATER = "now", "later"
_CHOOSE = "请选择一项"


def _seen() -> HiddenField:
    return HiddenField(validators=[InputRequired(), Regexp("[0-9]{1,9}$")])


def _reason() -> SelectField:
    return SelectField("理由", [InputRequired(_CHOOSE)], choices=_reasons)


def _reasons() -> list[SelectChoice]:
    return options(((one.value, wording.CHANGE_REASONS[one]) for one in GIVEN), empty="请选择")


class ApproveForm(FlaskForm):
    """The legal check, when it is published, and a fresh second factor."""

    seen = _seen()
    points = SelectMultipleField("法制审核：逐项核对", choices=options((one.value, POINTS[one]) for one in NEEDED))
    appeal = RadioField(
        "复议和诉讼",
        [InputRequired("请选择复议和诉讼的情况")],
        choices=options((one.value, POINTS[one]) for one in APPEAL),
    )
    when = RadioField("什么时候公布", [InputRequired("请选择什么时候公布")])
    publish_on = StringField("公布的日子", [Optional()], description="选“以后公布”的，写成 2026-10-08 这样。")
    code = factor_field()

    def prepare(self, correction: bool, issues: Sequence[PublishedBatch]) -> None:
        """A correction does not wait; else offer a later day and the issues that are being put together."""
        later = [] if correction else [(LATER, "以后公布，到日子自动公布")]
        with_issue = [] if correction else [(one.id.hex, f"和{one.year}年第{one.issue}期一起公布") for one in issues]
        self.when.choices = options([(NOW, "现在公布"), *later, *with_issue])
        if correction:
            self.when.data = NOW

    @property
    def checks(self) -> list[str]:
        """The ticked points."""
        return [*(self.points.data or ()), *filter(None, [self.appeal.data])]

    def day(self) -> date:
        """The chosen day. Refused ("bad_day") when it cannot be read."""
        try:
            return date.fromisoformat((self.publish_on.data or "").strip())
        except ValueError as error:
            raise Refused("bad_day", "公布的日子请写成 2026-10-08 这样。") from error

    def issue(self) -> Id:
        """The chosen issue."""
        return Id(self.when.data)


class SendBackForm(FlaskForm):
    """Why it goes back."""

    seen = _seen()
    reason = SelectField(
        "退回的理由",
        [InputRequired(_CHOOSE)],
        choices=options(((one.value, words) for one, words in RETURNS.items()), empty="请选择"),
    )
    words = TextAreaField("对编辑说", [InputRequired("请写明要改什么。"), Length(max=WORDS_LIMIT)])


class WithdrawForm(FlaskForm):
    """Why it is taken down, in words for everybody."""

    reason = _reason()
    words = TextAreaField(
        "告诉公众的话",
        [InputRequired("请写明为什么撤回。"), Length(max=LIMIT)],
        description="会显示在原来的地址上。不要写人名和号码。",
    )
    code = factor_field()


class CorrectForm(FlaskForm):
    """Why it is corrected, in words for everybody."""

    reason = _reason()
    words = TextAreaField(
        "告诉公众更正了什么",
        [InputRequired("请写明更正了什么。"), Length(max=LIMIT)],
        description="批准以后，和更正后的案例一起公布；起草时还可以改。不要写人名和号码。",
    )


class MustCorrectForm(FlaskForm):
    """Why what is shown is wrong."""

    reason = _reason()


class IssueForm(FlaskForm):
    """Title and preamble of an issue."""

    office = SelectField("单位", [InputRequired(_CHOOSE)])
    title = StringField("标题", [InputRequired("请写标题"), Length(max=TITLE_LIMIT)])
    preamble = TextAreaField("前言", [Optional(), Length(max=LIMIT)], description="写给公众的话，不要写人名和号码。")


class PublishIssueForm(FlaskForm):
    """A fresh second factor before an issue is published; order and cases stand beside it."""

    code = factor_field()
