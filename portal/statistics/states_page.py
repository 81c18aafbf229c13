"""docs/states/bulletin.md, written from the table of moves so that the two cannot differ. Pure."""

from __future__ import annotations

from portal.statistics.states import TRANSITIONS, BulletinState

_HEAD = """# The states of a monthly bulletin

Made by `mingjing docs states --of bulletin > docs/states/bulletin.md` from `portal/statistics/states.py`; a test
compares the two. Do not edit.

Counting a month that is over makes a `draft`. What was published stays: a correction is another bulletin of the same
month, with the next version.

"""


def page() -> str:
    """The whole page, Markdown, ending in a line break."""
    drawn = [f"    {before} --> {after}: {action}" for (before, action), after in TRANSITIONS.items()]
    diagram = ["```mermaid", "stateDiagram-v2", "    [*] --> draft", *drawn, "```", ""]
    moves = [f"| `{before}` | `{action}` | `{after}` |" for (before, action), after in TRANSITIONS.items()]
    table = ["| from | action | to |", "|---|---|---|", *moves, ""]
    live = {before for before, _ in TRANSITIONS}
    ended = ", ".join(f"`{state}`" for state in BulletinState if state not in live)
    return _HEAD + "\n".join([*diagram, *table, f"Nothing leads away from {ended}.", ""])
