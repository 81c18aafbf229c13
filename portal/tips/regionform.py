"""Where it happened: province, then city, then county on one page, each offered once the one above is chosen.

Works without a script: a press of Continue shows the next level until the answer is as fine as the reader knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from portal.directory.regions import regions
from portal.tips.forms import UNKNOWN, Answers, Question
from portal.web.fields import options
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l

LEVELS = ("province", "city", "county")


class RegionForm(Question):
    """``needs_more``: the levels chosen so far have finer ones that were not on the page yet."""

    keys: ClassVar[Sequence[str]] = ("region",)
    province = SelectField(_l("省、自治区、直辖市"), validate_choice=False)
    city = SelectField(_l("市、州"), validate_choice=False)
    county = SelectField(_l("区、县"), validate_choice=False)
    needs_more = False

    @classmethod
    def load(cls, kept: Answers, posted: MultiDict[str, str] | None = None) -> RegionForm:
        """The form with each level's choices; a level below one that changed starts anew."""
        chosen = [posted.get(level) for level in LEVELS] if posted is not None else cls._from_kept(kept)
        form = cls(data=dict(zip(LEVELS, chosen, strict=True)))
        form._offer(in_reply=posted is not None)
        return form

    @staticmethod
    def _from_kept(kept: Answers) -> list[str | None]:
        code = kept.get("region")
        if not code:
            return [UNKNOWN if "region" in kept else None, None, None]
        line = region_line(code)
        chosen: list[str | None] = [*line, None, None][:3]
        if kept.get("known_to") == len(line) and len(line) < len(LEVELS):
            chosen[len(line)] = UNKNOWN
        return chosen

    @property
    def levels(self) -> list[Any]:
        """The fields to draw."""
        return [self[level] for level in LEVELS if self[level].choices]

    def _offer(self, *, in_reply: bool) -> None:
        """Give each level its choices and find the answer: the finest code chosen, or "" for not known."""
        self._code, above = "", ""
        self.complete = False
        for level in LEVELS:
            field = self[level]
            children = regions().children(above or None) if above or level == "province" else ()
            if not children:
                field.choices, field.data = [], ""
                self.complete = self.complete or bool(above)
                continue
            field.choices = options(
                [(UNKNOWN, _("我不知道")), *((r.code, r.name) for r in children)], empty=_("请选择")
            )
            if self.complete:
                field.choices = []
            elif field.data == UNKNOWN:
                self.complete = True
            elif field.data in {r.code for r in children}:
                self._code = above = field.data
                self.complete = level == LEVELS[-1]
            else:
                self.needs_more = not in_reply or field.data is None or field.data != ""
                field.data, above, self._missing = "", "", level
                break

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether a code is chosen as far as the reader knows. A level not shown yet is no error (``needs_more``)."""
        if self.complete:
            return True
        if not self.needs_more:
            self[self._missing].errors = [_("请选择；不清楚可以选“我不知道”")]
        return False

    def answers(self) -> Answers:
        return {"region": self._code, "known_to": len(region_line(self._code))}


def region_line(code: str) -> list[str]:
    """Codes from the province down to *code*; nothing for "". Raises NotFound for a code that is none."""
    if not code:
        return []
    return [region.code for region in reversed(regions().parents(code))] + [code]
