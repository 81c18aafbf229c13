"""Forms of fund accounts: a file with what it is for, and what the second person says."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from admin.disclosures.drafting import TITLE_LIMIT, WORDS_LIMIT, Purpose
from admin.disclosures.wording import KINDS, REASONS
from portal.disclosures.values import CorrectionReason, Kind
from portal.web.fields import options

_SHA256 = Regexp("[0-9a-f]{64}$")


class PurposeForm(FlaskForm):
    """What a file is for."""

    office = SelectField("单位", [InputRequired("请选择单位。")])
    title = StringField("标题", [InputRequired("请填写标题。"), Length(max=TITLE_LIMIT)], description="公众会看到。")
    kind = RadioField(
        "提交的是", [InputRequired("请选择。")], choices=options(KINDS.items()), default=Kind.PUBLICATION.value
    )
    reason = SelectField("更正的理由", choices=options(REASONS.items(), empty="不是更正"), default="")
    words = TextAreaField("更正的说明", [Length(max=WORDS_LIMIT)], description="更正时必填，公众会看到。")

    @property
    def purpose(self) -> Purpose:
        """What was filled in."""
        reason = CorrectionReason(self.reason.data) if self.reason.data else None
        return Purpose(self.title.data or "", Kind(self.kind.data), reason, self.words.data or "")


class UploadForm(PurposeForm):
    """The first press: a file to be looked at."""

    file = FileField("数据文件", [FileRequired("请选择文件。")])


class StoreForm(PurposeForm):
    """The second press: the same bytes, as the page carried them."""

    name = HiddenField(validators=[InputRequired(), Length(max=300)])
    sha256 = HiddenField(validators=[InputRequired(), _SHA256])
    packed = HiddenField(validators=[InputRequired()])
