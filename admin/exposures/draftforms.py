"""The form of a draft. Answers stand beside it under names made of each question's id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from admin.exposures.drafting import TITLE_LIMIT, WORDS_LIMIT, Material, clean, judged
from admin.exposures.withdrawing import GIVEN
from portal.exposures import wording
from portal.exposures.drafts import Answer, Draft, Keep, Question, Topic
from portal.exposures.readiness import mask_in, places_about
from portal.exposures.values import ChangeReason
from portal.web.fields import options

_REASONS = [(one.value, wording.CHANGE_REASONS[one]) for one in GIVEN]


class DraftForm(FlaskForm):
    """Title and paragraphs, a paragraph a line; ``seen``: the version that lay before the editor."""

    seen = HiddenField(validators=[InputRequired(), Regexp("[0-9]{1,9}$")])
    title = StringField("标题", [InputRequired("请写标题")], description=f"最多 {TITLE_LIMIT} 个字。")
    body = TextAreaField("正文", [InputRequired("请写正文")], description="一行是一段。")
    reason = SelectField("为什么更正", [Optional()], choices=lambda: options(_REASONS, empty="请选择"))
    words = TextAreaField(
        "告诉公众更正了什么", [Optional(), Length(max=WORDS_LIMIT)], description="会和更正后的案例一起公布。"
    )

    def show(self, draft: Draft) -> None:
        """Fill in *draft*."""
        self.title.data, self.body.data = draft.content.title, "\n".join(draft.content.paragraphs)
        self.reason.data, self.words.data = draft.reason, draft.words

    def typed(self, start: Draft, material: Material, given: Mapping[str, str], today: date) -> Draft:
        """What was typed and answered, judged. Raises Refused as :func:`admin.exposures.drafting.clean`."""
        paragraphs = tuple((self.body.data or "").splitlines())
        content = replace(start.content, title=self.title.data or "", paragraphs=paragraphs)
        reason = ChangeReason(self.reason.data).value if self.reason.data else ""
        draft = clean(replace(start, content=content, reason=reason, words=self.words.data or "", answers=()))
        judged_now = judged(draft, material, today)
        answers = tuple(one for one in (_answer(given, asked) for asked in judged_now.questions) if one)
        return clean(replace(judged_now, answers=answers))

    def masking(self, draft: Draft, material: Material, pressed: str) -> Draft:
        """*draft* with masks: *pressed* is the id of one question, or "all" for everything that the assistant is sure
        of and nobody keeps."""
        places = [
            one
            for one in places_about(draft.content, material.record, material.pieces)
            if one.question.id == pressed
            or (pressed == "all" and one.question.topic is Topic.MASK and draft.answer_to(one.question) is None)
        ]
        return replace(draft, content=mask_in(draft.content, places))


def _answer(given: Mapping[str, str], question: Question) -> Answer | None:
    code = given.get(f"keep-{question.id}", "")
    return Answer(question, Keep(code), given.get(f"words-{question.id}", "")) if code in set(Keep) else None
