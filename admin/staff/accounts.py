"""Accounts and roles: who may come in at all. Only those who manage staff call these; none of them opens a report."""

from __future__ import annotations

import re

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from admin.staff.boards import must_not_strand
from admin.staff.membership import count_members, offices_opened_by
from admin.staff.models import KeyGrant, RecoveryCode, Staff, StaffRole
from admin.staff.passkeys import forget_passkeys
from admin.staff.queries import by_sign_in, offices_below, roles_of, seats_held
from admin.staff.roles import KEYED, ROLES, HeldRole, Permission, Role
from admin.staff.separation import new_conflict
from portal.directory.keys import retire_key
from portal.directory.models import Office, SealingKey
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import StaffChanged

SIGN_IN = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


def invite(
    session: Session, sign_in: str, name: str, office: Office, roles: list[Role], locked: bytes, actor: Actor, now: Utc
) -> Staff:
    """Make an account that waits for its owner. ``locked``: a fresh seed under the set-up passphrase.

    Raises Refused for a sign-in name of another form or in use and for roles that make both halves of a two-person
    act, NotAllowed without the permission for that office.
    """
    actor.must(Permission.MANAGE_STAFF, office.id)
    return make_account(session, sign_in, name, office, roles, locked, actor, now)


def make_account(
    session: Session, sign_in: str, name: str, office: Office, roles: list[Role], locked: bytes, actor: Actor, now: Utc
) -> Staff:
    """:func:`invite` without asking for the permission: the first run has nobody who could hold it."""
    typed, shown = sign_in.strip().lower(), " ".join(name.split())
    if not SIGN_IN.fullmatch(typed):
        raise Refused("bad_sign_in", "登录名要用 3 到 40 个小写字母、数字、点或短横线，并以字母或数字开头。")
    if not shown or len(shown) > 80:
        raise Refused("bad_name", "请填写姓名，最多 80 个字。")
    if not roles:
        raise Refused("no_role", "请至少选择一个角色。")
    if by_sign_in(session, typed) is not None:
        raise Refused("sign_in_taken", "这个登录名已经有人使用，请换一个。")
    _refuse_both_halves(session, [], office, roles)
    staff = Staff(id=new_id(), sign_in=typed, name=shown, locked_seed=locked, made_on=day_of(now))
    session.add(staff)
    session.flush()
    append(session, StaffChanged(str(staff.id), "invited", office.code), actor, now)
    for role in roles:
        _add_role(session, staff.id, office, role, actor, now)
    return staff


def give_role(session: Session, staff: Staff, office: Office, role: Role, actor: Actor, now: Utc) -> None:
    """Give a role for an office. It has no effect on reports until a colleague there grants the key.

    Raises Refused ("both_halves") when the person would hold both halves of a two-person act.
    """
    actor.must(Permission.MANAGE_STAFF, office.id)
    if staff.state == "left":
        raise Refused("staff_left", "这个人已经离开，不能再给角色。")
    if _role(session, staff.id, office.id, role) is None:
        _refuse_both_halves(session, roles_of(session, [staff.id])[staff.id], office, [role])
        _add_role(session, staff.id, office, role, actor, now)
        count_members(session, offices_opened_by(session, staff.id))


def take_role(session: Session, staff: Staff, office: Office, role: Role, actor: Actor, now: Utc) -> None:
    """Take a role away. With the last role that needs the office's key the grant goes too."""
    actor.must(Permission.MANAGE_STAFF, office.id)
    if staff.id == actor.id and role is Role.SYSADMIN:
        raise Refused("own_role", "不能取消自己的系统管理员角色，请由另一位管理员办理。")
    row = _role(session, staff.id, office.id, role)
    if row is None:
        raise NotFound("no_role", "没有这个角色。")
    if Permission.KEEP_SEAT in ROLES[role]:
        must_not_strand(session, staff.id)
    opened = offices_opened_by(session, staff.id)
    session.delete(row)
    session.flush()
    append(session, StaffChanged(str(staff.id), "role-taken", office.code, role.value), actor, now)
    left = session.scalars(
        select(StaffRole.role).where(StaffRole.staff_id == staff.id, StaffRole.office_id == office.id)
    )
    if not KEYED.intersection(Role(one) for one in left):
        keys = select(SealingKey.id).where(SealingKey.purpose == "office", SealingKey.owner_id == office.id)
        session.execute(delete(KeyGrant).where(KeyGrant.staff_id == staff.id, KeyGrant.key_id.in_(keys)))
        ask_for_rotation(session, [office.id], now)
    count_members(session, opened)


