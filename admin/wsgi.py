"""``gunicorn --config python:portal.web.serving admin.wsgi:app``: the staff process, meant for the inner network."""

from __future__ import annotations

from admin.app import create_app
from admin.config import load_staff, staff_settings_path

app = create_app(load_staff(staff_settings_path()))
