from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def probed() -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crypto.memory_probe"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_the_probe_finds_a_secret_that_nobody_wiped(probed: dict[str, str]) -> None:
    assert probed["control"] == "found"


@pytest.mark.parametrize("work", ["a_mailbox", "a_grant", "a_passphrase", "a_session", "a_report_key", "a_receipt"])
def test_no_secret_stays_in_memory_after_its_context(work: str, probed: dict[str, str]) -> None:
    assert probed[work] == "clean"
