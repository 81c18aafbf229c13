"""Language in the path: Chinese at the root, another language under ``/en``. Dates and money in the reader's form.

The prefix moves into SCRIPT_NAME before the app sees the request, so routes are written once and ``url_for`` keeps a
reader in the language they chose. No cookie, no guess from the browser's settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, LazyString
from markupsafe import Markup, escape

from portal.kernel.clock import BEIJING
from portal.kernel.values import Fen
from portal.web.settings import N_, WebSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
_language: ContextVar[str] = ContextVar("language", default="zh")
_BABEL = {"zh": "zh_Hans_CN", "en": "en_GB"}
_TAGS = {"zh": "zh-CN", "en": "en"}
_NAMES = {"zh": "中文", "en": "English"}
_HAN = re.compile(r"[\u3400-\u9fff]")
_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
_WEEKDAYS = (N_("星期一"), N_("星期二"), N_("星期三"), N_("星期四"), N_("星期五"), N_("星期六"), N_("星期日"))
_MONTHS = ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December")  # fmt: skip
_YUAN = {"zh": "¥", "en": "CN¥"}


class LanguageInPath:
    """WSGI: take a leading ``/en`` off the path and remember it; everything else passes unchanged."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], languages: tuple[str, ...]) -> None:
        self.inner = inner
        self.source, *self.others = languages

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["mingjing.root"] = environ.get("SCRIPT_NAME", "")
        path = environ.get("PATH_INFO", "")
        first, _, rest = path[1:].partition("/")
        if not path.startswith("/") or first not in self.others:
            with speaking(self.source):
                return self.inner(environ, start)
        environ["SCRIPT_NAME"] = environ["mingjing.root"] + "/" + first
        environ["PATH_INFO"] = "/" + rest
        with speaking(first):
            return self.inner(environ, start)


def strip_language(app: Flask, settings: WebSettings) -> None:
    """Put the path's language in front of the whole app."""
    app.wsgi_app = LanguageInPath(app.wsgi_app, settings.languages)  # type: ignore[method-assign, assignment]


@contextmanager
def speaking(tongue: str) -> Iterator[None]:
    """Say everything in *tongue* until the block ends: one request."""
    token = _language.set(tongue)
    try:
        yield
    finally:
        _language.reset(token)


def language() -> str:
    """``zh`` or ``en``; outside a request the source language."""
    return _language.get()


@cache
def catalogue(tongue: str) -> NullTranslations:
    """The compiled messages of a language; the source language needs none."""
    return NullTranslations() if tongue == "zh" else Translations.load(str(CATALOGUES), [tongue])


def in_language(message: str) -> str:
    """*message* in the reader's language; what has no translation stays as it is."""
    tongue = language()
    return message if tongue == "zh" else catalogue(tongue).gettext(message)


def gettext(message: str, /, **values: object) -> str:
    """*message* in the reader's language, *values* put in: for Python text, which is escaped when it is drawn."""
    text = in_language(message)
    return text % values if values else text


def lazy_gettext(message: str, /, **values: object) -> LazyString:
    """The same, looked up whenever it is drawn: for what is said before anybody reads it, such as labels of forms."""
    return LazyString(gettext, message, **values)


def in_english(english: str) -> str:
    """*english* on an English page, else nothing."""
    return english if language() == "en" else ""


def told(text: str, english: str = "") -> str:
    """What an operator or an office calls itself: in the reader's language where known, else marked as Chinese."""
    return mixed(in_english(english) or in_language(text))


def mixed(text: str) -> str:
    """*text* for an English page, its Chinese parts (names, words as somebody wrote them) marked for screen readers."""
    if language() == "zh" or not _HAN.search(text):
        return text
    return Markup(_CHINESE.sub(r'<span lang="zh-CN">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped


def lang_of(text: object) -> str:
    """The attribute that tells a screen reader on an English page that *text* is Chinese; mostly nothing."""
    return Markup(' lang="zh-CN"') if language() != "zh" and _HAN.search(str(text)) else ""


def sentence(message: str, /, **values: object) -> Markup:
    """*message* in the reader's language as text for a page, values put in escaped: ``_()`` of templates."""
    text = Markup(in_language(message))  # noqa: S704 - our own sentence
    return text % values if "%" in text else text


def _counted(singular: str, plural: str, num: int, /, **values: object) -> str:
    """``ngettext()`` of templates: the same with a count, which the sentence may name as ``num``."""
    tongue = language()
    chosen = singular if tongue == "zh" else catalogue(tongue).ngettext(singular, plural, num)
    return Markup(chosen) % {"num": num, **values}  # noqa: S704 - our own sentence


def other_language_url() -> str:
    """The same page in the other language; after a form was refused, the page that holds the form."""
    root = str(request.environ.get("mingjing.root", ""))
    query = "?" + request.query_string.decode("latin-1") if request.query_string and request.method == "GET" else ""
    prefix = "/en" if language() == "zh" else ""
    return root + prefix + quote(request.path) + query


def long_date(day: date) -> str:
    """A day with its weekday: 2026年11月22日 星期日, Sunday 22 November 2026."""
    weekday = in_language(_WEEKDAYS[day.weekday()])
    if language() == "zh":
        return f"{day.year}年{day.month}月{day.day}日 {weekday}"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_words(month: str) -> str:
    """A month from its ISO form, ``2026-03``: 2026年3月, March 2026. No month, no words."""
    if not month:
        return ""
    first = date.fromisoformat(f"{month}-01")
    return f"{first.year}年{first.month}月" if language() == "zh" else f"{_MONTHS[first.month - 1]} {first.year}"


def megabytes(count: int) -> str:
    """A limit of *count* MiB as people say it: 200 MB, 1 GB."""
    return f"{count // 1024} GB" if count % 1024 == 0 else f"{count} MB"


def moment(when: datetime) -> str:
    """A moment as a clock on a Chinese wall shows it, with the weekday."""
    there = when.astimezone(BEIJING)
    return f"{long_date(there)}{' ' if language() == 'zh' else ', '}{there:%H:%M}"


def money(amount: Fen) -> str:
    """Yuan from whole fen, without a float: ¥1,234.50."""
    yuan, fen = divmod(abs(int(amount)), 100)
    return f"{'-' if amount < 0 else ''}{_YUAN[language()]}{yuan:,}.{fen:02}"


def init_app(app: Flask, settings: WebSettings) -> None:
    """The sentences and formats of templates; flask-babel, by which WTForms knows the language of its own messages."""
    Babel(app, configure_jinja=False, default_locale=_BABEL["zh"], default_timezone="Asia/Shanghai",
          default_translation_directories=str(CATALOGUES),
          locale_selector=lambda: "en" if language() == "en" else _BABEL["zh"])  # fmt: skip
    environment: Any = app.jinja_env
    environment.globals.update(
        _=sentence,
        ngettext=_counted,
        language=language,
        in_language=in_language,
        told=told,
        lang_of=lang_of,
        language_tag=lambda: _TAGS[language()],
        other_language_url=other_language_url,
        other_language_tag=lambda: _TAGS["en" if language() == "zh" else "zh"],
        other_language_name=lambda: _NAMES["en" if language() == "zh" else "zh"],
        has_other_language=lambda: len(settings.languages) > 1,
    )
    environment.filters.update(long_date=long_date, moment=moment, money=money, mixed=mixed, megabytes=megabytes)
