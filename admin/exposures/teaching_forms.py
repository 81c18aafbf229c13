"""Forms of teaching notices: whom it is for, the words of an editor, and what a publisher says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from admin.exposures.teaching import LEAD_LIMIT, LINE_LIMIT, MOST_LINES, WORDS_LIMIT
from portal.exposures import wording
from portal.exposures.teaching import Audience
from portal.exposures.values import Ownership, Size, SubjectKind
from portal.web.fields import options


def _listed(names: Mapping[Ownership, Any] | Mapping[Size, Any]) -> list[SelectChoice]:
    """Every value, "all of them" first: that is what an audience whose ownership or size is unknown means."""
    known = [(one.value, words) for one, words in names.items() if one.value != "unknown"]
    return options([("unknown", "全部"), *known])


class AudienceForm(FlaskForm):
    """Any audience that some rule of the day speaks to."""

    kind = SelectField("对象")
    ownership = SelectField("性质", choices=_listed(wording.OWNERSHIPS))
    size = SelectField("规模", choices=_listed(wording.SIZES))

    def offer(self, kinds: tuple[SubjectKind, ...]) -> None:
        """The kinds that can be told today."""
        self.kind.choices = options((one.value, wording.SUBJECTS[one]) for one in kinds)

    @property
    def audience(self) -> Audience:
        """What was chosen."""
        return Audience(SubjectKind(self.kind.data), Ownership(self.ownership.data), Size(self.size.data))


class WordsForm(FlaskForm):
    """What an editor writes on: the lead and the checklist. ``answered``: keys of doubts that may stand."""

    lead = TextAreaField("发生了什么", description=f"只写已经公布的事实，最多 {LEAD_LIMIT} 字。")
    check = TextAreaField("今天就查一查", description=f"一行一条，最多 {MOST_LINES} 条，每条最多 {LINE_LIMIT} 字。")
    answered = SelectMultipleField("请核对：这些地方可以公开吗？可以的打钩，不可以的请改写", validate_choice=False)


class BackForm(FlaskForm):
    """Why a notice is sent back."""

    words = TextAreaField("要改什么", [InputRequired("请写明要改什么"), Length(max=WORDS_LIMIT)])
