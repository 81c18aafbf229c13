"""Where open reports come from: areas from the province down, each a page of its own until the queue lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.dashboard.values import Tile, level
from admin.tips import wording
from admin.tips.branches import Scope, outside_accused
from portal.directory.regions import regions
from portal.tips.models import Tip
from portal.tips.states import OPEN_STATES


def open_by_area(session: Session, seen: Scope) -> Mapping[str, int]:
    """How many open reports of these queues name each division, however coarse; without those that name none."""
    undated = Tip.due_on.is_(None), Tip.state.in_([one.value for one in OPEN_STATES])
    numbers: Counter[str] = Counter()
    for open_ones, order in (((Tip.due_on.is_not(None),), ()), (undated, (Tip.state,))):  # in the order of its index
        wanted = (
            select(Tip.region, func.count())
            .where(Tip.office_id.in_(seen.offices), *open_ones, Tip.region != "", *outside_accused(seen))
            .group_by(*order, Tip.region)
        )
        for region, number in session.execute(wanted):
            numbers[region] += number
    return numbers


def tiles(numbers: Mapping[str, int], area: str = "") -> list[Tile]:
    """The areas one step below *area* ("": the whole country) with their open reports, those with most first; together
    they hold all of them. Where everything lies in one area, its own parts are told instead.

    Raises NotFound for an *area* that is not known.
    """
    groups = _grouped(numbers, area)
    while len(groups) == 1 and len(groups[only := next(iter(groups))]) > 1:
        area, groups = only, _grouped(numbers, only)
    rows = sorted(groups.items(), key=lambda one: (-sum(one[1].values()), one[0]))
    most = max((sum(codes.values()) for _step, codes in rows), default=0)
    found = []
    for step, codes in rows:
        number, leaf = sum(codes.values()), next(iter(codes)) if len(codes) == 1 else ""
        words = wording.region_words(leaf or step, short=True)
        words += REST if leaf == area else ""
        found.append(Tile(leaf or step, words, number, level(number, most, 5), inside=not leaf, rest=leaf == area))
    return found


REST = "（没有写到下一级）"


def _grouped(numbers: Mapping[str, int], area: str) -> dict[str, dict[str, int]]:
    """The divisions of *numbers* that lie in *area*, by the step below it that they lie in."""
    if area:
        regions().get(area)
    groups: dict[str, dict[str, int]] = {}
    for code, number in numbers.items():
        path = _path(code)
        if area in ("", *path):
            below = path[path.index(area) + 1 :] if area else path
            groups.setdefault(below[0] if below else code, {})[code] = number
    return groups


def _path(code: str) -> tuple[str, ...]:
    """The codes from the province down; of a division that is not known, its own."""
    known = regions()
    return (*(one.code for one in reversed(known.parents(code))), code) if code in known else (code,)
