"""``mingjing reward assess``: one answer a line, in order; a bad line is answered in its place."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from portal.cli import commands
from portal.rewards.lines import MOST_LINE, answer_line, answers
from portal.rewards.schedule import shipped
from tests.test_computing_commands import run

TODAY = date(2026, 9, 28)
GOOD: dict[str, Any] = {"schedule": "beijing-2023", "case_value_fen": 50_000_001, "subject_type": "institution"}


def ask(**given: object) -> dict[str, Any]:
    return answer_line(json.dumps({**GOOD, **given}).encode(), shipped(), TODAY)


def test_the_answer_is_the_figure_and_a_trace_that_a_citizen_can_read() -> None:
    found = ask()
    assert found["reward_fen"] == 2_000_000 and "official" not in found
    assert [step["step"] for step in found["trace"]] == ["rule", "eligibility", "band", "rounding"]
    assert found["trace"][2]["text"] == "案值 500,000.01 元：500,000.01 元 × 4% = 20,000.0004 元。"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"case_value_fen": -1}, "bad_amount"),
        ({"case_value_fen": 1.0}, "bad_amount"),
        ({"case_value_fen": "100"}, "bad_amount"),
        ({"case_value_fen": True}, "bad_amount"),
        ({"case_value_fen": None}, "bad_amount"),
        ({"case_value_fen": 10**16}, "bad_amount"),
        ({"schedule": "beijing-1999"}, "unknown_schedule"),
        ({"schedule": 7}, "unknown_schedule"),
        ({"schedule": None}, "bad_field"),
        ({"region": "110000"}, "bad_field"),
        ({"schedule": None, "region": "１１００００"}, "bad_field"),
        ({"grade": "9"}, "unknown_grade"),
        ({"grade": 1}, "unknown_grade"),
        ({"subject_type": "hospital"}, "unknown_subject"),
        ({"subject_type": None}, "unknown_subject"),
        ({"override": "yes"}, "bad_field"),
        ({"words": "x"}, "unknown_field"),
        ({"circumstances": []}, None),
        ({"circumstances": "x"}, "bad_field"),
        ({"circumstances": {"relation": "cousin"}}, "bad_circumstance"),
        ({"circumstances": {"relation": "staff"}}, "staff_reporter"),
        ({"circumstances": {"nature": "odd"}}, "bad_circumstance"),
        ({"schedule": "chongqing-2025", "grade": "ordinary"}, "relation_needed"),
        ({"schedule": "chongqing-2025", "grade": "ordinary", "circumstances": {"relation": "outsider"}}, None),
        ({"circumstances": {"luck": "1"}}, "unknown_circumstance"),
        ({"circumstances": {"fine": "-5"}}, "bad_circumstance"),
        ({"circumstances": {"fine": "1.234"}}, "bad_circumstance"),
        ({"circumstances": {"fine": 5}}, "bad_field"),
        ({"circumstances": {"rate_chosen": "5%"}}, "bad_circumstance"),
        ({"circumstances": {"rate_chosen": "1.5"}}, "bad_circumstance"),
        ({"circumstances": {"position": "2"}}, "bad_circumstance"),
        ({"circumstances": {"reporters": "separate", "position": "0"}}, "bad_circumstance"),
        ({"circumstances": {"decision_date": "2026-13-01"}}, "bad_date"),
        ({"circumstances": {"decision_date": "20260928"}}, "bad_date"),
        ({"circumstances": {"decision_date": "2023-11-15"}}, "not_in_force_then"),
        ({"schedule": None, "region": "110101", "on": "2023-11-15"}, "no_rate_table"),
        ({"schedule": None, "region": "110101", "on": "2024-01-01"}, None),
        ({"schedule": None, "region": "320104", "on": "2026-01-01"}, "no_rate_table"),
        ({"schedule": None, "region": "620102", "on": "2026-01-01"}, "no_rate_table"),
        ({"schedule": None, "region": "320104", "on": "2020-01-01"}, "not_in_force"),
        ({"on": "2026-01-01", "circumstances": {"decision_date": "2026-01-02"}}, "bad_date"),
    ],
)
def test_what_no_rule_answers_is_refused_with_a_code_and_a_sentence(given: dict[str, object], code: str | None) -> None:
    found = ask(**given)
    assert found.get("refused") == code
    assert code is None or found["reason"].endswith("。")


def test_a_later_reporter_gets_nothing_and_reads_why() -> None:
    found = ask(circumstances={"reporters": "separate", "position": "2"})
    assert found["reward_fen"] == 0 and "RW-8.2" in found["trace"][-1]["text"]


def test_the_citys_rule_goes_before_the_provinces() -> None:
    suining = ask(schedule=None, region="510903", on="2026-01-01")
    assert suining["schedule"] == "suining-2023"
    assert ask(schedule=None, region="510104", on="2026-01-01")["schedule"] == "sichuan-2023"


def test_override_says_that_the_figure_does_not_count() -> None:
    found = ask(
        schedule="yangzhou-2019", case_value_fen=4_000_000, circumstances={"relation": "insider"}, override=True
    )
    assert (found["reward_fen"], found["official"]) == (240_000, False)


@pytest.mark.parametrize(
    ("region", "on", "schedule"),
    [("320104", "2020-01-01", "nanjing-2019"), ("360702", "2024-01-01", "jiangxi-inferred")],
)
def test_override_goes_with_a_place_too_but_never_to_a_draft(region: str, on: str, schedule: str) -> None:
    assert ask(schedule=None, region=region, on=on)["refused"] == "not_in_force"
    found = ask(schedule=None, region=region, on=on, override=True)
    assert (found["schedule"], found["official"]) == (schedule, False)
    assert ask(schedule=None, region="310115", on=on, override=True)["refused"] == "no_rate_table"


def test_a_field_written_twice_is_refused_since_either_may_be_meant() -> None:
    for more in (b',"case_value_fen":1}', b',"circumstances":{"nature":"fraud","nature":"general"}}'):
        assert answer_line(json.dumps(GOOD).encode()[:-1] + more, shipped(), TODAY)["refused"] == "repeated_field"


def test_half_a_character_in_a_name_and_a_mark_before_the_line_do_no_harm() -> None:
    text = b'{"\\ud800":1}\n\xef\xbb\xbf' + json.dumps(GOOD).encode() + b"\r\n"
    found = b"".join(answers(io.BufferedReader(io.BytesIO(text)), shipped(), TODAY)).decode().splitlines()
    assert [json.loads(line).get("refused") for line in found] == ["unknown_field", None]


def test_lines_are_answered_in_order_and_a_bad_one_in_its_place() -> None:
    lines = [json.dumps({**GOOD, "case_value_fen": value}) for value in (1, 50_000_000)]
    text = f"{lines[0]}\nnonsense\n\n{lines[1]}\n[]\n{{}}"
    done = CliRunner().invoke(commands, ["reward", "assess"], input=text)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one.get("reward_fen", one.get("refused")) for one in found] == [
        50_000,
        "bad_line",
        "bad_line",
        1_000_000,
        "bad_line",
        "bad_amount",
    ]


def test_a_line_that_is_too_long_is_answered_once_and_the_next_is_read() -> None:
    good = json.dumps(GOOD).encode()
    text = b"x" * (3 * MOST_LINE) + b"\n" + good + b"\n" + b"y" * (MOST_LINE + 1)
    found = b"".join(answers(io.BufferedReader(io.BytesIO(text)), shipped(), TODAY)).splitlines()
    assert [json.loads(line).get("refused") for line in found] == ["line_too_long", None, "line_too_long"]


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), min_size=1), st.integers(1, 50))
def test_every_line_has_one_answer_however_it_comes_in_pieces(lines: list[bytes], piece: int) -> None:
    reader = _Pieces(b"".join(line + b"\n" for line in lines), piece)
    found = b"".join(answers(reader, shipped(), TODAY))  # type: ignore[arg-type]
    assert len(found.splitlines()) == len(lines)
    assert all("refused" in json.loads(line) for line in found.splitlines())


class _Pieces:
    def __init__(self, text: bytes, size: int) -> None:
        self.text, self.size = text, size

    def read1(self, _most: int) -> bytes:
        taken, self.text = self.text[: self.size], self.text[self.size :]
        return taken


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner)))
def test_no_value_in_any_field_is_more_than_refused(value: object) -> None:
    for field in ("case_value_fen", "grade", "circumstances", "subject_type", "schedule", "on", "override"):
        found = ask(**{field: value})
        assert ("reward_fen" in found) != ("refused" in found)


def test_the_command_needs_no_settings_and_speaks_utf_8_whatever_the_locale() -> None:
    done = run("reward", "assess", "/dev/null", locale={"LC_ALL": "C"})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
