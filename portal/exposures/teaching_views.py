"""Public pages of teaching notices: the list, one notice, and its poster. They set no cookie and are alike for all."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from markupsafe import Markup
from wtforms import Form, SelectField

from portal.exposures import teaching_queries, wording
from portal.exposures.teaching import TeachingNotice
from portal.exposures.teaching_queries import Narrowed, Told
from portal.exposures.teaching_states import Display
from portal.exposures.teaching_wording import audience_words
from portal.exposures.values import Ownership, Size, SubjectKind
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.web.caching import changed, static_copy
from portal.web.fields import options
from portal.web.limits import limiter
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l

blueprint = Blueprint("teaching", __name__, url_prefix="/exposures")

OFTEN = "120/minute"
_SIZES = (("l", 520), ("m", 760))
"""Size of a poster's letters, and up to how many characters of it."""


class AudienceForm(Form):
    """Who reads. Sent by GET; whatever is not offered counts as not asked."""

    kind = SelectField(_l("我是"), validate_choice=False)
    ownership = SelectField(_l("机构性质"), validate_choice=False)
    size = SelectField(_l("机构规模"), validate_choice=False)
    manner = SelectField(_l("问题性质"), validate_choice=False)

    def offer(self) -> None:
        """Give the fields their choices."""
        offered: dict[str, list[tuple[str, Any]]] = {
            "kind": [(one.value, wording.SUBJECTS[one]) for one in SubjectKind if one is not SubjectKind.OTHER],
            "ownership": [(one.value, wording.OWNERSHIPS[one]) for one in Ownership if one is not Ownership.UNKNOWN],
            "size": [(one.value, wording.SIZES[one]) for one in Size if one is not Size.UNKNOWN],
            "manner": [(one.value, words) for one, words in wording.MANNERS.items()],
        }
        for name, choices in offered.items():
            if self[name].data not in {value for value, _words in choices}:
                self[name].data = ""
            self[name].choices = options(choices, empty=_("全部"))

    @property
    def asked(self) -> dict[str, str]:
        """What the address of another page of the same list has to say."""
        return {field.name: field.data for field in self if field.data}


@blueprint.get("/teaching/")
@limiter.limit(OFTEN)
def index() -> str:
    """Notices on show, the newest first, narrowed to who reads."""
    form = AudienceForm(request.args)
    form.offer()
    asked = request.args.get("page", "")
    page = int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 and int(asked) else 1
    with reading() as session:
        found = teaching_queries.listed(session, Narrowed(**form.asked), page)
    if page > found.last:
        abort(404)
    before, after = (_page(form.asked, other) if 0 < other <= found.last else None for other in (page - 1, page + 1))
    return render_template(
        "exposure/teaching_list.html", form=form, found=found, copied=static_copy(), before=before, after=after,
        who=audience_words, w=wording,
    )  # fmt: skip


def _page(asked: dict[str, str], number: int) -> str:
    further: dict[str, Any] = {**asked, **({"page": number} if number > 1 else {})}
    return url_for(".index", **further)


@blueprint.get("/<code>/for/<audience>/")
def notice(code: str, audience: str) -> str | tuple[str, int]:
    """One notice; a sentence while it is looked at again, and 410 once its case was taken down."""
    told = _told(code, audience)
    return _drawn("exposure/teaching.html", told)


@blueprint.get("/<code>/for/<audience>/poster/")
def poster(code: str, audience: str) -> str | tuple[str, int]:
    """The same on one sheet of A4 to hang up, with a code of squares that leads to the notice."""
    told = _told(code, audience)
    return _drawn("exposure/poster.html", told)


def _told(code: str, audience: str) -> Told:
    with reading() as session:
        told = teaching_queries.notice_of(session, code, audience)
    if told is None:
        abort(404)
    changed(told.changed_on)
    return told


def _drawn(template: str, told: Told) -> str | tuple[str, int]:
    if told.notice is None:
        gone = told.state is Display.ENDED
        html = render_template("exposure/teaching_gone.html", teaching=told, gone=gone, who=audience_words)
        return (html, 410) if gone else html
    path = url_for(".notice", code=told.code, audience=told.audience.slug)
    address = site().address + path if site().address else ""
    return render_template(
        template, teaching=told, notice=told.notice, address=address, squares=_squares(address), who=audience_words,
        w=wording, size=_size(told.notice),
    )  # fmt: skip


def _size(notice: TeachingNotice) -> str:
    """How large the letters of a poster are: what it says has to fit on one sheet (tests/browser/test_teaching.py)."""
    lines = (notice.happened, notice.told, notice.rule, *notice.must_not, *notice.check)
    written = sum(map(len, lines))
    return next((size for size, most in _SIZES if written <= most), "s")


def _squares(address: str) -> str:
    """A QR code of *address*; nothing on a site that was not told its own."""
    if not address:
        return ""
    import segno  # a MiB with what it loads, and few ask for a poster

    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=4, border=2, light="white", svgclass="poster__squares", omitsize=True))  # noqa: S704 - segno draws it, no words in it
