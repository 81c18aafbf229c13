"""The questions of the reporting journey, one small form each.

A form reads what was kept (``load``), checks what is typed, and gives what to keep (``answers``): plain JSON under the
names of the report. It never touches the database; choices that live there are given by the view. The token against
forged requests stands in every form tag and is checked for the whole app, so the forms carry none of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError

from portal.kernel import clock
from portal.kernel.errors import Refused
from portal.tips.amounts import amount_words, parse_amount
from portal.tips.catalogue import GROUPS, Conduct, subjects
from portal.tips.values import LIMITS, Month, check_period, clean_text
from portal.web.fields import MonthField, options
from portal.web.locale import gettext as _
from portal.web.locale import language
from portal.web.locale import lazy_gettext as _l

UNKNOWN = "unknown"
"""The value of “I do not know” in every choice that offers it; kept as an empty answer."""


Answers = dict[str, Any]


class Said:
    """Cleans text as the domain does, with a sentence in the reader's language; what is typed is never cut."""

    def __init__(self, required: Any = None, limit: int | None = None) -> None:
        self.required, self.limit = required, limit

    def limit_of(self, field: Field) -> int:
        return self.limit or LIMITS.get(field.name, 200)

    def __call__(self, form: Form, field: Field) -> None:
        limit = self.limit_of(field)
        typed = field.data or ""
        try:
            clean = clean_text(typed, 2**31, lines=isinstance(field, TextAreaField))
        except Refused as error:
            raise StopValidation(_("里面有无法保存的字符，请删掉显示不正常的符号后再试。")) from error
        if len(clean) > limit:
            raise StopValidation(
                _(
                    "最多 %(limit)s 个字，现在有 %(length)s 个字。请写短一些，或者把详细内容放进文件。",
                    limit=limit,
                    length=len(clean),
                )
            )
        if self.required is not None and not clean:
            raise StopValidation(str(self.required))
        field.data = clean


class Chosen:
    """One of the choices must be picked, with a sentence that says so."""

    field_flags: ClassVar[dict[str, Any]] = {}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        offered = {str(choice[0]) for choice in field.iter_choices()}
        if field.data is None or str(field.data) not in offered or field.data == "":
            field.errors = []
            raise StopValidation(str(self.message))


class Pick(RadioField):
    """Radio buttons whose "not a choice" is answered by :class:`Chosen` in plain words."""

    def pre_validate(self, form: Form) -> None:
        """Left to the validators: a tampered value gets the same sentence as no value."""


class Question(Form):
    """A page's form. ``keys`` are the names of the answers it gives; fields of the same name are read and kept."""

    keys: ClassVar[Sequence[str]] = ()
    defaults: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def load(cls, kept: Answers, posted: MultiDict[str, str] | None = None) -> Question:
        """The form with what was kept, or with what was just posted."""
        return cls(formdata=posted, data=cls.shown(kept))

    @classmethod
    def shown(cls, kept: Answers) -> Answers:
        """Field values from kept answers."""
        return {key: kept[key] for key in cls.keys if key in kept}

    def answers(self) -> Answers:
        """What to keep of a valid form."""
        return {key: self[key].data for key in self.keys}

    def limit_of(self, field: Field) -> int:
        """How many characters a field takes: what the page counts and what is checked."""
        return next(one.limit_of(field) for one in field.validators if isinstance(one, Said))


