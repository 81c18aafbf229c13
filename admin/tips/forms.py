"""Forms of what staff do with a report. Choices carry the codes of :mod:`portal.mailbox.reasons`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import BooleanField, HiddenField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from admin.tips.casework import WORDS_LIMIT
from admin.tips.transfer import destinations
from admin.tips.triage import assignable
from portal.attachments.upload import Taken
from portal.kernel.clock import now
from portal.kernel.values import parse_tip_number
from portal.mailbox.reasons import (
    DeclineReason,
    ExtensionReason,
    PauseReason,
    Reopening,
    Way,
    choices,
)
from portal.tips.models import Tip
from portal.web.fields import options

_NEEDED = _l("请填写这一项")
_CHOOSE = _l("请选择一项")
_WHY = _l("原因")


def words_field(label: Any, *, needed: bool = True, description: Any = "", limit: int = WORDS_LIMIT) -> TextAreaField:
    """Words of staff of at most *limit* characters."""
    first = InputRequired(_NEEDED) if needed else Optional()
    most = Length(max=limit, message=_l("最多 %(max)d 个字"))
    return TextAreaField(label, [first, most], description=description)


def reason_field(of: Any, label: Any = _WHY) -> RadioField:
    """One code of a list of :mod:`portal.mailbox.reasons`."""
    return RadioField(label, [InputRequired(_CHOOSE)], choices=lambda: options(choices(of)))


class Section(NamedTuple):
    """Fields that are drawn together, under a heading and a sentence unless these are empty."""

    title: Any
    note: Any
    fields: Sequence[Any]


class ActForm(FlaskForm):
    """An act without fields of its own. ``seen``: the last event that stood on the page the person acted from."""

    seen = HiddenField()
    takes_files = False
    shows_findings = False  # its page shows sealed words: the view records the reading first
    taken: Sequence[Taken] = ()  # files of a letter that are sealed and durable: the view gives them
    file_problems: Sequence[str] = ()

    def prepare(self, session: Session, tip: Tip) -> None:
        """Give the choices that depend on the report."""

    @property
    def seen_position(self) -> int | None:
        """The position in ``seen``; None when it is not a number, which is refused as out of date."""
        text = str(self.seen.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def sections(self) -> Sequence[Section]:
        """The fields to draw, in order."""
        hidden = ("HiddenField", "CSRFTokenField", "MultipleFileField")
        return [Section("", "", [field for field in self if field.type not in hidden])]


class WordsForm(ActForm):
    text = words_field(_l("内容"))


class LetterForm(ActForm):
    text = words_field(_l("写给举报人的话"), description=_l("举报人用回执码登录后会看到。不要写出能认出举报人的内容。"))
    file = MultipleFileField(_l("随信的文件"))
    waiting = HiddenField()
    takes_files = True


class DeclineForm(ActForm):
    reason = reason_field(DeclineReason)
    text = words_field(_l("内部说明"), needed=False, description=_l("只存入档案，举报人看到的是上面的原因。"))


class RedirectForm(ActForm):
    reason = reason_field(Way, _l("更合适的途径"))
    text = words_field(_l("内部说明"), needed=False)


class ReopenForm(ActForm):
    reason = reason_field(Reopening)
    text = words_field(_l("说明"), needed=False)


class SuspendForm(ActForm):
    reason = reason_field(PauseReason)
    text = words_field(_l("说明"))


class ExtendForm(ActForm):
    reason = reason_field(ExtensionReason, _l("特殊情况"))
    text = words_field(_l("报批理由"))


class ReasonForm(ActForm):
    text = words_field(_l("报批理由"))


class PoliceForm(ActForm):
    text = words_field(_l("报批理由"))
    quiet = BooleanField(_l("暂不通知举报人，以免影响侦查"))


class AgreeForm(ActForm):
    agency = StringField(_l("按照协议处理的经办机构"), [InputRequired(_NEEDED), Length(max=100)])
    text = words_field(_l("决定内容"))


class ReferForm(ActForm):
    authority = StringField(_l("有权处理的部门"), [InputRequired(_NEEDED), Length(max=100)])
    text = words_field(_l("移送理由"))


class MergeForm(ActForm):
    main = StringField(
        _l("并入哪一份举报"), [InputRequired(_NEEDED)], description=_l("填写主件的编号，例如 MJ-7K3M-Q9RT。")
    )

    def validate_main(self, field: Any) -> None:
        """The number as it is stored, whatever way it was typed."""
        number = parse_tip_number(field.data or "")
        if number is None:
            raise ValidationError(_l("编号不对，请再核对一遍"))
        field.data = number


class EscalateForm(ActForm):
    text = words_field(_l("说明"), needed=False, description=_l("可不填。只有接手的单位看得到。"))


class AssignForm(ActForm):
    person = SelectField(_l("承办人"), validate_choice=True)

    def prepare(self, session: Session, tip: Tip) -> None:
        people = [(person.id.hex, person.name) for person in assignable(session, tip.office_id)]
        self.person.choices = options(people, empty=_l("暂不分派"))
        if not self.is_submitted():
            self.person.data = tip.assignee_id.hex if tip.assignee_id else ""


class TransferForm(ActForm):
    office = SelectField(_l("接收单位"), [InputRequired(_CHOOSE)])
    text = words_field(_l("移交理由"))

    def prepare(self, session: Session, tip: Tip) -> None:
        found = destinations(session, tip, now())
        self.office.choices = options(((one.id.hex, one.name) for one in found), empty=_l("请选择"))
