"""``mingjing setup``: once, completely or not at all.

At full cost, migrations and slow hash, it runs in ``test_asked.py``.
"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from admin.config import load_staff
from admin.setup import setup
from crypto import recovery
from crypto.keys import PublicKey, Purpose, inner_from_seed
from crypto.opening import open_grant
from portal.directory.keys import sealing_keys
from portal.directory.models import BoardSeat, Office, SealingKey
from portal.kernel.db import Database
from portal.kernel.transaction import bind
from tests.shapes import cheap_argon2id, upgrade_once

PLAN = """
[[offices]]
code = "CITY"
name = "演示市医保局"
kind = "bureau"
level = "city"
region = "320100"
[[members]]
sign_in = "admin"
name = "甲"
office = "CITY"
roles = ["sysadmin"]
[[members]]
sign_in = "handler"
name = "乙"
office = "CITY"
roles = ["handler", "intake"]
[[members]]
sign_in = "keeper1"
name = "丙"
office = "CITY"
roles = ["custodian"]
[[members]]
sign_in = "keeper2"
name = "丁"
office = "CITY"
roles = ["custodian"]
[[boards]]
name = "保管组"
k = 2
seats = ["keeper1", "keeper2"]
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is a deployment for production; only the work of the hash is spared, and of the migrations."""
    monkeypatch.setattr("admin.installation.upgrade", upgrade_once)
    monkeypatch.setattr("crypto.passphrase.argon2id", cheap_argon2id)


def _run(tmp_path: Path, *more: str, plan: str = PLAN) -> tuple[int, str, str]:
    (tmp_path / "plan.toml").write_text(plan, "utf-8")
    arguments = [
        "--folder",
        str(tmp_path / "a place"),
        "--plan",
        str(tmp_path / "plan.toml"),
        "--origin",
        "m.example/1",
    ]
    result = CliRunner().invoke(setup, [*arguments, *more])
    bind(None)
    return result.exit_code, result.stdout, result.stderr


def test_after_set_up_office_and_board_can_be_sealed_to(tmp_path: Path) -> None:
    code, _, said = _run(tmp_path)
    assert code == 0, said
    settings = load_staff(tmp_path / "a place" / "staff.toml")
    database = Database.open(settings.shared.database_url, settings.shared.shred_url, settings.shared.sessions_url)
    vkey = settings.site.checkpoint_vkey
    with database.reading() as session:
        office = session.scalars(select(Office.id)).one()
        seats = session.scalars(select(BoardSeat.id)).all()
        assert set(sealing_keys(session, "office", [office], vkey)) == {office}
        assert set(sealing_keys(session, "seat", seats, vkey)) == set(seats)
    database.dispose()


def test_the_printed_sheets_open_the_office_key_and_stand_nowhere_on_the_disk(tmp_path: Path) -> None:
    from admin.staff.models import KeyGrant

    _, printed, _ = _run(tmp_path)
    sheets = [line for line in printed.splitlines() if len(line.split()) == recovery.WORDS]
    assert len(sheets) == 6
    settings = load_staff(tmp_path / "a place" / "staff.toml")
    database = Database.open(settings.shared.database_url, settings.shared.shred_url, settings.shared.sessions_url)
    with (
        database.reading() as session,
        inner_from_seed(Purpose.OFFICE_RECOVERY, recovery.from_words([sheets[0], sheets[2]])) as paper,
    ):
        key = session.scalars(select(SealingKey).where(SealingKey.purpose == "office")).one()
        grant = session.scalars(
            select(KeyGrant).where(KeyGrant.key_id == key.id, KeyGrant.holder_key_id == paper.public.key_id)
        ).one()
        opened = open_grant(grant.sealed, paper, PublicKey(Purpose.OFFICE, key.public), key.owner_id.bytes)
        assert opened.public.raw == key.public
        opened.wipe()
    database.dispose()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "a place").rglob("*") if path.is_file())
    words = [line.split("\t")[2] for line in printed.splitlines() if line.count("\t") == 2]
    assert len(words) == 4
    assert not [text for text in (*sheets, *words) if text.encode() in stored]


def test_a_second_run_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    _run(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "a place").rglob("*") if path.is_file()}
    code, printed, said = _run(tmp_path)
    assert (code, printed) == (1, "")
    assert "nothing was changed" in said
    after = {path: path.read_bytes() for path in (tmp_path / "a place").rglob("*") if path.is_file()}
    assert {path: data for path, data in after.items() if path in before} == before


def test_a_run_that_failed_leaves_nothing_and_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("admin.setup.found", broken)
        assert _run(tmp_path)[0] == 1
    assert not [path for path in (tmp_path / "a place").rglob("*") if path.is_file()]
    assert _run(tmp_path)[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('roles = ["sysadmin"]', 'roles = ["handler"]', "sysadmin"),
        ('seats = ["keeper1", "keeper2"]', 'seats = ["keeper1"]', "number of seats"),
        ('seats = ["keeper1", "keeper2"]', 'seats = ["keeper1", "handler"]', "no custodian"),
        ('seats = ["keeper1", "keeper2"]', 'seats = ["keeper1", "keeper1"]', "one seat"),
        ("k = 2", "k = 1", "2 <= k"),
        ('roles = ["sysadmin"]', 'roles = ["king"]', "roles are"),
        ('roles = ["handler", "intake"]', 'roles = ["handler", "head"]', "handler: propose and approve"),
        ('roles = ["sysadmin"]', 'roles = ["sysadmin", "custodian"]', "admin: manage-staff and seat"),
        ('region = "320100"', 'region = "320100"\nsuperior = "NONE"', "no superior"),
        ('region = "320100"', 'region = "320100"\nsuperior = "CITY"', "circle"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused_before_anything_is_made(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    code, _, said = _run(tmp_path, plan=PLAN.replace(old, new, 1))
    assert (code, why in said) == (1, True), said
    assert not (tmp_path / "a place").exists()


def test_secrets_are_for_their_owner_alone_and_in_a_folder_for_each_process(tmp_path: Path) -> None:
    _run(tmp_path)
    folder = tmp_path / "a place" / "secrets"
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    assert set(modes.values()) == {0o600}
    assert {path.parent.name for path in modes} == {"public", "staff", "worker"}


def test_the_plan_in_the_manual_can_be_set_up_as_it_stands(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    plan = manual.partition("## The plan of a first run")[2].partition("```toml\n")[2].partition("```")[0]
    code, printed, said = _run(tmp_path, plan=plan)
    assert code == 0, said
    assert len([line for line in printed.splitlines() if len(line.split()) == recovery.WORDS]) == 3 * (3 + 2)


def test_an_office_in_no_known_region_is_refused(tmp_path: Path) -> None:
    code, _, said = _run(tmp_path, plan=PLAN.replace("320100", "999999"))
    assert (code, "999999" in said) == (1, True)
