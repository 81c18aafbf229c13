"""The office's key gets generations, people leave, and paper brings keys back, also after a restore from backup."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from admin.app import create_app
from admin.audit.checkpoints import make_checkpoint
from admin.config import load_staff
from admin.installation import Handed, Place
from admin.setup import install
from admin.staff import generations
from admin.staff.models import KeyGrant, Staff
from portal.directory.keys import forget_proofs, unproven_keys
from portal.directory.models import Office as OfficeRow
from portal.directory.models import SealingKey
from portal.kernel.boot import forget_boot_secret
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Mode, bind_site, site
from portal.kernel.transaction import bind, bound, reading, transaction
from portal.ledger.sequencer import sequence
from portal.routing import choose
from portal.tips.models import TipKey
from tests.conftest import StandingClock
from tests.custody.conftest import Office, make_office  # noqa: F401  # the fixture
from tests.shapes import upgrade_once
from tests.staff.deployment import CHEAP, PLAN, Deployment, Person, said, signed_in, token

ROOT = Path(__file__).parents[2]


def county() -> OfficeRow:
    with reading() as session:
        return session.scalars(select(OfficeRow).where(OfficeRow.code == "COUNTY")).one()


def change(office: Office, by: str = "county") -> int:
    return office.post(by, f"/keys/{county().id}/change/").status_code


def reads(office: Office, number: str, by: str = "county") -> bool:
    return "虚构住院" in office.browsers[by].get(f"/tips/{number}/").text


def sealed_to(number_of_rows: int = 1) -> list[int]:
    with reading() as session:
        rows = session.scalars(
            select(SealingKey.generation).join(TipKey, TipKey.key_id == SealingKey.id).order_by(SealingKey.generation)
        ).all()
    assert len(rows) >= number_of_rows
    return list(rows)


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:  # noqa: F811
    return make_office("county", "admin")


def test_after_a_change_old_and_new_reports_open_and_new_ones_are_sealed_to_the_new_key(office: Office) -> None:
    old = office.report()
    assert change(office) == 303
    between = office.report()  # the ledger does not vouch for the new key yet: nobody is turned away
    office.deployment.sequence()
    with transaction() as session:
        assert generations.retire_covered(session, now()) == 1
    office.clock.advance(seconds=10)  # a process keeps its reading of the directory for five
    new = office.report()
    assert [reads(office, number) for number in (old, between, new)] == [True, True, True]
    assert sealed_to(3) == [1, 1, 2]
    assert change(office) == 303
    office.deployment.sequence()
    with transaction() as session:
        generations.retire_covered(session, now())
    assert reads(office, old), "two generations back"
    with reading() as session:
        assert unproven_keys(session, site().checkpoint_vkey) == []


def test_reports_on_one_place_find_each_other_across_changes_of_the_key(office: Office) -> None:
    old, seen_later = office.report(), office.report()
    assert reads(office, old)
    assert change(office) == 303
    office.deployment.sequence()
    with transaction() as session:
        generations.retire_covered(session, now())
    office.clock.advance(seconds=10)
    new = office.report()
    page = office.browsers["county"].get(f"/tips/{new}/").text
    assert old in page, "its tag was made with the key before"
    assert seen_later not in page, "nobody has read it"
    assert new in office.browsers["county"].get(f"/tips/{old}/").text
    assert reads(office, seen_later)
    page = office.browsers["county"].get(f"/tips/{new}/").text
    assert old in page and seen_later in page


def test_a_second_change_waits_for_the_checkpoint_of_the_first(office: Office) -> None:
    assert change(office) == 303
    again = office.post("county", f"/keys/{county().id}/change/")
    assert again.status_code == 422 and "没有完成" in said(again)
    with transaction() as session:
        assert generations.retire_covered(session, now()) == 0, "not before the newer one is covered"


def test_who_leaves_has_no_grant_no_session_and_the_others_are_asked_to_change_the_key(
    make_office: Callable[..., Office],  # noqa: F811
) -> None:
    office = make_office("handler", "county", "admin")
    with reading() as session:
        staff = session.scalars(select(Staff).where(Staff.sign_in == "county")).one()
    admin = office.browsers["admin"]
    page = admin.get(f"/staff/{staff.id}/").text
    left = admin.post(f"/staff/{staff.id}/leave", data={"csrf_token": token(page), "code": office.code("admin")})
    assert left.status_code == 303, said(left)
    assert office.browsers["county"].get("/").status_code == 302, "signed out at once"
    with reading() as session:
        assert session.scalars(select(KeyGrant.id).where(KeyGrant.staff_id == staff.id)).all() == []
    assert county().rotate_since == now().date()


def test_changing_the_key_answers_the_request(office: Office) -> None:
    with transaction() as session:
        session.scalars(select(OfficeRow).where(OfficeRow.code == "COUNTY")).one().rotate_since = now().date()
    assert "请更换密钥" in office.browsers["county"].get("/keys/").text
    assert change(office) == 303
    assert "请更换密钥" not in office.browsers["county"].get("/keys/").text


@pytest.fixture
def installed(tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Office, Place]]:
    """A deployment with files of its own, as ``mingjing setup`` leaves it; its county has reports and one reader."""
    place = Place(
        tmp_path / "place", Mode.TEST, "明镜", "test.mingjing/1", https=False, receipt_cost=CHEAP, passphrase_cost=CHEAP
    )
    monkeypatch.setattr("admin.installation.upgrade", upgrade_once)
    handed = install(place, PLAN)
    office = Office(started(place, handed), clock)
    office.enrol("county", "admin")
    yield office, place
    stopped()


def started(place: Place, handed: Handed) -> Deployment:
    """The staff site over the stores in the folder."""
    settings = load_staff(place.staff_toml)
    shared = settings.shared
    database = Database.open(shared.database_url, shared.shred_url, shared.sessions_url)
    return Deployment(settings, create_app(settings, database), handed)


def stopped() -> None:
    bound().dispose()
    bind(None)
    bind_site(None)
    forget_boot_secret()
    forget_proofs()
    choose.forget()


def mingjing(place: Place, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """The command as an operator runs it."""
    environment = {**os.environ, "MINGJING_STAFF_SETTINGS": str(place.staff_toml)}
    command = [sys.executable, "-m", "admin.cli", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, check=False, timeout=120
    )


def test_from_a_restored_backup_and_paper_a_new_colleague_reads_what_nobody_could_open_any_more(
    installed: tuple[Office, Place],
) -> None:
    office, place = installed
    number = office.report()
    office.deployment.sequence()
    stopped()
    stores, backup = place.folder / "stores", place.folder / "backup"
    shutil.copytree(stores, backup, ignore=lambda _folder, names: [name for name in names if "sessions" in name])
    for path in stores.glob("*"):
        path.unlink()  # the disk is gone
    shutil.copytree(backup, stores, dirs_exist_ok=True)

    office.deployment = started(place, office.deployment.handed)
    assert mingjing(place, "db", "upgrade").returncode == 0  # makes the session store anew
    office.browsers["admin"] = signed_in(office.deployment, _later(office, "admin"))
    _the_only_reader_leaves(office)
    sheets = next(one for one in office.deployment.handed.sheets if one.owner == "演示区医保局")
    newcomer = _invited(office, "county2")
    typed = f"{sheets.words[0]}\n{sheets.words[2]}\n"
    too_few = mingjing(place, "keys", "recover", "--office", "COUNTY", "--to", newcomer, typed=typed.splitlines()[0])
    assert too_few.returncode == 1 and "2 different sheets" in too_few.stderr
    done = mingjing(place, "keys", "recover", "--office", "COUNTY", "--to", newcomer, typed=typed)
    assert done.returncode == 0, done.stderr
    assert reads(office, number, newcomer)


def test_new_sheets_are_printed_once_and_open_what_was_changed_after_them(installed: tuple[Office, Place]) -> None:
    office, place = installed
    number = office.report()
    printed = mingjing(place, "keys", "ceremony", "--office", "COUNTY")
    assert printed.returncode == 0, printed.stderr
    words = [line for line in printed.stdout.splitlines() if len(line.split()) == 33]
    assert len(words) == 3
    everything = b"".join(path.read_bytes() for path in (place.folder / "stores").glob("*"))
    assert words[0].encode() not in everything
    with transaction() as session:  # the command went by the clock on the wall, which is ahead of this test's
        sequence(session, now() + timedelta(days=3650))
        make_checkpoint(session, office.deployment.settings.signer(), now(), publish=False)
    assert change(office) == 303
    office.deployment.sequence()
    with transaction() as session:
        generations.retire_covered(session, now())
    office.browsers["admin"] = signed_in(office.deployment, _later(office, "admin"))
    _the_only_reader_leaves(office)
    newcomer = _invited(office, "county2")
    done = mingjing(place, "keys", "recover", "--office", "COUNTY", "--to", newcomer, typed=f"{words[1]}\n{words[2]}\n")
    assert done.returncode == 0, done.stderr
    assert reads(office, number, newcomer), "sealed to the generation before"


def _later(office: Office, name: str) -> Person:
    office.clock.advance(seconds=31)
    return office.people[name]


def _the_only_reader_leaves(office: Office) -> None:
    with transaction() as session:
        staff = session.scalars(select(Staff).where(Staff.sign_in == "county")).one()
        staff.state, staff.locked_seed = "left", None
        session.execute(delete(KeyGrant).where(KeyGrant.staff_id == staff.id))


def _invited(office: Office, sign_in: str) -> str:
    """A new colleague of the county who has signed in for the first time; returns the sign-in name."""
    admin = office.browsers["admin"]
    page = admin.get("/staff/invite").text
    where = re.search(r'<option value="([0-9a-f-]{36})">演示区医保局', page)
    assert where
    fields = {
        "sign_in": sign_in,
        "name": "辛承办",
        "office": where[1],
        "roles": "handler",
        "code": office.code("admin"),
    }
    made = admin.post("/staff/invite", data={"csrf_token": token(page), **fields})
    words = re.search(r'class="phrase">([^<]+)<', made.text)
    assert words, said(made)
    office.browsers[sign_in], office.people[sign_in] = office.deployment.enrolled(sign_in, words[1])
    office.deployment.sequence()
    return sign_in
