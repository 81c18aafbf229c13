"""docs/states/reward.md, written from the table of moves so that the two cannot differ. Pure."""

from __future__ import annotations

from portal.rewards.states import ACTION_LABEL, ENDED, STAFF_LABEL, TRANSITIONS, RewardState

_HEAD = """# The states of a reward

Made by `mingjing docs states --of reward > docs/states/reward.md` from `portal/rewards/states.py`; a test compares the
two. Do not edit.

It opens by itself (`review`) when a decision found a loss and the reporter wants a reward, or said so behind the code
before (`wished`). One person proposes, another decides with a fresh second factor. `give` is decision and notice in
one; a reporter without a mailbox is told by a person (`decide`, then `tell`). The worker does `forfeit`, `pay` and
`return`: the first by the calendar, the others by what the bank answered.

"""


def page() -> str:
    """The whole page, Markdown, ending in a line break."""
    drawn = [f"    {before} --> {after}: {action}" for (before, action), after in TRANSITIONS.items()]
    starts = ["    [*] --> wished", "    [*] --> review"]
    diagram = ["```mermaid", "stateDiagram-v2", *starts, *drawn, "```", ""]
    names = [f"| `{state}` | {STAFF_LABEL[state]} |" for state in RewardState]
    states = ["| state | staff see |", "|---|---|", *names, ""]
    moves = [
        f"| `{before}` | `{action}` {ACTION_LABEL[action]} | `{after}` |"
        for (before, action), after in TRANSITIONS.items()
    ]
    table = ["| from | action | to |", "|---|---|---|", *moves, ""]
    ended = ", ".join(f"`{state}`" for state in RewardState if state in ENDED)
    return _HEAD + "\n".join([*diagram, *states, *table, f"Nothing is owed to anybody in {ended}.", ""])
