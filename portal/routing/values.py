"""What routing is asked, what it knows, and what it answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.kernel.values import Id


@dataclass(frozen=True, slots=True)
class RouteQuery:
    """What of a report decides who answers for it. ``region`` is the place of the conduct (HR-9.1)."""

    subject_type: str = "unknown"  # a value of portal.tips.values.SubjectType
    region: str | None = None
    conduct: str | None = None
    grid: str | None = None
    against_office: str | None = None  # code of the office that the report is about


@dataclass(frozen=True, slots=True)
class OfficeInfo:
    """An office as routing sees it."""

    id: Id
    code: str
    name: str
    kind: str  # bureau | agency | discipline
    region: str
    level: str  # nation | province | city | county
    superior_id: Id | None = None
    active: bool = True
    members: int = 0
    has_key: bool = False
    shared: Mapping[Id, int] = field(default_factory=dict, hash=False)  # members who see no report about that office
    board_id: Id | None = None  # the custody board it chose, before its own and its superiors'

    def readers(self, accused: Id | None) -> int:
        """How many people could read a report about *accused* here."""
        return self.members - (self.shared.get(accused, 0) if accused is not None else 0)


@dataclass(frozen=True, slots=True)
class SeatInfo:
    """A seat of a custody board: ``filled`` when somebody holds it and its key can be trusted; ``keyed`` when the key
    can be trusted though nobody holds it now: paper brings it back."""

    id: Id
    filled: bool
    holder_office_id: Id | None = None  # stays when the holder has left: somebody there had the key
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class BoardInfo:
    """A custody board; ``office_id`` None is the site's."""

    id: Id
    office_id: Id | None
    k: int
    seats: tuple[SeatInfo, ...] = ()
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a rule names: a kind of office ``at`` a place, or one office by its code.

    ``at``: "place" the nearest office around the place of the conduct; "city", "province" or "nation" the one of that
    level around it; "top" the highest there is; "grid" the office of the grid area; "" with ``office``.
    """

    kind: str = "bureau"
    at: str = "place"
    office: str = ""


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """One line of a rulebook. An empty condition matches everything; the lowest priority number is tried first."""

    id: str
    in_force_from: date
    to: Target
    in_force_to: date | None = None  # the last day
    priority: int = 100
    subject_types: frozenset[str] = frozenset()
    region: str = ""  # this division and all in it
    level: str = ""  # how well the place is known: province | city | county | unknown
    conducts: frozenset[str] = frozenset()  # codes of the catalogue; "inst-38" stands for all that begin so
    grid: str = ""  # a code of a grid area; "*" any


@dataclass(frozen=True, slots=True)
class Routed:
    """Who answers, which board keeps the identity, the rule that matched, and who was passed over and why."""

    office_id: Id
    board_id: Id
    rule_id: str
    passed_over: tuple[tuple[Id, str], ...] = ()
    against_office_id: Id | None = None  # the accused office, named or presumed: it never sees the report
