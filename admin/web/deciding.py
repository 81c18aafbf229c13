"""What a second person says of something that another prepared: yes, bound to what was read; or back, with words."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from admin.web.stepup import factor_field

WORDS_LIMIT = 500
"""Characters of why something was sent back."""


class DecideForm(FlaskForm):
    """Yes to exactly what was read (*seen*: its mark, SHA-256 in hex), with a fresh second factor."""

    seen = HiddenField(validators=[InputRequired(), Regexp("[0-9a-f]{64}$")])
    code = factor_field()


class SendBackForm(FlaskForm):
    """Why it goes back."""

    words = TextAreaField("退回的理由", [InputRequired("请填写退回的理由。"), Length(max=WORDS_LIMIT)])
