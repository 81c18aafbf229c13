"""docs/states/payment-batch.md, written from the table of moves so that the two cannot differ. Pure."""

from __future__ import annotations

from portal.payments.states import TRANSITIONS, BatchState

_HEAD = """# The states of a batch of payments

Made by `mingjing docs states --of payment-batch > docs/states/payment-batch.md` from `portal/payments/states.py`; a
test compares the two. Do not edit.

Whoever pays for an office puts what waits into a `draft`, may take payments out of it and may give it up (`dropped`).
Other people release it: its file is made, and from then on nothing in it changes. Made again, the file is the same one.
The bank's answer says payment by payment what it paid and what it returned; with the last one the batch is `answered`.

"""


def page() -> str:
    """The whole page, Markdown, ending in a line break."""
    drawn = [f"    {before} --> {after}: {action}" for (before, action), after in TRANSITIONS.items()]
    diagram = ["```mermaid", "stateDiagram-v2", "    [*] --> draft", *drawn, "```", ""]
    moves = [f"| `{before}` | `{action}` | `{after}` |" for (before, action), after in TRANSITIONS.items()]
    table = ["| from | action | to |", "|---|---|---|", *moves, ""]
    live = {before for before, _ in TRANSITIONS}
    ended = ", ".join(f"`{state}`" for state in BatchState if state not in live)
    return _HEAD + "\n".join([*diagram, *table, f"Nothing leads away from {ended}.", ""])
