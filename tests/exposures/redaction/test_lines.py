"""``mingjing redact``: one answer a line, in order; a bad line is answered in its place and stops nothing."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.cli import commands
from portal.exposures.redaction.lines import MOST_LINE, answer_line, answers
from portal.exposures.redaction.values import Kind

NUMBER = "110101199003074514"
FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in NUMBER)
KINDS = {kind.value for kind in Kind} - {"contact"}


def ask(**given: object) -> dict[str, Any]:
    answer = answer_line(json.dumps({"id": 1, "text": "患者张三住院。", **given}).encode())
    return dict(json.loads(json.dumps(answer)))


def said(text: bytes) -> list[dict[str, Any]]:
    found = b"".join(answers(io.BytesIO(text)))
    assert found.endswith(b"\n") or not text
    return [json.loads(line) for line in found.split(b"\n")[:-1]]


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"   \n", b"nonsense", b"[]", b"null", b"7", b"\xff\xfe{}", b"\x00", b'{"id":1,"text":"\x00"}',
     b"[" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b'{"id":' + b"9" * 5_000 + b',"text":""}'],
)  # fmt: skip
def test_what_is_no_object_is_a_bad_line(line: bytes) -> None:
    found = answer_line(line)
    assert (found["id"], found["error"]) == (None, "bad_line")


@pytest.mark.parametrize(
    "fields",
    [{"id": None}, {"id": True}, {"id": 1.0}, {"id": [1]}, {"text": None}, {"text": 3}, {"text": ["张三"]},
     {"known": "张三"}, {"known": ""}, {"known": 0}, {"known": False}, {"known": {}}, {"known": {"张三": 1}},
     {"known": [1]}, {"known": [None]}, {"known": [["张三"]]}],
)  # fmt: skip
def test_a_field_of_another_type_is_refused(fields: dict[str, object]) -> None:
    found = ask(**fields)
    assert found["error"] == "bad_field" and found["reason"].endswith("。")
    assert found["id"] == (None if "id" in fields else 1)


def test_a_field_written_twice_or_of_another_name_is_refused() -> None:
    for line in (b'{"id":1,"id":2,"text":""}', b'{"id":1,"text":"a","text":"b"}'):
        assert answer_line(line)["error"] == "repeated_field"
    assert (ask(more=1)["error"], ask(more=1)["id"]) == ("unknown_field", 1)


@pytest.mark.parametrize("known", [None, [], [""], ["", " ", "\u200b", "。", "\x00", "\ud800", ".*", "(", "张"]])
def test_known_that_says_nothing_changes_nothing(known: list[str] | None) -> None:
    assert ask(known=known) == ask()
    assert ask()["text"] == "患者张某住院。"


def test_among_ten_thousand_known_values_the_ones_that_stand_there_are_found() -> None:
    known = [f"{number:018d}" for number in range(5_000)] + [f"赵{chr(0x5000 + number)}兰" for number in range(5_000)]
    found = ask(text="那天看见欧阳 若-溪拿着K-77。", known=[*known, "欧阳若溪", "k-77"])
    assert [(one["kind"], one["value"]) for one in found["spans"]] == [("name", "欧阳 若-溪"), ("known", "K-77")]


def test_an_id_comes_back_as_it_was() -> None:
    for name in (0, -5, 10**3_000, "", "甲", "\x00", "\ud800"):
        assert answer_line(json.dumps({"id": name, "text": ""}).encode())["id"] == name


def test_marks_line_ends_and_a_missing_last_one_change_no_answer() -> None:
    line = json.dumps({"id": 1, "text": "患者张三住院。"}).encode()
    found = said(b"\xef\xbb\xbf" + line + b"\r\n" + line + b"\n\r\n\n" + line)
    assert [one.get("text", one.get("error")) for one in found] == [
        "患者张某住院。", "患者张某住院。", "bad_line", "bad_line", "患者张某住院。",
    ]  # fmt: skip


def test_half_a_character_and_signs_beyond_the_plane_keep_their_offsets() -> None:
    text = f"𠮷\ud800\x00😀身份证号{NUMBER}。"
    (found,) = said(json.dumps({"id": "\ud800", "text": text}).encode())
    (span,) = found["spans"]
    assert found["id"] == "\ud800" and span == {
        "start": 8, "end": 26, "kind": "id-number", "value": NUMBER,
    }  # fmt: skip
    assert found["text"] == "𠮷\ud800\x00😀身份证号［身份证号］。"


@pytest.mark.parametrize(
    "written",
    [FULL_WIDTH, "\u200b".join(NUMBER), " ".join(NUMBER), f"{NUMBER[:6]}\n{NUMBER[6:14]}\r\n{NUMBER[14:]}",
     NUMBER.replace("0", "O"), NUMBER.replace("0", "o"), f"{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}"],
)  # fmt: skip
def test_an_identity_number_is_found_however_it_is_written(written: str) -> None:
    found = ask(text=f"他的身份证号{written}，就在病历上。")
    assert [(one["kind"], one["value"]) for one in found["spans"]] == [("id-number", written)]
    assert found["text"] == "他的身份证号［身份证号］，就在病历上。"


def test_a_line_that_is_too_long_is_answered_once_and_the_next_is_read() -> None:
    good = b'{"id":1,"text":""}'
    fits = b'{"id":1,"text":""' + b" " * (MOST_LINE - len(good)) + b"}"
    found = said(b"x" * (3 * MOST_LINE) + b"\n" + good + b"\n" + fits + b"\n" + b"y" * (MOST_LINE + 1))
    assert [one.get("error") for one in found] == ["line_too_long", None, None, "line_too_long"]


def test_a_text_of_two_hundred_thousand_characters_is_answered() -> None:
    text = "同一天收费三次。" * 25_000 + f"身份证号{NUMBER}"
    found = ask(text=text[-200_000:])
    assert [(one["end"], one["kind"]) for one in found["spans"]] == [(200_000, "id-number")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), min_size=1))
def test_every_line_has_one_answer(lines: list[bytes]) -> None:
    assert len(said(b"".join(line + b"\n" for line in lines))) == len(lines)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60), st.lists(st.text(max_size=5), max_size=4))
def test_an_answer_points_into_its_own_text(text: str, known: list[str]) -> None:
    text = f"{text}患者张三，电话13912345678，{text}"
    (found,) = said(json.dumps({"id": 1, "text": text, "known": known}).encode())
    places = [*found["spans"], *found["warnings"]]
    assert all(span["value"] == text[span["start"] : span["end"]] for span in found["spans"])
    assert all(0 <= one["start"] < one["end"] <= len(text) and one["kind"] in KINDS for one in places)
    ordered = sorted((one["start"], one["end"]) for one in places)
    assert all(before[1] <= after[0] for before, after in pairwise(ordered))


def test_the_command_answers_in_order_and_goes_on_after_a_bad_line() -> None:
    given = '{"id":"a","text":"患者张三住院。"}\n{\n{"id":2,"text":"手机13912345678"}'
    done = CliRunner().invoke(commands, ["redact"], input=given)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [(one["id"], one.get("text", one.get("error"))) for one in found] == [
        ("a", "患者张某住院。"), (None, "bad_line"), (2, "手机［电话号码］"),
    ]  # fmt: skip
