"""Form fields that WTForms lacks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import Field
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import TextInput

from portal.web.locale import gettext as _

_YEAR = re.compile(r"(19|20)[0-9]{2}")
_MONTH = re.compile(r"0?[1-9]|1[0-2]")


def options(pairs: Iterable[tuple[Any, Any]], *, empty: Any = None, group: str | None = None) -> list[SelectChoice]:
    """Values and labels as the choices of a field.

    *empty*: the words of choosing none of them, which come first; *group*: the heading that they stand under.
    """
    first = [] if empty is None else [SelectChoice("", empty, optgroup=group)]
    return [*first, *(SelectChoice(str(value), label, optgroup=group) for value, label in pairs)]


class MonthField(Field):
    """A year and a month, typed in two small boxes; ``data`` is "2026-03" or None when both are empty.

    Full-width digits count as digits. ``typed_year`` and ``typed_month`` keep what was typed, right or wrong.
    """

    widget = TextInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed_year, self.typed_month = "", ""

    def process(self, formdata: Any, data: Any = None, extra_filters: Sequence[Any] | None = None) -> None:
        """Take the two boxes from the form, or "2026-03" from what was kept."""
        self.process_errors: list[str] = []
        kept = data if isinstance(data, str) else ""
        self.object_data = data
        self.data: str | None = kept or None
        self.typed_year, _sep, self.typed_month = kept.partition("-")
        names = (f"{self.name}-year", f"{self.name}-month")
        if formdata is not None and any(name in formdata for name in names):
            self.typed_year, self.typed_month = (formdata.get(name, "").strip()[:20] for name in names)
            self.data = self._joined()
        elif formdata:
            self.data, self.typed_year, self.typed_month = None, "", ""

    def _joined(self) -> str | None:
        year, month = (unicodedata.normalize("NFKC", typed) for typed in (self.typed_year, self.typed_month))
        if not year and not month:
            return None
        if not _YEAR.fullmatch(year):
            self.process_errors.append(_("年份请写四位数字，例如 2026"))
            return None
        if not _MONTH.fullmatch(month):
            self.process_errors.append(_("月份请写 1 到 12 的数字"))
            return None
        return f"{year}-{int(month):02d}"

    def _value(self) -> str:
        return self.data or ""
