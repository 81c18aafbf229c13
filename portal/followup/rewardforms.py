"""Forms of the own reward: whom to pay, and a request for a review. What a payee must be says portal.payments.rules."""

from __future__ import annotations

from collections.abc import Callable

from wtforms import Field, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal.followup.forms import LETTER_LIMIT, LetterForm
from portal.kernel.clock import today
from portal.kernel.errors import Refused
from portal.payments import rules
from portal.payments.values import Payee
from portal.tips.forms import Question, Said
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l


class ClaimForm(Question):
    """Whom to pay: asked only now, sealed at once, never shown again."""

    name = StringField(_l("收款人姓名"), description=_l("和银行账户上的一样。"))
    id_number = StringField(_l("身份证号码"), description=_l("18 位，最后一位可能是 X。"))
    bank = StringField(_l("开户银行"), description=_l("写到支行，例如“某某银行某某支行”。"))
    account = StringField(_l("银行账号"), description=_l("收款人本人的账户，12 到 19 位数字。"))

    def validate_name(self, field: Field) -> None:
        _checked(rules.checked_name, field)

    def validate_id_number(self, field: Field) -> None:
        _checked(lambda text: rules.checked_id_number(text, today()), field)

    def validate_bank(self, field: Field) -> None:
        _checked(rules.checked_bank, field)

    def validate_account(self, field: Field) -> None:
        _checked(rules.checked_account, field)

    def to_payee(self) -> Payee:
        """Of a valid form."""
        return Payee(self.name.data or "", self.id_number.data or "", self.bank.data or "", self.account.data or "")


def _checked(check: Callable[[str], str], field: Field) -> None:
    try:
        check(field.data or "")
    except Refused as error:
        raise ValidationError(_(error.message)) from error


class ReviewForm(Question):
    """Why the decision should be looked at again, if the reporter wishes to say it."""

    text = TextAreaField(
        _l("为什么要复核"),
        description=_l("可以不写。不要写姓名、电话和只有您知道的细节。"),
        validators=[Said(limit=LETTER_LIMIT)],
    )

    def validate_text(self, field: Field) -> None:
        LetterForm.validate_text(self, field)  # the same rule on a field of the same name
