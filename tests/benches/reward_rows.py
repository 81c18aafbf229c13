"""Rows of rewards: what an assessed line costs, and a hundred thousand of them through the command.

The lines are the worked examples over and over, each with another case value, and every fiftieth is not JSON.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import cycle, islice
from statistics import median

from portal.rewards.lines import answer_line
from portal.rewards.schedule import shipped
from tests.benches.measuring import ROUNDS, Row
from tests.benches.served import ROOT

EXAMPLES = ROOT / "tests" / "rewards" / "data" / "examples.csv"
LINES, MOST_S = 100_000, 10
BAD_EACH = 50
ONE = {"schedule": "shanxi-2023", "case_value_fen": 12_345_678, "subject_type": "institution",
       "circumstances": {"relation": "insider"}}  # fmt: skip


def rows(times: int = 2_000) -> list[Row]:
    """The row of one line and the row of the command."""
    line = json.dumps(ONE).encode()
    best, usual = _best_us(partial(answer_line, line, shipped(), date(2026, 9, 28)), times)
    each = Row("assessing a reward, one line", f"{best:.0f} µs CPU", note=f"usually {usual:.0f}")
    return [each, command_row()]


def command_row(lines: int = LINES) -> Row:
    """``mingjing reward assess`` from its start to its last answer. Raises ValueError where an answer is missing."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answers:
        given.write(b"".join(islice(_lines(), lines)))
        given.seek(0)
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "admin.cli", "reward", "assess"], cwd=ROOT, stdin=given, stdout=answers
        )
        _pid, _status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - begun
        process.returncode = 0  # it was waited for
        answers.seek(0)
        if (found := sum(1 for _ in answers)) != lines:
            raise ValueError(f"{found} answers to {lines} lines")
    spent = used.ru_utime + used.ru_stime
    return Row(f"assessing {lines:,} lines", f"{spent:.1f} s CPU", f"{MOST_S} s", spent < MOST_S, f"{took:.1f} s wall")


def _lines() -> cycle[bytes]:
    with EXAMPLES.open(encoding="utf-8") as file:
        examples = list(csv.DictReader(file))
    found = [_line(row, more) for more in range(60) for row in examples]
    found[BAD_EACH - 1 :: BAD_EACH] = [b"not JSON\n"] * len(found[BAD_EACH - 1 :: BAD_EACH])
    return cycle(found)


def _line(row: dict[str, str], more: int) -> bytes:
    said = {
        "schedule": row["schedule_id"],
        "case_value_fen": int(row["case_value_fen"]) + more * 1_001,
        "subject_type": row["subject_type"],
        "grade": row["grade"] or None,
        "circumstances": dict(pair.split("=", 1) for pair in row["circumstances"].split(";") if pair),
        "override": True,
    }
    return (json.dumps(said) + "\n").encode()


def _best_us(work: Callable[[], object], times: int) -> tuple[float, float]:
    rounds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - begun) * 1_000_000 / times)
    return min(rounds), median(rounds)
