"""One handler a page; the words are in the templates. Nothing here sets a cookie, and only the home page reads."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal.disclosures.front import latest_sentences
from portal.exposures.queries import latest
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.web.settings import WebSettings

blueprint = Blueprint("pages", __name__)
log = logging.getLogger("mingjing.pages")

LATEST = 3
"""Cases on the home page."""


def in_wechat() -> bool:
    """Whether the page is open inside WeChat's own browser, which sees what is typed into it."""
    return "MicroMessenger" in request.headers.get("User-Agent", "")


def _speaking(rule: str, endpoint: str) -> None:
    def show() -> str:
        return render_template(f"pages/{endpoint}.html")

    blueprint.add_url_rule(rule, endpoint, show)


_speaking("/how-we-protect/", "protection")
_speaking("/next-steps/", "next_steps")
_speaking("/rights/", "rights")
_speaking("/privacy/", "privacy")
_speaking("/accessibility/", "accessibility")
_speaking("/contact/", "contact")
_speaking("/sitemap/", "sitemap")
_speaking("/wechat/", "wechat")


@blueprint.get("/")
def home() -> str:
    """The two doors, then the newest cases and figures. Without the database the doors are there all the same."""
    try:
        with reading() as session:
            cases, fund = latest(session, LATEST), latest_sentences(session, site().region)
    except (DBAPIError, PoolTimeout) as error:
        log.error("home_without_cases %s", type(error).__name__)
        cases, fund = [], []
    return render_template("pages/home.html", latest=cases, fund=fund)


@blueprint.get("/safe/")
def safe() -> str:
    """What to think of before the first question. Inside WeChat: how to get out of it first."""
    return render_template("pages/wechat.html" if in_wechat() else "pages/safe.html")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Search engines may read what only speaks; pages behind a code or a choice are none of their business."""
    settings: WebSettings = current_app.extensions["mingjing_web"]
    closed = (url_for("report.start"), url_for("followup.sign_in"), "/display/", "/away")
    roots = ("", *(f"/{tongue}" for tongue in settings.languages[1:]))
    lines = ["User-agent: *", *(f"Disallow: {root}{path}" for root in roots for path in closed)]
    if settings.address:
        lines.append(f"Sitemap: {settings.address}{url_for('exposure_data.pages')}")
    response = make_response("\n".join(lines) + "\n")
    response.content_type = "text/plain; charset=utf-8"
    return response
