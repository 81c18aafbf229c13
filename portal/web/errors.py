"""One table from codes to pages. A page never shows what was sent, which line failed, or who asked."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from portal.kernel.errors import DomainError, IllegalMove, NotAllowed, NotFound, Refused, Throttled, Unavailable
from portal.web import logs, machines
from portal.web.leaving import leave_without_token
from portal.web.locale import lazy_gettext as _l
from portal.web.settings import LAST_RESORT

log = logging.getLogger("mingjing.web")


@dataclass(frozen=True)
class ErrorPage:
    """``title`` says what happened, ``advice`` what to do."""

    status: int
    title: str
    advice: str


_PAGES: dict[str, ErrorPage] = {
    "bad_request": ErrorPage(400, _l("这个请求看不懂"), _l("请返回上一页，刷新后再试一次。")),
    "csrf": ErrorPage(
        400,
        _l("页面已经到期"),
        _l("为了安全，这个页面不能再提交。已经保存的内容不会丢失，请返回上一页，刷新后再试一次。"),
    ),
    "not_allowed": ErrorPage(403, _l("您不能打开这个页面"), _l("如果您认为应该可以打开，请重新登录后再试。")),
    "not_found": ErrorPage(404, _l("没有这个页面"), _l("请检查网址，或者从首页重新进入。")),
    "method": ErrorPage(405, _l("不能这样打开这个页面"), _l("请从首页重新进入。")),
    "illegal_move": ErrorPage(409, _l("现在不能这样做"), _l("情况可能刚刚有了变化，请返回上一页，刷新后再看。")),
    "too_large": ErrorPage(413, _l("提交的内容太大"), _l("请返回上一页，去掉一些文件，或者分几次添加。")),
    "refused": ErrorPage(422, _l("这样提交不行"), _l("请返回上一页，按提示修改后再试。")),
    "seal_broken": ErrorPage(422, _l("封存的内容打不开"), _l("再试一次也不会成功。别的内容没有受影响。")),
    "throttled": ErrorPage(429, _l("操作太频繁"), _l("请过几分钟再试。已经保存的内容不会丢失。")),
    "broken": ErrorPage(
        500, _l("网站出了问题"), _l("这是我们的问题。没有显示“已提交”的内容都没有送达，请过一会儿再试。")
    ),
    "unavailable": ErrorPage(
        503, _l("暂时不能使用"), _l("刚才的内容没有保存，也没有送达。请过一会儿再试，或者用下面的方式举报。")
    ),
    "no_sealing_key": ErrorPage(
        503,
        _l("现在不能在网上举报"),
        _l("我们暂时不能把您的举报加密封存，所以关闭了网上举报。请用下面的方式举报，或者过一会儿再来。"),
    ),
}

_BY_CLASS: dict[type[DomainError], str] = {
    IllegalMove: "illegal_move",
    NotAllowed: "not_allowed",
    NotFound: "not_found",
    Refused: "refused",
    Throttled: "throttled",
    Unavailable: "unavailable",
}
_BY_STATUS = {
    400: "bad_request",
    401: "not_allowed",
    403: "not_allowed",
    404: "not_found",
    405: "method",
    409: "illegal_move",
    413: "too_large",
    422: "refused",
    429: "throttled",
    500: "broken",
    503: "unavailable",
}

_WITH_QUICK_EXIT = ("/report", "/followup")


def page_of(error: DomainError) -> ErrorPage:
    """The page for a domain error: by its own code, else by its class."""
    if error.code in _PAGES:
        return _PAGES[error.code]
    return next((_PAGES[name] for kind, name in _BY_CLASS.items() if isinstance(error, kind)), _PAGES["broken"])


def _answer(page: ErrorPage, message: str | None = None) -> tuple[str, int]:
    shown = request.path.startswith(_WITH_QUICK_EXIT)
    try:
        return render_template("errors/error.html", page=page, message=message, quick_exit=shown), page.status
    except Exception:  # whatever broke the page may break its error page: a database that is gone, a template
        log.error("error page failed %s endpoint=%s", logs.last_error(), request.endpoint)
        return _plain(page), page.status


def _plain(page: ErrorPage) -> str:
    """The same words without a template, a style or anything that could fail again."""
    try:
        title, advice = str(page.title), str(page.advice)
    except Exception:  # not even the language can be told
        title, advice = LAST_RESORT
    head = f'<!doctype html><meta charset="utf-8"><title>{escape(title)}</title>'
    return f"{head}<h1>{escape(title)}</h1><p>{escape(advice)}</p>"


def _told(page: ErrorPage, message: str | None = None) -> tuple[str, int] | Response:
    """The page; for an address of data the same in JSON."""
    if not machines.for_machines(request.path):
        return _answer(page, message)
    code = next(name for name, one in _PAGES.items() if one is page)
    return machines.refusal(page.status, code, message or str(page.title))


def as_usual(error: Exception) -> ResponseReturnValue:
    """What the app answers to *error*: for a blueprint's own handler that finds the case is not its own.

    Raised again there, the error would reach nobody but the last resort, and every page would be a 500.
    """
    spec = current_app.error_handler_spec[None]
    for code in (error.code if isinstance(error, HTTPException) else None, None):
        for kind in type(error).__mro__:
            handler = spec[code].get(kind) if kind is not object else None
            if handler is not None:
                return cast(ResponseReturnValue, handler(error))
    raise error


def answer(name: str) -> tuple[str, int]:
    """The plain page of that name, for a feature that answers some cases of an error itself and not the others."""
    return _answer(_PAGES[name])


def answer_to(error: DomainError) -> tuple[str, int]:
    """The page for a domain error, with its sentence."""
    log.info("refused code=%s endpoint=%s", error.code, request.endpoint)
    return _answer(page_of(error), error.message)


def init_app(app: Flask) -> None:
    """Install the handlers. What is logged is a code, a class and an endpoint."""
    logs.init_app(app)

    @app.errorhandler(DomainError)
    def domain(error: DomainError) -> ResponseReturnValue:
        log.info("refused code=%s endpoint=%s", error.code, request.endpoint)
        return _told(page_of(error), error.message)

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> tuple[str, int] | Response:
        log.info("refused code=csrf endpoint=%s", request.endpoint)
        if request.endpoint == "leaving.leave":
            return leave_without_token()
        return _answer(_PAGES["csrf"])

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error
        name = _BY_STATUS.get(status, "bad_request" if status < 500 else "broken")
        told = current_app.make_response(_told(_PAGES[name]))
        told.status_code = status
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            told.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # RFC 9110, 15.5.6
        return told

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeout)
    @app.errorhandler(OSError)
    def gone(error: Exception) -> ResponseReturnValue:
        log.error("unavailable class=%s endpoint=%s", type(error).__name__, request.endpoint)
        return _told(_PAGES["unavailable"])

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return gone(error)
        place = logs.places(error.__traceback__)
        log.error("broken class=%s at=%s endpoint=%s", type(error).__name__, place, request.endpoint)
        return _told(_PAGES["broken"])
