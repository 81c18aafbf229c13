"""What the first run leaves on the disk and in the database: secrets, settings files, offices, keys, people."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from admin.config import StaffSettings
from admin.migrations import upgrade
from admin.plan import MemberPlan, Plan
from admin.staff import founding
from admin.staff.founding import Founder, Seat, Sheets
from admin.staff.models import Staff
from admin.staff.roles import KEYED
from admin.staff.vault import Vault
from crypto.kdf import PASSPHRASE_COST, RECEIPT_COST, KdfCost
from crypto.keys import Purpose
from crypto.signing import generate_signer
from portal.config import load
from portal.directory.models import Office
from portal.directory.values import BoardPurpose
from portal.kernel import secretfiles
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc
from portal.kernel.db import Database
from portal.kernel.errors import Refused
from portal.kernel.site import Mode
from portal.kernel.transaction import bind, transaction
from portal.kernel.values import new_id
from portal.routing.models import Rulebook
from portal.routing.rulebook import shipped_rulebook


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how the deployment is to stand. Addresses of databases are for the settings file as they are."""

    folder: Path
    mode: Mode
    name: str
    origin: str
    region: str = ""
    https: bool = True
    database_url: str = field(default="sqlite:///stores/main.sqlite", repr=False)
    shred_url: str = field(default="sqlite:///stores/shred.sqlite", repr=False)
    public_sessions_url: str = field(default="sqlite:///stores/sessions-public.sqlite", repr=False)
    staff_sessions_url: str = field(default="sqlite:///stores/sessions-staff.sqlite", repr=False)
    body: str = ""
    staff_address: str = ""  # scheme, host and port as staff's browsers show them
    public_address: str = ""  # the same of the public site
    receipt_cost: KdfCost = RECEIPT_COST
    passphrase_cost: KdfCost = PASSPHRASE_COST

    @property
    def public_toml(self) -> Path:
        return self.folder / "public.toml"

    @property
    def staff_toml(self) -> Path:
        return self.folder / "staff.toml"


@dataclass(frozen=True, slots=True)
class Handed:
    """What has to be handed to people, once: set-up passphrases and recovery sheets."""

    founders: Mapping[str, Founder]
    sheets: Sequence[Sheets]


def refuse_second_run(place: Place) -> None:
    """Raise Refused when there is a deployment in the folder: nothing of it may be replaced."""
    there = [path for path in _parts(place) if path.exists()]
    if there:
        raise Refused(
            "already_set_up",
            f"{there[0]} is there already: this folder holds a deployment, and nothing was changed. "
            "A second set-up would make every report in it unreadable. Choose another --folder.",
        )


def _parts(place: Place) -> list[Path]:
    return [place.public_toml, place.staff_toml, *(place.folder / name for name in ("secrets", "stores", "blobs"))]


