"""What one slow hash of a receipt code costs a worker of gunicorn, measured between the rounds of what contains it.

In a loop of its own it would find warm what a request finds cold, and would be excused too little.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from crypto.kdf import RECEIPT_COST, argon2id
from tests.benches.measuring import Beside, mean_cpu_ms
from tests.benches.served import serving
from tests.benches.visitor import Visitor

TIMES = 48
"""Requests a round: about as many as those beside it, so that what neighbours add weighs the same on both."""


def create_app() -> Flask:
    """A page that hashes and one that does not."""
    app = Flask("hash", static_folder=None)

    @app.get("/")
    def hello() -> str:
        return "hello"

    @app.get("/hash")
    def hashed() -> str:
        argon2id(b"0" * 24, b"salt" * 8, RECEIPT_COST)
        return "hello"

    return app


@contextmanager
def slow_hashes() -> Iterator[Beside]:
    """Serve it; yields a function that measures one round, in milliseconds of CPU a hash."""
    with TemporaryDirectory(prefix="mj-hash-") as folder:
        name, log = "tests.benches.slow_hash:create_app()", Path(folder) / "log"
        with serving(name, os.environ, log, options="--max-requests 0") as served:
            visitor = Visitor(served.port)

            def once() -> float:
                hashed, hello = (mean_cpu_ms(served, [partial(visitor.get, path)] * TIMES) for path in ("/hash", "/"))
                return hashed - hello

            once()
            yield once
            visitor.close()
