"""Quick exit: the session ends on the server, the browser forgets what it can, and a page opens that says nothing."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.web.settings import WebSettings

Ending = Callable[[], None]
"""Ends a session of a feature's own (sign-in, receipt, draft). It runs inside the leaving request."""

_ENDINGS = "mingjing_endings"


def on_leave(blueprint: Blueprint) -> Callable[[Ending], Ending]:
    """Decorate an ending: it runs in every app that the feature's blueprint is registered with, and in no other."""

    def register(end: Ending) -> Ending:
        blueprint.record_once(lambda state: state.app.extensions.setdefault(_ENDINGS, []).append(end))
        return end

    return register


def forget(response: Response) -> Response:
    """Ask the browser to drop our cookies, cache and storage; cookies are also expired one by one for old browsers."""
    session.clear()
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    for name in request.cookies:
        if name.startswith("mj_") and name != current_app.config["SESSION_COOKIE_NAME"]:
            response.delete_cookie(name, path="/", httponly=True)
    return response


def leave() -> Response:
    """End every session, forget, and go to the neutral page. The token is checked before this runs."""
    for end in current_app.extensions.get(_ENDINGS, ()):
        end()
    return forget(redirect(url_for("leaving.away"), 303))


def leave_without_token() -> Response:
    """The token was missing or old. Whoever pressed the button must not be shown a page of ours, so they go either way;
    sessions end only if the browser vouches that the press was made here, so that no other site can end them."""
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return leave()
    return redirect(url_for("leaving.away"), 303)


def away() -> Response:
    """A page with no name, word or colour of ours. With an ``exit_url`` the browser goes on there by itself.

    A header does it, not a redirect of the form's own answer: browsers hold such redirects to ``form-action``.
    """
    settings: WebSettings = current_app.extensions["mingjing_web"]
    response = current_app.make_response(render_template("errors/away.html"))
    if settings.exit_url:
        response.headers["Refresh"] = f"0; url={settings.exit_url}"
    return response


def init_app(app: Flask, settings: WebSettings) -> None:
    """``POST /leave``, ``GET /away`` and the template global ``exit_address()``."""
    blueprint = Blueprint("leaving", __name__)
    blueprint.add_url_rule("/leave", view_func=leave, methods=["POST"])
    blueprint.add_url_rule("/away", view_func=away)
    app.register_blueprint(blueprint)
    app.jinja_env.globals["exit_address"] = lambda: settings.exit_url or url_for("leaving.away")
