"""What a list of cases can be narrowed by: a question to the search, a place, and what the cases have."""

from __future__ import annotations

from typing import Any

from wtforms import Form, SelectField, StringField

from portal.directory.regions import regions
from portal.exposures.opendata import conduct_name
from portal.exposures.published import Wanted
from portal.exposures.queries import MOST_ASKED, Offered
from portal.exposures.values import SubjectKind
from portal.exposures.wording import SUBJECTS
from portal.web.fields import options
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l

LEVELS = ("province", "city", "county")


class FilterForm(Form):
    """Sent by GET. Whatever is not offered counts as not asked: an old address shows a list, never an error."""

    q = StringField(_l("找案例"), description=_l("写两个字以上的词，例如：理疗、串换。几个词用空格分开。"))
    province = SelectField(_l("省、自治区、直辖市"), validate_choice=False)
    city = SelectField(_l("市、州"), validate_choice=False)
    county = SelectField(_l("区、县"), validate_choice=False)
    subject = SelectField(_l("曝光的是谁"), validate_choice=False)
    conduct = SelectField(_l("问题类型"), validate_choice=False)
    year = SelectField(_l("公布的年份"), validate_choice=False)

    def offer(self, served: str, there: Offered) -> None:
        """Give the fields their choices: places below *served*, one level at a time; of the rest what is *there*."""
        self.q.data = (self.q.data or "").strip()[:MOST_ASKED]
        self._places(served)
        subjects = [(one, SUBJECTS[SubjectKind(one)]) for one in there.subjects]
        _give(self.subject, _("全部"), subjects)
        _give(self.conduct, _("全部"), [(one, conduct_name(one)) for one in there.conducts])
        _give(self.year, _("全部"), [(str(one), str(one)) for one in there.years])

    def _places(self, served: str) -> None:
        above = served or None
        for level in LEVELS:
            field = self[level]
            below = [one for one in regions().children(above) if one.level == level] if self._open(level) else []
            _give(field, _("全部"), [(one.code, one.name) for one in below])
            above = field.data or above

    def _open(self, level: str) -> bool:
        """Whether a level can be asked: the one above is chosen, or is not asked here."""
        place = LEVELS.index(level)
        return place == 0 or bool(self[LEVELS[place - 1]].data) or not self[LEVELS[place - 1]].choices

    @property
    def places(self) -> list[Any]:
        """The fields of places to draw."""
        return [self[level] for level in LEVELS if self[level].choices]

    @property
    def wanted(self) -> Wanted:
        """What the list is narrowed to."""
        region = next((self[level].data for level in reversed(LEVELS) if self[level].data), "")
        year = int(self.year.data or 0)
        return Wanted(region=region, subject=self.subject.data, conduct=self.conduct.data, year=year)

    @property
    def asked(self) -> dict[str, str]:
        """What the address of another page of the same list has to say."""
        return {field.name: field.data for field in self if field.data}


def _give(field: Any, all_of_them: str, choices: list[tuple[str, Any]]) -> None:
    if field.data not in {value for value, _words in choices}:
        field.data = ""
    field.choices = options(choices, empty=all_of_them) if choices else []