class SubjectForm(Question):
    keys = ("subject_type",)
    subject_type = Pick(_l("您要举报的是谁？"), validators=[Chosen(_l("请选择举报的是谁；说不清可以选最后一项"))])

    @property
    def hints(self) -> dict[str, str]:
        """What each choice means, in the reader's language."""
        return {one.type.value: one.hint_en if language() == "en" else one.hint_zh for one in subjects()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = language() == "en"
        self.subject_type.choices = options((one.type.value, one.en if english else one.zh) for one in subjects())


class ConductForm(Question):
    """Choices of the catalogue for one kind of reported party; ``group_before`` and ``examples`` go by code."""

    keys = ("conduct",)
    conduct = Pick(_l("主要是什么问题？"), validators=[Chosen(_l("请选择一项；不确定可以选最后一项"))])

    @classmethod
    def shown(cls, kept: Answers) -> Answers:
        return {"conduct": (kept["conduct"] or UNKNOWN)} if "conduct" in kept else {}

    def offer(self, conducts: Sequence[Conduct]) -> None:
        """The catalogue's conducts for the chosen subject."""
        english = language() == "en"
        named = [(one.code, one.en if english else one.zh) for one in conducts]
        self.conduct.choices = options([*named, (UNKNOWN, _("我不知道，或者都不像"))])
        examples = {one.code: one.example_en if english else one.example_zh for one in conducts}
        self.examples = {code: words for code, words in examples.items() if words}
        self.group_before: dict[str, str] = {}
        before = ""
        for one in conducts:
            if one.group != before:
                self.group_before[one.code] = GROUPS[one.group][english]
            before = one.group

    def answers(self) -> Answers:
        return {"conduct": "" if self.conduct.data == UNKNOWN else self.conduct.data}


class OfficeForm(Question):
    keys = ("against_office",)
    against_office = SelectField(
        _l("涉及哪个医保部门？"),
        description=_l("选了以后，这个单位和它的下级不会收到您的举报，也看不到。"),
        validators=[Chosen(_l("请选择单位；不清楚可以选“我不知道”"))],
        validate_choice=False,
    )

    @classmethod
    def shown(cls, kept: Answers) -> Answers:
        return {"against_office": (kept["against_office"] or UNKNOWN)} if "against_office" in kept else {}

    def offer(self, offices: Sequence[tuple[str, str]]) -> None:
        """Codes and names of the offices of the region."""
        unknown = (UNKNOWN, _("我不知道，或者不在里面"))
        self.against_office.choices = options([unknown, *offices], empty=_("请选择"))

    def answers(self) -> Answers:
        return {"against_office": "" if self.against_office.data == UNKNOWN else self.against_office.data}


class TargetForm(Question):
    keys = ("target", "target_address")
    target = StringField(
        _l("被举报的单位或人叫什么？"),
        description=_l("写招牌上的名字、姓名或您知道的叫法。不知道可以空着。"),
        validators=[Said()],
    )
    target_address = StringField(
        _l("它在哪里"), description=_l("例如路名、门牌，或者“某某小学对面”。"), validators=[Said()]
    )


class PeriodForm(Question):
    keys = ("from", "to", "ongoing")
    start = MonthField(_l("从什么时候开始"))
    end = MonthField(_l("到什么时候"), description=_l("只发生过一次的，可以只写开始的月份。"))
    ongoing = BooleanField(_l("现在还在继续"))

    @classmethod
    def shown(cls, kept: Answers) -> Answers:
        return {"start": kept.get("from"), "end": kept.get("to"), "ongoing": kept.get("ongoing", False)}

    def validate_start(self, field: Field) -> None:
        """Months to come, and an end before the start, are told apart."""
        self._check(field, Month.parse(field.data) if field.data else None, None)

    def validate_end(self, field: Field) -> None:
        if self.ongoing.data:
            return
        begun = Month.parse(self.start.data) if self.start.data and not self.start.errors else None
        self._check(field, begun, Month.parse(field.data) if field.data else None)

    def _check(self, field: Field, start: Month | None, end: Month | None) -> None:
        try:
            check_period(start, end, clock.today())
        except Refused as error:
            words = {
                "period_future": _("这个月份还没有到，请检查"),
                "period_reversed": _("结束的月份早于开始的月份，请检查"),
            }
            raise ValidationError(words[error.code]) from error

    def answers(self) -> Answers:
        ongoing = bool(self.ongoing.data)
        end = str(Month.of(clock.today())) if ongoing and self.start.data else self.end.data
        return {"from": self.start.data or "", "to": end or "", "ongoing": ongoing}


class WordsForm(Question):
    keys = ("words",)
    words = TextAreaField(
        _l("发生了什么？"),
        description=_l("用自己的话写，想到什么写什么：谁、做了什么、您看到或听到了什么。不要写您自己的姓名和电话。"),
        validators=[Said(_l("请用几句话写下发生了什么"))],
    )


MORE = {
    "files": _l("照片、录音、录像或其他文件"),
    "place": _l("具体在哪里发生"),
    "persons": _l("涉及哪些人"),
    "amount": _l("大约涉及多少钱"),
    "how_known": _l("我是怎么知道的"),
    "earlier": _l("以前向哪里反映过"),
    "office": _l("有医保部门或它的人参与"),
}
"""The optional questions. None ticked: all of them are skipped with this one press."""


class MoreForm(Question):
    keys = ("more",)
    more = SelectMultipleField(
        _l("还有哪些可以补充？"),
        description=_l("有就勾选，接下来会逐项请您填写。没有就直接继续，不影响受理。"),
        choices=options(MORE.items()),
        validate_choice=False,
    )

    def answers(self) -> Answers:
        return {"more": [name for name in MORE if name in (self.more.data or [])]}


class PlaceForm(Question):
    keys = ("place",)
    place = TextAreaField(
        _l("具体在哪里发生？"), description=_l("例如哪个院区、几楼、哪个科室或窗口。"), validators=[Said()]
    )


class PersonsForm(Question):
    keys = ("persons",)
    persons = TextAreaField(
        _l("涉及哪些人？"),
        description=_l("写您知道的称呼、职务就可以。涉及未满 14 周岁的孩子时，请不要写孩子的姓名，除非您是监护人。"),
        validators=[Said()],
    )


class AmountForm(Question):
    keys = ("amount",)
    amount = StringField(
        _l("大约涉及多少钱？"), description=_l("写数字，例如 3000 或 1.5万。不需要准确。"), validators=[Said(limit=40)]
    )

    @classmethod
    def shown(cls, kept: Answers) -> Answers:
        fen = kept.get("amount_fen")
        return {} if fen is None else {"amount": amount_words(fen)}

    def validate_amount(self, field: Field) -> None:
        try:
            self._fen = parse_amount(field.data or "")
        except Refused as error:
            raise ValidationError(_("金额要写数字，单位是元，例如 3000 或 1.5万；不清楚可以空着")) from error

    def answers(self) -> Answers:
        return {"amount_fen": self._fen}


class HowKnownForm(Question):
    keys = ("how_known",)
    how_known = TextAreaField(
        _l("您是怎么知道的？"),
        description=_l("例如亲眼看到、听人说起、看到单据。写得太具体可能让人猜到是您，请自己把握。"),
        validators=[Said()],
    )


class EarlierForm(Question):
    keys = ("earlier_reports",)
    earlier_reports = TextAreaField(
        _l("以前向哪里反映过？"), description=_l("什么时候、向哪个部门、结果怎样。"), validators=[Said()]
    )


class BeginForm(Question):
    keys = ("who",)
    who = Pick(
        _l("是谁在填写？"),
        choices=options(
            [
                ("adult", _l("我已满 14 周岁，同意按上面的说明处理我填写的内容")),
                ("guardian", _l("我未满 14 周岁，监护人和我一起填写，并同意上面的说明")),
                ("child", _l("我未满 14 周岁，监护人不在身边")),
            ]
        ),
        validators=[Chosen(_l("请选择是谁在填写"))],
    )


class SendForm(Question):
    truth = BooleanField(_l("我写的是我知道的真实情况，没有编造"))

    def validate_truth(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("请先确认内容真实，再提交"))
