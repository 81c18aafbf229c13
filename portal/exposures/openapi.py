"""The description of the open data: OpenAPI 3.1 (JSON Schema 2020-12), in the reader's language."""

from __future__ import annotations

from portal.exposures.opendata import COLUMNS, STATES, SUMS
from portal.exposures.redaction.values import Kind
from portal.exposures.values import (
    ChangeReason,
    Manner,
    Ownership,
    Referral,
    Result,
    Size,
    Source,
    SubjectKind,
    VersionKind,
)
from portal.kernel.site import DataLicence
from portal.web.locale import gettext as _
from portal.web.machines import licence_name
from portal.web.openapi import (
    Schema,
    answer,
    asked,
    coded,
    count,
    day,
    list_of,
    named,
    object_of,
    or_null,
    ref,
    text,
)

VERSION = "1.0.0"
"""Of the description: grows in its last part with a new field, in its first when a field goes or changes."""

MOST, USUAL = 100, 50
"""Cases on a page of JSON."""
CODE = r"^[0-9]{4}-[0-9]{1,11}$"
REGION = r"^[0-9]{6}$"
CONDUCT = r"^[a-z0-9.-]{1,40}$"
AFTER = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{4}-[0-9]{1,11}$"
YEARS = (2000, 2999)


def description(server: str, licence: DataLicence, title: str) -> Schema:
    """The whole document. ``server``: the root of the site in the reader's language."""
    told = {"name": licence_name(licence), **({"identifier": licence.code} if licence.code else {})}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": VERSION,
            "summary": _("公开曝光的典型案例，供任何人下载使用。"),
            "description": _(
                "金额同时给出以分为单位的整数和以元为单位、保留两位小数的文字；没有公布的金额为空。"
                "撤回或者期满的案例只留编号、日期和说明。日期按北京时间。"
            ),
            "license": told,
        },
        "servers": [{"url": server}],
        "paths": {
            "/exposures/data/cases.json": {"get": _list()},
            "/exposures/data/cases.csv": {"get": _table()},
            "/exposures/{code}.json": {"get": _one()},
        },
        "components": {"schemas": schemas()},
    }


def schemas() -> dict[str, Schema]:
    """What the answers look like, by name."""
    return {
        "Cases": object_of(
            licence=object_of(code={"type": ["string", "null"]}, name=text()),
            cases={"type": "array", "items": ref("Case"), "maxItems": MOST},
            next={"type": ["string", "null"], "description": _("下一页的地址；最后一页为空。")},
        ),
        "Case": _case(),
        "Content": _content(),
        "Version": _version(),
        "Money": or_null(
            object_of(fen={"type": "integer", "minimum": 1}, yuan=text(pattern=r"^[0-9]+\.[0-9]{2}$")),
        ),
        "Refusal": object_of(error=text(), message=text()),
    }


def _case() -> Schema:
    return object_of(
        code=text(pattern=CODE),
        state=coded(STATES),
        version={"type": "integer", "minimum": 1},
        published_on=day(),
        changed_on=day(),
        expires_on=or_null(day()),
        issue=or_null(text(pattern=r"^[0-9]{4}-[0-9]+$")),
        office=text(),
        content=or_null(ref("Content")),
        sha256=text(pattern="^[0-9a-f]{64}$", description=_("这个版本内容的 SHA-256，公开账本里也有。")),
        versions={"type": "array", "items": ref("Version"), "minItems": 1},
    )


def _content() -> Schema:
    months = {name: or_null(text(pattern=r"^[0-9]{4}-[0-9]{2}$")) for name in ("found_in", "began", "ended")}
    return object_of(
        title=text(),
        paragraphs=list_of(text()),
        region=named(REGION),
        source=coded(Source),
        subject=coded(SubjectKind),
        ownership=coded(Ownership),
        size=coded(Size),
        manner=coded(Manner),
        institution={"type": ["string", "null"]},
        conducts=list_of(named()),
        **months,
        amounts=object_of(**{name: ref("Money") for name in SUMS}, fine_multiple={"type": ["string", "null"]}),
        bases=list_of(text()),
        results=list_of(coded(Result, months={"type": ["integer", "null"], "description": _("暂停或者中止的月数。")})),
        referrals=list_of(coded(Referral)),
        points=list_of(object_of(role=text(), people=count(), points=count())),
        withheld=list_of(coded(Kind, count=count())),
        invented={"type": "boolean", "description": _("是：案例是虚构的，只用于演示。")},
    )


def _version() -> Schema:
    return object_of(
        version={"type": "integer", "minimum": 1},
        kind=coded(VersionKind),
        day=day(),
        sha256=text(pattern="^[0-9a-f]{64}$"),
        reason=or_null(coded(ChangeReason)),
        words={"type": ["string", "null"]},
    )


def _list() -> Schema:
    paging = [
        asked("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, _("一页有多少个案例。")),
        asked("after", text(pattern=AFTER), _("从哪个案例之后开始：照抄上一页给出的地址即可。")),
    ]
    return {
        "operationId": "listCases",
        "summary": _("案例列表，新的在前"),
        "parameters": [*_filters(), *paging],
        "responses": {"200": answer(_("一页案例。"), ref("Cases")), **_refusals("400")},
    }


def _table() -> Schema:
    columns = "; ".join(f"{name} = {words}" for name, words in COLUMNS)
    return {
        "operationId": "downloadTable",
        "summary": _("全部案例的表格"),
        "description": _(
            "UTF-8 编码，开头有 BOM。以等号、加号、减号等开头的文字前面加一个撇号，避免被表格软件当作公式。各列依次为："
        )
        + columns,
        "parameters": _filters(),
        "responses": {"200": answer(_("一张表格。"), {"type": "string"}, "text/csv"), **_refusals("400", "429")},
    }


def _one() -> Schema:
    return {
        "operationId": "getCase",
        "summary": _("一个案例"),
        "parameters": [{"name": "code", "in": "path", "required": True, "schema": text(pattern=CODE)}],
        "responses": {
            "200": answer(_("公开中的案例。"), ref("Case")),
            "410": answer(_("已经撤回或者期满的案例：只有说明。"), ref("Case")),
            **_refusals("404"),
        },
    }


def _filters() -> list[Schema]:
    return [
        asked("region", text(pattern=REGION), _("六位地区代码，包括下属地区。")),
        asked("subject", {"type": "string", "enum": [*SubjectKind]}, _("对象类型。")),
        asked("conduct", text(pattern=CONDUCT), _("问题类型。")),
        asked("year", {"type": "integer", "minimum": YEARS[0], "maximum": YEARS[1]}, _("公布年份。")),
        asked("state", {"type": "string", "enum": [*STATES]}, _("状态；不写就是全部。")),
    ]


def _refusals(*codes: str) -> dict[str, Schema]:
    words = {"400": _("看不懂的条件。"), "404": _("没有这个案例。"), "429": _("请求太频繁，请过一分钟再试。")}
    return {code: answer(words[code], ref("Refusal")) for code in codes}
