"""A published case is told in rows and sentences: everything that is stated, nothing that is not, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given

from portal.exposures import telling
from portal.exposures.content import CaseContent, Withheld
from portal.exposures.generating import propose
from portal.exposures.record import CaseRecord
from portal.exposures.redaction.values import Kind
from portal.exposures.values import (
    NO_AMOUNTS,
    Amounts,
    Decided,
    Manner,
    Month,
    Ownership,
    Points,
    Referral,
    Result,
    Size,
    Source,
    SubjectKind,
)
from portal.kernel.values import Fen
from portal.web.locale import speaking
from tests.exposures.records import RECORDS, record

HAN = re.compile(r"[\u3400-\u9fff]")
CASE = propose(record(), "演示区医疗保障局", invented=True)
ALL_OF_IT = replace(
    CASE,
    institution="",
    conducts=(),
    region="not in the list",
    results=tuple(Decided(one, 3) for one in Result),
    referrals=tuple(Referral),
    points=(Points("physician", 2, 6),),
    withheld=tuple(Withheld(kind.value, 4) for kind in Kind),
    amounts=Amounts(
        involved_fen=Fen(100),
        fine_base_fen=Fen(100),
        fine_tenths=15,
        fine_fen=Fen(150),
        damages_fen=Fen(1),
        refused_fen=Fen(2),
        recovered_fen=Fen(3),
    ),
)


def lines(content: CaseContent) -> list[str]:
    """All that is told, in the language of the moment, but for the law, which is quoted."""
    rows = [line for row in telling.facts(content) for line in (row["key"], *_as_list(row["value"]))]
    sums = [cell for row in telling.amounts(content) for cell in row]
    return [*rows, *sums, *telling.results(content), *telling.withheld(content)]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("source", Source)
def test_every_code_has_its_english(source: Source) -> None:
    with speaking("en"):
        for subject, manner in zip(SubjectKind, [*Manner, *Manner], strict=True):
            told = lines(replace(ALL_OF_IT, subject=subject, manner=manner, source=source))
            assert [line for line in told if HAN.search(line)] == []


def test_what_was_decided_handed_over_and_counted_is_told_line_by_line() -> None:
    told = telling.results(ALL_OF_IT)
    assert len(told) == len(Result) + len(Referral) + 1
    for words in ("中止医保服务协议 3 个月", "移送公安机关", "医保支付资格记分：physician 2 人，每人 6 分"):
        assert words in told
    assert ("罚款（¥1.00 的 1.5 倍）", "¥1.50") in telling.amounts(ALL_OF_IT)


def test_what_is_not_stated_has_no_row() -> None:
    bare = replace(
        CASE, institution="", conducts=(), began=None, ended=None, found_in=None, source=Source.UNSTATED,
        amounts=NO_AMOUNTS, ownership=Ownership.UNKNOWN, size=Size.UNKNOWN, results=(), withheld=(),
    )  # fmt: skip
    told = {row["key"]: row["value"] for row in telling.facts(bare)}
    assert told == {"地区": "江苏省南京市秦淮区", "曝光的是谁": "医院", "问题性质": "违规收费"}
    assert [*telling.amounts(bare), *telling.results(bare), *telling.withheld(bare)] == []


@pytest.mark.parametrize(
    ("began", "ended", "told"),
    [
        ("2025-03", "2025-08", "2025年3月至2025年8月"),
        ("2025-03", "2025-03", "2025年3月"),
        ("2025-03", None, "2025年3月起"),
        (None, "2025-08", "2025年8月"),
    ],
)
def test_a_period_is_told_by_its_months(began: str | None, ended: str | None, told: str) -> None:
    first, last = Month(began) if began else None, Month(ended) if ended else None
    assert {"key": "发生的时间", "value": told} in telling.facts(replace(CASE, began=first, ended=last))


@given(RECORDS)
def test_whatever_was_recorded_can_be_told(made: CaseRecord) -> None:
    content = propose(made, "演示区医疗保障局", invented=True)
    for tongue in ("zh", "en"):
        with speaking(tongue):
            assert all(lines(content))
    assert telling.grounds(content) == list(content.bases)
