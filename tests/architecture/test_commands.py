"""The few commands a newcomer is told of, and what stands behind them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, text_of

PROMISED = ["setup", "run", "prepare", "test", "check", "bench", "bench-million", "lock", "assets"]


def ended(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def make(*arguments: str, folder: Path = ROOT) -> str:
    answer = ended(*arguments, folder=folder)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_make_alone_lists_what_it_can_do() -> None:
    listed = [line.split()[1] for line in make().splitlines()]
    assert set(PROMISED) <= set(listed)


@pytest.mark.parametrize("target", [target for target in PROMISED if target != "lock"])
def test_every_target_sees_to_the_environment_first(target: str) -> None:
    assert make("-n", target).splitlines()[0].startswith("sh deploy/setup.sh ")


def test_ports_reach_the_command() -> None:
    assert "--public-port 8100 --staff-port 8101" in make("-n", "run", "PUBLIC_PORT=8100", "STAFF_PORT=8101")


def test_check_is_lint_format_types_contracts_translations_and_migrations() -> None:
    steps = make("-n", "check")
    for step in ("ruff check", "ruff format --check", "mypy", "lint-imports", "translations check", "tests/migrations"):
        assert step in steps


def test_types_are_checked_beside_the_rest_and_what_fails_in_there_fails_the_check() -> None:
    assert "-j 2 check-types check-rest" in make("-n", "check")
    for target in ("check-types", "check-rest", "check"):
        assert ended(target, "PY=false").returncode != 0


def test_ci_is_check_and_test_with_nothing_skipped_and_no_terminal() -> None:
    script = text_of(Path(".ci/run"))
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert [line for line in script.splitlines() if line.startswith("make")] == ["make check", "make test"]
    assert "CI=true\nexport CI" in script
    assert "exec </dev/null" in script


def test_an_environment_that_is_up_to_date_is_left_alone_within_a_moment() -> None:
    made = ROOT / ".venv" / ".made-for-test"
    if not made.exists():
        pytest.fail("run the tests with `make test`, which makes the environment")
    before = made.stat().st_mtime_ns
    subprocess.run(["sh", "deploy/setup.sh", "test"], cwd=ROOT, check=True, timeout=10, capture_output=True)
    assert made.stat().st_mtime_ns == before


def test_setup_says_what_is_wrong_with_how_it_was_called(tmp_path: Path) -> None:
    for arguments, folder in ((["everything"], ROOT), (["run"], tmp_path)):
        script = ROOT / "deploy" / "setup.sh"
        answer = subprocess.run(
            ["sh", str(script), *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 2
        assert answer.stderr
