"""A fresh second factor before an act that matters, whoever holds the session: throttled like signing in.

Two ways to ask, one way to take. A form of its own has a :func:`factor_field`, shown by the macro ``factor`` of
``components/factor.html``, and its view calls :func:`take_factor` before the verb. Any other form keeps its view, which
calls :func:`ask_factor` once everything else is right: the person gets a page that says what is about to be done, and
whose answer brings the same fields back. Either takes a one-time code, a recovery code or a passkey.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Flask, current_app, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import exists, select
from wtforms import Field, StringField
from wtforms.validators import Length, StopValidation

from admin.staff import factors, unlocking
from admin.staff.factors import Given
from admin.staff.models import Passkey, Staff
from admin.staff.passkeys import fresh_answer
from admin.web.guard import current_staff, maybe_staff
from portal.kernel.clock import now
from portal.kernel.errors import Refused, Throttled
from portal.kernel.transaction import reading, session_transaction, transaction
from portal.signin import throttle
from portal.signin.challenges import Ceremony
from portal.signin.passkeys import RelyingParty

Asked = str | tuple[str, int]
PASSKEY = "passkey"
"""The hidden field that a passkey's answer comes back in, beside ``code``."""
_GIVEN = "factor"
"""Marks a form that comes from the page of :func:`ask_factor`."""
_NOT_CARRIED = {"csrf_token", "code", PASSKEY, _GIVEN}


class FactorGiven:
    """Validator: a code was typed, or a passkey answered."""

    def __call__(self, form: FlaskForm, field: Field) -> None:
        if not (field.data or "").strip() and not request.form.get(PASSKEY):
            raise StopValidation("请输入验证器现在显示的六位数字，或者使用通行密钥。")


def factor_field(label: str = "验证码", description: str = "验证器现在显示的六位数字，或者一个恢复码。") -> StringField:
    """The field ``code`` of a form whose view calls :func:`take_factor`."""
    return StringField(label, [FactorGiven(), Length(max=64)], description=description)


class FactorForm(FlaskForm):
    """A fresh second factor and nothing else."""

    code = factor_field()


def take_factor(typed: str | None) -> None:
    """Use up the code that was *typed*, or the passkey's answer that came in the same form.

    Raises Refused ("code_wrong", "passkey_wrong") or Throttled. In a transaction of its own: a code that was right is
    used up even when the act is refused afterwards, and a copied passkey is recorded although it is refused.
    """
    person, moment, answer = current_staff(), now(), request.form.get(PASSKEY, "")
    counters = [throttle.device_counter(f"factor {person.staff.id}")]
    given = Given(typed or "", party=passkey_party(), by_passkey=bool(answer))
    with session_transaction() as store:
        throttle.enter(store, counters, moment)
        if given.by_passkey:
            given.answer = fresh_answer(store, answer, Ceremony.STEP_UP, person.session.id, moment)
    with transaction() as session:
        staff = session.get_one(Staff, person.staff.id, with_for_update=True)
        right = factors.take_given(session, staff, unlocking.seed_of(person.session.payload), given, moment)
    if not right and given.by_passkey:
        raise Refused("passkey_wrong", "通行密钥没有通过。请再试一次，或者改用验证码。")
    if not right:
        raise Refused("code_wrong", "验证码不对，或者已经用过。请等验证器换一组数字再试。")
    with session_transaction() as store:
        throttle.succeeded(store, counters, moment)


def ask_factor(what: str, back: str) -> Asked | None:
    """None once this very form came with a fresh second factor; else the page that asks for one.

    *what*: the act in words, with its object; *back*: where to go instead. Call it after everything else was checked
    and right before the verb. Files of the form are not carried over, and ``code`` is no field of its own there.
    """
    form, status = FactorForm(), 200
    if not any(request.form.get(name) for name in (_GIVEN, "code", PASSKEY)):
        form = FactorForm(formdata=None)
    elif form.validate():
        try:
            take_factor(form.code.data)
            return None
        except (Refused, Throttled) as error:
            form.form_errors.append(error.message)
            status = 429 if isinstance(error, Throttled) else 422
    else:
        status = 422
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_CARRIED]
    return render_template("staff/confirm.html", form=form, what=what, back=back, carried=carried), status


def stepped_up(what: str, back: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """:func:`ask_factor` before a view that only acts; *back*: an endpoint without arguments."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def asked_first(**values: Any) -> Any:
            asked = ask_factor(what, url_for(back))
            return view(**values) if asked is None else asked

        return asked_first

    return mark


def passkey_party() -> RelyingParty | None:
    """The site as devices know it; None where the settings name no address, and codes are all there is."""
    return cast("RelyingParty | None", current_app.extensions["mingjing_passkeys"])


def init_app(app: Flask) -> None:
    """What the macro ``factor`` asks: where passkeys work, and whether the person of this request has one."""
    app.jinja_env.globals.update(passkey_origin=_origin, has_passkey=_has_passkey)


def _origin() -> str:
    party = passkey_party()
    return party.origin if party else ""


def _has_passkey() -> bool:
    person = maybe_staff()
    if person is None or passkey_party() is None:
        return False
    with reading() as session:
        mine = exists().where(Passkey.staff_id == person.staff.id, Passkey.stopped_on.is_(None))
        return bool(session.scalar(select(mine)))
