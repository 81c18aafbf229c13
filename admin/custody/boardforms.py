"""Forms of boards: a new one, who is appointed, which one an office uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from admin.accounts.forms import as_id
from admin.custody.founding import MOST_SEATS, NewBoard
from admin.custody.kept import KEPT
from admin.staff.boards import BoardView
from admin.staff.models import Staff
from admin.web.stepup import factor_field
from portal.directory.models import Office
from portal.directory.values import BoardPurpose
from portal.kernel.values import Id
from portal.web.fields import options

_NAMES = {
    BoardPurpose.IDENTITY: "举报人会在网站上看到它，例如“某某市身份保管组”。",
    BoardPurpose.PAYMENT: "例如“某某市付款保管组”。",
}
_PERSON_NO = "一个人用两个账号，也只能有一个席位：用工号核对。"


def _named(people: Iterable[Staff]) -> Iterable[tuple[Id, str]]:
    return ((one.id, f"{one.name}（{one.sign_in}）") for one in people)


class AppointForm(FlaskForm):
    """Who is to hold a seat next."""

    seat = SelectField("哪个席位", [InputRequired("请选择一个席位。")])
    person = SelectField("任命谁", [InputRequired("请选择一个人。")])
    person_no = StringField("工号", [InputRequired("请填写工号。"), Length(max=40)], description=_PERSON_NO)
    code = factor_field()

    def prepare(self, boards: Sequence[BoardView], keepers: Mapping[BoardPurpose, Sequence[Staff]]) -> None:
        """Offer every seat by its board, and the keepers that this person manages, by what they keep."""
        self.seat.choices = [
            choice
            for name, seats in ((view.board.name, view.seats) for view in boards)
            for choice in options(((one.seat.id, f"{name}第 {one.seat.position} 席") for one in seats), group=name)
        ]
        self.person.choices = [
            choice
            for purpose, people in keepers.items()
            for choice in options(_named(people), group=KEPT[purpose].keeper)
        ]


class SeatForm(Form):
    """One seat of a new board; empty when the board has fewer."""

    person = SelectField("保管人", default="", validate_choice=False)
    person_no = StringField("工号")


class NewBoardForm(FlaskForm):
    """A board that is to be formed."""

    name = StringField("名称", [InputRequired("请填写名称。"), Length(max=120)])
    office = SelectField("给谁用", description="选一个单位：它和没有自己保管组的下级单位都用它。")
    k = SelectField(
        "几席同意才能打开",
        coerce=int,
        choices=options((number, f"{number} 席") for number in range(2, MOST_SEATS + 1)),
        description="席位比它多一两个，有人休假或者离开时也够数。",
    )
    seats = FieldList(FormField(SeatForm), min_entries=MOST_SEATS, max_entries=MOST_SEATS)

    def prepare(self, purpose: BoardPurpose, offices: Sequence[Office], keepers: Sequence[Staff]) -> None:
        """Offer the offices and keepers that this person manages; the site's board where an office is at the top."""
        self.name.description = _NAMES[purpose]
        top = any(office.superior_id is None for office in offices)
        named = [(office.id, office.name) for office in offices]
        self.office.choices = options([*named, ("", "全站：没有别的保管组可用的单位")] if top else named)
        people = options(_named(keepers), empty="不设这个席位")
        for entry in self.seats:
            entry.form.person.choices = people

    def validate_seats(self, field: FieldList) -> None:
        """As many as must consent; each with a staff number, each person once."""
        chosen = [entry.form for entry in field if entry.form.person.data]
        for form in chosen:
            if not (form.person_no.data or "").strip():
                form.person_no.errors = ["请填写工号。"]
        if any(form.person_no.errors for form in chosen):
            raise ValidationError("每个席位都要填写保管人的工号。")
        if len({form.person.data for form in chosen}) < len(chosen):
            raise ValidationError("同一个人不能有两个席位。")
        if len(chosen) < (self.k.data or 2):
            raise ValidationError(f"至少要有 {self.k.data or 2} 个席位。")

    def to_command(self, purpose: BoardPurpose) -> NewBoard:
        """What was typed, as the verb takes it."""
        chosen = [(as_id(entry.form.person.data), entry.form.person_no.data or "") for entry in self.seats]
        seats = [(person, number) for person, number in chosen if person is not None]
        return NewBoard(purpose, self.name.data or "", as_id(self.office.data or ""), self.k.data, seats)


class ChoiceForm(FlaskForm):
    """Which board an office uses."""

    board = SelectField("保管组")

    def prepare(self, names: Mapping[Id, str], usable: Sequence[Id], in_line: str) -> None:
        """Offer *usable* boards; *in_line*: the name of the one that the office has without a choice."""
        rest = f"不指定：按上下级，现在是{in_line}" if in_line else "不指定：按上下级"
        self.board.choices = options(((one, names[one]) for one in usable), empty=rest)

    def chosen(self) -> Id | None:
        """The board, or None when the place in the line decides."""
        return as_id(self.board.data or "")
