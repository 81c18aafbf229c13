"""``mingjing demo prepare``: all that ``make run`` needs, in one folder. Called again it keeps what is there."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import as_file, files
from pathlib import Path

from sqlalchemy import func, select

from admin.audit.checkpoints import make_checkpoint
from admin.config import StaffSettings, load_staff
from admin.demo import evaluations, figures, funds, people, stories
from admin.demo.casework import Cast
from admin.installation import Place, found, open_stores, remove_files, write_files
from admin.plan import Plan, read_plan
from admin.staff.vault import Vault
from crypto.kdf import KdfCost
from portal.directory.models import Institution
from portal.kernel.clock import Utc
from portal.kernel.db import Database
from portal.kernel.errors import Refused
from portal.kernel.site import Mode, bind_site
from portal.kernel.transaction import bind, reading, transaction
from portal.kernel.values import new_id
from portal.tips.models import Tip

OLDEST = timedelta(days=90)
"""The demonstration's offices are this old, so that its reports can be younger."""

PASSPHRASE_COST = KdfCost(8, 1, 1)
"""The least there is: everybody knows the one passphrase, so nobody need guess it, and forty slow hashes take long."""


def plan() -> Plan:
    """Offices, people and boards of the demonstration."""
    with as_file(files("admin.demo") / "data" / "plan.toml") as path:
        return read_plan(path)


def prepare(folder: Path, now: Utc) -> int:
    """Make the demonstration in *folder*, or bring one that is there up to date; returns how many reports it has.

    Raises Refused when the folder holds anything but a demonstration.
    """
    place = place_in(folder)
    fresh = not place.staff_toml.exists()
    if fresh:
        _refuse_leftovers(place)
        write_files(place)
    settings = load_demo(place.staff_toml)
    database = open_stores(settings)
    bind_site(settings.site)
    try:
        if fresh:
            _fill(settings, folder, now)
        with reading() as session:
            return session.scalar(select(func.count()).select_from(Tip)) or 0
    except BaseException:
        if fresh:
            database.dispose()
            remove_files(place)
        raise
    finally:
        _release(database)


def place_in(folder: Path, staff_port: int = 8001, public_port: int = 8000) -> Place:
    """The demonstration's settings. Passkeys work at the name "localhost", never at an address of numbers."""
    return Place(
        folder,
        Mode.DEMO,
        "明镜",
        "demo.mingjing/2026",
        "320000",
        https=False,
        body="江苏省医疗保障局（演示）",
        passphrase_cost=PASSPHRASE_COST,
        staff_address=f"http://localhost:{staff_port}",
        public_address=f"http://127.0.0.1:{public_port}",
    )


def load_demo(path: Path) -> StaffSettings:
    """The settings of a demonstration. Raises Refused for any other mode."""
    settings = load_staff(path)
    if not settings.site.is_demo:
        raise Refused("not_a_demo", f"{path}: these settings say {settings.site.mode}; nothing was changed or started")
    return settings


def _refuse_leftovers(place: Place) -> None:
    there = [path for path in (place.public_toml, place.folder / "secrets") if path.exists()]
    if there:
        raise Refused("not_a_demo", f"{there[0]} is there without {place.staff_toml}; nothing was changed")


def _fill(settings: StaffSettings, folder: Path, now: Utc) -> None:
    vault = Vault(settings.passphrase_pepper, settings.passphrase_cost)
    begin = now - OLDEST
    handed = found(plan(), vault, settings.signer(), begin)
    seeds = {one.staff.id: people.enrol(one, vault, begin) for one in handed.founders.values()}
    with transaction() as session:  # the keys that they made count from here on
        make_checkpoint(session, settings.signer(), begin, publish=True)
    _institutions()
    stories.tell_all(Cast(seeds), folder, now)
    funds.publish_all(Cast(seeds), now)
    with transaction() as session:  # a month is counted once all its entries have their place
        make_checkpoint(session, settings.signer(), now, publish=True)
    figures.publish_all(Cast(seeds), now)
    evaluations.tell(Cast(seeds), now)
    with transaction() as session:
        make_checkpoint(session, settings.signer(), now, publish=True)


def _institutions() -> None:
    """A small invented register, for the type-ahead."""
    kinds = {"医院": "hospital", "药": "pharmacy", "诊所": "clinic", "门诊部": "clinic"}
    targets = sorted({(s["target"], s["region"]) for s in stories.all_stories() if "region" in s and "target" in s})
    with transaction() as session:
        for number, (name, region) in enumerate(targets, start=1):
            kind = next((kind for word, kind in kinds.items() if word in name), "other")
            session.add(
                Institution(
                    id=new_id(), code=f"DEMO{number:04d}", name=name, kind=kind, region=region, address="演示路 1 号"
                )
            )


def _release(database: Database) -> None:
    bind(None)
    bind_site(None)
    database.dispose()
