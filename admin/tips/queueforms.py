"""Forms of the queue page. The filters' form is sent by GET: an address is a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from admin.staff.roles import Permission
from admin.tips import wording
from admin.tips.filters import ALL, ENDED, OPEN, Filters, Sort, Whose
from admin.tips.transfer import destinations
from admin.tips.triage import assignable
from portal.directory.models import Office
from portal.directory.regions import regions
from portal.kernel.actors import Actor
from portal.kernel.clock import now, today
from portal.tips.catalogue import conducts_for
from portal.tips.states import STAFF_LABEL
from portal.tips.values import SubjectType
from portal.web.fields import options

Choice = tuple[str, str]
"""A value and its words."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A select of the filters' form, drawn with the present filter chosen. :class:`Filters` reads the address, so
    nothing comes back to be validated."""

    name: str
    words: str
    choices: Sequence[Choice]
    chosen: str


def narrowings(filters: Filters, offices: Sequence[Office]) -> list[Narrowing]:
    """The selects as *filters* have them. One with a single choice tells nothing, and neither does a single office."""
    offered: Mapping[str, tuple[str, Sequence[Choice]]] = {
        "show": ("状态", _STATES),
        "whose": ("承办人", (_ANYTHING, (Whose.MINE.value, "我"), (Whose.NOBODY.value, "没有分派"))),
        "subject": ("举报对象", _SUBJECTS),
        "conduct": ("主要问题", (_ANYTHING, *_conducts(filters))),
        "region": ("地区", (_ANYTHING, *_regions(offices, filters.region))),
        "channel": ("来源", _CHANNELS),
        "office": ("单位", (_ANYTHING, *((office.id.hex, office.name) for office in offices))),
        "sort": ("排序", ((Sort.DUE.value, "先到期的在前"), (Sort.ARRIVAL.value, "新收到的在前"))),
    }
    return [
        Narrowing(name, words, choices, getattr(filters, name))
        for name, (words, choices) in offered.items()
        if len(choices) > (2 if name == "office" else 1)
    ]


_ANYTHING = ("", "全部")
_STATES = (
    (OPEN, "在办"),
    (ENDED, "已办结"),
    (ALL, "全部"),
    *((str(code), words) for code, words in STAFF_LABEL.items()),
)
_SUBJECTS = (_ANYTHING, *((str(code), words) for code, words in wording.SUBJECTS.items()))
_CHANNELS = (_ANYTHING, *((str(code), words) for code, words in wording.CHANNELS.items()))


def _conducts(filters: Filters) -> list[tuple[str, str]]:
    """The conducts of the chosen subject; all of them together would be a page of their own."""
    if not filters.subject:
        return []
    return [(one.code, one.zh) for one in conducts_for(SubjectType(filters.subject), today())]


def _regions(offices: Sequence[Office], chosen: str) -> list[tuple[str, str]]:
    """The areas of the person's offices and of what is chosen, each with the divisions one step below."""
    known = regions()
    areas = {office.region for office in offices} | {chosen}
    found = [known.get(code) for code in areas if code in known]
    below = [part for area in found for part in known.children(area.code)]
    return sorted({one.code: one.name for one in (*found, *below)}.items())


class BulkForm(FlaskForm):
    """What is done with the marked reports. The verbs check person and office for each report."""

    what = RadioField("要办的事", [InputRequired()], choices=options([("assign", "分派"), ("transfer", "移交")]))
    person = SelectField("承办人", validate_choice=False)
    office = SelectField("接收单位", validate_choice=False)
    reason = StringField("移交理由", [Length(max=500)])


@dataclass(frozen=True, slots=True)
class BulkChoices:
    """The people and offices that marked reports can be given to: none where the person may not do it."""

    people: Sequence[Choice]
    offices: Sequence[Choice]


def bulk_choices(session: Session, actor: Actor, offices: Sequence[Office], rows: Sequence[Any]) -> BulkChoices:
    """What *actor* may choose for *rows* of the queue of their *offices*."""
    people = {
        person.id.hex: person.name
        for office in offices
        if actor.may(Permission.ASSIGN, office.id)
        for person in assignable(session, office.id)
    }
    giving = next((row for row in rows if actor.may(Permission.TRANSFER, row.office_id)), None)
    places = destinations(session, giving, now()) if giving is not None else []
    return BulkChoices(
        (("", "暂不分派"), *people.items()) if people else (),
        (("", "请选择"), *((one.id.hex, one.name) for one in places)) if places else (),
    )


class SaveViewForm(FlaskForm):
    name = StringField("视图名称", [InputRequired(), Length(max=40)], filters=[lambda text: (text or "").strip()])
