"""Who acts. A verb asks ``actor.must(permission, office)``; it never looks at a session or a cookie. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.kernel.errors import NotAllowed
from portal.kernel.values import Id


class ActorKind(StrEnum):
    REPORTER = "reporter"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who may do things: a member of staff with permissions per office, a reporter, or the system itself."""

    kind: ActorKind
    id: Id | None = None
    name: str = ""
    permissions: Mapping[Id, frozenset[str]] = field(default_factory=dict)
    member_of: frozenset[Id] = frozenset()  # offices with any role of theirs, even one without effect yet
    under: frozenset[Id] = frozenset()  # all offices above those: a report about one of them is kept from below, too

    def may(self, permission: str, office: Id) -> bool:
        """Whether this actor holds *permission* for *office*."""
        return permission in self.permissions.get(office, frozenset())

    def must(self, permission: str, office: Id) -> None:
        """Raise NotAllowed unless :meth:`may`."""
        if not self.may(permission, office):
            raise NotAllowed("not_allowed", "您没有办理这件事的权限。")

    def offices_with(self, permission: str) -> list[Id]:
        """The offices for which this actor holds *permission*."""
        return [office for office, held in self.permissions.items() if permission in held]


REPORTER = Actor(ActorKind.REPORTER)
SYSTEM = Actor(ActorKind.SYSTEM)
