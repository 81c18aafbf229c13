"""The rules by which a report is destroyed, in words for the reporter."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString

from portal.web.locale import lazy_gettext as _l

DESTRUCTION_RULES: Mapping[str, LazyString] = {
    "HR-18.1": _l("档案保管期限届满（《医疗保障基金使用监督管理举报处理暂行办法》关于立卷归档的规定）"),
    "PV-19": _l("保存期限届满（《中华人民共和国个人信息保护法》第十九条）"),
    "PV-47": _l("应当主动删除（《中华人民共和国个人信息保护法》第四十七条）"),
}
