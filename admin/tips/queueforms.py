"""Forms of the queue page. The filters' form is sent by GET: an address is a view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
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
from portal.tips.models import Tip
from portal.tips.states import STAFF_LABEL
from portal.tips.values import SubjectType


class FilterForm(FlaskForm):
    """Drawn with the present filters chosen; :class:`Filters` reads the address, so nothing here is validated."""

    class Meta:
        csrf = False

    show = SelectField(_l("状态"))
    whose = SelectField(_l("承办人"))
    subject = SelectField(_l("举报对象"))
    conduct = SelectField(_l("主要问题"))
    region = SelectField(_l("地区"))
    channel = SelectField(_l("来源"))
    office = SelectField(_l("单位"))
    sort = SelectField(_l("排序"))

    @classmethod
    def of(cls, filters: Filters, offices: Sequence[Office]) -> FilterForm:
        """The form as *filters* have it; what a person has only one of is not offered."""
        form = cls(formdata=None, data={name: str(getattr(filters, name)) for name in _NAMES})
        anything = ("", gettext("全部"))
        form.show.choices = [(OPEN, gettext("在办")), (ENDED, gettext("已办结")), (ALL, gettext("全部"))] + [
            (state.value, words) for state, words in STAFF_LABEL.items()
        ]
        form.whose.choices = [anything, (Whose.MINE.value, gettext("我")), (Whose.NOBODY.value, gettext("没有分派"))]
        form.subject.choices = [anything, *((str(code), words) for code, words in wording.SUBJECTS.items())]
        form.conduct.choices = [anything, *_conducts(filters)]
        form.region.choices = [anything, *_regions(offices)]
        form.channel.choices = [anything, *((str(code), words) for code, words in wording.CHANNELS.items())]
        form.office.choices = [anything, *((office.id.hex, office.name) for office in offices)]
        form.sort.choices = [(Sort.DUE.value, gettext("先到期的在前")), (Sort.ARRIVAL.value, gettext("新收到的在前"))]
        return form

    def shown(self) -> list[Any]:
        """The selects to draw: one with a single choice tells nothing."""
        return [self[name] for name in _NAMES if len(self[name].choices) > (2 if name == "office" else 1)]


_NAMES = ("show", "whose", "subject", "conduct", "region", "channel", "office", "sort")


def _conducts(filters: Filters) -> list[tuple[str, str]]:
    """The conducts of the chosen subject; all of them together would be a page of their own."""
    if not filters.subject:
        return []
    return [(one.code, one.zh) for one in conducts_for(SubjectType(filters.subject), today())]


def _regions(offices: Sequence[Office]) -> list[tuple[str, str]]:
    """The areas of the person's offices and the divisions one step below."""
    known = regions()
    found: dict[str, str] = {}
    for office in offices:
        if office.region in known:
            found[office.region] = known.get(office.region).name
            found.update({below.code: below.name for below in known.children(office.region)})
    return sorted(found.items())


class BulkForm(FlaskForm):
    """What is done with the marked reports. The verbs check person and office for each report."""

    what = RadioField(
        _l("要办的事"),
        [InputRequired()],
        choices=[("assign", _l("分派")), ("transfer", _l("移交"))],
    )
    person = SelectField(_l("承办人"), validate_choice=False)
    office = SelectField(_l("接收单位"), validate_choice=False)
    reason = StringField(_l("移交理由"), [Length(max=500)])

    def prepare(self, session: Session, actor: Actor, offices: Sequence[Office], rows: Sequence[Any]) -> None:
        """Give the people and offices to choose from: of the person's own offices."""
        people = {
            person.id.hex: person.name
            for office in offices
            if actor.may(Permission.ASSIGN, office.id)
            for person in assignable(session, office.id)
        }
        self.person.choices = [("", gettext("暂不分派")), *people.items()] if people else []
        giving = next((row for row in rows if actor.may(Permission.TRANSFER, row.office_id)), None)
        places = destinations(session, session.get_one(Tip, giving.id), now()) if giving is not None else []
        self.office.choices = [("", gettext("请选择")), *((one.id.hex, one.name) for one in places)] if places else []


class SaveViewForm(FlaskForm):
    name = StringField(_l("视图名称"), [InputRequired(), Length(max=40)], filters=[lambda text: (text or "").strip()])