def leave(session: Session, staff: Staff, actor: Actor, now: Utc) -> None:
    """Close an account for good: grants, factors and the locked seed go. The caller ends the sessions."""
    must_manage(session, staff, actor)
    if staff.id == actor.id:
        raise Refused("own_account", "不能停用自己的账号，请由另一位管理员办理。")
    must_not_strand(session, staff.id)
    _forget_secrets(session, staff, actor, now)
    staff.state, staff.locked_seed, staff.left_on = "left", None, day_of(now)
    append(session, StaffChanged(str(staff.id), "left"), actor, now)


def reset(session: Session, staff: Staff, locked: bytes, actor: Actor, now: Utc) -> None:
    """Start again with a set-up passphrase (lost passphrase or telephone). All grants go; colleagues grant anew."""
    must_manage(session, staff, actor)
    if staff.state == "left":
        raise Refused("staff_left", "这个人已经离开。")
    _forget_secrets(session, staff, actor, now)
    staff.state, staff.locked_seed, staff.must_change = "pending", locked, True
    append(session, StaffChanged(str(staff.id), "reset"), actor, now)


def ask_for_rotation(session: Session, offices: list[Id], now: Utc) -> None:
    """Somebody had the key of these offices and has it no more: whoever still holds it is asked to change it."""
    for office in session.scalars(select(Office).where(Office.id.in_(offices))):
        office.rotate_since = office.rotate_since or day_of(now)


def must_manage(session: Session, staff: Staff, actor: Actor) -> None:
    """Raise NotAllowed unless the actor manages every office where this person has a role."""
    offices = session.scalars(select(StaffRole.office_id).where(StaffRole.staff_id == staff.id)).all()
    if not offices:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    for office in offices:
        actor.must(Permission.MANAGE_STAFF, office)


def find(session: Session, staff_id: Id, actor: Actor) -> Staff:
    """A person whom the actor may manage; NotFound otherwise, whether or not there is one."""
    staff = session.get(Staff, staff_id)
    if staff is not None:
        try:
            must_manage(session, staff, actor)
        except NotAllowed:
            staff = None
    if staff is None:
        raise NotFound("no_staff", "没有这个账号。")
    return staff


def _forget_secrets(session: Session, staff: Staff, actor: Actor, now: Utc) -> None:
    opened = offices_opened_by(session, staff.id)
    session.execute(delete(KeyGrant).where(KeyGrant.staff_id == staff.id))
    ask_for_rotation(session, opened, now)
    count_members(session, opened)
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    forget_passkeys(session, staff.id)
    for seat in seats_held(session, staff.id):
        seat.holder_id = None  # its key lives on with the board's paper: shares go on being sealed to it
        append(session, StaffChanged(str(staff.id), "seat-left", role=str(seat.id)), actor, now)
    key = session.get(SealingKey, staff.key_id) if staff.key_id else None
    if key is not None and key.retired_on is None:
        retire_key(session, key, actor, now)
    staff.totp_locked, staff.last_totp_step = None, None


def _role(session: Session, staff: Id, office: Id, role: Role) -> StaffRole | None:
    return session.scalar(
        select(StaffRole).where(
            StaffRole.staff_id == staff, StaffRole.office_id == office, StaffRole.role == role.value
        )
    )


def _refuse_both_halves(session: Session, held: list[HeldRole], office: Office, roles: list[Role]) -> None:
    act = new_conflict(held, [HeldRole(office.id, role) for role in roles], offices_below(session))
    if act is not None:
        raise Refused("both_halves", act.words + "请把其中一个角色交给另一位同事。")


def _add_role(session: Session, staff: Id, office: Office, role: Role, actor: Actor, now: Utc) -> None:
    session.add(StaffRole(staff_id=staff, office_id=office.id, role=role.value))
    append(session, StaffChanged(str(staff), "role-given", office.code, role.value), actor, now)
