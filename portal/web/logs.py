"""Log lines that repeat nothing of a request: the kind of an error and the places in the code, never its message.

An exception's own text may hold what somebody wrote (``KeyError: 'a word of a report'``), and the lines of a traceback
hold a path. Flask prints both when an error handler fails or when an answer cannot be finished; so would any library
that logs with ``exc_info``.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask, request

FRAMES_SHOWN = 6
log = logging.getLogger("mingjing.web")


def places(trace: TracebackType | None) -> str:
    """Where it happened, the innermost place first: file, line and function, without a line of source."""
    frames = traceback.extract_tb(trace)[-FRAMES_SHOWN:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)) or "?"


class WithoutWords(logging.Filter):
    """Turns a record that carries an exception into one that names its class and the places, and nothing else."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            record.msg, record.args = "%s at %s", (record.exc_info[0].__name__, places(record.exc_info[2]))
            record.exc_info = record.exc_text = record.stack_info = None
        return True


_filter = WithoutWords()


def init_app(app: Flask) -> None:
    """Make what *app*, and whatever logs without a handler of its own, keep to class and place."""

    def log_exception(exc_info: Any) -> None:
        kind = exc_info[0] or type(exc_info[1])
        log.error("failed class=%s at=%s endpoint=%s", kind.__name__, places(exc_info[2]), request.endpoint)

    app.log_exception = log_exception  # type: ignore[method-assign]  # Flask's own prints the path and a traceback
    app.logger.addFilter(_filter)
    if logging.lastResort is not None:
        logging.lastResort.addFilter(_filter)


def last_error() -> str:
    """Class and place of the error being handled, for a line of one's own."""
    kind, _value, trace = sys.exc_info()
    return f"class={kind.__name__ if kind else '?'} at={places(trace)}"