def remove_files(place: Place) -> None:
    """Take back what :func:`write_files` made; only after :func:`refuse_second_run` found the folder empty."""
    for path in _parts(place):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def write_files(place: Place) -> None:
    """Make secrets and settings: the public process's in one folder, staff's in another, the worker's in a third."""
    demo, secrets = place.mode is Mode.DEMO, place.folder / "secrets"
    secretfiles.make(secrets / "public", "receipt-salt", demo=demo)
    secretfiles.make(secrets / "public", "receipt-pepper", file="receipt-pepper-1", demo=demo)
    secretfiles.make(secrets / "public", "cookie-public", demo=demo)
    secretfiles.make(secrets / "staff", "cookie-staff", demo=demo)
    secretfiles.make(secrets / "staff", "passphrase-pepper", demo=demo)
    signer, vkey = generate_signer(place.origin)
    secretfiles.put(secrets / "worker" / "checkpoint-signer", signer + "\n")
    for folder in ("stores", "blobs"):
        (place.folder / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    secretfiles.put(place.public_toml, _public_toml(place, vkey))
    secretfiles.put(place.staff_toml, _staff_toml(place))


def rewrite_settings(place: Place, vkey: str) -> None:
    """Put the settings of *place* where others are, of the same deployment (its key: *vkey*) at other addresses."""
    for path, text in ((place.public_toml, _public_toml(place, vkey)), (place.staff_toml, _staff_toml(place))):
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        secretfiles.put(fresh, text).replace(path)


def _public_toml(place: Place, vkey: str) -> str:
    cost = place.receipt_cost
    return f"""# Settings of the public process (docs/operations.md). Secrets are in files of their own.
mode = {_quoted(place.mode)}
name = {_quoted(place.name)}
region = {_quoted(place.region)}
secrets = "secrets/public"
blobs = "blobs"

[database]
url = {_quoted(place.database_url)}
shred_url = {_quoted(place.shred_url)}
sessions_url = {_quoted(place.public_sessions_url)}

[ledger]
origin = {_quoted(place.origin)}
vkey = {_quoted(vkey)}

[receipts]
current_pepper = 1
memory_kib = {cost.memory_kib}
iterations = {cost.iterations}
lanes = {cost.lanes}

[web]
# The address of the public site as browsers show it. Without it: no QR codes, no full addresses in feeds and pictures.
{"" if place.public_address else "# "}address = {_quoted(place.public_address or "https://report.example.org")}
https = {"true" if place.https else "false"}
trusted_proxies = 0

[footer]
body = {_quoted(place.body)}
"""


def _staff_toml(place: Place) -> str:
    cost = place.passphrase_cost
    return f"""# Settings of the staff site and the worker. What is not here comes from the public file.
shared = "public.toml"
secrets = "secrets/staff"
signer = "secrets/worker/checkpoint-signer"

[database]
sessions_url = {_quoted(place.staff_sessions_url)}

[passphrase]
memory_kib = {cost.memory_kib}
iterations = {cost.iterations}
lanes = {cost.lanes}

[passkeys]
# The address of the staff site as browsers show it, "https://staff.example.cn". Without it: codes, no passkeys.
origin = {_quoted(place.staff_address)}

[rendering]
# ClamAV's socket, "/run/clamav/clamd.ctl" on Debian; without it files are not scanned, and the pages say so.
clamd = ""
"""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def open_stores(settings: StaffSettings) -> Database:
    """Bring every store of the deployment to the newest shape and bind those of the staff side."""
    shared = settings.shared
    public = Database.open(shared.database_url, shared.shred_url, load(shared.path).sessions_url)
    upgrade(public)
    public.dispose()
    database = Database.open(shared.database_url, shared.shred_url, shared.sessions_url)
    upgrade(database)
    bind(database)
    return database


def found(plan: Plan, vault: Vault, signer: str, now: Utc) -> Handed:
    """Everything of *plan*, all or nothing, then the first checkpoint: from there on sealing works.

    Raises Refused when the database holds accounts already or the plan contradicts itself.
    """
    with transaction() as session:
        if session.scalar(select(Staff.id).limit(1)) is not None:
            raise Refused("already_set_up", "the database holds accounts already; nothing was changed")
        offices = _offices(session, plan, now)
        founders = {member.sign_in: _member(session, member, offices, vault, now) for member in plan.members}
        sheets = _office_keys(session, plan, offices, founders, now) + _boards(session, plan, offices, founders, now)
        book = shipped_rulebook()
        session.add(Rulebook(version=book.version, in_force_from=book.in_force_from, rules=book.text, basis=book.basis))
    with transaction() as session:
        make_checkpoint(session, signer, now, publish=True)
    return Handed(founders, sheets)


def _offices(session: Session, plan: Plan, now: Utc) -> dict[str, Office]:
    made: dict[str, Office] = {}
    for one in plan.offices_from_the_top():
        superior = made[one.superior].id if one.superior else None
        office = Office(
            id=new_id(),
            code=one.code,
            name=one.name,
            name_en=one.name_en,
            kind=one.kind,
            level=one.level,
            region=one.region,
            superior_id=superior,
            contact=one.contact,
        )
        founding.found_office(session, office, SYSTEM, now)
        made[one.code] = office
    return made


def _member(session: Session, member: MemberPlan, offices: Mapping[str, Office], vault: Vault, now: Utc) -> Founder:
    office = offices[member.office]
    return founding.found_member(session, member.sign_in, member.name, office, list(member.roles), vault, SYSTEM, now)


def _office_keys(
    session: Session, plan: Plan, offices: Mapping[str, Office], founders: Mapping[str, Founder], now: Utc
) -> list[Sheets]:
    """A key for every office that has somebody who may read; an office without is passed over by routing."""
    found = []
    for code, office in offices.items():
        readers = [one.sign_in for one in plan.members if one.office == code and KEYED.intersection(one.roles)]
        if readers:
            paper = founding.new_paper(office.name, Purpose.OFFICE_RECOVERY)
            founding.found_office_key(session, office, [founders[name] for name in readers], paper.public, SYSTEM, now)
            found.append(paper.sheets)
    return found


def _boards(
    session: Session, plan: Plan, offices: Mapping[str, Office], founders: Mapping[str, Founder], now: Utc
) -> list[Sheets]:
    at = {member.sign_in: member.office for member in plan.members}
    sheets = []
    for board in plan.boards:
        seats = [Seat(offices[at[name]], founders[name]) for name in board.seats]
        owner = offices[board.office] if board.office else None
        purpose = BoardPurpose(board.purpose)
        sheets.append(founding.found_board(session, board.name, owner, board.k, seats, SYSTEM, now, purpose))
    return sheets
