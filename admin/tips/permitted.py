"""Which permission each move needs, and what one person may do with one report now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from admin.staff.roles import Permission
from portal.kernel.actors import Actor
from portal.kernel.errors import NotAllowed
from portal.kernel.values import Id
from portal.tips.states import Action, State, actions_from

_TRIAGE, _HANDLE = (Permission.TRIAGE,), (Permission.HANDLE,)

PERMISSIONS: Mapping[Action, tuple[Permission, ...]] = MappingProxyType(
    {
        Action.OPEN: (Permission.TRIAGE, Permission.HANDLE),
        Action.ACCEPT: _TRIAGE,
        Action.DECLINE: _TRIAGE,
        Action.REDIRECT: _TRIAGE,
        Action.MERGE: _TRIAGE,
        Action.REOPEN: _TRIAGE,
        Action.ASK: (Permission.TRIAGE, Permission.HANDLE),
        Action.TRANSFER: (Permission.TRANSFER,),
        Action.REFER: (Permission.TRANSFER,),
        Action.RECORD_FINDINGS: _HANDLE,
        Action.NOT_FILE: _HANDLE,
        Action.AGREE: _HANDLE,
        Action.POLICE_RETURN: _HANDLE,
        Action.SUSPEND: _HANDLE,
        Action.RESUME: _HANDLE,
        Action.DECIDE: _HANDLE,
        Action.CLOSE: _HANDLE,
        Action.EXTEND: (Permission.PROPOSE,),
        Action.FILE: (Permission.PROPOSE,),
        Action.SEND_POLICE: (Permission.PROPOSE,),
        Action.CORRECT: (Permission.PROPOSE,),
        Action.ESCALATE: (Permission.ESCALATE,),
    }
)
"""Any one of them suffices. ANSWER is missing: it is the reporter's move."""

PROPOSED: frozenset[Action] = frozenset({Action.EXTEND, Action.FILE, Action.SEND_POLICE, Action.CORRECT})
"""What one person proposes and the head approves: never the same person (HR-12.2, PP-15, CR-5)."""


def must(actor: Actor, office: Id, *any_of: Permission) -> None:
    """Raise NotAllowed unless *actor* holds one of the permissions for *office*."""
    if not any(actor.may(permission, office) for permission in any_of):
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")


def permitted(state: State, actor: Actor, office: Id) -> tuple[Action, ...]:
    """The moves that the table allows and this person may make (for PROPOSED ones: may propose)."""
    return tuple(
        action
        for action in actions_from(state)
        if action is not Action.OPEN and any(actor.may(one, office) for one in PERMISSIONS.get(action, ()))
    )
