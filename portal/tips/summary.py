"""The answers in the reporter's own words, for the check page. Each row knows the question that changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.attachments.values import size_words
from portal.directory.models import Office
from portal.directory.regions import regions
from portal.kernel.transaction import reading
from portal.tips import forms, whoforms
from portal.tips.amounts import amount_words
from portal.tips.catalogue import get as conduct_of
from portal.tips.drafts import Content
from portal.tips.journey import JOURNEY, said
from portal.web.locale import gettext as _
from portal.web.locale import language, month_words
from portal.web.locale import lazy_gettext as _l

Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """``value`` is a string as typed, or lines; "" shows as not filled in."""

    slug: str
    key: str
    value: str | list[str]


def rows_of(content: Content) -> list[Row]:
    """Every question that arises, with its answer."""
    answers = content.answers
    rows: list[Row] = []
    for step in JOURNEY.arising(answers):
        if step.slug == "files":
            names = [f"{file.name} · {size_words(file.size)}" for file in content.files]
            rows.append(Row("files", _("文件"), names or ""))
            continue
        make = _SAID.get(step.slug)
        if make is not None:
            rows += [Row(step.slug, str(key), value) for key, value in make(answers)]
    return rows


def _region(answers: Kept) -> list[tuple[str, Any]]:
    code = said(answers, "where", "region", "")
    return [(_("发生的地区"), " ".join(regions().path(code)) if code else _("我不知道"))]


def _choice(slug: str, form: type[forms.Question], name: str, label: Any) -> Callable[[Kept], list[tuple[str, Any]]]:
    def make(answers: Kept) -> list[tuple[str, Any]]:
        drawn = form.load(answers.get(slug) or {})
        words = {str(choice[0]): str(choice[1]) for choice in drawn[name].iter_choices()}
        return [(str(label), words.get(str(drawn[name].data), ""))]

    return make


def _conduct(answers: Kept) -> list[tuple[str, Any]]:
    code = said(answers, "conduct", "conduct", "")
    if not code:
        return [(_("主要问题"), _("我不知道，或者都不像"))]
    return [(_("主要问题"), conduct_of(code).en if language() == "en" else conduct_of(code).zh)]


def _office(slug: str) -> Callable[[Kept], list[tuple[str, Any]]]:
    def make(answers: Kept) -> list[tuple[str, Any]]:
        code = said(answers, slug, "against_office", "")
        if not code:
            return [(_("涉及的医保部门"), _("我不知道，或者不在里面"))]
        with reading() as session:
            office = session.execute(select(Office.name, Office.name_en).where(Office.code == code)).one_or_none()
        if office is None:
            return [(_("涉及的医保部门"), "")]
        return [(_("涉及的医保部门"), office.name_en if language() != "zh" and office.name_en else office.name)]

    return make


def _period(answers: Kept) -> list[tuple[str, Any]]:
    start, end = (month_words(said(answers, "period", key) or "") for key in ("from", "to"))
    if said(answers, "period", "ongoing"):
        return [(_("时间"), _("%(start)s起，现在还在继续", start=start) if start else _("现在还在继续"))]
    if start and end and start != end:
        return [(_("时间"), _("%(start)s到%(end)s", start=start, end=end))]
    return [(_("时间"), start or end)]


def _amount(answers: Kept) -> list[tuple[str, Any]]:
    fen = said(answers, "amount", "amount_fen")
    return [(_("大约金额"), "" if fen is None else _("%(amount)s 元", amount=amount_words(fen, grouped=True)))]


def _text(slug: str, key: str, label: Any) -> Callable[[Kept], list[tuple[str, Any]]]:
    return lambda answers: [(str(label), said(answers, slug, key, ""))]


def _who(answers: Kept) -> list[tuple[str, Any]]:
    keys = (("name", _("姓名")), ("phone", _("电话")), ("email", _("电子邮箱")), ("address", _("联系地址")))
    return [(words, said(answers, "name", key, "")) for key, words in keys]


def _number(answers: Kept) -> list[tuple[str, Any]]:
    number = said(answers, "number", "id_number", "")
    return [(_("证件号码"), number[:3] + "*" * max(0, len(number) - 5) + number[-2:] if number else "")]


def _more(answers: Kept) -> list[tuple[str, Any]]:
    ticked = [str(forms.MORE[name]) for name in said(answers, "more", "more", []) if name in forms.MORE]
    return [(_("补充内容"), ticked or _("没有"))]


_SAID: Mapping[str, Callable[[Kept], list[tuple[str, Any]]]] = {
    "where": _region,
    "subject": _choice("subject", forms.SubjectForm, "subject_type", _l("举报的是谁")),
    "office": _office("office"),
    "conduct": _conduct,
    "target": lambda answers: [
        (_("被举报方的名称"), said(answers, "target", "target", "")),
        (_("被举报方的地址"), said(answers, "target", "target_address", "")),
    ],
    "period": _period,
    "words": _text("words", "words", _l("发生了什么")),
    "more": _more,
    "place": _text("place", "place", _l("具体地点")),
    "persons": _text("persons", "persons", _l("涉及的人")),
    "amount": _amount,
    "source": _text("source", "how_known", _l("怎么知道的")),
    "earlier": _text("earlier", "earlier_reports", _l("以前的反映")),
    "involved": _office("involved"),
    "known": _choice("known", whoforms.KnownAsForm, "known_as", _l("是否留姓名")),
    "name": _who,
    "relation": _choice("relation", whoforms.RelationForm, "relation", _l("与被举报方的关系")),
    "reward": _choice("reward", whoforms.RewardForm, "wants_reward", _l("是否领取奖励")),
    "number": _number,
    "fellows": lambda answers: [(_("共同举报人"), list(said(answers, "fellows", "fellows", [])) or _("没有"))],
}
