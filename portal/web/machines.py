"""Answers for programs that read the site: JSON, and refusals in it."""

from __future__ import annotations

import json
from typing import Any

from flask import Response


def json_answer(data: dict[str, Any], status: int = 200, content_type: str = "application/json") -> Response:
    """*data* as text that a person can read as well; in UTF-8."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return Response(text + "\n", status, content_type=f"{content_type}; charset=utf-8")


def refusal(status: int, code: str, message: str) -> Response:
    """Why there is no answer: a code for programs, a sentence for people."""
    return json_answer({"error": code, "message": message}, status)
