"""Rows of redaction: what is found, leaked and touched of the corpus, and a thousand narratives through the command.

The corpus is both halves of the frames and the narratives that were written whole to defeat the rules,
without the names being known.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter

from tests.benches.measuring import Row
from tests.benches.served import ROOT
from tests.exposures.redaction.generating import NARRATIVES, narrative
from tests.exposures.redaction.measuring import corpus, measure, written

LINES, LONG, MOST_S = 1_000, 300, 10


def rows() -> list[Row]:
    """A row for each kind of the corpus, and the row of the command."""
    return [*kind_rows(), command_row()]


def kind_rows() -> list[Row]:
    """How many of each kind were masked, warned of or leaked; of what is to be kept, how many were touched."""
    narratives = [*corpus(5, 0), *corpus(6, 1), *written(5, 0)]
    found = sorted(measure(narratives, known=False).items(), key=lambda one: (one[0].startswith("keep"), one[0]))
    return [_row(kind, counts) for kind, counts in found]


def _row(kind: str, counts: Counter[str]) -> Row:
    total = sum(counts.values())
    if kind.startswith("keep"):
        return Row(f"redaction, kept: {kind[5:]}", f"{counts['touched']} of {total} touched")
    found = counts["masked"] + counts["warned"]
    said = f"{counts['masked']} masked, {counts['warned']} warned, {counts['leaked']} leaked"
    return Row(f"redaction, found: {kind}", said, note=f"{found / total:.1%} of {total}")


def command_row(lines: int = LINES) -> Row:
    """CPU of ``mingjing redact`` for *lines* narratives, without its start. Raises ValueError where one is missing."""
    started, spent = _cpu_s(1), _cpu_s(lines + 1)
    took = spent - started
    note = f"and {started:.1f} s to start and answer the first"
    return Row(
        f"redacting {lines:,} texts of {LONG} characters", f"{took:.1f} s CPU", f"{MOST_S} s", took < MOST_S, note
    )


def _cpu_s(lines: int) -> float:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answers:
        given.write(b"".join(_lines(lines)))
        given.seek(0)
        process = subprocess.Popen([sys.executable, "-m", "admin.cli", "redact"], cwd=ROOT, stdin=given, stdout=answers)
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        answers.seek(0)
        found = sum(b'"spans"' in line for line in answers)
    if process.returncode or found != lines:
        raise ValueError(f"{found} answers to {lines} lines, exit status {process.returncode}")
    return used.ru_utime + used.ru_stime


def _lines(lines: int) -> list[bytes]:
    rng = random.Random(7)
    return [json.dumps({"id": number, "text": _long(rng)}).encode() + b"\n" for number in range(lines)]


def _long(rng: random.Random) -> str:
    text = ""
    while len(text) < LONG:
        text += narrative(rng, 0, rng.choice(NARRATIVES)).text
    return text[:LONG]
