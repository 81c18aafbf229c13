"""The console script from outside: what a shell sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEADLINE = ["deadline", "--rule", "HR-12.1", "--from", "2026-09-28"]


def mingjing(
    *arguments: str, cwd: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "MINGJING_", "PYTHON"))
    }
    command = [sys.executable, "-c", "from admin.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=cwd, env={**kept, "PYTHONPATH": str(ROOT), **(environment or {})}, capture_output=True, check=False
    )


@pytest.mark.parametrize(
    "arguments", [("no-such-command",), ("deadline",), (*DEADLINE, "--no-such-option"), ("--wrong",)]
)
def test_wrong_usage_ends_with_2_and_says_so_on_stderr_alone(arguments: tuple[str, ...]) -> None:
    ended = mingjing(*arguments)
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert b"Error" in ended.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=["C", "POSIX without coercion", "ascii asked for"],
)
def test_answers_are_utf_8_whatever_the_locale(environment: dict[str, str]) -> None:
    ended = mingjing(*DEADLINE, environment=environment)
    assert ended.returncode == 0, ended.stderr.decode()
    answer = json.loads(ended.stdout.decode("utf-8"))
    assert any("一" <= character <= "鿿" for character in answer["basis"])


def test_a_command_that_only_computes_needs_no_settings_and_no_working_directory(tmp_path: Path) -> None:
    ended = mingjing(*DEADLINE, cwd=tmp_path, environment={"MINGJING_SETTINGS": "/nonexistent"})
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["rule"] == "HR-12.1"
    assert list(tmp_path.iterdir()) == []


def test_help_lists_every_command() -> None:
    ended = mingjing("--help")
    assert ended.returncode == 0
    assert "deadline" in ended.stdout.decode()
