"""What codes of releases are called on staff pages, which are in Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from portal.custody.values import Answer
from portal.payments.layout import FileKind
from portal.payments.values import ReleaseState, Unreleased

STATES: Mapping[str, str] = {
    ReleaseState.ASKED: "等待保管人答复",
    ReleaseState.GRANTED: "已经同意，可以生成文件",
    ReleaseState.RELEASED: "文件已经生成",
    ReleaseState.REFUSED: "保管人没有同意",
    ReleaseState.EXPIRED: "过期失效",
    ReleaseState.DROPPED: "申请人撤回",
}
TAGS: Mapping[str, str] = {
    ReleaseState.ASKED: "waiting",
    ReleaseState.GRANTED: "open",
    ReleaseState.RELEASED: "done",
}
ANSWERS: Mapping[str, str] = {Answer.CONSENT: "同意", Answer.OBJECT: "不同意"}
FILES: Mapping[str, str] = {FileKind.CSV: "CSV（纯文本表格）", FileKind.XLSX: "XLSX（Excel 表格）"}
OBJECTIONS: Mapping[str, str] = {
    Unreleased.AMOUNT: "金额或者合计不对",
    Unreleased.UNCLEAR: "事先不知道这一批，需要先核实",
    Unreleased.CONFLICT: "本人与此事有利害关系，应当回避",
}
