"""docs/states/shredding.md, written from the table of moves so that the two cannot differ. Pure."""

from __future__ import annotations

from portal.retention.rules import OPEN_DAYS
from portal.retention.states import LIVE, TRANSITIONS, BatchState

_HEAD = f"""# The states of a batch of reports to be destroyed

Made by `mingjing docs states --of shredding > docs/states/shredding.md` from `portal/retention/states.py`; a test
compares the two. Do not edit.

One person proposes what is past its term (`open`): a frozen list with its SHA-256 on the ledger. Another person
approves or refuses it, with a fresh second factor; after {OPEN_DAYS} days without an answer it expires. The worker does
what was approved (`running`), report by report, and may be killed at any moment; a report that is no longer due by then
is left out and named. `stop`: the list is not the one that was approved, so nothing is destroyed.

"""


def page() -> str:
    """The whole page, Markdown, ending in a line break."""
    drawn = [f"    {before} --> {after}: {action}" for (before, action), after in TRANSITIONS.items()]
    diagram = ["```mermaid", "stateDiagram-v2", "    [*] --> open", *drawn, "```", ""]
    moves = [f"| `{before}` | `{action}` | `{after}` |" for (before, action), after in TRANSITIONS.items()]
    table = ["| from | action | to |", "|---|---|---|", *moves, ""]
    ended = ", ".join(f"`{state}`" for state in BatchState if state not in LIVE)
    reports = [
        f"Nothing leads away from {ended}. Each report of a batch is `waiting`, then `cleared` (ledger entry,",
        "tombstone, rows gone, in one transaction), then `done` (key and files gone), or `left_out` with the reason.",
        "",
    ]
    return _HEAD + "\n".join([*diagram, *table, *reports])
