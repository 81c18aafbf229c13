"""The form of a new circular."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.exposures.circulars import BODY_LIMIT, TITLE_LIMIT, Asked, Candidate, CircularText, Place
from portal.exposures.wording import KINDS
from portal.kernel.values import Id
from portal.web.fields import options

PLACES = {Place.BELOW: "下级单位", Place.BESIDE: "同级单位", Place.ABOVE: "上级单位"}


class RecipientsForm(FlaskForm):
    """To whom a circular goes, and which of what the assistant asked about may stay."""

    offices = SelectMultipleField("发给哪些单位", [InputRequired("请至少选择一个接收单位。")])
    answered = SelectMultipleField("请看一看，可以留下的打勾", validate_choice=False)

    def offer(self, candidates: Sequence[Candidate]) -> None:
        """The offices that may be chosen."""
        self.offices.choices = options((one.office.id.hex, one.office.name) for one in candidates)

    def tick(self, candidates: Sequence[Candidate]) -> None:
        """The offices that are proposed."""
        self.offices.data = [one.office.id.hex for one in candidates if one.proposed]

    def ask(self, asked: Sequence[Asked]) -> None:
        """Put what a person has to judge as lines to be ticked."""
        self.answered.choices = options((one.key, f"“{one.value}”（{KINDS[one.kind]}）：{one.around}") for one in asked)

    @property
    def chosen(self) -> set[Id]:
        return {Id(hex=one) for one in self.offices.data or ()}


class CircularForm(RecipientsForm):
    """Title and words of a circular on a case besides."""

    title = StringField("标题", [InputRequired("请填写标题。"), Length(max=TITLE_LIMIT)])
    body = TextAreaField("正文", [InputRequired("请填写通报的正文。"), Length(max=BODY_LIMIT)])

    def show(self, text: CircularText, candidates: Sequence[Candidate]) -> None:
        """What is proposed."""
        self.title.data, self.body.data = text.title, text.body
        self.tick(candidates)

    @property
    def typed(self) -> tuple[str, str]:
        return self.title.data or "", self.body.data or ""


def by_place(candidates: Sequence[Candidate]) -> list[tuple[str, list[Candidate]]]:
    """The candidates under the words for where they stand; only places that have any."""
    found = ((words, [one for one in candidates if one.place is place]) for place, words in PLACES.items())
    return [(words, those) for words, those in found if those]
