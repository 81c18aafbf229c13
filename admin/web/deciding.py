"""What is done to something from its page: by whoever prepares it, and by a second person, who says yes or sends back.

A press goes one way, whatever it is about: the form is looked at, the second factor is taken where one is asked for,
the verb runs in its own transaction, and the page is shown again with what stands against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import redirect
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from admin.web.guard import current_staff
from admin.web.stepup import factor_field, take_factor
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, now
from portal.kernel.errors import IllegalMove, Refused, Throttled
from portal.kernel.transaction import transaction

Page = str | tuple[str, int] | Response
Row = TypeVar("Row")
Key = TypeVar("Key")

WORDS_LIMIT = 500
"""Characters of why something was sent back."""


class PressForm(FlaskForm):
    """A button and nothing else."""


class DecideForm(FlaskForm):
    """Yes to exactly what was read (*seen*: its mark, SHA-256 in hex), with a fresh second factor."""

    seen = HiddenField(validators=[InputRequired(), Regexp("[0-9a-f]{64}$")])
    code = factor_field()


class SendBackForm(FlaskForm):
    """Why it goes back."""

    words = TextAreaField("退回的理由", [InputRequired("请填写退回的理由。"), Length(max=WORDS_LIMIT)])


def attempt(form: FlaskForm, show: Callable[[FlaskForm], str], work: Callable[[], str]) -> Page:
    """Do what *form* asks for and go where *work* says, or *show* the page with what stands against it."""
    if not form.validate_on_submit():
        return show(form), 400
    try:
        return redirect(work(), 303)
    except (Refused, IllegalMove, Throttled) as error:
        form.form_errors.append(error.message)
        return show(form), 422


@dataclass(frozen=True, slots=True)
class Presses(Generic[Key, Row]):
    """The buttons on the page of one row. ``lock``: the row of that key, for this person, locked; ``show``: its page,
    with the form that was refused; ``address``: of that page."""

    lock: Callable[[Session, Key, Actor], Row]
    show: Callable[[Key, FlaskForm], str]
    address: Callable[[Key], str]

    def act(self, key: Key, verb: Callable[[Session, Row, Actor, Utc], object]) -> Page:
        """A button and nothing else."""
        return self._press(key, PressForm(), verb)

    def decide(self, key: Key, verb: Callable[[Session, Row, str, Actor, Utc], object]) -> Page:
        """The second person says yes to what was read."""
        form = DecideForm()

        def seen(session: Session, row: Row, actor: Actor, at: Utc) -> object:
            return verb(session, row, form.seen.data or "", actor, at)

        return self._press(key, form, seen, lambda: take_factor(form.code.data))

    def send_back(self, key: Key, verb: Callable[[Session, Row, str, Actor, Utc], object]) -> Page:
        """The second person says why not."""
        form = SendBackForm()

        def worded(session: Session, row: Row, actor: Actor, at: Utc) -> object:
            return verb(session, row, form.words.data or "", actor, at)

        return self._press(key, form, worded)

    def _press(
        self,
        key: Key,
        form: FlaskForm,
        verb: Callable[[Session, Row, Actor, Utc], object],
        before: Callable[[], None] = lambda: None,
    ) -> Page:
        def work() -> str:
            before()
            actor = current_staff().actor
            with transaction() as session:
                verb(session, self.lock(session, key, actor), actor, now())
            return self.address(key)

        return attempt(form, lambda refused: self.show(key, refused), work)
