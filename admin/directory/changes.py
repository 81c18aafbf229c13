"""What those who manage the directory may put in force: offices, the register, settings of rules, working days.

Every change is an entry of the ledger with the hash of what was put in force.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from admin.staff.founding import record_office
from admin.staff.membership import count_all
from admin.staff.roles import Permission
from portal.directory.institutions import InstitutionRow
from portal.directory.models import Institution, Office, RuleSetting
from portal.directory.regions import regions
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import SettingChanged, canonical
from portal.tips.deadlines import rule, with_setting
from portal.workdays.models import WorkdayOverride

LEVELS = ("nation", "province", "city", "county")
KINDS = ("bureau", "agency", "discipline")


@dataclass(frozen=True, slots=True)
class OfficeForm:
    """An office as it was typed."""

    code: str
    name: str
    name_en: str
    kind: str
    level: str
    region: str
    superior: Id | None
    contact: str
    active: bool = True


def add_office(session: Session, form: OfficeForm, actor: Actor, now: Utc) -> Office:
    """A new office. It receives nothing until it has people and a key: routing passes it over until then."""
    _must_anywhere(actor, form.superior)
    _check(form)
    if session.scalar(select(Office.id).where(Office.code == form.code)) is not None:
        raise Refused("office_there", "这个单位代码已经有了，请换一个。")
    office = Office(id=new_id(), code=form.code, members=0)
    _fill(office, form)
    session.add(office)
    session.flush()
    record_office(session, office, actor, now)
    return office


def change_office(session: Session, office_id: Id, form: OfficeForm, actor: Actor, now: Utc) -> Office:
    """Change all but the code. Raises Refused when the office would come under itself."""
    actor.must(Permission.MANAGE_DIRECTORY, office_id)
    office = session.get(Office, office_id)
    if office is None:
        raise NotFound("no_office", "没有这个单位。")
    _check(form)
    _refuse_circle(session, office_id, form.superior)
    moved = office.superior_id != form.superior
    _fill(office, form)
    session.flush()
    if moved:
        count_all(session)
    record_office(session, office, actor, now)
    return office


def _fill(office: Office, form: OfficeForm) -> None:
    office.name, office.name_en, office.kind, office.level = form.name, form.name_en, form.kind, form.level
    office.region, office.superior_id = form.region, form.superior
    office.contact, office.active = form.contact, form.active


def _check(form: OfficeForm) -> None:
    if not form.code.strip() or not form.name.strip():
        raise Refused("office_incomplete", "请填写单位代码和名称。")
    if form.kind not in KINDS or form.level not in LEVELS:
        raise Refused("office_kind", "请选择单位的类型和层级。")
    regions().get(form.region)


def _refuse_circle(session: Session, office_id: Id, superior: Id | None) -> None:
    steps = 0
    while superior is not None and steps < 100:
        if superior == office_id:
            raise Refused("office_circle", "上级单位不能是它自己或者它的下级。")
        above = session.get(Office, superior)
        superior, steps = (above.superior_id if above else None), steps + 1


def take_register(session: Session, rows: Sequence[InstitutionRow], whole: bool, actor: Actor, now: Utc) -> int:
    """Put checked rows into the register by code; with *whole*, what is not among them is no longer offered.

    Returns how many rows were new. Raises NotAllowed without the permission.
    """
    _must_anywhere(actor, None)
    known = {one.code: one for one in session.scalars(select(Institution))}
    if whole:
        session.execute(update(Institution).values(active=False))
    fresh = 0
    for row in rows:
        there = known.get(row.code)
        if there is None:
            session.add(Institution(id=new_id(), **asdict(row)))
            fresh += 1
        else:
            for name, value in asdict(row).items():
                setattr(there, name, value)
    digest = hashlib.sha256(canonical([asdict(row) for row in rows])).hexdigest()
    append(session, SettingChanged("institutions", f"{len(rows)} rows", digest), actor, now)
    return fresh


def set_rule(
    session: Session, rule_id: str, region: str, amount: int, unit: str, basis: str, since: date, actor: Actor, now: Utc
) -> RuleSetting:
    """A region's own value for a rule that the law leaves open, from a day on. Refused for a rule that is fixed."""
    _must_anywhere(actor, None)
    made = with_setting(rule(rule_id, since), amount, unit, basis)
    if region:
        regions().get(region)
    there = select(RuleSetting.id).where(
        RuleSetting.rule == rule_id, RuleSetting.region == region, RuleSetting.in_force_from == since
    )
    if session.scalar(there) is not None:
        raise Refused("setting_there", "这一天起已经有一条同样的设置，请换一个日期。")
    row = RuleSetting(
        id=new_id(),
        rule=rule_id,
        region=region,
        amount=made.amount,
        unit=made.unit.value,
        basis=made.basis,
        in_force_from=since,
        set_by=actor.id,
    )
    session.add(row)
    form = {"rule": rule_id, "region": region, "amount": amount, "unit": unit, "from": since.isoformat()}
    append(session, SettingChanged("rule", rule_id, hashlib.sha256(canonical(form)).hexdigest()), actor, now)
    return row


def set_workday(session: Session, day: date, working: bool, basis: str, actor: Actor, now: Utc) -> None:
    """One day set apart from the shipped calendar, with its basis. Clocks that run are counted again by the worker."""
    _must_anywhere(actor, None)
    if not basis.strip():
        raise Refused("basis_missing", "请写明依据，例如放假通知的文号。")
    row = session.get(WorkdayOverride, day)
    if row is None:
        row = WorkdayOverride(day=day)
        session.add(row)
    row.working, row.basis, row.set_by = working, basis.strip()[:200], actor.id
    form = {"day": day.isoformat(), "working": working, "basis": row.basis}
    append(session, SettingChanged("workday", day.isoformat(), hashlib.sha256(canonical(form)).hexdigest()), actor, now)


def _must_anywhere(actor: Actor, office: Id | None) -> None:
    """The permission for *office*, or for any when the change belongs to no office."""
    if office is not None:
        actor.must(Permission.MANAGE_DIRECTORY, office)
    elif not actor.offices_with(Permission.MANAGE_DIRECTORY):
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
