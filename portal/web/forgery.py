"""Cookies and the token against forged requests. The session holds the token and nothing else."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from portal.web.settings import Side, WebSettings

csrf = CSRFProtect()


def init_app(app: Flask, settings: WebSettings) -> None:
    """A signed session cookie that lives as long as the window, and a token on every state-changing request.

    The cookie appears only when a page with a form is drawn. The token has no clock of its own: it ends with the
    session. Flask-WTF's referrer check under TLS is off because our pages send none (``no-referrer``); the token, the
    SameSite cookie and the refusal of cross-site fetches in ``headers`` stand in its place.
    """
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=settings.session_cookie,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_SAMESITE="Lax" if settings.side is Side.PUBLIC else "Strict",
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)
