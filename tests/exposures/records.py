"""Records of closed cases that are invented for tests: one whole one, and whatever else is asked for."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from portal.exposures.bases import bases
from portal.exposures.record import CaseRecord, Method
from portal.exposures.rules import NEED_INSTITUTION, SUSPENSIONS
from portal.exposures.values import (
    Amounts,
    Decided,
    Manner,
    Month,
    Ownership,
    Part,
    Person,
    Points,
    Referral,
    Result,
    Size,
    Source,
    SubjectKind,
)
from portal.kernel.values import Fen

NAMES = ("赵演示甲", "赵演示乙", "欧阳示例", "次仁·示例", "阿依古丽·演示", "钱例", "Example Person")


def record(**given: Any) -> CaseRecord:
    """A hospital that charged twice: 50,000 yuan, twice that as a fine. Invented."""
    whole: dict[str, Any] = {
        "region": "320104",
        "source": Source.REPORT,
        "found_in": Month("2026-03"),
        "methods": (Method.ON_SITE, Method.DATA),
        "subject": SubjectKind.HOSPITAL,
        "ownership": Ownership.PRIVATE,
        "size": Size.MEDIUM,
        "manner": Manner.CHARGING,
        "institution": "演示第一医院",
        "conducts": ("inst-38-3",),
        "began": Month("2025-03"),
        "ended": Month("2025-08"),
        "amounts": Amounts(
            involved_fen=Fen(5_000_000),
            fine_base_fen=Fen(5_000_000),
            fine_tenths=20,
            fine_fen=Fen(10_000_000),
            recovered_fen=Fen(5_000_000),
        ),
        "bases": ("reg-38",),
        "results": (Decided(Result.RETURN), Decided(Result.FINE)),
        "people": (Person("赵演示甲", Part.OFFENDER, "院长"), Person("钱例", Part.PATIENT)),
    }
    return CaseRecord(**{**whole, **given})


_FENS = st.integers(0, 10**11).map(Fen)
_MONTHS = st.builds(lambda y, m: Month(f"{y}-{m:02d}"), st.integers(2019, 2026), st.integers(1, 12))
_CONDUCTS = ("inst-38-1", "inst-38-3", "inst-38-8", "inst-40-1", "inst-40-9", "inst-39-6")


def _decided(result: Result, months: int) -> Decided:
    return Decided(result, months if result in SUSPENSIONS else 0)


_PEOPLE = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(Part), st.sampled_from(["", "院长", "收费员"])),
    max_size=5,
    unique_by=lambda one: one[0],
).map(lambda found: tuple(Person(name, part, title if part is Part.OFFENDER else "") for name, part, title in found))
_AMOUNTS = st.builds(
    Amounts,
    involved_fen=_FENS,
    fine_base_fen=_FENS,
    fine_tenths=st.integers(0, 50),
    fine_fen=_FENS,
    damages_fen=_FENS,
    refused_fen=_FENS,
    recovered_fen=_FENS,
)
_NEEDS_NAME = sorted(NEED_INSTITUTION)

RECORDS = st.builds(
    record,
    region=st.sampled_from(["320104", "320100", "320000", "650000", "110101"]),
    source=st.sampled_from(Source),
    found_in=st.none() | _MONTHS,
    methods=st.lists(st.sampled_from(Method), unique=True).map(tuple),
    subject=st.sampled_from(SubjectKind),
    manner=st.sampled_from(Manner),
    institution=st.sampled_from(["演示第一医院", "南京市秦淮区演示诊所", "江苏演示药房第七十五分店"]),
    conducts=st.lists(st.sampled_from(_CONDUCTS), min_size=1, unique=True).map(tuple),
    began=st.none() | _MONTHS,
    ended=st.none() | _MONTHS,
    amounts=_AMOUNTS,
    bases=st.lists(st.sampled_from(sorted(bases())), unique=True, max_size=3).map(tuple),
    other_basis=st.sampled_from(["", "《演示市服务协议》第八条", "《演示市服务协议》第八条。"]),
    results=st.lists(
        st.builds(_decided, st.sampled_from(Result), st.integers(1, 12)), min_size=1, unique_by=lambda one: one.result
    ).map(tuple),
    referrals=st.lists(st.sampled_from(Referral), unique=True).map(tuple),
    points=st.lists(
        st.builds(Points, st.sampled_from(["医师", "收费员"]), st.integers(1, 9), st.integers(1, 12)), max_size=2
    ).map(tuple),
    people=_PEOPLE,
)
"""Any combination, also ones that contradict themselves: the text must stay plain whatever the record says."""
