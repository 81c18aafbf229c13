"""Compiled templates, kept for the whole test process: every test makes its own app and would compile them anew."""

from __future__ import annotations

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache


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


def _key(bucket: Bucket) -> tuple[str, str]:
    """A template is compiled once for each language."""
    return getattr(bucket.environment, "tongue", ""), bucket.key


def keep_templates() -> None:
    """For every app that is made from now on."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _InMemory()}
