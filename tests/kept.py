"""What every test would make anew and needs no test of its own, kept for the whole test process.

Each test makes its own apps and engines: their templates, their SQL statements and the functions that build their
addresses are compiled once.
"""

from __future__ import annotations

import gc
import os
import sqlite3
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import CodeType, MethodType
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import ConnectionPoolEntry
from werkzeug.routing import Rule

from portal.kernel import db


def keep_compiled(shared: Path | None = None) -> None:
    """For every app and every engine that is made from now on. *shared*: a folder of the processes of one run."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates(shared)}
    _keep_statements()
    _keep_routes()


class _Templates(BytecodeCache):
    """Compiled templates, kept by this process and found by its neighbours: one of them compiles for all."""

    def __init__(self, shared: Path | None) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}
        self._shared = shared
        if shared is not None:
            shared.mkdir(exist_ok=True)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja before it compiles. What was made of another source, or by another Jinja, is not taken."""
        if _key(bucket) in self._kept:
            bucket.code = self._kept[_key(bucket)]
        elif self._shared is not None and (path := self._shared / _name(bucket)).exists():
            bucket.bytecode_from_string(path.read_bytes())
            if bucket.code is not None:
                self._kept[_key(bucket)] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja after it compiled."""
        assert bucket.code is not None
        self._kept[_key(bucket)] = bucket.code
        if self._shared is not None:
            whole = self._shared / f"{_name(bucket)}.{os.getpid()}"
            whole.write_bytes(bucket.bytecode_to_string())
            whole.replace(self._shared / _name(bucket))  # a neighbour finds all of it or nothing


def _name(bucket: Bucket) -> str:
    """A template is compiled once for each language."""
    return f"{getattr(bucket.environment, 'tongue', '')}-{bucket.key}"


def _key(bucket: Bucket) -> tuple[str, str]:
    """The same with its source."""
    return _name(bucket), bucket.checksum


def compile_in_shares(root: Path) -> None:
    """Each process of a run imports another share of the tests first: what one has compiled the others find.

    What does not import is imported again, and told of, when it is collected.
    """
    own, processes = os.environ.get("PYTEST_XDIST_WORKER"), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if own is None:
        return
    tests = sorted((root / "tests").rglob("test_*.py"))
    for path in tests[int(own.removeprefix("gw")) :: processes]:
        with suppress(Exception, pytest.skip.Exception):
            import_module(".".join(path.relative_to(root).with_suffix("").parts))


def collect_nothing() -> None:
    """While tests are imported: nothing that they are made of is garbage."""
    gc.disable()


def collect_seldom() -> None:
    """Look for unreachable cycles after 100,000 new objects instead of 700: a fifth of the tests' time went into it."""
    gc.set_threshold(100_000, 10, 10)


def keep_collected() -> None:
    """What stands when the tests are known stays to the end: no collection looks at it again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _keep_statements() -> None:
    """A statement is kept beside the dialect that compiled it: those of a kind are made equal."""
    for kind in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
        kind.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    kept: dict[Any, Any] = {}

    def made(*args: Any, **options: Any) -> Engine:
        engine = create_engine(*args, **options)
        engine.update_execution_options(compiled_cache=kept)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _reverse)
        return engine

    db.create_engine = made  # type: ignore[attr-defined]


def _reverse(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    """Rows of which nobody asked an order come in the other one: no answer may hang on what they happen to come in."""
    connection.execute("pragma reverse_unordered_selects = on")


def _keep_routes() -> None:
    """What a rule's text comes to knows the converters of its app, and nothing else of it."""
    kept: dict[Any, tuple[dict[str, Any], set[str], Any, Any]] = {}
    compiled = Rule.compile

    def compile_once(self: Rule) -> None:
        key = (
            (self.rule, self.subdomain, self.host, self.merge_slashes),
            tuple(sorted((self.defaults or {}).items())),
            frozenset(self.map.converters.items()),
        )
        if key not in kept:
            compiled(self)
            found = {name: getattr(self, name) for name in ("_parts", "_trace", "_converters")}
            kept[key] = found, self.arguments, self._build.__func__, self._build_unknown.__func__  # type: ignore[attr-defined]  # bound methods
            return
        found, arguments, build, build_unknown = kept[key]
        vars(self).update(found, arguments=set(arguments))
        self._build, self._build_unknown = MethodType(build, self), MethodType(build_unknown, self)

    Rule.compile = compile_once  # type: ignore[method-assign]
