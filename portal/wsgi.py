"""``gunicorn --config python:portal.web.serving portal.wsgi:app``: the public process."""

from __future__ import annotations

from portal.app import create_app
from portal.config import load, settings_path

app = create_app(load(settings_path()))
