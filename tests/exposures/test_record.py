"""The record of a closed case, what in it contradicts itself, and the paragraph that is proposed from it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from portal.exposures.content import CaseContent
from portal.exposures.generating import masked, propose
from portal.exposures.record import CaseRecord, RecordVersion
from portal.exposures.rules import check, contradictions, faults
from portal.exposures.values import Amounts, Decided, Month, Part, Person, Points, Result, Source, SubjectKind
from portal.kernel.errors import Refused
from portal.kernel.values import Fen
from tests.exposures.records import RECORDS, record

TODAY = date(2026, 9, 28)
OFFICE = "演示甲区医疗保障局"
REG_38 = "《医疗保障基金使用监督管理条例》第三十八条"


@given(RECORDS)
def test_a_record_comes_back_as_it_was_kept(given: CaseRecord) -> None:
    assert CaseRecord.from_json(given.to_json()) == given
    version = RecordVersion(version=3, record=given, why="更正了金额（虚构）")
    assert RecordVersion.from_json(version.to_json()) == version


def test_a_record_of_another_format_is_not_read() -> None:
    with pytest.raises(ValueError, match="format"):
        CaseRecord.from_json(record().to_json().replace('"v":1', '"v":2'))
    with pytest.raises(ValueError, match="fields"):
        CaseRecord.from_json(record().to_json().replace('"minor"', '"major"'))


def test_names_do_not_stand_in_the_repr_of_a_record() -> None:
    assert "赵演示甲" not in repr(record())


def test_a_whole_record_has_no_fault() -> None:
    assert faults(record(), TODAY) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"institution": ""}, "全称"),
        ({"subject": SubjectKind.INSURED}, "接诊的机构"),
        ({"began": Month("2025-09")}, "晚于结束"),
        ({"found_in": Month("2025-01")}, "早于行为开始"),
        ({"found_in": Month("2026-10")}, "还没有到"),
        ({"conducts": ()}, "至少选一项违法行为"),
        ({"conducts": ("nothing",)}, "违法行为没有这个选项"),
        ({"bases": ()}, "写明依据"),
        ({"bases": ("nothing",)}, "依据没有这个选项"),
        ({"source": Source.BIG_DATA, "only_source": True}, "唯一的线索"),
        ({"results": ()}, "至少选一项处理结果"),
        ({"results": (Decided(Result.RETURN),)}, "没有选这一项"),
        ({"results": (Decided(Result.FINE), Decided(Result.DAMAGES))}, "违约金，请写上金额"),
        ({"results": (Decided(Result.FINE), Decided(Result.SUSPEND_SETTLEMENT))}, "几个月"),
        ({"results": (Decided(Result.FINE, 3),)}, "有月数"),
        ({"results": (Decided(Result.FINE), Decided(Result.FINE))}, "写了两次"),
        ({"people": (Person("赵", Part.PATIENT),)}, "写全名"),
        ({"people": (Person("赵例", Part.PATIENT), Person("赵例", Part.WITNESS))}, "名字写了两次"),
        ({"other_basis": "赵演示甲签的协议"}, "不能出现人名"),
        ({"points": (Points("赵演示甲", 1, 3),)}, "不能出现人名"),
        ({"points": (Points("医师", 0, 3),)}, "记分请写明"),
    ],
)
def test_what_is_wrong_with_a_record_is_said_in_a_sentence(change: dict[str, object], said: str) -> None:
    found = faults(record(**change), TODAY)
    assert [one for one in found if said in one], found
    with pytest.raises(Refused) as refused:
        check(record(**change), TODAY)
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        (Amounts(fine_tenths=20), "基数也写上"),
        (Amounts(fine_base_fen=Fen(100), involved_fen=Fen(100)), "倍数也写上"),
        (Amounts(fine_base_fen=Fen(200), fine_tenths=20, fine_fen=Fen(400), involved_fen=Fen(100)), "不能多于涉及"),
        (Amounts(involved_fen=Fen(100), recovered_fen=Fen(60), refused_fen=Fen(41)), "追回和拒付"),
        (
            Amounts(involved_fen=Fen(271_600), fine_base_fen=Fen(271_600), fine_tenths=15, fine_fen=Fen(1_358_000)),
            "2716 元的 1.5 倍是 4074 元，罚款写的是 13580 元",
        ),
    ],
)
def test_sums_that_do_not_add_up_are_told_in_words(amounts: Amounts, said: str) -> None:
    assert [one for one in contradictions(amounts) if said in one]


def test_a_fine_may_be_rounded_to_the_fen_either_way() -> None:
    for fine in (151, 152):  # 1.5 times 1.01 yuan is 1.515 yuan
        sums = Amounts(involved_fen=Fen(101), fine_base_fen=Fen(101), fine_tenths=15, fine_fen=Fen(fine))
        assert contradictions(sums) == ()


def test_the_proposed_paragraph_follows_the_usual_pattern() -> None:
    made = propose(record(), OFFICE)
    assert made.title == "江苏省南京市秦淮区演示第一医院违规收费案"
    assert made.paragraphs == (
        "2026年3月，演示甲区医疗保障局根据群众举报线索，通过现场检查、数据比对，查实演示第一医院违反医疗保障基金使用规定。",
        "经查，2025年3月至2025年8月，该院存在下列行为：重复收费、超标准收费、分解项目收费。涉及医保基金50000元。相关责任人：院长赵某。",
        f"{OFFICE}依据{REG_38}，作出以下处理：1.责令退回医保基金50000元；2.处造成损失金额2倍罚款100000元。",
        "目前，应当退回的医保基金已全部追回。",
    )
    assert made.withheld[0].count == 1


def test_an_institution_that_is_named_after_its_place_does_not_say_the_place_twice() -> None:
    for name, title in (
        ("南京市秦淮区演示诊所", "江苏省南京市秦淮区演示诊所违规收费案"),
        ("江苏演示药房第七十五分店", "江苏演示药房第七十五分店违规收费案"),
    ):
        assert propose(record(institution=name), OFFICE).title == title


def test_an_insured_person_is_masked_in_the_title_and_no_institution_is_named() -> None:
    person = record(subject=SubjectKind.INSURED, institution="")
    assert propose(person, OFFICE).title == "江苏省南京市秦淮区参保人赵某违规收费案"


def test_what_the_agency_does_by_the_agreement_is_told_apart() -> None:
    sums = replace(record().amounts, damages_fen=Fen(1_050))
    both = record(
        amounts=sums, results=(Decided(Result.RECTIFY), Decided(Result.DAMAGES), Decided(Result.END_AGREEMENT))
    )
    said = propose(both, OFFICE).paragraphs[2]
    assert "第三十八条，作出以下处理：责令改正。" in said
    assert "医保经办机构按照服务协议，作出以下处理：1.收取违约金10.50元；2.解除医保服务协议。" in said


def test_people_of_one_surname_are_numbered_and_no_other_character_of_a_name_stays() -> None:
    names = ["赵演示甲", "赵演示乙", "欧阳示例", "次仁·示例", "Example Person"]
    people = tuple(Person(name, Part.OFFENDER) for name in names)
    assert masked(people) == ("赵某1", "赵某2", "欧阳某", "次某", "某某")


@given(RECORDS)
def test_whatever_the_record_says_the_text_is_plain_and_names_nobody(given: CaseRecord) -> None:
    made = propose(given, OFFICE)
    text = made.title + "\n" + "\n".join(made.paragraphs)
    assert not any(name in text for name in given.names)
    assert not re.search(r"[，。；、：][，。；、：]|（）|《》|“”|[，；、：]$|^[，。；、：]", text, re.M), text
    assert not re.search(r"(?<![\d.])0元|None|\s元|元元|\.\d元|\.\d{3,}元", text), text
    assert all(re.search("。$", one) for one in made.paragraphs)
    assert not re.search(r"\d+日", text), "a day"
    assert CaseContent.from_json(made.to_json()) == made
