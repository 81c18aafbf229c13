"""What steps, points of the legal check and reasons of a return are called on the pages of exposures."""

from __future__ import annotations

from collections.abc import Mapping

from portal.exposures.reviews import Point, Return

ACTIONS: Mapping[str, str] = {
    "open": "分类处置决定公开",
    "save": "保存草稿",
    "submit": "送审",
    "send-back": "退回",
    "approve": "批准，公布",
    "schedule": "批准，等公布",
    "release": "到日子公布",
    "unschedule": "取消公布，退回起草",
    "correct": "开始更正",
    "drop-correction": "放弃更正",
    "withdraw": "撤回",
    "expire": "公开期满，撤下",
    "drop": "不再公开",
    "take-up": "重新起草",
    "must-correct": "发现有误，应当更正",
    "identity-check": "与封存的举报人身份核对",
}
POINTS: Mapping[Point, str] = {
    Point.FINAL: "处理决定已经作出并送达，事实清楚",
    Point.APPEAL_PASSED: "复议、诉讼的期限已过，没有复议和诉讼",
    Point.APPEAL_NOT_NEEDED: "不用等复议、诉讼的期限（例如按协议处理，或者法律要求及时公开）",
    Point.PERSONAL: "个人信息已经去掉，也看不出举报人",
    Point.SECRETS: "没有国家秘密、商业秘密",
    Point.MINORS: "不涉及未成年人，或者看不出是谁",
}
RETURNS: Mapping[Return, str] = {
    Return.FACTS: "事实或者金额要核对",
    Return.PRIVACY: "还能看出是谁",
    Return.REPORTER: "可能暴露举报人",
    Return.WORDING: "文字要改",
    Return.LEGAL: "法制审核没有通过",
    Return.OTHER: "其他原因",
}
