"""Forms of reward schedules: yuan and percentages as people write them, or JSON; exact values come out."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, StopValidation, ValidationError

from admin.rewards.schedules import MOST_REASON
from admin.rewards.schedules_shapes import NUMBERED, Shape, Simple, simple_of
from admin.rewards.schedules_wording import GRADE_NAMES, NATURES, RELATIONS, STATUS, SUBJECTS
from portal.directory.regions import regions
from portal.kernel.errors import Refused
from portal.rewards.choose import NATION
from portal.rewards.entries import MOST_TEXT
from portal.rewards.schedule import MOST_FEN
from portal.rewards.values import Case, Nature, Relation, Schedule, Status, Subject
from portal.rewards.wording import percent
from portal.tips.amounts import amount_words, parse_exact
from portal.web.fields import options

APPROVE, REFUSE = "approve", "refuse"
ROWS = 6
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")


def _sum(_form: Any, field: Any) -> None:
    try:
        parse_exact(field.data or "")
    except Refused as refused:
        raise StopValidation(refused.message) from refused


def _day(_form: Any, field: Any) -> None:
    try:
        date.fromisoformat((field.data or "").strip())
    except ValueError:
        raise StopValidation("日期要写成 2026-01-01 这样。") from None


def _rate(_form: Any, field: Any) -> None:
    typed = (field.data or "").strip(" %％")
    if typed and (not _PERCENT.fullmatch(typed) or Decimal(typed) > 100):
        raise ValidationError("比例要写 0 到 100 的数，例如 1.5。")


def _fen(field: Any) -> int | None:
    return parse_exact(field.data or "")


def _share(field: Any) -> Decimal:
    return Decimal((field.data or "").strip(" %％")).scaleb(-2)


def _reason() -> TextAreaField:
    return TextAreaField(
        "理由",
        [InputRequired("请写明理由。"), Length(max=MOST_REASON)],
        description="为什么改，依据哪个文件。会留存，批准的人会看到。不要写举报的内容。",
    )


class TextForm(FlaskForm):
    """A whole schedule as JSON."""

    text = TextAreaField("标准的内容（JSON）", [InputRequired("请粘贴标准的内容。"), Length(max=MOST_TEXT)])
    why = _reason()


class NewForm(FlaskForm):
    """What a new schedule is called and where it is for."""

    name = StringField(
        "标准的代号",
        [
            InputRequired("请填写代号。"),
            Regexp(r"[a-z][a-z0-9-]{2,39}\Z", message="要用小写字母、数字和横线，3 到 40 个。"),
        ],
        description="例如 nanjing-2026。定了不能改。",
    )
    region = StringField("区划代码", [InputRequired("请填写区划代码。")], description="六位数字，例如 320100。")

    def validate_region(self, field: StringField) -> None:
        """A place that there is."""
        if field.data != NATION and field.data not in regions():
            raise ValidationError("没有这个区划代码，请核对。")

    @property
    def region_name(self) -> str:
        return "全国" if self.region.data == NATION else regions().get(self.region.data or "").name


class ScheduleForm(FlaskForm):
    """A schedule of a common shape. ``use`` says which; rows and grades of the others are not shown."""

    title = StringField("文件名称", [Optional(), Length(max=200)])
    number = StringField("文号", [Optional(), Length(max=200)])
    status = SelectField("状态", choices=options(STATUS.items()), description="只有“施行中”的才能算出作数的奖励。")
    effective_from = StringField("从哪天起施行", [Optional(), _day], description="例如 2026-01-01。")
    effective_to = StringField("最后一天", [Optional(), _day], description="没有写明的不填。")
    real_name = BooleanField("只奖励实名举报")
    floor = StringField("最低数额（元）", [_sum], description="没有见到原文的不填。")
    cap = StringField("最高数额（元）", [_sum], description="没有见到原文的不填。")
    inclusive = RadioField(
        "正好等于分界的，算在哪一档",
        choices=options([("y", "前一档（“不超过”“含”）"), ("n", "后一档（“不满”“不足”）")]),
        default="y",
    )
    checked = BooleanField("数额、比例、日期都已经和文件原文对过", description="勾选以后，这几项记为“和原文对过”。")
    why = _reason()

    def prepare(self, shape: Shape, schedule: Schedule | None) -> None:
        """Show *shape*; with *schedule*, what it says, unless something was typed."""
        self.shape = shape
        if schedule is None or self.is_submitted():
            return
        self.title.data, self.number.data = schedule.title, schedule.number
        self.status.data, self.real_name.data = schedule.status.value, schedule.real_name_required
        self.effective_from.data = str(schedule.effective_from or "")
        self.effective_to.data = str(schedule.effective_to or "")
        self.floor.data, self.cap.data = _said(schedule.floor_fen), _said(schedule.cap_fen)
        simple = simple_of(schedule)
        if simple is not None:
            self._fill(simple)

    def _fill(self, simple: Simple) -> None:
        self.inclusive.data = "y" if simple.inclusive else "n"
        for (upper, rate), (edge, share) in zip(simple.bands, self.rows, strict=False):
            edge.data, share.data = _said(upper), percent(rate).removesuffix("%")
        for grade, rate in (simple.grades or {}).items():
            self.grade_field(grade).data = percent(rate).removesuffix("%")

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """The fields of the bands: up to which sum, at which rate."""
        return [(self[f"upper{row}"], self[f"rate{row}"]) for row in range(1, ROWS + 1)]

    def grade_field(self, grade: str) -> Any:
        return self[f"grade{grade}"]

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, then the table as a whole."""
        if not super().validate(extra_validators):
            return False
        try:
            self.simple()
        except Refused as refused:
            self.form_errors.append(refused.message)
            return False
        return True

    def simple(self) -> Simple:
        """The table that was typed. Raises Refused ("bad_table")."""
        if self.shape is Shape.BY_GRADE:
            fields = {grade: self.grade_field(grade) for grade in NUMBERED}
            grades = {grade: _share(field) for grade, field in fields.items() if (field.data or "").strip()}
            if not grades:
                raise Refused("bad_table", "请至少填写一个等级的比例。")
            return Simple(self.shape, grades=grades)
        bands = [
            (_fen(edge), share) for edge, share in self.rows if (share.data or "").strip() or _fen(edge) is not None
        ]
        if not bands or any(not (share.data or "").strip() for _, share in bands):
            raise Refused("bad_table", "每一档都要填写比例。")
        uppers = [upper for upper, _ in bands]
        if uppers[-1] is not None or None in uppers[:-1]:
            raise Refused("bad_table", "最后一档、也只有最后一档不填“到多少元”。")
        closed = [upper for upper in uppers if upper is not None]
        if closed != sorted(set(closed)) or 0 in closed:
            raise Refused("bad_table", "分界要从小到大。")
        return Simple(
            self.shape, tuple((upper, _share(share)) for upper, share in bands), inclusive=self.inclusive.data != "n"
        )

    def changed(self) -> dict[str, Any]:
        """The other fields as an entry has them."""
        return {
            "document": {
                "title": (self.title.data or "").strip() or None,
                "number": (self.number.data or "").strip() or None,
            },
            "status": self.status.data,
            "effective_from": (self.effective_from.data or "").strip() or None,
            "effective_to": (self.effective_to.data or "").strip() or None,
            "real_name_required": self.real_name.data or False,
            "floor_fen": _fen(self.floor),
            "cap_fen": _fen(self.cap),
        }


