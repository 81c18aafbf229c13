"""Settings of gunicorn for both sites, and a log that repeats nothing of a request.

``gunicorn --config python:portal.web.serving --bind 127.0.0.1:8000 portal.wsgi:app``. There is no access log: an
address or a path in a log is a list of reporters. gunicorn's error log, too, would print the visitor's address for a
malformed request and the URL, traceback and exception text for a failed one; :class:`QuietLogger` keeps the kind of
error and the places in the code.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
from importlib import import_module

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from portal.kernel.boot import boot_secret
from portal.kernel.loading import loading
from portal.web.logs import places

BOOT_FAILURE = "Exception in worker process"
"""gunicorn's words when an application does not start: no request exists yet, and the operator needs all of it."""


class _WithoutRequests(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = str(record.msg)
        if message.startswith("Invalid request from"):
            record.msg, record.args = "Invalid request", ()
        elif record.exc_info and record.exc_info[0] is not None and not message.startswith(BOOT_FAILURE):
            where = places(record.exc_info[2])
            record.msg, record.args = "Error handling a request: %s at %s", (record.exc_info[0].__name__, where)
            record.exc_info = record.exc_text = None
        return True


class QuietLogger(Logger):
    """gunicorn's logger without an access log and without a word of a request."""

    def setup(self, cfg: object) -> None:
        """Called once by gunicorn when its settings are known."""
        super().setup(cfg)
        self.error_log.addFilter(_WithoutRequests())

    def access(self, *_arguments: object) -> None:
        """Write nothing, whatever the settings say."""


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
LARGE_BYTES, KEPT_BYTES = 512 * 1024, 4 * 1024 * 1024


def give_large_blocks_back() -> None:
    """Let every large block go back to the system when it is freed, instead of into a pool that keeps growing.

    glibc learns from the first freed 19 MiB of a slow hash to keep such blocks, once for each thread: 250 MiB a
    worker. What was in the block is gone with it. Taking it anew page by page would be a third of a hash's time:
    started with ``GLIBC_TUNABLES=glibc.malloc.hugetlb=1``, as ``make run`` and the units do, the pages are large.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none and no such habit
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)  # 128 KiB once the line above is said: every request would pay
        mallopt(M_ARENA_MAX, 1)  # with two a worker is 3 MiB larger and no request faster


# gunicorn reads the lower-case names below as its settings.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 2000  # a recycled process takes what was in its memory with it
max_requests_jitter = 400
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  # heartbeats stay off the disk
control_socket_disable = True
logger_class = QuietLogger
forwarded_allow_ips = ""  # which proxies are trusted is a setting of the site, in one place


def post_fork(_server: object, _worker: object) -> None:
    """In each worker, before it makes its application: nothing of that is garbage."""
    gc.disable()


def post_worker_init(_worker: object) -> None:
    """In each worker, its application being loaded: what stays for good is not searched for garbage again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def on_starting(server: Arbiter) -> None:
    """In the master, for every worker forked from it: one secret of this start, memory that is given back, the code.

    The code alone, without settings or connections: each worker makes its own application. One that takes the place
    of a recycled or killed worker answers at once, instead of after the two seconds that importing takes.
    """
    give_large_blocks_back()
    boot_secret()
    package, is_ours, _ = server.app.app_uri.partition(".wsgi:")
    with loading():  # no worker looks through the code again when it starts: a third of the time that starting took
        if is_ours:
            import_module(f"{package}.app")
