"""Published cases as data: one case as JSON, lists as JSON, all of it as CSV. Described in docs/formats/open-data.md.

Codes are the same in every language; the words beside them are in the reader's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from flask_babel import LazyString

from portal.directory.wording import region_words
from portal.exposures import wording
from portal.exposures.content import CaseContent
from portal.exposures.published import Shown, Version
from portal.exposures.redaction.values import Kind
from portal.exposures.values import Amounts, ChangeReason, VersionKind
from portal.kernel.errors import NotFound
from portal.payments.layout import guarded, yuan
from portal.tips import catalogue
from portal.web.locale import in_language, language
from portal.web.locale import lazy_gettext as _l
from portal.web.machines import BOM

STATES: Mapping[str, LazyString] = {
    "published": _l("公开中"),
    "withdrawn": _l("已撤回"),
    "expired": _l("公开期满"),
}
SUMS = ("involved", "fine_base", "fine", "damages", "refused", "recovered")
COLUMNS: tuple[tuple[str, LazyString], ...] = (
    ("code", _l("案例编号")),
    ("state", _l("状态")),
    ("version", _l("版本")),
    ("published_on", _l("公布日期")),
    ("changed_on", _l("最近变动日期")),
    ("issue", _l("期次")),
    ("office", _l("公布机关")),
    ("region_code", _l("地区代码")),
    ("region", _l("地区")),
    ("title", _l("标题")),
    ("subject", _l("对象类型")),
    ("institution", _l("机构名称")),
    ("ownership", _l("机构性质")),
    ("size", _l("机构规模")),
    ("manner", _l("问题性质")),
    ("conducts", _l("问题类型")),
    ("source", _l("案件来源")),
    ("found_in", _l("查实月份")),
    ("began", _l("行为开始月份")),
    ("ended", _l("行为结束月份")),
    ("involved_yuan", _l("涉及金额（元）")),
    ("involved_fen", _l("涉及金额（分）")),
    ("fine_base_yuan", _l("罚款基数（元）")),
    ("fine_base_fen", _l("罚款基数（分）")),
    ("fine_multiple", _l("罚款倍数")),
    ("fine_yuan", _l("罚款（元）")),
    ("fine_fen", _l("罚款（分）")),
    ("damages_yuan", _l("违约金（元）")),
    ("damages_fen", _l("违约金（分）")),
    ("refused_yuan", _l("拒付金额（元）")),
    ("refused_fen", _l("拒付金额（分）")),
    ("recovered_yuan", _l("已追回金额（元）")),
    ("recovered_fen", _l("已追回金额（分）")),
    ("bases", _l("依据")),
    ("results", _l("处理结果")),
    ("referrals", _l("移送")),
    ("points", _l("支付资格记分")),
    ("text", _l("正文")),
    ("withheld", _l("未公开的内容")),
    ("notice", _l("更正或者撤回的说明")),
    ("invented", _l("是否虚构")),
    ("sha256", _l("内容校验值")),
)


def case_json(case: Shown) -> dict[str, Any]:
    """One case. Of one that was withdrawn or has expired only the notice is told."""
    return {
        "code": case.code,
        "state": _coded(case.state, STATES),
        "version": case.newest.version,
        "published_on": case.published_on.isoformat(),
        "changed_on": case.changed_on.isoformat(),
        "expires_on": case.expires_on.isoformat() if case.expires_on else None,
        "issue": case.issue or None,
        "office": office_name(case),
        "content": _content(case.content) if case.content else None,
        "sha256": case.newest.sha256,
        "versions": [_version(one) for one in case.versions],
    }


def office_name(case: Shown) -> str:
    """The office in the reader's language, where it has such a name."""
    return case.office_en if language() != "zh" and case.office_en else case.office


