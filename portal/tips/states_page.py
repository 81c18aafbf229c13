"""docs/states/tip.md, written from the table of moves so that the two cannot differ. Pure."""

from __future__ import annotations

from portal.tips.states import (
    ACTION_LABEL,
    FINAL,
    REPORTER_SENTENCE,
    REPORTER_SENTENCE_EN,
    STAFF_LABEL,
    TRANSITIONS,
    Action,
    State,
    actions_from,
)

_HEAD = """# The states of a tip

Made by `mingjing docs states > docs/states/tip.md` from `portal/tips/states.py`; a test compares the two. Do not edit.

"""


def page() -> str:
    """The whole page, Markdown, ending in a line break."""
    return _HEAD + _diagram() + _states() + _moves() + _final()


def _diagram() -> str:
    """ESCALATE is left out of the picture: it leads from everywhere to `received` at the office above."""
    lines = [f"    {before} --> {after}: {action}" for (before, action), after in TRANSITIONS.items() if _drawn(action)]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> received", *lines, "```", "", ""])


def _drawn(action: Action) -> bool:
    return action is not Action.ESCALATE


def _states() -> str:
    rows = [
        f"| `{state}` | {STAFF_LABEL[state]} | {REPORTER_SENTENCE[state]} | {REPORTER_SENTENCE_EN[state]} |"
        for state in State
    ]
    head = ["## States", "", "| state | staff see | the reporter reads | in English |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, "", ""])


def _moves() -> str:
    rows = [
        f"| `{state}` | `{action}` {ACTION_LABEL[action]} | `{TRANSITIONS[state, action]}` |"
        for state in State
        for action in actions_from(state)
    ]
    return "\n".join(["## Moves", "", "| from | action | to |", "|---|---|---|", *rows, "", ""])


def _final() -> str:
    names = ", ".join(f"`{state}`" for state in State if state in FINAL)
    return f"## Final\n\nNothing more is owed in {names}; only `reopen` and `escalate` lead away.\n"