for _row in range(1, ROWS + 1):
    setattr(ScheduleForm, f"upper{_row}", StringField(f"第 {_row} 档，到多少元", [_sum]))
    setattr(ScheduleForm, f"rate{_row}", StringField(f"第 {_row} 档，比例（%）", [_rate]))
for _grade in NUMBERED:
    setattr(ScheduleForm, f"grade{_grade}", StringField(f"{GRADE_NAMES[_grade]}，比例（%）", [_rate]))


class TryForm(FlaskForm):
    """A case that nobody reported: what would it come to?"""

    value = StringField("案值（元）", [InputRequired("请填写案值。"), _sum], description="举报的事项造成的基金损失。")
    subject = SelectField("被举报的", choices=options(SUBJECTS.items()))
    nature = SelectField("性质", choices=options(NATURES.items(), empty="没有认定"))
    grade = SelectField("证据等级", choices=options(GRADE_NAMES.items(), empty="没有评定"))
    relation = SelectField("举报人", choices=options(RELATIONS.items()))
    rate_chosen = StringField("选定的比例（%）", [_rate], description="标准规定了范围的才填。")
    amount_chosen = StringField("选定的数额（元）", [_sum], description="标准规定了范围的才填。")
    add_rate = StringField("提高的比例（%）", [_rate], description="标准允许经办人提高的才填。")

    def validate_value(self, field: StringField) -> None:
        """No more than a schedule knows."""
        if (_fen(field) or 0) > MOST_FEN:
            raise ValidationError("案值太大了，请核对。")

    def case(self, today: date, schedule: Schedule) -> Case:
        """The case, on a day on which the schedule holds where there is one. Of a form that is valid."""
        return Case(
            case_value_fen=_fen(self.value) or 0,
            decided_on=_day_within(schedule, today),
            subject=Subject(self.subject.data),
            grade=self.grade.data or None,
            nature=Nature(self.nature.data) if self.nature.data else None,
            relation=Relation(self.relation.data),
            rate_chosen=_share(self.rate_chosen) if (self.rate_chosen.data or "").strip() else None,
            add_rate=_share(self.add_rate) if (self.add_rate.data or "").strip() else None,
            amount_chosen_fen=_fen(self.amount_chosen),
        )


def _day_within(schedule: Schedule, today: date) -> date:
    starts = schedule.starts()
    if starts is None or schedule.status is not Status.IN_FORCE:
        return today
    latest = min(today, schedule.effective_to) if schedule.effective_to else today
    return max(starts, latest)


def _said(fen: int | None) -> str:
    return "" if fen is None else amount_words(fen, grouped=True)


class DecideForm(FlaskForm):
    """Yes or no; a no says why."""

    answer = RadioField(
        "您的决定", [InputRequired("请选择一项。")], choices=options([(APPROVE, "批准"), (REFUSE, "不批准")])
    )
    reason = TextAreaField("不批准的，为什么", [Length(max=MOST_REASON)])

    def validate_reason(self, field: TextAreaField) -> None:
        """A refusal says why."""
        if self.answer.data == REFUSE and not (field.data or "").strip():
            raise ValidationError("不批准的，请写明理由。")
