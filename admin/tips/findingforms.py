"""Forms that state what was found: with a decision, with the closing, and as a correction afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from admin.tips import findingwords as words
from admin.tips.findings import NEEDED
from admin.tips.forms import ActForm, Section, reason_field, words_field
from portal.kernel.errors import Refused
from portal.kernel.values import Fen
from portal.mailbox.reasons import Closing, Outcome
from portal.tips.amounts import amount_words, parse_exact
from portal.tips.findings import AMOUNTS, REASON_LIMIT, Findings, Grade
from portal.tips.findings_kept import has_findings
from portal.tips.models import Tip
from portal.tips.values import SubjectType
from portal.web.fields import options


def _exact(_form: Any, field: Any) -> None:
    try:
        parse_exact(field.data or "")
    except Refused as refused:
        raise ValidationError(refused.message) from refused


def _sum(name: str, description: Any) -> StringField:
    return StringField(AMOUNTS[name], [_exact], description=description)


def _short(label: Any, description: Any = "") -> TextAreaField:
    limit = Length(max=REASON_LIMIT, message=_l("最多 %(max)d 个字"))
    return TextAreaField(label, [Optional(), limit], description=description)


def _one_of(label: Any, choices: Mapping[str, str], description: Any = "") -> RadioField:
    return RadioField(label, [Optional()], choices=options(choices.items()), description=description)


def _listed(label: Any, choices: Mapping[str, str], description: Any = "") -> SelectField:
    return SelectField(
        label, [Optional()], choices=options(choices.items(), empty=_l("请选择")), description=description
    )


class FindingsForm(ActForm):
    """The sums and what they were judged by. Left empty altogether, nothing is stated."""

    shows_findings = True
    loss_fen = _sum(
        "loss_fen",
        _l("举报的这件事造成的医保基金损失，奖励只按它计算。罚款、违约金和另外查出的损失不算在内；没有损失填 0。"),
    )
    other_loss_fen = _sum("other_loss_fen", _l("同一次检查中查出、举报没有提到的基金损失。没有就不填。"))
    fine_fen = _sum("fine_fen", _l("行政处罚决定的罚款，不计入损失。没有就不填。"))
    damages_fen = _sum("damages_fen", _l("按照服务协议收取的违约金，不计入损失。没有就不填。"))
    recovered_fen = _sum("recovered_fen", _l("已经退回医保基金的钱，不能多于两项损失之和。没有就不填。"))
    subject_type = _listed(_l("被查实的是谁"), words.SUBJECT_WORDS)
    nature = _one_of(_l("违法行为的性质"), words.NATURES)
    match = _one_of(_l("查实的与举报的是否相符"), words.MATCHES)
    grade = _one_of(
        _l("证据等级"),
        words.GRADES,
        _l(
            "按本地奖励办法的标准定：一般看事实是否详细、有没有直接证据、有没有协助查办。本地不分等级的，选“不定等级”。"
        ),
    )
    grade_reason = _short(_l("定这个等级的理由"), _l("定了等级就要填写。不要写出能认出举报人的内容。"))
    relation = _listed(
        _l("举报人与被举报方的关系"),
        words.RELATIONS,
        _l("只在奖励办法有区别时才用到。与其他内容一样加密保存；没有把握就选“不清楚”，不要为此去打听举报人是谁。"),
    )
    _SUMS = tuple(AMOUNTS)
    _MUST = ("loss_fen", "subject_type", "nature", "match", "grade", "relation")
    _JUDGED = ("subject_type", "nature", "match", "grade", "grade_reason", "relation")

    def prefill(self, tip: Tip, standing: Findings | None) -> None:
        """What stands already, or of whom the report was."""
        if standing is None:
            known = tip.subject_type in words.SUBJECT_WORDS and tip.subject_type != SubjectType.OTHER
            self.subject_type.data = tip.subject_type if known else ""
            return
        for name in self._SUMS:
            self[name].data = amount_words(getattr(standing, name))
        for name in self._JUDGED:
            self[name].data = str(getattr(standing, name))

    def findings(self) -> Findings | None:
        """What was typed; None when nothing was. Refused when the parts contradict each other."""
        if not self._begun():
            return None
        sums = {name: parse_exact(self[name].data or "") or Fen(0) for name in self._SUMS}
        judged = {name: self[name].data or "" for name in self._JUDGED}
        if judged["grade"] == Grade.NONE and not judged["grade_reason"].strip():
            judged["grade_reason"] = ""
        return Findings(**cast("dict[str, Any]", {**sums, **judged}))

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field; then, unless nothing of it is asked for, that nothing of it is missing."""
        good = super().validate(extra_validators)
        if self._needed() or self._begun():
            for name in self._MUST:
                if not (self[name].data or "").strip() and not self[name].errors:
                    asked = "请填写" if name == "loss_fen" else "请选择"
                    self[name].errors = [f"{asked}“{self[name].label.text}”"]
                    good = False
            if self.grade.data not in (None, "", Grade.NONE) and not (self.grade_reason.data or "").strip():
                self.grade_reason.errors = [_l("请写明定这个等级的理由")]
                good = False
        return bool(good)

    def _begun(self) -> bool:
        """Whether anything of it was typed or chosen, the subject aside: that is filled in from the report."""
        return any((self[name].data or "").strip() for name in (*self._SUMS, *self._JUDGED) if name != "subject_type")

    def _needed(self) -> bool:
        return True

    def finding_sections(self, note: Any) -> list[Section]:
        return [
            Section(_l("查实的金额（元）"), note, [self[name] for name in self._SUMS]),
            Section(_l("与奖励有关的认定"), "", [self[name] for name in self._JUDGED]),
        ]


class OutcomeForm(FindingsForm):
    reason = reason_field(Outcome, _l("处理结果"))
    text = words_field(_l("决定内容"))
    why = _short(_l("更正的理由"), _l("与以前登记的金额或者认定不同时才填写。"))
    stated = False

    def prepare(self, session: Session, tip: Tip) -> None:
        self.stated = has_findings(session, tip)

    def _needed(self) -> bool:
        return self.reason.data in NEEDED and not self.stated

    def sections(self) -> Sequence[Section]:
        note = _l("给予处罚或者依法不予处罚的，都要填写。违法事实不能成立的，可以整块不填。")
        return [Section("", "", [self.reason, self.text]), *self.finding_sections(note), *self._why_section()]

    def _why_section(self) -> list[Section]:
        return [Section("", "", [self.why])] if self.stated else []


class CloseForm(OutcomeForm):
    reason = reason_field(Closing, _l("结案方式"))
    text = words_field(_l("结案说明"), needed=False)

    def sections(self) -> Sequence[Section]:
        note = _l("作出决定时已经登记的，下面是现在登记的内容；有变化就改，例如后来追回的钱。没有变化不用动。")
        if not self.stated:
            note = _l("这份举报还没有登记过。不需要执行的，可以整块不填。")
        return [Section("", "", [self.reason, self.text]), *self.finding_sections(note), *self._why_section()]


class CorrectForm(FindingsForm):
    text = words_field(_l("更正的理由"), limit=REASON_LIMIT)

    def sections(self) -> Sequence[Section]:
        note = _l("下面是现在登记的内容，没有登记过的在这里补。改好以后由负责人决定；以前登记的不会被删掉。")
        return [*self.finding_sections(note), Section("", "", [self.text])]
