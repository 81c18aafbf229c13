"""Forms of the follow-up pages. The identity form is made of the same questions as the reporting journey."""

from __future__ import annotations

from wtforms import BooleanField, Field, MultipleFileField, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError

from crypto import receipts
from crypto.errors import Malformed, MistypedCode
from crypto.receipts import ReceiptCode
from portal.tips.forms import Question, Said
from portal.tips.journey import identity_of
from portal.tips.values import Identity, KnownAs
from portal.tips.whoforms import FellowsForm, IdNumberForm, RelationForm, WhoForm
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l

LETTER_LIMIT = 5000
"""Characters of one message; more belongs in a file."""


class CodeForm(Question):
    """A receipt code as typed; its check digit is looked at before anything else."""

    code = StringField(_l("输入回执码"), description=_l("24 位数字，中间有没有空格都可以。"))
    parsed: ReceiptCode | None = None

    def validate_code(self, field: Field) -> None:
        try:
            self.parsed = receipts.parse(field.data or "")
        except MistypedCode as error:
            raise StopValidation(_("有一位数字输错了，或者相邻两位写反了，请逐组核对")) from error
        except Malformed as error:
            raise StopValidation(_("回执码是 24 位数字，请检查有没有漏写或多写")) from error


class LetterForm(Question):
    """A message to the office. Files never pass through the form field: they are sealed while they arrive."""

    text = TextAreaField(
        _l("写给办理单位"),
        description=_l("不要写回执码。不想让人知道您是谁，就不要写姓名、电话和只有您知道的细节。"),
        validators=[Said(limit=LETTER_LIMIT)],
    )
    files = MultipleFileField(_l("附上文件"))

    def validate_text(self, field: Field) -> None:
        if receipts.contains_code(field.data or ""):
            raise ValidationError(
                _("您写的内容里有一串像回执码的数字。回执码不要告诉任何人，也不要写在这里；请删去后再发。")
            )


class IdentityForm(WhoForm, RelationForm, IdNumberForm, FellowsForm):
    """Who I am, said later: the fields and the checks of the journey's four questions, on one page."""

    keys = ()  # type: ignore[assignment]  # nothing is kept or shown again: what is sealed cannot be read back

    def to_identity(self) -> Identity:
        """The identity of a valid form. Raises Refused when a value breaks a rule of the domain."""
        answers = {
            "known": {"known_as": KnownAs.NAMED},
            "reward": {"wants_reward": True},  # so that a number that was typed is taken
            "name": {key: self[key].data for key in WhoForm.keys},
            "relation": {"relation": self.relation.data},
            "number": IdNumberForm.answers(self),
            "fellows": FellowsForm.answers(self),
        }
        said = identity_of(answers)
        assert said is not None  # a name is left: that is what the form is for
        return said


class WithdrawForm(Question):
    """The one tick that says the consequences are understood."""

    sure = BooleanField(_l("我知道撤回以后不能恢复，也不再发给奖励"))

    def validate_sure(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("请先确认您知道撤回的后果"))


class PressureForm(Question):
    """What happened, if the reporter wishes to say it."""

    text = TextAreaField(
        _l("发生了什么？"),
        description=_l("谁、什么时候、说了或者做了什么。不方便写，可以空着直接提交。"),
        validators=[Said(limit=LETTER_LIMIT)],
    )

    def validate_text(self, field: Field) -> None:
        LetterForm.validate_text(self, field)  # the same rule on a field of the same name
