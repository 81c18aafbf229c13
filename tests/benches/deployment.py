"""A deployment in a folder of its own, as ``mingjing setup`` makes it: four offices, their people, one custody board.

The fault tests use it too. Its people are enrolled with what the first sign-in would make, so that passphrases and
authenticators are known here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select

from admin.config import StaffSettings, load_staff
from admin.installation import Handed, Place
from admin.plan import BoardPlan, MemberPlan, OfficePlan, Plan
from admin.setup import install
from admin.staff import enrolling
from admin.staff.enrolling import Enrolment
from admin.staff.models import Staff
from admin.staff.queries import actor_of
from admin.staff.roles import Role
from admin.staff.vault import Vault
from crypto.kdf import PASSPHRASE_COST, RECEIPT_COST, KdfCost
from portal.config import VARIABLE as PUBLIC_VARIABLE
from portal.directory.keys import forget_proofs
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Mode, bind_site
from portal.kernel.transaction import bind, bound, reading, transaction
from portal.routing.choose import forget as forget_directory
from portal.signin import totp

ORIGIN = "bench.example/ledger"
CHEAP = KdfCost(8, 1, 1)
HANDLER, HEAD, ADMIN, COUNTY = "handler", "head", "sysadmin", "county"
KEEPERS = ("keeper-one", "keeper-two", "keeper-three")
NEWCOMER = "keeper-four"
"""A custodian who has no seat yet."""

PLAN = Plan(
    (
        OfficePlan("js", "江苏省医疗保障局（测速）", "bureau", "province", "320000"),
        OfficePlan("jj", "江苏省纪检监察组（测速）", "discipline", "province", "320000", superior="js"),
        OfficePlan("nj", "南京市医疗保障局（测速）", "bureau", "city", "320100", superior="js"),
        OfficePlan("gl", "南京市鼓楼区医疗保障局（测速）", "bureau", "county", "320106", superior="nj"),
    ),
    (
        MemberPlan(ADMIN, "系统管理员", "js", (Role.SYSADMIN,)),
        MemberPlan(HANDLER, "承办人员", "js", (Role.INTAKE, Role.HANDLER)),
        MemberPlan(HEAD, "负责人", "js", (Role.HEAD,)),
        MemberPlan("discipline", "纪检人员", "jj", (Role.INTAKE, Role.HANDLER)),
        MemberPlan("city", "市局人员", "nj", (Role.INTAKE, Role.HANDLER)),
        MemberPlan(COUNTY, "区局人员", "gl", (Role.INTAKE, Role.HANDLER)),
        *(MemberPlan(name, f"保管人{name}", "js", (Role.CUSTODIAN,)) for name in (*KEEPERS, NEWCOMER)),
    ),
    (BoardPlan("省级身份保管组（测速）", 2, KEEPERS),),
)


@dataclass(frozen=True, slots=True)
class Person:
    """What a member of staff keeps: on paper, in the authenticator, in the head."""

    sign_in: str
    passphrase: str = field(repr=False)
    totp_secret: bytes = field(repr=False)
    seed: bytes = field(repr=False)
    codes: list[str] = field(default_factory=list, repr=False)  # on paper, instead of the authenticator; each once

    def code(self) -> str:
        """What the authenticator shows now."""
        return totp.code_at(self.totp_secret, now())


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where it stands, and what its people keep."""

    folder: Path
    people: Mapping[str, Person]
    owner_urls: tuple[str, str, str] | None = None  # with which this process opens the stores, if not the staff's own

    @property
    def settings(self) -> StaffSettings:
        return load_staff(self.folder / "staff.toml")

    def environment(self) -> dict[str, str]:
        """What tells a process of ours where the settings are."""
        public, staff = self.folder / "public.toml", self.folder / "staff.toml"
        return {**os.environ, PUBLIC_VARIABLE: str(public), "MINGJING_STAFF_SETTINGS": str(staff)}

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """Site and database bound in this process, with an owner's rights."""
        settings = self.settings
        shared = settings.shared
        urls = self.owner_urls or (shared.database_url, shared.shred_url, shared.sessions_url)
        database = Database.open(*urls)
        forget_proofs()
        forget_directory()
        bind(database)
        bind_site(settings.site)
        try:
            yield database
        finally:
            bind(None)
            bind_site(None)
            database.dispose()


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses of the stores on a server: as their owner, and as the logins of the two sites."""

    main: str
    shred: str
    public_main: str
    public_shred: str
    staff_main: str
    staff_shred: str


def make_deployment(
    folder: Path,
    *,
    enrolled: tuple[str, ...] = (HANDLER, HEAD, KEEPERS[0]),
    receipt_cost: KdfCost = RECEIPT_COST,
    passphrase_cost: KdfCost = PASSPHRASE_COST,
    urls: Urls | None = None,
) -> Deployment:
    """Set up a deployment in *folder* (SQLite, or the databases of *urls*) and enrol some of its people.

    One proxy is trusted, so that a visitor can be from anywhere by ``X-Forwarded-For``.
    """
    place = Place(folder, Mode.TEST, "明镜", ORIGIN, "320000", https=False, receipt_cost=receipt_cost)
    place = replace(place, passphrase_cost=passphrase_cost)
    if urls is not None:
        place = replace(
            place,
            database_url=urls.main,
            shred_url=urls.shred,
            public_sessions_url=urls.main,
            staff_sessions_url=urls.main,
        )
    handed = install(place, PLAN)
    owner = None if urls is None else (urls.main, urls.shred, urls.main)
    _write_over(place.public_toml, "trusted_proxies = 0", "trusted_proxies = 1")
    try:
        people = {name: _enrol(handed, name, place) for name in enrolled}
    finally:
        bound().dispose()
        bind(None)
    if urls is not None:
        _sign_in_with_roles(place, urls)
    return Deployment(folder, people, owner)


def _enrol(handed: Handed, name: str, place: Place) -> Person:
    """The first sign-in of *name*, without a browser."""
    settings = load_staff(place.staff_toml)
    vault = Vault(settings.passphrase_pepper, settings.passphrase_cost)
    with reading() as session:
        staff = session.scalars(select(Staff).where(Staff.sign_in == name)).one()
        actor = actor_of(session, staff)
    old = vault.unlock(staff.locked_seed, handed.founders[name].words)
    assert old is not None
    made: Enrolment = enrolling.begin()
    locked = vault.lock(made.seed, made.passphrase)
    with transaction() as session:
        row = session.get_one(Staff, staff.id)
        enrolling.finish(session, row, old, made, locked, 0, actor, now())
    return Person(name, made.passphrase, made.totp_secret, made.seed, list(made.codes))


def _sign_in_with_roles(place: Place, urls: Urls) -> None:
    """From now on each site signs in with its own login, as docs/operations.md has it."""
    for owner, public in ((urls.main, urls.public_main), (urls.shred, urls.public_shred)):
        _write_over(place.public_toml, f'"{owner}"', f'"{public}"')
    _write_over(
        place.staff_toml,
        f'sessions_url = "{urls.main}"',
        f'url = "{urls.staff_main}"\nshred_url = "{urls.staff_shred}"\nsessions_url = "{urls.staff_main}"',
    )


def _write_over(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text, f"{path.name} does not say {before!r}"
    path.write_text(text.replace(before, after), "utf-8")
