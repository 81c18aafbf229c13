"""What the directory pages ask. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.staff.models import KeyGrant, Staff
from admin.staff.queries import offices_where
from admin.staff.roles import Permission
from portal.directory.models import BoardSeat, CustodyBoard, Institution, Office, RuleSetting, SealingKey
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.workdays.models import WorkdayOverride


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """An office with what it needs to receive reports."""

    office: Office
    superior: str
    members: int  # people who hold its key
    since: date | None  # of its key


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A custody board and its seats as (position, holder's name or "", office)."""

    board: CustodyBoard
    office: str
    seats: tuple[tuple[int, str, str], ...]


def every_office(session: Session) -> Sequence[Office]:
    """Every office, from the top down."""
    return session.scalars(select(Office).order_by(Office.region, Office.code)).all()


def offices(session: Session) -> list[OfficeLine]:
    """The same with what each needs to receive reports."""
    rows = every_office(session)
    names = {row.id: row.name for row in rows}
    keys = {key.owner_id: key for key in _current_keys(session)}
    holders = _holders(session)
    return [
        OfficeLine(
            row,
            names.get(row.superior_id, "") if row.superior_id else "",
            holders.get(row.id, 0),
            keys[row.id].since if row.id in keys else None,
        )
        for row in rows
    ]


def _holders(session: Session) -> dict[Id, int]:
    """How many people hold the current key of each office."""
    rows = session.execute(
        select(SealingKey.owner_id, func.count(KeyGrant.staff_id))
        .join(KeyGrant, KeyGrant.key_id == SealingKey.id)
        .where(SealingKey.purpose == "office", SealingKey.retired_on.is_(None))
        .group_by(SealingKey.owner_id)
    )
    return {row[0]: row[1] for row in rows}


def _current_keys(session: Session) -> Sequence[SealingKey]:
    return session.scalars(
        select(SealingKey).where(SealingKey.purpose == "office", SealingKey.retired_on.is_(None))
    ).all()


def boards(session: Session) -> list[BoardLine]:
    """Every custody board; the site's default first."""
    names = {row.id: row.name for row in session.scalars(select(Office))}
    people = {row.id: row.name for row in session.scalars(select(Staff))}
    seats: dict[Id, list[tuple[int, str, str]]] = {}
    for seat in session.scalars(select(BoardSeat).order_by(BoardSeat.position)):
        holder = people.get(seat.holder_id, "") if seat.holder_id else ""
        office = names.get(seat.holder_office_id, "") if seat.holder_office_id else ""
        seats.setdefault(seat.board_id, []).append((seat.position, holder, office))
    found = session.scalars(select(CustodyBoard).order_by(CustodyBoard.name)).all()
    lines = [
        BoardLine(row, names[row.office_id] if row.office_id else "", tuple(seats.get(row.id, ()))) for row in found
    ]
    return sorted(lines, key=lambda line: line.office != "")


def institution_counts(session: Session) -> tuple[int, int]:
    """How many institutions are offered, and how many are in the register."""
    whole = session.scalar(select(func.count()).select_from(Institution)) or 0
    shown = session.scalar(select(func.count()).select_from(Institution).where(Institution.active)) or 0
    return shown, whole


def settings(session: Session) -> Sequence[RuleSetting]:
    """Every setting of a rule, newest first."""
    return session.scalars(select(RuleSetting).order_by(RuleSetting.in_force_from.desc(), RuleSetting.rule)).all()


def workdays(session: Session) -> Sequence[WorkdayOverride]:
    """Every day set apart, newest first."""
    return session.scalars(select(WorkdayOverride).order_by(WorkdayOverride.day.desc()).limit(400)).all()


def institutions_like(session: Session, actor: Actor, asked: str, most: int) -> list[Institution]:
    """Institutions in the areas where *actor* works on reports: by the beginning of the name, which an index serves;
    then anywhere in it."""
    offices = offices_where(session, actor, Permission.READ_TIP)
    areas = [
        Institution.region.startswith(office.region.rstrip("0") or office.region, autoescape=True) for office in offices
    ]
    found: dict[Id, Institution] = {}
    for matches in (
        Institution.name.startswith(asked, autoescape=True),
        Institution.name.contains(asked, autoescape=True),
    ):
        for area in areas:
            rows = session.scalars(
                select(Institution).where(area, matches, Institution.active).order_by(Institution.name).limit(most)
            )
            found.update({row.id: row for row in rows})
    return list(found.values())[:most]
