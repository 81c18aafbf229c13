"""The public reporting journey as one blueprint, all its pages registered, and the request class it needs."""

from __future__ import annotations

from flask import Flask

from portal.attachments.upload import SealingRequest
from portal.tips import draftviews, fileviews, views
from portal.tips.walk import report

__all__ = ["draftviews", "fileviews", "report", "seal_uploads", "views"]

MOST_FORM = 12 * 1024 * 1024
"""Bytes of a form without files. A long account comes back to be shortened, with every word: it is not cut off here."""


def seal_uploads(app: Flask) -> None:
    """Make *app* seal files while they arrive, and take long texts whole."""
    app.request_class = SealingRequest
    app.config.update(MAX_CONTENT_LENGTH=MOST_FORM, MAX_FORM_MEMORY_SIZE=MOST_FORM)
