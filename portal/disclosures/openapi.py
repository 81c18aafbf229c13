"""The description of the data of fund accounts: OpenAPI 3.1 (JSON Schema 2020-12), in the reader's language."""

from __future__ import annotations

from portal.disclosures.opendata import COLUMNS
from portal.disclosures.values import Confidence, CorrectionReason, Kind, Pooling
from portal.disclosures.vocabulary import vocabulary
from portal.kernel.site import DataLicence
from portal.web.locale import gettext as _
from portal.web.machines import licence_name
from portal.web.openapi import Schema, answer, asked, coded, day, list_of, named, object_of, or_null, ref, text

VERSION = "1.0.0"
"""Of the description: grows in its last part with a new field, in its first when a field goes or changes."""
MOST, USUAL = 200, 50
"""Figures on a page of JSON."""
MOST_ROWS = 20_000
"""Figures of one table; what is more is cut by year, and a year into parts."""
MOST_PARTS = 999
CODE = "^[a-z2-7]{12}$"
DISCLOSURE = "^[0-9]{4}-[0-9]{4,8}$"
AMOUNT = r"^-?[0-9]{1,18}(\.[0-9]{1,6})?$"
REGION = "^[0-9]{6}$"
YEARS = (1998, 2100)


def description(server: str, licence: DataLicence, title: str) -> Schema:
    """The whole document. ``server``: the root of the site in the reader's language."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": VERSION,
            "summary": _("本站公布的医保基金数字，供任何人下载使用。"),
            "description": _(
                "数值是公布时印出的十进制文字，单位是公布时的单位，不换算；应当公布而没有公布的为空。"
                "更正不改动旧数字，而是新增一版。来源没有说明地区或者期间的，confirmed 为假，不算作任何地区的数字。"
            ),
            "license": {"name": licence_name(licence), **({"identifier": licence.code} if licence.code else {})},
        },
        "servers": [{"url": server}],
        "paths": {
            "/fund/data/figures.json": {"get": _list()},
            "/fund/data/figures.csv": {"get": _table("downloadCsv", "text/csv")},
            "/fund/data/figures.xlsx": {"get": _table("downloadWorkbook", _XLSX)},
            "/fund/figures/{code}.json": {"get": _one()},
            "/fund/data/changes.json": {"get": _changes()},
            "/fund/data/disclosures.json": {"get": _disclosures()},
            "/fund/data/regions.json": {"get": _plain("listPlaces", _("有数字的地区"), "Places")},
            "/fund/data/vocabulary.json": {"get": _plain("listWords", _("代码和它们的意思"), "Vocabulary")},
        },
        "components": {"schemas": schemas()},
    }


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def schemas() -> dict[str, Schema]:
    """What the answers look like, by name."""
    following = {"type": ["string", "null"], "description": _("下一页的地址；最后一页为空。")}
    licence = object_of(code={"type": ["string", "null"]}, name=text())
    return {
        "Figures": object_of(licence=licence, figures=list_of(ref("Figure")), next=following),
        "Figure": _figure(),
        "History": object_of(code=text(pattern=CODE), versions={**list_of(ref("Figure")), "minItems": 1}),
        "Changes": object_of(changes=list_of(ref("Figure")), next=following),
        "Disclosures": object_of(disclosures=list_of(ref("Disclosure")), next=following),
        "Disclosure": object_of(
            code=text(pattern=DISCLOSURE),
            address=text(),
            kind={"type": "string", "enum": [*Kind]},
            title=text(),
            reason=or_null(coded(CorrectionReason)),
            words={"type": ["string", "null"]},
            figures=_number(1),
            sha256=text(pattern="^[0-9a-f]{64}$"),
            published_on=day(),
        ),
        "Places": object_of(
            places=list_of(
                object_of(
                    region=or_null(named("^[0-9]{6}$")),
                    place={"type": ["string", "null"]},
                    first_year=_number(),
                    last_year=_number(),
                    figures=_number(1),
                    changed_on=day(),
                )
            )
        ),
        "Vocabulary": _vocabulary(),
        "Refusal": object_of(error=text(), message=text()),
    }


def _figure() -> Schema:
    known = vocabulary()
    return object_of(
        code=text(pattern=CODE, description=_("数字的固定编号：更正以后不变。")),
        version=_number(1),
        supersedes={"type": ["integer", "null"], "description": _("这一版取代的是第几版。")},
        address=text(),
        region=or_null(named("^[0-9]{6}$")),
        place=text(),
        confirmed=_truth(),
        pooling=coded(Pooling),
        fund=coded(known.funds, maternity={"type": "string", "enum": ["with", "without", "unstated", "none"]}),
        measure=coded(known.measures),
        period=object_of(start=day(), end=day(), cumulative=_truth(), inferred=_truth()),
        edition=coded(known.editions, final=_truth()),
        restated={"type": ["integer", "null"]},
        disclosed=_truth(),
        amount={"type": ["string", "null"], "pattern": AMOUNT},
        decimals={"type": ["integer", "null"], "minimum": 0, "maximum": 6},
        unit=coded(known.units),
        source=object_of(
            title=text(), url={"type": ["string", "null"]}, day=or_null(day()), confidence=coded(Confidence)
        ),
        note={"type": ["string", "null"]},
        published_on=day(),
        disclosure=text(pattern=DISCLOSURE),
    )


def _vocabulary() -> Schema:
    maternity = {"type": "string", "enum": ["with", "without", "unstated", "none"]}
    return object_of(
        funds=list_of(object_of(code=text(), name=text(), maternity=maternity)),
        measures=list_of(object_of(code=text(), name=text(), kind=text(), nature=text(), signed=_truth())),
        editions=list_of(object_of(code=text(), name=text(), rank=_number(), final=_truth())),
        units=list_of(object_of(code=text(), name=text(), kind=text(), exponent=_number())),
        sums=list_of(object_of(total=text(), parts=list_of(text()))),
    )


def _list() -> Schema:
    return {
        "operationId": "listFigures",
        "summary": _("数字列表，按编号排列"),
        "parameters": [*_filters(), _limit(), _after(CODE)],
        "responses": {"200": answer(_("一页数字。"), ref("Figures")), **_refusals("400", "429")},
    }


def _table(operation: str, media: str) -> Schema:
    columns = "; ".join(f"{name} = {words}" for name, _type, words in COLUMNS)
    part = {"type": "integer", "minimum": 1, "maximum": MOST_PARTS}
    return {
        "operationId": operation,
        "summary": _("数字的表格"),
        "description": _(
            "一次最多 %(most)s 行。超过时请加条件，或者用 part 分成几份，怎样分见开放数据目录。各列依次为：",
            most=MOST_ROWS,
        )
        + columns,
        "parameters": [*_filters(), asked("part", part, _("第几份，从 1 起；每份最多 %(most)s 行。", most=MOST_ROWS))],
        "responses": {"200": answer(_("一张表格。"), {}, media), **_refusals("400", "429")},
    }


def _one() -> Schema:
    return {
        "operationId": "getFigure",
        "summary": _("一个数字和它以前的各版"),
        "parameters": [{"name": "code", "in": "path", "required": True, "schema": text(pattern=CODE)}],
        "responses": {"200": answer(_("一个数字。"), ref("History")), **_refusals("404", "429")},
    }


def _changes() -> Schema:
    return {
        "operationId": "listChanges",
        "summary": _("更正过的数字"),
        "parameters": [_limit(), _after(CODE)],
        "responses": {"200": answer(_("一页更正。"), ref("Changes")), **_refusals("400", "429")},
    }


def _disclosures() -> Schema:
    return {
        "operationId": "listDisclosures",
        "summary": _("公告列表"),
        "parameters": [_limit(), _after(DISCLOSURE)],
        "responses": {"200": answer(_("一页公告。"), ref("Disclosures")), **_refusals("400", "429")},
    }


def _plain(operation: str, words: str, schema: str) -> Schema:
    responses = {"200": answer(words, ref(schema)), **_refusals("400", "429")}
    return {"operationId": operation, "summary": words, "responses": responses}


def _filters() -> list[Schema]:
    known = vocabulary()
    year = {"type": "integer", "minimum": YEARS[0], "maximum": YEARS[1]}
    truth = {"type": "string", "enum": ["true", "false"]}
    return [
        asked("region", text(pattern=REGION), _("六位地区代码；全国是 000000。不包括下属地区。")),
        asked("fund", {"type": "string", "enum": [*known.funds]}, _("险种。")),
        asked("measure", {"type": "string", "enum": [*known.measures]}, _("指标。")),
        asked("edition", {"type": "string", "enum": [*known.editions]}, _("版本。")),
        asked("year", year, _("期间止所在的年份。")),
        asked("from", year, _("从这一年起。")),
        asked("to", year, _("到这一年止。")),
        asked("confirmed", truth, _("地区和期间是否由来源说明。")),
        asked("disclosed", truth, _("数值是否公布。")),
    ]


def _limit() -> Schema:
    return asked("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, _("一页有多少个。"))


def _after(pattern: str) -> Schema:
    return asked("after", text(pattern=pattern), _("从哪个编号之后开始：照抄上一页给出的地址即可。"))


def _refusals(*codes: str) -> dict[str, Schema]:
    words = {"400": _("看不懂的条件。"), "404": _("没有这个数字。"), "429": _("请求太频繁，请过一分钟再试。")}
    return {code: answer(words[code], ref("Refusal")) for code in codes}


def _number(least: int = 0) -> Schema:
    return {"type": "integer", "minimum": least}


def _truth() -> Schema:
    return {"type": "boolean"}
