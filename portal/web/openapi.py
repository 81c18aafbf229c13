"""Pieces of a description in OpenAPI 3.1 (JSON Schema 2020-12): objects are closed, all their fields are there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]


def asked(name: str, schema: Schema, words: str) -> Schema:
    return {"name": name, "in": "query", "description": words, "schema": schema}


def answer(words: str, schema: Schema, media: str = "application/json") -> Schema:
    return {"description": words, "content": {media: {"schema": schema}}}


def object_of(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def coded(codes: Iterable[str], **more: Schema) -> Schema:
    return object_of(code={"type": "string", "enum": [str(code) for code in codes]}, name=text(), **more)


def named(pattern: str = "") -> Schema:
    return object_of(code=text(pattern=pattern) if pattern else text(), name=text())


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def text(**more: str) -> Schema:
    return {"type": "string", **more}


def count() -> Schema:
    return {"type": "integer", "minimum": 1}


def day() -> Schema:
    return text(format="date")


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
