"""A text that says who the reporter is gets one answer, and one that does not gets the other."""

from __future__ import annotations

import pytest

from portal.exposures.drafts import text_of
from portal.exposures.generating import propose
from portal.exposures.naming import gives_away
from portal.tips.values import Identity
from tests.exposures.records import record

WHO = Identity(
    name="欧阳示明",
    id_number="11010519491231002X",
    phone="139 0000 1234",
    email="yanshi.ouyang@example.org",
    address="江苏省南京市秦淮区演示街道虚构里12号3单元401室",
    fellow_reporters=("钱示例",),
)


@pytest.mark.parametrize(
    "text",
    [
        "欧阳示明反映",
        "欧 阳 示 明反映",
        "欧阳医生说",
        "示明说他看见了",
        "钱示例也看见了",
        "电话13900001234",
        "尾号１２３４的电话",
        "尾号 1-2-3-4。",
        "证件尾号002x",
        "写信到 YANSHI.OUYANG@example.org",
        "住在虚构里12号",
        "虚 构 里 12 号的居民",
    ],
)
def test_what_leads_to_somebody_is_a_hit(text: str) -> None:
    assert gives_away(f"经查，{text}。", WHO)


@pytest.mark.parametrize(
    "text",
    [
        "涉及医保基金1234元",
        "2021年1234月",
        "江苏省南京市秦淮区的一家医院",
        "欧某反映",
        "example.org 的网页",
        "尾号1235",
        "",
    ],
)
def test_what_leads_to_nobody_is_none(text: str) -> None:
    assert not gives_away(text, WHO)


def test_what_is_generated_from_a_record_names_no_reporter() -> None:
    generated = text_of(propose(record(), "秦淮区医疗保障局"))
    assert not gives_away(generated, WHO)
    assert gives_away(generated.replace("经查，", "经查，据欧阳示明反映，"), WHO)


def test_an_empty_identity_is_never_found() -> None:
    assert not gives_away("任何文字 1234，地址，电话。", Identity())
