"""The web layer that both sites share. ``init_app`` puts all of it on an app; features bring only their own pages."""

from __future__ import annotations

from flask import Flask

from portal.web import (
    addresses,
    assets,
    caching,
    errors,
    forgery,
    frame,
    headers,
    leaving,
    limits,
    locale,
    preferences,
    printed,
)
from portal.web.caching import static_copy
from portal.web.settings import WebSettings
from portal.web.templating import LanguageEnvironment


def init_app(app: Flask, settings: WebSettings) -> None:
    """Make *app* safe and speak: cookies, headers, tokens, limits, languages, errors, static files, quick exit.

    Call it before the features' blueprints are registered; they may then use every template global named here.
    The order below is the order in which a request meets the parts, from the inside out.
    """
    app.extensions["mingjing_web"] = settings
    app.testing = settings.testing
    addresses.init_app(app)
    app.jinja_environment = LanguageEnvironment
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        site_name=lambda: locale.in_english(settings.site_name_en) or locale.in_language(settings.site_name),
        is_demo=lambda: settings.demo,
        footer_items=lambda: settings.footer,
        channels=lambda: settings.channels,
        static_copy=static_copy,
    )
    frame.init_app(app)
    caching.init_app(app, settings)
    printed.init_app(app, settings)
    forgery.init_app(app, settings)
    limits.init_app(app, settings)
    locale.init_app(app, settings)
    preferences.init_app(app, settings)
    leaving.init_app(app, settings)
    errors.init_app(app)
    headers.init_app(app, settings)
    assets.init_app(app, headers.for_files(settings))
    locale.strip_language(app, settings)
    limits.trust_proxies(app, settings)
