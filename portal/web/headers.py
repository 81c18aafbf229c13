"""The headers of every answer, set by the app so that no proxy has to be trusted to add them.

Content Security Policy level 3, HSTS RFC 6797, Fetch metadata request headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as BaseResponse

from portal.web import caching
from portal.web.settings import Side, WebSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For whatever somebody else wrote and we hand out: it may not run, load or frame anything."""

_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
_PASSKEYS = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = {
    Side.PUBLIC: ", ".join(f"{feature}=()" for feature in (*_FEATURES, *_PASSKEYS)),
    Side.STAFF: ", ".join([*(f"{feature}=()" for feature in _FEATURES), *(f"{one}=(self)" for one in _PASSKEYS)]),
}
"""No page may use anything of the device; staff's own pages may ask for a passkey."""

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-DNS-Prefetch-Control": "off",
    "X-Permitted-Cross-Domain-Policies": "none",
}
_HSTS = "max-age=63072000; includeSubDomains"

PLAIN = frozenset({"pages", "ledger"})
"""Blueprints whose pages only speak: kept by the reader's own browser, and asked for again each time. Those of
:data:`portal.web.caching.SHARED` may be kept by anybody. All others are never stored, nor listed by a search engine."""


def _always(settings: WebSettings) -> dict[str, str]:
    return {**_ALWAYS, "Permissions-Policy": PERMISSIONS[settings.side]}


def for_files(settings: WebSettings) -> dict[str, str]:
    """Headers of our own static files; their caching is set where they are served."""
    headers = {**_always(settings), "Content-Security-Policy": FILE_POLICY}
    if settings.https:
        headers["Strict-Transport-Security"] = _HSTS
    return headers


def as_download(response: BaseResponse, name: str) -> None:
    """Mark a file that somebody else wrote as one to be saved under *name*, which no browser may run.

    RFC 6266 with the extended form of RFC 5987 alone: header lines carry no Chinese, and the quoted form is read
    differently by different browsers.
    """
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = FILE_POLICY


def refuse_foreign_writes() -> None:
    """Stop a request that the browser says another site makes. Old browsers say nothing; the token holds there."""
    writes = request.method not in ("GET", "HEAD", "OPTIONS")
    if writes and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise Forbidden


def stay_here(response: Response) -> Response:
    """Redirects name a path alone: the routing, adding a final slash, would repeat whatever host the request named."""
    asked = urlsplit(response.location or "")
    if asked.netloc:
        response.location = urlunsplit(("", "", "/" + asked.path.lstrip("/"), asked.query, asked.fragment))
    return response


class FixedHeaders:
    """WSGI: put what is the same in every answer, and what nobody else sets, behind the headers of the app."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], fixed: dict[str, str]) -> None:
        self.inner = inner
        self.fixed = list(fixed.items())

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def answer(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            return start(status, [*headers, *self.fixed], *error)

        return self.inner(environ, answer)


def init_app(app: Flask, settings: WebSettings) -> None:
    """Install the headers; a view may set a stricter policy of its own (``FILE_POLICY``), never a looser default."""
    fixed = {**_always(settings), **({"Strict-Transport-Security": _HSTS} if settings.https else {})}
    all_private = settings.side is Side.STAFF
    app.wsgi_app = FixedHeaders(app.wsgi_app, fixed)  # type: ignore[method-assign, assignment]

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        plain = not all_private and request.blueprint in PLAIN and response.status_code < 400
        if not all_private and caching.may_be_shared(response):
            caching.share(response)
        elif plain and "Set-Cookie" not in response.headers:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        else:
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    app.after_request(stay_here)
    app.before_request_funcs.setdefault(None, []).insert(0, refuse_foreign_writes)
