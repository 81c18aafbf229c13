"""Requests for the own identity as the reporter reads them: when, which office and role, why, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from portal.custody.states import RequestState
from portal.custody.values import Opening, Use
from portal.mailbox.reasons import reason_words
from portal.web.locale import gettext as _
from portal.web.locale import language, long_date

ROLES: Mapping[str, LazyString] = {
    "handler": lazy_gettext("承办人员"),
    "head": lazy_gettext("负责人"),
}
USES: Mapping[Use, LazyString] = {
    Use.IDENTITY: lazy_gettext("想知道您是谁"),
    Use.CONTACT: lazy_gettext("只想知道怎么联系您"),
    Use.CHECK: lazy_gettext("只核对要公布的稿子里有没有您的信息，不看内容"),
}
STATES: Mapping[RequestState, tuple[LazyString, str]] = {
    RequestState.ASKED: (lazy_gettext("保管人还在考虑"), "waiting"),
    RequestState.GRANTED: (lazy_gettext("保管人同意了，还没有打开"), "waiting"),
    RequestState.OPENED: (lazy_gettext("打开了"), "danger"),
    RequestState.CLOSED: (lazy_gettext("打开过，现在已经关上"), "danger"),
    RequestState.REFUSED: (lazy_gettext("保管人没有同意，没有打开"), "done"),
    RequestState.EXPIRED: (lazy_gettext("过了期限，没有打开"), "done"),
    RequestState.DROPPED: (lazy_gettext("申请撤回了，没有打开"), "done"),
}


@dataclass(frozen=True, slots=True)
class OpeningWords:
    """One request in words."""

    title: str
    tag: str
    kind: str
    who: str
    why: str
    answers: str
    opened: str


def in_words(openings: Sequence[Opening]) -> list[OpeningWords]:
    """The latest first."""
    return [_words(one) for one in reversed(openings)]


def _words(one: Opening) -> OpeningWords:
    label, kind = STATES[one.state]
    office = one.office_en if language() == "en" and one.office_en else one.office
    role = str(ROLES.get(one.role, _("工作人员")))
    answers = _(
        "需要 %(k)s 位保管人同意：%(yes)s 位同意，%(no)s 位不同意。", k=one.k, yes=one.consents, no=one.objections
    )
    opened = _("第一次打开是在%(day)s。", day=long_date(one.opened_on)) if one.opened_on else ""
    return OpeningWords(
        str(USES[one.use]),
        str(label),
        kind,
        _("%(day)s，%(office)s的%(role)s申请。", day=long_date(one.asked_on), office=office, role=role),
        _("理由：%(reason)s。", reason=reason_words(one.reason)),
        answers,
        opened,
    )
