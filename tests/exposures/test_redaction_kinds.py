"""What is masked, what is put before a person, what stays. Every person and number is invented."""

from __future__ import annotations

import io
import json
from itertools import pairwise

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.cli import commands
from portal.exposures.redaction.assistant import redact
from portal.exposures.redaction.lines import MOST_LINE, answers

PIECES = [
    "王建国",
    "患者",
    "李护士长",
    "13800138000",
    "在",
    "昨天",
    "，",
    "3栋2单元501室",
    "扎西多吉",
    "负责",
    "的那位",
    "某",
    "1",
    " ",
    "医院",
]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证11010519491231002X。", "身份证［身份证号］。"),
        ("身份证１１０１０５１９４９１２３１００２Ｘ。", "身份证［身份证号］。"),
        ("号1101 0519\u200b4912-31002X。", "号［身份证号］。"),
        ("1l0IOS1949l23lOO2X", "［身份证号］"),
        ("电话138 0013 8000。", "电话［电话号码］。"),
        ("打一三八零零一三八零零零。", "打［电话号码］。"),
        ("座机025-83012345。", "座机［电话号码］。"),
        ("微信号abc_12345，", "微信号［微信号］，"),
        ("QQ：12345678，", "QQ：［QQ号］，"),
        ("邮箱 li.si@example.com，", "邮箱 ［电子邮箱］，"),
        ("开苏A·12345来", "开［车牌号］来"),
        ("开粤BD12345来", "开［车牌号］来"),
        ("住院号ZY20230011，", "住院号［病案号］，"),
        ("医保卡号A123456789，", "医保卡号［参保号］，"),
        ("卡6222021234567890128。", "卡［银行账号］。"),
        ("我住南京市秦淮区金陵花园3栋2单元501室。", "我住南京市秦淮区［住址］。"),
        ("患者王建国。", "患者王某。"),
        ("患者李建国、李小红。", "患者李某1、李某2。"),
        ("王医生和老周说", "王某医生和周某说"),
        ("扎西多吉说", "扎某说"),
        ("阿依古丽·买买提说", "阿某说"),
    ],
)
def test_what_is_masked_and_how(text: str, masked: str) -> None:
    assert redact(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "在刘长林诊所和第七十五分店，第309医院。",
        "涉及13000000000元，医保发〔2024〕24号，第三十八条，电话12393、12345、110。",
        "统一社会信用代码91320104MA1X000000。",
        "高血压患者任何时候都可以，包括南京市，于是马上安全。",
        "张某某、董某分别记11分、10分。",
        "医院东门附近的药店，西门社区，百里路。",
    ],
)
def test_what_must_stay_stays(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    "text", ["我是科里唯一的药师", "2026年3月5日上午", "2026/3/5", "三月五日", "昨天", "负责收费的那位"]
)
def test_days_and_roles_are_put_before_a_person(text: str) -> None:
    found = redact(text)
    assert found.text == text and found.warnings


def test_known_names_are_masked_where_they_stand_but_a_drug_keeps_its_name() -> None:
    found = redact("丁香买了丁香酚，林 小 满也来了，小满说。", ("丁香", "林小满"))
    assert "丁香酚" in found.text and "小满" not in found.text and not found.text.startswith("丁香")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_masking_twice_is_masking_once_and_spans_point_into_the_input(pieces: list[str]) -> None:
    text = "".join(pieces)
    once = redact(text)
    again = redact(once.text)
    assert again.text == once.text and not again.spans
    places = sorted([(a.start, a.end) for a in once.spans] + [(b.start, b.end) for b in once.warnings])
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert all(text[one.start : one.end] == one.value for one in once.spans)


def test_lines_are_answered_in_order_and_a_bad_one_in_its_place() -> None:
    good = json.dumps({"id": "a", "text": "患者王建国", "known": []}, ensure_ascii=False)
    done = CliRunner().invoke(commands, ["redact"], input=f'{good}\nnonsense\n{{"id":"b","text":1}}\n[]\n{good}')
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [(one["id"], one.get("error")) for one in found] == [
        ("a", None),
        (None, "bad_line"),
        ("b", "bad_field"),
        (None, "bad_line"),
        ("a", None),
    ]
    assert found[0]["spans"] == [{"start": 2, "end": 5, "kind": "name", "value": "王建国"}]


def test_a_line_that_is_too_long_is_answered_once_and_the_next_is_read() -> None:
    text = b"x" * (2 * MOST_LINE) + b'\n{"id":1,"text":""}\n'
    found = [json.loads(line) for line in answers(io.BytesIO(text))]
    assert [one.get("error") for one in found] == ["line_too_long", None]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王芳从医院回来。", "王芳"),
        ("昨天李小梅去药店买药。", "李小梅"),
        ("刘洋和医院签了协议。", "刘洋"),
        ("陈静的药房没有证。", "陈静"),
        ("吴刚说药店不给票。", "吴刚"),
        ("买买提江在诊所打针。", "买买提江"),
        ("会计小娟每天记两本账。", "小娟"),
    ],
)
def test_a_person_near_an_institution_is_no_part_of_its_name(text: str, name: str) -> None:
    found = redact(text)
    seen = [(one.start, one.end) for one in found.spans] + [(one.start, one.end) for one in found.warnings]
    start = text.index(name)
    assert any(begin <= start and start + len(name) <= end for begin, end in seen), found


@pytest.mark.parametrize("text", ["刘长林诊所虚记费用。", "何平大药房有问题。", "安和药房、同和堂药店。"])
def test_an_institution_that_is_called_like_a_person_keeps_its_name(text: str) -> None:
    assert redact(text).text == text


def test_papers_behind_their_label_and_rooms_in_characters_are_masked() -> None:
    assert redact("护照号E12345678，港澳通行证C12345678。").text == "护照号［身份证号］，港澳通行证［身份证号］。"
    assert "二零一" not in redact("我在3号楼四单元二零一住了十年。").text
