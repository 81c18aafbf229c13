"""Pages that everybody may read alike: kept for minutes by browsers and content networks, then asked for by their hash.

RFC 9110, 8.8 and 13 (ETag, Last-Modified, If-None-Match) and RFC 9111 (Cache-Control).
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, time, timedelta

from flask import Flask, Response, abort, current_app, g, request, session

from portal.kernel.clock import BEIJING, now
from portal.web.locale import language
from portal.web.preferences import display
from portal.web.program import mark
from portal.web.settings import WebSettings

SHARED = frozenset({"exposures", "exposure_data", "teaching", "fund", "fund_data", "figures", "figures_data"})
"""Blueprints whose pages are no secret and no part of a report."""

FOR_ALL = "public, max-age=300, must-revalidate"
FOR_ONE = "private, no-cache"
"""Whoever chose how pages are drawn has a cookie, and gets a page of their own."""


def changed(day: date) -> None:
    """Say in a view when what it shows last changed: the day on which Beijing saw it."""
    g.changed_on = day


def made_of(*parts: str) -> None:
    """Say in a view what its answer is made of, before that is read; whoever has the answer already is told so at once.

    *parts*: of what is stored, whatever the answer tells, in words that change with it; a day where it depends on
    today. What every answer depends on is added: program and settings, address, language, the reader's display. Equal
    parts must give equal bytes. Ends the view with 304 when the reader names this answer in If-None-Match; ``*`` names
    none, for whether there is an answer at all is not known yet.
    """
    told = [
        current_app.extensions[PROGRAM], request.script_root, request.path, request.query_string.decode("latin-1"),
        language(), display().stored(), static_copy(), *parts,
    ]  # fmt: skip
    g.etag = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
    known = request.if_none_match
    if not known.star_tag and known.contains_weak(g.etag):
        abort(Response(status=304))


def may_be_shared(response: Response) -> bool:
    """Whether the answer belongs to everybody: a page or a notice that something is gone, and no cookie with it."""
    settled = response.status_code in (200, 304, 410) and request.method in ("GET", "HEAD")
    leaves_cookie = "Set-Cookie" in response.headers or session.modified  # the session's own is set after all else
    return request.blueprint in SHARED and settled and not leaves_cookie


def share(response: Response) -> None:
    """Let *response* be kept, and answer 304 to whoever has it already.

    Its ETag is that of what it was made of, where the view said so (:func:`made_of`), else the hash of its bytes.
    """
    response.headers["Cache-Control"] = FOR_ONE if request.cookies else FOR_ALL
    response.vary.add("Cookie")
    etag = g.get("etag")
    if etag is None:
        if response.status_code != 200 or response.is_streamed:
            return
        etag = hashlib.sha256(response.get_data()).hexdigest()[:32]
    response.set_etag(etag)
    day = g.get("changed_on")
    if day is not None and end_of(day) < now():
        response.last_modified = end_of(day)
    response.make_conditional(request)


def end_of(day: date) -> datetime:
    """The last second of *day* in Beijing. Only days are kept of what is published: on the very day a second change
    could follow the first, so that until it is over nobody is told a moment."""
    return datetime.combine(day + timedelta(days=1), time(), BEIJING) - timedelta(seconds=1)


PROGRAM = "mingjing_program"


def init_app(app: Flask, settings: WebSettings) -> None:
    """Note which program draws."""
    app.extensions[PROGRAM] = mark(settings)


STATIC_COPY = "mingjing.static_copy"
"""In the environment of a request: the page is drawn for a copy that is served without this program."""


def static_copy() -> bool:
    """Whether what needs the program (search, filters, display settings) has to be left out of this page."""
    return STATIC_COPY in request.environ
