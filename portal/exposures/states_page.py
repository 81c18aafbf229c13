"""docs/states/exposure.md, written from the table of moves so that the two cannot differ. Pure."""

from __future__ import annotations

from portal.exposures.states import ON_SHOW, TRANSITIONS, ExposureState

_HEAD = """# The states of an exposure

Made by `mingjing docs states --of exposure > docs/states/exposure.md` from `portal/exposures/states.py`; a test
compares the two. Do not edit.

The gate opens an exposure for `drafting`, and may drop a draft again and take it up once more. `release` is the
worker's on the day, or a publisher's with an issue; `expire` is the worker's by the rule.

"""


def page() -> str:
    """The whole page, Markdown, ending in a line break."""
    drawn = [f"    {_name(before)} --> {_name(after)}: {action}" for (before, action), after in TRANSITIONS.items()]
    diagram = ["```mermaid", "stateDiagram-v2", "    [*] --> drafting", *drawn, "```", ""]
    moves = [f"| `{before}` | `{action}` | `{after}` |" for (before, action), after in TRANSITIONS.items()]
    table = ["| from | action | to |", "|---|---|---|", *moves, ""]
    live = {before for before, _ in TRANSITIONS}
    seen = ", ".join(f"`{state}`" for state in ExposureState if state in ON_SHOW)
    ended = ", ".join(f"`{state}`" for state in ExposureState if state not in live)
    last = [f"The public sees a version of the case in {seen}.", "", f"Nothing leads away from {ended}.", ""]
    return _HEAD + "\n".join([*diagram, *table, *last])


def _name(state: ExposureState) -> str:
    return state.value.replace("-", "_")
