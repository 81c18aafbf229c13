"""Forms of rewards on the staff site. Percentages and yuan as people write them; exact numbers come out."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.kernel.clock import today
from portal.kernel.errors import Refused
from portal.mailbox.reasons import RecoveryReason, RewardRefusal, choices
from portal.payments import rules
from portal.payments.values import Payee
from portal.rewards.claims import EXCLUSIONS, MOST_JOINT, Choices, grades_by_name
from portal.rewards.values import Schedule
from portal.tips.amounts import parse_exact
from portal.web.fields import options

WORDS_LIMIT = 2000
GRADE_NAMES = {"ordinary": "一般举报", "full_evidence": "证据充分，并且协助调查"}
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")


def _words(label: str, *, needed: bool, hint: str = "") -> TextAreaField:
    first = InputRequired("请填写这一项。") if needed else Optional()
    return TextAreaField(label, [first, Length(max=WORDS_LIMIT)], description=hint)


class ProposeForm(FlaskForm):
    """What the officer adds to the findings. ``do``: compute, or propose what was computed."""

    joint = IntegerField(
        "几个人联名举报", [InputRequired("请填写人数。"), NumberRange(1, MOST_JOINT, "人数要在 1 到 100 之间。")],
        default=1, description="不是联名的填 1。联名的按一份给，由填写收款信息的人领取，再按约定分。",
    )  # fmt: skip
    grade = SelectField("证据等级", [Optional()])
    rate_chosen = StringField("选定的比例（%）", [Optional()], description="标准规定了范围的才填，例如 4.5。")
    add_rate = StringField("提高的比例（%）", [Optional()], description="标准允许经办人提高的才填，例如 1。")
    amount_chosen = StringField("选定的数额（元）", [Optional()], description="标准规定了数额范围的才填。")
    excluded = SelectMultipleField(
        "不予奖励的情形", description="没有的不选。选了的要写明理由，举报人会看到情形，看不到理由。"
    )
    why = _words("理由", needed=False, hint="选定了比例、数额，或者选了上面的情形，必须写。存入档案，举报人看不到。")

    def prepare(self, schedule: Schedule | None) -> None:
        """Choices that depend on the rule."""
        named = grades_by_name(schedule) if schedule is not None else ()
        self.grade.choices = options(((grade, GRADE_NAMES[grade]) for grade in named), empty="按登记的等级")
        words = dict(choices(RewardRefusal))
        self.excluded.choices = options((code, words[code]) for code in EXCLUSIONS)

    @property
    def open_grades(self) -> bool:
        return len(self.grade.choices or []) > 1

    def validate_rate_chosen(self, field: Any) -> None:
        """A percentage with at most six decimals."""
        if field.data and (not _PERCENT.fullmatch(field.data.strip(" %％")) or _rate(field.data) > 1):
            raise ValidationError("请填写 0 到 100 的百分数，例如 4.5。")

    validate_add_rate = validate_rate_chosen

    def validate_amount_chosen(self, field: Any) -> None:
        """A sum to the fen."""
        try:
            parse_exact(field.data or "")
        except Refused as error:
            raise ValidationError(error.message) from error

    def to_choices(self) -> Choices:
        """Of a valid form. Raises Refused where a value breaks a rule."""
        return Choices(
            joint=self.joint.data or 1,
            grade=self.grade.data or None,
            rate_chosen=_rate(self.rate_chosen.data) if self.rate_chosen.data else None,
            add_rate=_rate(self.add_rate.data) if self.add_rate.data else None,
            amount_chosen_fen=parse_exact(self.amount_chosen.data or ""),
            excluded_by=tuple(self.excluded.data or ()),
        )


def _rate(text: str) -> Decimal:
    return Decimal(text.strip(" %％")) / 100


class RecoverForm(FlaskForm):
    """Why what was paid is taken back."""

    reason = RadioField("原因", [InputRequired("请选择一项。")], choices=lambda: options(choices(RecoveryReason)))
    why = _words("事实和理由", needed=True, hint="存入档案，举报人看不到。")


class PayeeForm(FlaskForm):
    """Whom to pay, told by a reporter without a code. Sealed at once; nothing comes back into the page."""

    name = StringField("收款人姓名", [InputRequired("请填写收款人姓名。")])
    id_number = StringField("身份证号码", [InputRequired("请填写身份证号码。")])
    bank = StringField(
        "开户银行", [InputRequired("请填写开户银行。")], description="写到支行，例如“某某银行某某支行”。"
    )
    account = StringField("银行账号", [InputRequired("请填写银行账号。")])

    def validate_name(self, field: Any) -> None:
        _checked(rules.checked_name, field)

    def validate_id_number(self, field: Any) -> None:
        _checked(lambda text: rules.checked_id_number(text, today()), field)

    def validate_bank(self, field: Any) -> None:
        _checked(rules.checked_bank, field)

    def validate_account(self, field: Any) -> None:
        _checked(rules.checked_account, field)

    def to_payee(self) -> Payee:
        return Payee(self.name.data or "", self.id_number.data or "", self.bank.data or "", self.account.data or "")


def _checked(check: Any, field: Any) -> None:
    try:
        check(field.data or "")
    except Refused as error:
        raise ValidationError(error.message) from error
