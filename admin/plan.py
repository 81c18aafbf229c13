"""The plan of a first run: which offices, who is there first, who keeps identities. A TOML file, checked as a whole."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from admin.staff.accounts import SIGN_IN
from admin.staff.roles import Role
from admin.staff.separation import both_halves
from portal.directory.regions import regions
from portal.directory.values import BoardPurpose
from portal.kernel.errors import Refused

KINDS = ("bureau", "agency", "discipline")
LEVELS = ("nation", "province", "city", "county")


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """An office; ``superior`` is the code of another one, or "" at the top."""

    code: str
    name: str
    kind: str
    level: str
    region: str
    superior: str = ""
    name_en: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """One of the first people, with roles for one office."""

    sign_in: str
    name: str
    office: str
    roles: tuple[Role, ...]


_SEATS: Mapping[str, Role] = {
    BoardPurpose.IDENTITY: Role.CUSTODIAN,
    BoardPurpose.PAYMENT: Role.PAYMENT_KEEPER,
}


@dataclass(frozen=True, slots=True)
class BoardPlan:
    """A board: ``k`` of the holders (sign-in names) must consent. ``office`` "": the site's default. ``purpose``:
    "identity", or "payment" for whom rewards are paid to."""

    name: str
    k: int
    seats: tuple[str, ...]
    office: str = ""
    purpose: str = BoardPurpose.IDENTITY.value


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it. Making one raises Refused with a sentence when it contradicts itself."""

    offices: tuple[OfficePlan, ...]
    members: tuple[MemberPlan, ...]
    boards: tuple[BoardPlan, ...]

    def __post_init__(self) -> None:
        self._check_offices()
        self._check_members()
        self._check_boards()

    def offices_from_the_top(self) -> list[OfficePlan]:
        """Superiors before those under them. Raises Refused when they go round in a circle."""
        placed: dict[str, OfficePlan] = {}
        while len(placed) < len(self.offices):
            ready = [o for o in self.offices if o.code not in placed and (not o.superior or o.superior in placed)]
            if not ready:
                raise _wrong("the superiors of the offices go round in a circle")
            placed.update({office.code: office for office in ready})
        return list(placed.values())

    def _check_offices(self) -> None:
        codes = [office.code for office in self.offices]
        if not codes or len(set(codes)) != len(codes):
            raise _wrong("at least one office is needed, and every office has a code of its own")
        for office in self.offices:
            if office.kind not in KINDS or office.level not in LEVELS:
                raise _wrong(f"office {office.code}: kind is one of {KINDS}, level one of {LEVELS}")
            if office.region not in regions():
                raise _wrong(f"office {office.code}: {office.region} is no division of GB/T 2260")
            if office.superior and office.superior not in codes:
                raise _wrong(f"office {office.code}: there is no superior {office.superior}")
        self.offices_from_the_top()

    def _check_members(self) -> None:
        names = [member.sign_in for member in self.members]
        if len(set(names)) != len(names):
            raise _wrong("a sign-in name stands twice")
        if not any(Role.SYSADMIN in member.roles for member in self.members):
            raise _wrong("somebody has to be sysadmin")
        known = {office.code for office in self.offices}
        for member in self.members:
            if not SIGN_IN.fullmatch(member.sign_in):
                raise _wrong(f"{member.sign_in}: a sign-in name is 3 to 40 small letters, digits, dots or hyphens")
            if member.office not in known:
                raise _wrong(f"{member.sign_in}: there is no office {member.office}")
            both = both_halves(member.roles)
            if both is not None:
                halves = f"{both.first} and {both.second}"
                raise _wrong(f"{member.sign_in}: {halves} are the two halves of one act; give one to somebody else")

    def _check_boards(self) -> None:
        if not any(not board.office and board.purpose == BoardPurpose.IDENTITY for board in self.boards):
            raise _wrong('one board of identities is the site\'s default (office = "")')
        holders = {member.sign_in: member for member in self.members}
        for board in self.boards:
            keeper = _SEATS.get(board.purpose)
            if keeper is None:
                raise _wrong(f"board {board.name}: purpose is one of {', '.join(_SEATS)}")
            if not 2 <= board.k <= len(board.seats) <= 7:
                raise _wrong(f"board {board.name}: 2 <= k <= number of seats <= 7")
            if len(set(board.seats)) != len(board.seats):
                raise _wrong(f"board {board.name}: one person holds one seat")
            if board.office and board.office not in {office.code for office in self.offices}:
                raise _wrong(f"board {board.name}: there is no office {board.office}")
            for name in board.seats:
                if name not in holders or keeper not in holders[name].roles:
                    raise _wrong(f"board {board.name}: {name} is no {keeper}")


def read_plan(path: Path) -> Plan:
    """The plan in a TOML file with ``[[offices]]``, ``[[members]]`` and ``[[boards]]``. Raises Refused."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(f"{path}: {error}") from None
    return Plan(
        tuple(_made(OfficePlan, row) for row in data.get("offices", ())),
        tuple(_made(MemberPlan, {**row, "roles": _roles(row)}) for row in data.get("members", ())),
        tuple(_made(BoardPlan, {**row, "seats": tuple(row.get("seats", ()))}) for row in data.get("boards", ())),
    )


Made = TypeVar("Made", OfficePlan, MemberPlan, BoardPlan)


def _made(kind: type[Made], row: Mapping[str, Any]) -> Made:
    unknown = set(row) - {field.name for field in fields(kind)}
    if unknown:
        raise _wrong(f"{kind.__name__}: no such key: {', '.join(sorted(unknown))}")
    try:
        return kind(**row)
    except TypeError:
        raise _wrong(f"{kind.__name__}: a key is missing in {dict(row)}") from None


def _roles(row: Mapping[str, Any]) -> tuple[Role, ...]:
    try:
        return tuple(Role(role) for role in row.get("roles", ()))
    except ValueError as error:
        raise _wrong(f"{row.get('sign_in', '?')}: {error}; roles are {', '.join(Role)}") from None


def _wrong(why: str) -> Refused:
    return Refused("bad_plan", why)
