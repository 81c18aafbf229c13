"""docs/states/identity-request.md, written from the table of moves so that the two cannot differ. Pure."""

from __future__ import annotations

from portal.custody.rules import SHOWN_FOR, WAITS
from portal.custody.states import LIVE, TRANSITIONS, RequestState

_HEAD = f"""# The states of a request to open an identity

Made by `mingjing docs states --of identity-request > docs/states/identity-request.md` from
`portal/custody/states.py`; a test compares the two. Do not edit.

Somebody who handles a report asks the custody board (`asked`). Each seat holder consents or objects, once, with a
fresh second factor. With k consents it is `granted`; once k cannot come together any more it is `refused`. The asker,
and nobody else, opens it (`opened`, {int(SHOWN_FOR.total_seconds() // 60)} minutes, each look on record first). What
is not opened within {WAITS.days} days expires.

"""


def page() -> str:
    """The whole page, Markdown, ending in a line break."""
    drawn = [f"    {before} --> {after}: {action}" for (before, action), after in TRANSITIONS.items()]
    diagram = ["```mermaid", "stateDiagram-v2", "    [*] --> asked", *drawn, "```", ""]
    moves = [f"| `{before}` | `{action}` | `{after}` |" for (before, action), after in TRANSITIONS.items()]
    table = ["| from | action | to |", "|---|---|---|", *moves, ""]
    ended = ", ".join(f"`{state}`" for state in RequestState if state not in LIVE)
    last = f"In {ended} the one-time key and the shares on their way are destroyed; nothing leads away."
    return _HEAD + "\n".join([*diagram, *table, last, ""])
