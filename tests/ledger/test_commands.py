"""``mingjing ledger …`` as an operator and a witness run it, on the files of a real set-up."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from admin.commands import ledger
from admin.config import load_staff
from admin.setup import setup
from portal.config import BadSettings
from portal.kernel.db import Database
from portal.kernel.transaction import bind
from portal.ledger.queries import witness_request
from tests.setup.test_setup import PLAN
from tests.shapes import cheap_argon2id

NAME = "bar.example/witness"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Where the deployment of each test stands, and how it was when it had just been set up, founded once."""
    base = tmp_path_factory.mktemp("founded")
    (base / "plan.toml").write_text(PLAN, "utf-8")
    folder = base / "site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crypto.passphrase.argon2id", cheap_argon2id)
        made = CliRunner().invoke(
            setup, ["--folder", str(folder), "--plan", str(base / "plan.toml"), "--origin", "m.example/1"]
        )
        bind(None)
        assert made.exit_code == 0, made.output
        patch.setenv("MINGJING_STAFF_SETTINGS", str(folder / "staff.toml"))
        assert run("checkpoint", "--publish").exit_code == 0
    return folder, folder.rename(base / "kept")


@pytest.fixture
def place(founded: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with settings, secrets and stores, and its first check value published."""
    folder, kept = founded
    shutil.copytree(kept, folder)
    monkeypatch.setenv("MINGJING_STAFF_SETTINGS", str(folder / "staff.toml"))
    yield folder
    shutil.rmtree(folder)


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(ledger, list(arguments), input=given)


def vkey_of(folder: Path) -> str:
    return load_staff(folder / "staff.toml").site.checkpoint_vkey


def request_of(folder: Path, old: int) -> str:
    """What the public site serves at /ledger/witness/OLD."""
    settings = load_staff(folder / "staff.toml").shared
    database = Database.open(settings.database_url, settings.shred_url, settings.sessions_url)
    with database.reading() as session:
        made = witness_request(session, old, vkey_of(folder))
    database.dispose()
    assert made is not None
    return made


def name_witness(folder: Path, vkey: str) -> None:
    """Put the witness into the settings that both sites share."""
    path = folder / "public.toml"
    path.write_text(path.read_text("utf-8").replace("[ledger]\n", f'[ledger]\nwitnesses = ["{vkey}"]\n'), "utf-8")


def main_file(folder: Path) -> Path:
    return Path(load_staff(folder / "staff.toml").shared.database_url.removeprefix("sqlite:///"))


def test_a_witness_cosigns_and_the_operator_takes_it_in(place: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "w")
    name_witness(place, run("witness", "init", folder, NAME, vkey_of(place)).output.strip())
    line = run("witness", "cosign", folder, given=request_of(place, 0))
    assert line.exit_code == 0, line.output
    size = run("witness", "size", folder).output.strip()
    (tmp_path / "line").write_text(line.output, "utf-8")
    for _ in range(2):
        added = run("cosignature", "add", str(tmp_path / "line"))
        assert (added.exit_code, added.output) == (0, f"{NAME} has cosigned {size} leaves\n")
    sound = run("verify")
    assert (sound.exit_code, "the book holds" in sound.output) == (0, True), sound.output


def test_a_cosignature_of_nobody_in_the_settings_is_refused(place: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "w")
    run("witness", "init", folder, NAME, vkey_of(place))
    line = run("witness", "cosign", folder, given=request_of(place, 0))
    for text in (line.output, "", "— x y\n"):
        added = run("cosignature", "add", given=text)
        assert (added.exit_code, "not taken in" in added.output, added.output.count("\n")) == (1, True, 1)


@pytest.mark.parametrize("vkey", ["nonsense", "", "m.example/1+b1ae2447+ATZV+I5L/nlxfmR8VqC3f7d1BVcUw7N4axCxjSzwoa2T"])
def test_settings_that_name_no_witness_key_are_refused(place: Path, vkey: str) -> None:
    name_witness(place, vkey)
    with pytest.raises(BadSettings, match="witnesses"):
        load_staff(place / "staff.toml")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger_entry WHERE kind = 'key-published'",
        "UPDATE ledger_entry SET day = '2020-01-01'",
        "UPDATE ledger_leaf SET seq = seq + 1000 WHERE seq > 5",
        "DELETE FROM ledger_leaf WHERE seq > 3",
        "DELETE FROM ledger_node",
        "DELETE FROM sealing_key",
    ],
)
def test_whoever_writes_into_the_file_is_found_out(place: Path, statement: str) -> None:
    assert run("verify").exit_code == 0
    file = sqlite3.connect(main_file(place))
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    file.execute(statement)
    file.commit()
    file.close()
    found = run("verify")
    assert found.exit_code == 1
    assert "faults" in found.output.splitlines()[-1]