def write_csv(cases: Iterable[Shown]) -> bytes:
    """All of them, one a line, with a heading in the reader's language (RFC 4180, UTF-8 with BOM)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([str(words) for _, words in COLUMNS])
    for case in cases:
        cells = _cells(case)
        writer.writerow([guarded(cells.get(name, "")) for name, _ in COLUMNS])
    return (BOM + out.getvalue()).encode()


def notice(one: Version) -> str:
    """What the public is told of a correction, a withdrawal or an end, in one line; "" of a publication."""
    if one.kind == VersionKind.PUBLISH:
        return ""
    reason = str(wording.CHANGE_REASONS[ChangeReason(one.reason)]) if one.reason else ""
    said = [str(wording.VERSIONS[VersionKind(one.kind)]), reason, one.words]
    return in_language("：").join(part for part in said if part)


def _content(content: CaseContent) -> dict[str, Any]:
    return {
        "title": content.title,
        "paragraphs": list(content.paragraphs),
        "region": {"code": content.region, "name": region_name(content.region)},
        "source": _coded(content.source, wording.SOURCES),
        "subject": _coded(content.subject, wording.SUBJECTS),
        "ownership": _coded(content.ownership, wording.OWNERSHIPS),
        "size": _coded(content.size, wording.SIZES),
        "manner": _coded(content.manner, wording.MANNERS),
        "institution": content.institution or None,
        "conducts": [{"code": code, "name": conduct_name(code)} for code in content.conducts],
        **{name: _month(content, name) or None for name in ("found_in", "began", "ended")},
        "amounts": _amounts(content.amounts),
        "bases": list(content.bases),
        "results": [{**_coded(one.result, wording.RESULTS), "months": one.months or None} for one in content.results],
        "referrals": [_coded(one, wording.REFERRALS) for one in content.referrals],
        "points": [{"role": one.role, "people": one.people, "points": one.points} for one in content.points],
        "withheld": [{**_coded(Kind(one.kind), wording.KINDS), "count": one.count} for one in content.withheld],
        "invented": content.invented,
    }


def _coded(code: StrEnum | str, words: Mapping[Any, LazyString]) -> dict[str, Any]:
    return {"code": str(code), "name": str(words[code])}


def region_name(code: str) -> str:
    """From the province down; the code alone for one that the list of divisions does not have."""
    return region_words(code)


def conduct_name(code: str) -> str:
    """The plain words of a conduct; the code alone for one that the catalogue does not have."""
    try:
        found = catalogue.get(code)
    except NotFound:
        return code
    return found.zh if language() == "zh" else found.en


def _month(content: CaseContent, name: str) -> str:
    month = getattr(content, name)
    return month.text if month else ""


def _amounts(amounts: Amounts) -> dict[str, Any]:
    """Sums that are stated, each in both units; null for one that is not."""
    sums = {name: int(getattr(amounts, f"{name}_fen")) for name in SUMS}
    told = {name: {"fen": fen, "yuan": yuan(fen)} if fen else None for name, fen in sums.items()}
    return {**told, "fine_multiple": _multiple(amounts) or None}


def _multiple(amounts: Amounts) -> str:
    whole, tenth = divmod(amounts.fine_tenths, 10)
    return "" if not amounts.fine_tenths else f"{whole}.{tenth}" if tenth else str(whole)


def _version(one: Version) -> dict[str, Any]:
    return {
        "version": one.version,
        "kind": _coded(VersionKind(one.kind), wording.VERSIONS),
        "day": one.day.isoformat(),
        "sha256": one.sha256,
        "reason": _coded(ChangeReason(one.reason), wording.CHANGE_REASONS) if one.reason else None,
        "words": one.words or None,
    }


def _cells(case: Shown) -> dict[str, str]:
    known = {
        "code": case.code,
        "state": str(STATES[case.state]),
        "version": str(case.newest.version),
        "published_on": case.published_on.isoformat(),
        "changed_on": case.changed_on.isoformat(),
        "issue": case.issue,
        "office": office_name(case),
        "notice": notice(case.newest),
        "sha256": case.newest.sha256,
    }
    return {**known, **_content_cells(case.content)} if case.content else known


def _content_cells(content: CaseContent) -> dict[str, str]:
    said = _content(content)
    sums: dict[str, str] = {}
    for name in SUMS:
        one = said["amounts"][name]
        sums |= {f"{name}_yuan": one["yuan"] if one else "", f"{name}_fen": str(one["fen"]) if one else ""}
    return {
        **sums,
        "fine_multiple": _multiple(content.amounts),
        "region_code": content.region,
        "region": said["region"]["name"],
        "title": content.title,
        "institution": content.institution,
        "text": "\n".join(content.paragraphs),
        **{name: said[name]["name"] for name in ("subject", "ownership", "size", "manner", "source")},
        **{name: said[name] or "" for name in ("found_in", "began", "ended")},
        **{name: _joined(one["name"] for one in said[name]) for name in ("conducts", "referrals")},
        "bases": _joined(content.bases),
        "results": _joined(
            one["name"] + (f" {one['months']} {in_language('个月')}" if one["months"] else "")
            for one in said["results"]
        ),
        "points": _joined(f"{one.role} × {one.people}: {one.points}" for one in content.points),
        "withheld": _joined(f"{one['name']} × {one['count']}" for one in said["withheld"]),
        "invented": in_language("是") if content.invented else in_language("否"),
    }


def _joined(words: Iterable[str]) -> str:
    return "; ".join(words)
