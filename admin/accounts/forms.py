"""Forms of signing in and of accounts."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from admin.staff.roles import LABELS, Role
from portal.kernel.values import Id
from portal.web.fields import options

ROLE_CHOICES = options((role.value, LABELS[role]) for role in Role)


def as_id(text: str) -> Id | None:
    """An id from a form, or None."""
    try:
        return Id(text)
    except ValueError:
        return None


class SignInForm(FlaskForm):
    """Name, passphrase, second factor: all three at once, so that no answer tells which was wrong."""

    sign_in = StringField("登录名", [InputRequired("请填写登录名。"), Length(max=80)])
    passphrase = PasswordField("口令（六个单词）", [InputRequired("请填写口令。"), Length(max=400)])
    code = StringField(
        "验证码",
        [Length(max=64)],
        description="验证器显示的六位数字，或者一个恢复码。登记过通行密钥的，也可以不填，用下面的按钮。第一次登录用初始口令，验证码留空。",
    )


class EnrolForm(FlaskForm):
    """What proves that the new passphrase was written down and the authenticator works."""

    passphrase = StringField("照抄下来的新口令，再输入一次", [InputRequired("请输入新口令。"), Length(max=400)])
    code = StringField("验证器现在显示的六位数字", [InputRequired("请输入验证码。"), Length(max=64)])


class KeptForm(FlaskForm):
    """The new passphrase, typed back."""

    passphrase = StringField("照抄下来的新口令，再输入一次", [InputRequired("请输入新口令。"), Length(max=400)])


class InviteForm(FlaskForm):
    """A new colleague."""

    sign_in = StringField("登录名", [InputRequired("请填写登录名。"), Length(max=40)])
    name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=80)])
    office = SelectField("单位")
    roles = SelectMultipleField("角色", choices=ROLE_CHOICES)

    def validate_roles(self, field: SelectMultipleField) -> None:
        """At least one."""
        if not field.data:
            raise ValidationError("请至少选择一个角色。")


class RoleForm(FlaskForm):
    """One role for one office, to give or to take."""

    office = SelectField("单位")
    role = SelectField("角色", choices=ROLE_CHOICES)


class FoundForm(FlaskForm):
    """That the recovery sheets are on paper; ``paper``: the signed public half of the key that they give back."""

    paper = HiddenField(validators=[InputRequired()])
    kept = BooleanField(
        "三张恢复词都已经打印或抄好，交给三位不同的人分别收存",
        [AnyOf([True], message="请先把三张恢复词打印或抄好；没有保存好的，请重新制作。")],
    )


class GrantForm(FlaskForm):
    """The grant of an office's key: whose, for which office, and that the fingerprint was compared."""

    staff = HiddenField(validators=[InputRequired()])
    office = HiddenField(validators=[InputRequired()])
    fingerprint = HiddenField(validators=[InputRequired()])
    compared = BooleanField(
        "我已经和本人通话，逐组核对了指纹，完全一致", [AnyOf([True], message="请先和本人通话核对指纹。")]
    )
