"""What ClamAV's answers are taken for: "clean" only after a whole scan with fresh signatures."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from admin.rendering import scanning
from admin.rendering.values import NotScanned, Scan, ScanState
from tests.conftest import StandingClock
from tests.rendering import samples
from tests.rendering.clamd import daemon

CLEAN, NOT = Scan(ScanState.CLEAN), ScanState.NOT_SCANNED


def test_a_file_that_is_clean_is_sent_whole(tmp_path: Path, clock: StandingClock) -> None:
    pieces = [os.urandom(200_000), b"", os.urandom(7)]
    with daemon(tmp_path) as running:
        assert scanning.scan(lambda: pieces, running.address, clock()) == CLEAN
        assert running.got == [b"".join(pieces)]


def test_the_test_virus_is_found_and_named(tmp_path: Path, clock: StandingClock) -> None:
    found = Scan(ScanState.FOUND, name="Eicar-Test-Signature")
    with daemon(tmp_path) as running:
        assert scanning.scan(lambda: [samples.EICAR], running.address, clock()) == found


def test_without_a_scanner_nothing_is_clean(tmp_path: Path, clock: StandingClock) -> None:
    assert scanning.scan(lambda: [b"x"], "", clock()) == Scan(NOT, NotScanned.NOT_CONFIGURED)
    assert scanning.scan(lambda: [b"x"], str(tmp_path / "nobody"), clock()) == Scan(NOT, NotScanned.UNREACHABLE)
    (tmp_path / "file").touch()
    assert scanning.scan(lambda: [b"x"], str(tmp_path / "file"), clock()) == Scan(NOT, NotScanned.UNREACHABLE)


@pytest.mark.parametrize(
    "version",
    [
        "ClamAV 1.4.3/27700/Thu Sep 24 08:26:45 2026",
        "ClamAV 1.4.3/27700/Thu Sep 30 08:26:45 2027",
        "ClamAV 1.4.3",
        "ClamAV 1.4.3/27700/someday",
        "ClamAV 1.4.3/27700/Xxx Xxx 99 99:99:99 2026",
        "",
    ],
)
def test_old_or_unknown_signatures_make_nothing_clean_but_find(
    tmp_path: Path, clock: StandingClock, version: str
) -> None:
    with daemon(tmp_path, version=version) as running:
        assert scanning.scan(lambda: [b"x"], running.address, clock()) == Scan(NOT, NotScanned.STALE)
        assert scanning.scan(lambda: [samples.EICAR], running.address, clock()).state is ScanState.FOUND


def test_a_weekend_without_new_signatures_is_borne(tmp_path: Path, clock: StandingClock) -> None:
    with daemon(tmp_path) as running:
        clock.advance(days=2)
        assert scanning.scan(lambda: [b"x"], running.address, clock()) == CLEAN
        clock.advance(days=2)
        assert scanning.scan(lambda: [b"x"], running.address, clock()).why is NotScanned.STALE


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", NotScanned.FAILED),
        ("stream: Can't open file ERROR", NotScanned.FAILED),
        ("UNKNOWN COMMAND", NotScanned.FAILED),
        ("stream: OKAY", NotScanned.FAILED),
        ("stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND", NotScanned.TOO_LARGE),
    ],
)
def test_whatever_else_it_says_is_not_scanned(
    tmp_path: Path, clock: StandingClock, answer: str, why: NotScanned
) -> None:
    with daemon(tmp_path, answer=answer) as running:
        assert scanning.scan(lambda: [b"x"], running.address, clock()) == Scan(NOT, why)


def test_a_file_beyond_its_limit_is_not_scanned(tmp_path: Path, clock: StandingClock) -> None:
    with daemon(tmp_path, most=100_000) as running:
        pieces = [bytes(60_000) for _ in range(100)]
        assert scanning.scan(lambda: pieces, running.address, clock()) == Scan(NOT, NotScanned.TOO_LARGE)


def test_one_that_says_nothing_is_waited_for_a_while(
    tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SILENCE_S", 0.2)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        got = scanning.scan(lambda: [b"x"], str(tmp_path / "silent"), clock())
    assert got == Scan(NOT, NotScanned.UNREACHABLE)
