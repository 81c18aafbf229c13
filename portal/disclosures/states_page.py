"""docs/states/disclosure.md, written from the table of moves so that the two cannot differ. Pure."""

from __future__ import annotations

from portal.disclosures.states import TRANSITIONS, DisclosureState

_HEAD = """# The states of a disclosure of fund accounts

Made by `mingjing docs states --of disclosure > docs/states/disclosure.md` from `portal/disclosures/states.py`; a test
compares the two. Do not edit.

Taking a file in without a fault makes a `draft`. What was published stays: a correction is another disclosure, whose
figures are further versions of the earlier ones.

"""


def page() -> str:
    """The whole page, Markdown, ending in a line break."""
    drawn = [f"    {before} --> {after}: {action}" for (before, action), after in TRANSITIONS.items()]
    diagram = ["```mermaid", "stateDiagram-v2", "    [*] --> draft", *drawn, "```", ""]
    moves = [f"| `{before}` | `{action}` | `{after}` |" for (before, action), after in TRANSITIONS.items()]
    table = ["| from | action | to |", "|---|---|---|", *moves, ""]
    live = {before for before, _ in TRANSITIONS}
    ended = ", ".join(f"`{state}`" for state in DisclosureState if state not in live)
    return _HEAD + "\n".join([*diagram, *table, f"Nothing leads away from {ended}.", ""])
