"""docs/states/circular.md, written from the table of moves so that the two cannot differ. Pure."""

from __future__ import annotations

from portal.exposures.circular_states import TRANSITIONS, CircularState

_HEAD = """# The states of a circular

Made by `mingjing docs states --of circular > docs/states/circular.md` from `portal/exposures/circular_states.py`; a
test compares the two. Do not edit.

A circular on a case is proposed and sent in one act; one on the evaluation of offices waits for a second person. Its
words never change: whoever wants others proposes another one. Receipts (签收) are no state of the circular: each office
that got a copy has its own.

"""


def page() -> str:
    """The whole page, Markdown, ending in a line break."""
    drawn = [f"    {before} --> {after}: {action}" for (before, action), after in TRANSITIONS.items()]
    diagram = ["```mermaid", "stateDiagram-v2", "    [*] --> proposed", *drawn, "```", ""]
    moves = [f"| `{before}` | `{action}` | `{after}` |" for (before, action), after in TRANSITIONS.items()]
    table = ["| from | action | to |", "|---|---|---|", *moves, ""]
    live = {before for before, _ in TRANSITIONS}
    ended = ", ".join(f"`{state}`" for state in CircularState if state not in live)
    return _HEAD + "\n".join([*diagram, *table, f"Nothing leads away from {ended}.", ""])
