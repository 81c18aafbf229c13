"""Where open reports come from: areas from the province down, each a page of its own until the queue lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from admin.dashboard.loose import counted_by
from admin.dashboard.values import Tile, level
from admin.tips import wording
from admin.tips.branches import KEPT, Scope, outside_accused
from portal.directory.regions import regions
from portal.tips.models import Tip
from portal.tips.states import OPEN_STATES


def open_by_area(session: Session, seen: Scope) -> Mapping[str, int]:
    """How many open reports of these queues name each division, however coarse; without those that name none."""
    numbers: Counter[str] = Counter()
    for statement in (_dated(seen), _undated(seen)):
        for region, number in session.execute(statement):
            numbers[region] += number
    return numbers


@lru_cache(maxsize=KEPT)
def _dated(seen: Scope) -> Select[str, int]:
    """Reports with a running clock by region; an office may have a line of its own."""
    where = [Tip.due_on.is_not(None), Tip.region != ""]
    if not seen.own:
        return counted_by(seen.offices, Tip.office_id, where, [Tip.region])
    return (
        select(Tip.region, func.count())
        .where(Tip.office_id.in_(seen.offices), *where, *outside_accused(seen))
        .group_by(Tip.region)
    )


@lru_cache(maxsize=KEPT)
def _undated(seen: Scope) -> Select[str, int]:
    """Those without, by state and region, as the index has them."""
    states = Tip.state.in_([one.value for one in OPEN_STATES])
    return (
        select(Tip.region, func.count())
        .where(Tip.office_id.in_(seen.offices), Tip.due_on.is_(None), states, Tip.region != "", *outside_accused(seen))
        .group_by(Tip.state, Tip.region)
    )


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
