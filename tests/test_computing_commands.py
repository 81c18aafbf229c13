"""``mingjing deadline`` and its like: JSON on stdout, UTF-8 whatever the locale, no app and no folder needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal.cli import commands

TREE = Path(__file__).parents[1]
PAGE = TREE / "docs" / "states" / "tip.md"
LOCALES = [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "C.UTF-8"}]


def run(
    *arguments: str, locale: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The real command in a process of its own, with an empty environment."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TREE), **(locale or {})}
    line = [sys.executable, "-m", "admin.cli", *arguments]
    return subprocess.run(line, env=environment, cwd=cwd or "/", capture_output=True, check=False)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(commands, arguments)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_deadline_is_one_json_object_in_utf_8_whatever_the_locale(locale: dict[str, str], tmp_path: Path) -> None:
    done = run("deadline", "--rule", "HR-12.1", "--from", "2026-09-28", locale=locale, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    answer: dict[str, Any] = json.loads(done.stdout.decode("utf-8"))
    assert list(answer) == ["rule", "from", "due", "counted_days", "unit", "basis", "confidence", "calendar"]
    assert (answer["rule"], answer["from"], answer["due"]) == ("HR-12.1", "2026-09-28", "2026-10-23")
    assert (answer["counted_days"], answer["unit"], answer["confidence"]) == (15, "WD", "C")
    assert "十五个工作日" in answer["basis"]
    assert not list(tmp_path.iterdir())


def test_an_uncovered_year_is_said_to_be_provisional() -> None:
    covered = json.loads(call("deadline", "--rule", "HR-12.1", "--from", "2026-09-28").stdout)
    uncovered = json.loads(call("deadline", "--rule", "HR-12.1", "--from", "2026-12-20").stdout)
    assert uncovered["due"] == "2027-01-11"
    assert "provisional" in uncovered["calendar"]
    assert "provisional" not in covered["calendar"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--rule", "HR-12.1"),
        ("--rule", "HR-12.1", "--from", "yesterday"),
        ("--rule", "HR-12.1", "--from", "20260928"),
        ("--rule", "HR-12.1", "--from", "2026-02-30"),
        ("--rule", "HR-12.1", "--from", "9999-12-31"),
        ("--rule", "HR-12.1", "--from", "2020-01-01"),  # before its law
        ("--rule", "HR-99", "--from", "2026-09-28"),
        ("--rule", "", "--from", "2026-09-28"),
        ("--rule", "HR-12.1", "--from", "2026-09-28", "--more"),
    ],
)
def test_wrong_usage_is_exit_2_with_nothing_on_stdout(arguments: tuple[str, ...]) -> None:
    result = call("deadline", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


@pytest.mark.parametrize("locale", LOCALES)
def test_a_region_is_found_by_what_people_type(locale: dict[str, str]) -> None:
    done = run("regions", "find", "南京鼓楼", locale=locale)
    assert done.returncode == 0
    (line,) = done.stdout.decode("utf-8").splitlines()
    assert json.loads(line)["code"] == "320106"


def test_a_place_that_does_not_exist_is_no_line_and_no_error() -> None:
    result = call("regions", "find", "没有这个地方")
    assert (result.exit_code, result.stdout) == (0, "")


def test_the_page_of_states_is_printed_as_it_stands_in_docs() -> None:
    assert run("docs", "states", locale=LOCALES[1]).stdout == PAGE.read_bytes()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_text_is_masked_in_utf_8_whatever_the_locale(locale: dict[str, str], tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text('{"id":"甲","text":"患者张三住院。"}\n', "utf-8")
    done = run("redact", str(given), locale=locale)
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout.decode("utf-8"))
    assert (answer["id"], answer["text"]) == ("甲", "患者张某住院。")


def test_computing_loads_neither_an_app_nor_a_database() -> None:
    code = (
        "import sys; from portal.cli import commands;"
        "commands(['deadline','--rule','PP-45','--from','2026-09-28'], standalone_mode=False);"
        "commands(['regions','find','320104'], standalone_mode=False);"
        "commands(['redact'], standalone_mode=False);"
        "print(sorted({'flask','sqlalchemy','wtforms','werkzeug','cryptography'} & set(sys.modules)), file=sys.stderr)"
    )
    given = '{"id":1,"text":"患者张三住院。"}\n'.encode()
    done = subprocess.run([sys.executable, "-c", code], cwd=TREE, input=given, capture_output=True, check=True)
    assert done.stdout.endswith(b'"warnings":[]}\n')
    assert done.stderr.strip() == b"[]"
