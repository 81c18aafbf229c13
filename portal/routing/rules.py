"""Who answers for a report. Pure: rulebook, offices and boards in, office, board and the rule that matched out.

What it promises:

- a report always reaches someone, as long as any office that may see it has a key and people who may read it there;
- a report about an office never reaches that office or an office below it; its identity never goes to a board with a
  seat held there. Where only the kind of the accused is known (an official, an agency) the office of that kind nearest
  to the place is presumed to be meant;
- jurisdiction follows the place of the conduct (HR-9.1); an office that cannot take the report is passed over for its
  superior, and the answer says who was passed over and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.directory.regions import regions
from portal.kernel.errors import Refused, Unavailable
from portal.kernel.values import Id
from portal.routing.values import BoardInfo, OfficeInfo, Routed, RouteQuery, RoutingRule, Target

_LEVELS = ("nation", "province", "city", "county")
_PRESUMED = {"official": "bureau", "agency": "agency"}
FALLBACK = "fallback"
"""The rule id of a report that no rule of the book placed."""

Line = Callable[[str | None], tuple[str, ...]]


class Unroutable(Unavailable):
    """No office that may see the report has members and a key, or no board that may keep an identity."""


def region_line(code: str | None) -> tuple[str, ...]:
    """*code* and the divisions around it, the smallest first; what is known of an unknown code; () for None."""
    known = regions()
    if code is None:
        return ()
    for candidate in (code, code[:4] + "00", code[:2] + "0000"):
        if candidate in known:
            return (candidate, *(region.code for region in known.parents(candidate)))
    return ()


@dataclass(frozen=True)
class _Case:
    """One question with everything it is judged by."""

    query: RouteQuery
    offices: Mapping[Id, OfficeInfo]
    line: tuple[str, ...]
    grids: Mapping[str, Id]
    accused: Id | None
    barred: frozenset[Id]
    passed_over: list[tuple[Id, str]] = field(default_factory=list)


def route(
    query: RouteQuery,
    rules: Iterable[RoutingRule],
    offices: Iterable[OfficeInfo],
    boards: Iterable[BoardInfo],
    on: date,
    *,
    grids: Mapping[str, Id] | None = None,
    line: Line = region_line,
) -> Routed:
    """The office that answers for *query* on a day, and the board that keeps the identity.

    *grids* maps the code of a grid area to its office; *line* gives the divisions around a place. Raises Refused
    ("unknown_office") when ``against_office`` is no office, Unroutable when nobody may take the report.
    """
    known = {office.id: office for office in offices}
    case = _case(query, known, line(query.region), grids or {})
    office_id, rule_id = _office(case, list(rules), line, on)
    board = _board(case, office_id, list(boards))
    return Routed(office_id, board.id, rule_id, tuple(case.passed_over), case.accused)


def _case(query: RouteQuery, offices: Mapping[Id, OfficeInfo], line: tuple[str, ...], grids: Mapping[str, Id]) -> _Case:
    accused = _accused(query, offices, line)
    return _Case(query, offices, line, grids, accused, barred_by(accused, offices))


def _accused(query: RouteQuery, offices: Mapping[Id, OfficeInfo], line: tuple[str, ...]) -> Id | None:
    if query.against_office is not None:
        for office in offices.values():
            if office.code == query.against_office:
                return office.id
        raise Refused("unknown_office", "没有这个单位，请重新选择；不清楚可以选“我不知道”。")
    kind = _PRESUMED.get(query.subject_type)
    if kind is None or not line:
        return None
    nearest = _around([office for office in offices.values() if office.kind == kind], line)
    return nearest[0].id if nearest else None


def barred_by(accused: Id | None, offices: Mapping[Id, OfficeInfo]) -> frozenset[Id]:
    """Who must never see a report about *accused*: it and all offices below it.

    A person of theirs who also serves the office that gets the report is kept from it one by one, where people sign in
    (``admin.tips.casework.visible``): the public process does not know who works where, only how many such there are.
    """
    if accused is None:
        return frozenset()
    return frozenset({accused} | {office for office in offices if accused in superiors_of(office, offices)})


def superiors_of(office: Id, offices: Mapping[Id, OfficeInfo]) -> tuple[Id, ...]:
    """The superiors of an office, the nearest first; a circle in the data ends the walk."""
    found: list[Id] = []
    current = offices.get(office)
    while current is not None and current.superior_id is not None:
        superior = current.superior_id
        if superior == office or superior in found or superior not in offices:
            break
        found.append(superior)
        current = offices.get(superior)
    return tuple(found)


def _office(case: _Case, rules: list[RoutingRule], line: Line, on: date) -> tuple[Id, str]:
    for rule in sorted(rules, key=lambda rule: (rule.priority, rule.id)):
        if _in_force(rule, on) and _matches(rule, case, line):
            for start in _starts(rule.to, case):
                found = _first_able(case, start)
                if found is not None:
                    return found, rule.id
    near = () if case.accused else case.line  # a report about an office goes high, not next door
    everyone = sorted(case.offices.values(), key=lambda office: _last_resort(office, near))
    for office in everyone:
        if _able(case, office.id):
            return office.id, FALLBACK
    raise Unroutable("no_office", "暂时没有能接收这份举报的单位，请通过 12393 电话反映。")


def _in_force(rule: RoutingRule, on: date) -> bool:
    return rule.in_force_from <= on and (rule.in_force_to is None or on <= rule.in_force_to)


def _matches(rule: RoutingRule, case: _Case, line: Line) -> bool:
    query = case.query
    return (
        (not rule.subject_types or query.subject_type in rule.subject_types)
        and (not rule.region or rule.region in case.line)
        and (not rule.level or rule.level == _known_to(case.line, line))
        and (not rule.conducts or _conduct_matches(rule.conducts, query.conduct))
        and (not rule.grid or (query.grid is not None and rule.grid in ("*", query.grid)))
    )


def _known_to(places: tuple[str, ...], line: Line) -> str:
    """How well the place is known: a province has nothing around it, a county of a municipality has one step."""
    if not places:
        return "unknown"
    if len(line(places[0])) == 1:
        return "province"
    return "city" if places[0].endswith("00") else "county"


def _conduct_matches(wanted: frozenset[str], conduct: str | None) -> bool:
    return conduct is not None and any(conduct == code or conduct.startswith(f"{code}-") for code in wanted)


def _starts(to: Target, case: _Case) -> Iterator[Id]:
    """The offices a target names, the best first."""
    if to.office:
        yield from (office.id for office in case.offices.values() if office.code == to.office)
        return
    if to.at == "grid":
        grid_office = case.grids.get(case.query.grid or "")
        if grid_office is not None and grid_office in case.offices:
            yield grid_office
        return
    of_kind = [office for office in case.offices.values() if office.kind == to.kind]
    if to.at == "top":
        yield from (office.id for office in sorted(of_kind, key=_highest_first))
        return
    around = _around(of_kind, case.line)
    yield from (office.id for office in around if to.at == "place" or office.level == to.at)


def _around(offices: Iterable[OfficeInfo], line: tuple[str, ...]) -> list[OfficeInfo]:
    """The offices of the divisions in *line*, the nearest first."""
    return sorted((o for o in offices if o.region in line), key=lambda o: (line.index(o.region), o.code))


def _highest_first(office: OfficeInfo) -> tuple[int, str]:
    return _LEVELS.index(office.level), office.code


def _last_resort(office: OfficeInfo, line: tuple[str, ...]) -> tuple[int, int, int, str]:
    """Bureaus before discipline offices before agencies; near the place before far; high before low."""
    kind = ("bureau", "discipline", "agency").index(office.kind)
    near = line.index(office.region) if office.region in line else len(line)
    return kind, near, *_highest_first(office)


def _first_able(case: _Case, start: Id) -> Id | None:
    """*start* or the nearest superior that can take the report."""
    for office in (start, *superiors_of(start, case.offices)):
        if _able(case, office):
            return office
    return None


def _able(case: _Case, office_id: Id) -> bool:
    office = case.offices[office_id]
    why = _why_not(case, office)
    if why is not None and (office_id, why) not in case.passed_over:
        case.passed_over.append((office_id, why))
    return why is None


def _why_not(case: _Case, office: OfficeInfo) -> str | None:
    if office.id in case.barred:
        return "accused"
    if not office.active:
        return "inactive"
    if office.readers(case.accused) < 1:
        return "no_members"
    return None if office.has_key else "no_key"


def _board(case: _Case, office_id: Id, boards: list[BoardInfo]) -> BoardInfo:
    found = board_of(office_id, case.offices, boards, case.barred)
    if found is None:
        raise Unroutable("no_board", "暂时没有能保管身份信息的保管组，请通过 12393 电话反映。")
    return found


def board_of(
    office_id: Id, offices: Mapping[Id, OfficeInfo], boards: Iterable[BoardInfo], barred: frozenset[Id] = frozenset()
) -> BoardInfo | None:
    """The board that keeps identities for an office: the one it chose, else its own, else the same of the nearest
    superior, else the site's, else any that is untouched.

    Where no board has k seats filled, one whose keys paper brings back: a report is not turned away because keepers
    have left. None when there is not even that.
    """
    order: list[tuple[str, Id | None]] = []
    for one in (office_id, *superiors_of(office_id, offices)):
        order += [("board", offices[one].board_id), ("office", one)]
    order.append(("office", None))

    def rank(board: BoardInfo) -> tuple[int, Id]:
        marks = (("board", board.id), ("office", board.office_id))
        return min((order.index(mark) for mark in marks if mark in order), default=len(order)), board.id

    ranked = sorted(boards, key=rank)
    for able in (board_usable, _recoverable):
        found = next((board for board in ranked if able(board, barred)), None)
        if found is not None:
            return found
    return None


def board_usable(board: BoardInfo, barred: frozenset[Id]) -> bool:
    """Whether a board may keep a new identity: not retired, k seats filled (2 ≤ k), none of its seats nor the board
    itself barred."""
    return _open_to(board, barred) and 2 <= board.k <= sum(seat.filled for seat in board.seats)


def _recoverable(board: BoardInfo, barred: frozenset[Id]) -> bool:
    return _open_to(board, barred) and 2 <= board.k <= sum(seat.filled or seat.keyed for seat in board.seats)


def _open_to(board: BoardInfo, barred: frozenset[Id]) -> bool:
    untouched = board.office_id not in barred and not any(seat.holder_office_id in barred for seat in board.seats)
    return not board.retired and untouched


def boardless_without(
    board_id: Id, offices: Mapping[Id, OfficeInfo], boards: Iterable[BoardInfo]
) -> tuple[Id | None, ...]:
    """For which reports no board would be left without this one: None stands for those about no office, an id for
    those about that office. Empty when nothing would be lost."""
    every = list(boards)
    rest = [board for board in every if board.id != board_id]

    def lost(accused: Id | None) -> bool:
        barred = barred_by(accused, offices)
        return any(board_usable(one, barred) for one in every) and not any(board_usable(one, barred) for one in rest)

    return tuple(accused for accused in (None, *offices) if lost(accused))
