"""Words of the staff pages of the monthly bulletin, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from portal.statistics.states import BulletinState
from portal.statistics.values import Month

STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        BulletinState.DRAFT: ("草稿，等待审批", "open"),
        BulletinState.APPROVED: ("已批准，待公布", "waiting"),
        BulletinState.PUBLISHED: ("已公布", "done"),
        BulletinState.DROPPED: ("已放弃", "neutral"),
    }
)
"""State → its words and the kind of its tag."""
ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "count": "统计", "count-again": "重新统计", "send-back": "退回", "approve": "批准", "publish": "公布",
        "drop": "放弃",
    }
)  # fmt: skip


def month_words(month: str) -> str:
    """2026 年 9 月."""
    read = Month.read(month)
    return f"{read.year} 年 {read.number} 月"
