"""``mingjing ledger new-key``: a checkpoint key for a new origin, made without settings and never over an old one."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from admin.commands import ledger
from crypto.signing import verifier_of


def test_the_file_holds_the_key_whose_verifier_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "signer"
    done = CliRunner().invoke(ledger, ["new-key", "test.example/2026-2", str(file)])
    assert done.exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    vkey = verifier_of(file.read_text("ascii").strip())
    assert done.output == f'origin = "test.example/2026-2"\nvkey = "{vkey}"\n'


def test_a_key_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "signer"
    file.write_text("old")
    done = CliRunner().invoke(ledger, ["new-key", "test.example/2026-2", str(file)])
    assert done.exit_code == 1
    assert file.read_text() == "old"


def test_a_name_that_no_checkpoint_can_carry_is_wrong_usage(tmp_path: Path) -> None:
    done = CliRunner().invoke(ledger, ["new-key", "two words", str(tmp_path / "signer")])
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []
