"""What the public page of the ledger calls things. Chinese is the source language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from portal.ledger.counts import Group

GROUPS: Mapping[Group, str] = {
    Group.SEEN: _l("工作人员打开举报、打开附件、打印"),
    Group.STEPS: _l("收到举报，办理中的各个步骤、消息和期限变动"),
    Group.IDENTITY: _l("身份的封存、申请打开和打开"),
    Group.KEYS: _l("密钥的公布、授予和停用"),
    Group.OTHER: _l("账号、设置、公告和其他"),
    Group.NAMELESS: _l("只由回执码算出的行，和补上的随机的行"),
}
