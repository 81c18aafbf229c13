"""The form of a circular on the evaluation: everything with a figure is computed, words may be added."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import Length

from admin.exposures.circularforms import RecipientsForm
from portal.exposures.circulars import BODY_LIMIT


class ProposeForm(RecipientsForm):
    """To whom it goes, and what is said besides."""

    words = TextAreaField(
        "补充的话（可以不填）", [Length(max=BODY_LIMIT)], description="写在结果后面，例如要求。数字和表格由网站计算。"
    )
