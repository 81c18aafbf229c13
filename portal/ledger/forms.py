"""Asking for the proof between two checkpoints by their sizes."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField
from wtforms.validators import StopValidation

from crypto.checkpoints import read_number
from crypto.errors import Malformed


class _Size(StringField):
    """A number of leaves; ``size`` is what was typed as a number."""

    size = 0

    def pre_validate(self, form: Form) -> None:
        try:
            self.size = read_number((self.data or "").strip().replace(",", ""))
        except Malformed:
            raise StopValidation(_("请填写行数，例如 64")) from None


class CompareForm(Form):
    """Two sizes of published checkpoints."""

    older = _Size(_l("旧的一份的行数"))
    newer = _Size(_l("新的一份的行数"))
