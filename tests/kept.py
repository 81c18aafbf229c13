"""What every test would make anew and needs no test of its own, kept for the whole test process.

Each test makes its own apps and engines: their templates, their SQL statements and the functions that build their
addresses are compiled once.
"""

from __future__ import annotations

import gc
from types import MethodType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import Rule

from portal.kernel import db


def keep_compiled() -> None:
    """For every app and every engine that is made from now on."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _InMemory()}
    _keep_statements()
    _keep_routes()


class _InMemory(BytecodeCache):
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja before it compiles."""
        if _key(bucket) in self._kept:
            bucket.bytecode_from_string(self._kept[_key(bucket)])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja after it compiled."""
        self._kept[_key(bucket)] = bucket.bytecode_to_string()


def collect_seldom() -> None:
    """Look for unreachable cycles after 100,000 new objects instead of 700: a fifth of the tests' time went into it."""
    gc.set_threshold(100_000, 10, 10)


def keep_collected() -> None:
    """What stands when the tests are known stays to the end: no collection looks at it again."""
    gc.collect()
    gc.freeze()


def _key(bucket: Bucket) -> tuple[str, str]:
    """A template is compiled once for each language."""
    return getattr(bucket.environment, "tongue", ""), bucket.key


def _keep_statements() -> None:
    """A statement is kept beside the dialect that compiled it: those of a kind are made equal."""
    for kind in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
        kind.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    kept: dict[Any, Any] = {}

    def made(*args: Any, **options: Any) -> Engine:
        engine = create_engine(*args, **options)
        engine.update_execution_options(compiled_cache=kept)
        return engine

    db.create_engine = made  # type: ignore[attr-defined]


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
