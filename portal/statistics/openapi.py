"""The description of the data of figures on handling: OpenAPI 3.1 (JSON Schema 2020-12), in the reader's language."""

from __future__ import annotations

from portal.kernel.site import DataLicence
from portal.statistics.values import CorrectionReason
from portal.web.locale import gettext as _
from portal.web.locale import language
from portal.web.openapi import Schema, answer, asked, count, day, list_of, object_of, ref, text

VERSION = "1.1.0"
"""Of the description: grows in its last part with a new field, in its first when a field goes or changes."""
MOST, USUAL = 120, 24
"""Months on a page of JSON."""
MONTH = "^20[0-9]{2}-(0[1-9]|1[0-2])$"
_NUMBER: Schema = {"type": ["integer", "null"], "minimum": 0}
_WORDS: Schema = {"type": ["string", "null"]}


def description(server: str, licence: DataLicence, title: str) -> Schema:
    """The whole document. ``server``: the root of the site in the reader's language."""
    name = licence.name_en if language() != "zh" and licence.name_en else licence.name
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": VERSION,
            "summary": _("每个月收到多少举报、怎样处理、用了多久。"),
            "description": _(
                "数字由程序从公开账本统计。空值是不公布的数：它不一定小。更正不改动旧的一版，而是新增一版。"
                "一个月的 JSON 和记进账本的校验值逐字节对应。"
            ),
            "license": {"name": name, **({"identifier": licence.code} if licence.code else {})},
        },
        "servers": [{"url": server}],
        "paths": {
            "/figures/data/bulletins.json": {"get": _list()},
            "/figures/data/bulletins.csv": {"get": _table()},
            "/figures/data/{month}.json": {"get": _one("getMonth", "application/json")},
            "/figures/data/{month}.csv": {"get": _one("downloadMonth", "text/csv")},
            "/figures/data/{month}/{version}.json": {"get": _one("getVersion", "application/json", versioned=True)},
            "/figures/data/{month}/{version}.csv": {"get": _one("downloadVersion", "text/csv", versioned=True)},
        },
        "components": {"schemas": schemas()},
    }


def schemas() -> dict[str, Schema]:
    """What the answers look like, by name."""
    sha256 = text(pattern="^[0-9a-f]{64}$")
    return {
        "Bulletins": object_of(
            licence=object_of(code=_WORDS, name=text()),
            bulletins=list_of(ref("Bulletin")),
            next={**_WORDS, "description": _("下一页的地址；最后一页为空。")},
        ),
        "Bulletin": object_of(
            month=text(pattern=MONTH),
            version=count(),
            address=text(),
            data=text(),
            sha256=sha256,
            ledger_size={"type": "integer", "minimum": 0},
            reason={"enum": [*CorrectionReason, None]},
            words=_WORDS,
            published_on=day(),
        ),
        "Month": _month(),
        "Group": _group(),
        "Table": object_of(withheld={"type": "boolean"}, cells={"type": "object", "additionalProperties": _NUMBER}),
        "Definition": object_of(zh=text(), en=text()),
        "Refusal": object_of(error=text(), message=text()),
    }


def _month() -> Schema:
    """A content, open to figures that come later."""
    share = object_of(found=_NUMBER, of=_NUMBER, per_mille=_NUMBER, definition=ref("Definition"))
    days = {"type": "object", "additionalProperties": _NUMBER}
    waited = object_of(steps={"type": "object", "additionalProperties": days}, definition=ref("Definition"))
    known = object_of(
        v=count(), month=text(pattern=MONTH), ledger_size={"type": "integer", "minimum": 0},
        withheld_from_1_to={"type": "integer", "minimum": 0}, received=ref("Group"), decided=ref("Group"),
        verified=share, opened=ref("Group"), missed=ref("Group"), waited=waited,
        recovered=object_of(count=_NUMBER, fen={"type": ["integer", "null"]}, definition=ref("Definition")),
        paid=object_of(
            since=day(), until=day(), at_least=_NUMBER, fen_at_least=_NUMBER, told_from=_NUMBER,
            definition=ref("Definition"),
        ),
    )  # fmt: skip
    return {**known, "additionalProperties": {"type": "object"}}


def _group() -> Schema:
    tables = {"type": "object", "additionalProperties": ref("Table")}
    return object_of(total=_NUMBER, tables=tables, definition=ref("Definition"))


def _list() -> Schema:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
    return {
        "operationId": "listMonths",
        "summary": _("月报列表，最近的在前"),
        "parameters": [
            asked("limit", limit, _("一页几个月。")),
            asked("before", text(pattern=MONTH), _("只要这个月以前的。")),
        ],
        "responses": {"200": answer(_("一页月报。"), ref("Bulletins")), **_refusals("400", "429")},
    }


def _table() -> Schema:
    return {
        "operationId": "downloadMonths",
        "summary": _("所有月份现在的数字，一行一个数"),
        "responses": {"200": answer(_("一个表格。"), {}, "text/csv"), **_refusals("400", "429")},
    }


def _one(operation: str, media: str, *, versioned: bool = False) -> Schema:
    version = {"name": "version", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    schema = ref("Month") if media == "application/json" else {}
    return {
        "operationId": operation,
        "summary": _("一个月的一版") if versioned else _("一个月现在的数字"),
        "parameters": [
            {"name": "month", "in": "path", "required": True, "schema": text(pattern=MONTH)},
            *([version] if versioned else []),
        ],
        "responses": {"200": answer(_("一个月的数字。"), schema, media), **_refusals("400", "404", "429")},
    }


def _refusals(*statuses: str) -> Schema:
    words = {"400": _("看不懂的条件。"), "404": _("没有这个月的月报。"), "429": _("请求太频繁，请过一分钟再试。")}
    return {status: answer(words[status], ref("Refusal")) for status in statuses}
