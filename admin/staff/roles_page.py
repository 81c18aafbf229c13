"""``docs/roles.md``, written from the table of roles: ``python -m admin.staff.roles_page > docs/roles.md``. Pure."""

from __future__ import annotations

import sys

from admin.staff.roles import BELOW, KEYED, LABELS, PERMISSION_LABELS, ROLES, Permission
from admin.staff.separation import TWO_PERSON_ACTS

_HEAD = """# Roles and what they may do

Written from `admin/staff/roles.py` by `python -m admin.staff.roles_page`; a test compares. A role is held for an
office; what no role of a person names is denied. A role that reads reports has no effect until a colleague who holds
the office's key has granted it: until then the account is pending and sees nothing. An office that never had a key
gets one from the first of its people who has enrolled (`found-key`, the only permission that a pending account uses).

"""


def page() -> str:
    """The page as Markdown: one row a permission, one column a role."""
    roles = list(ROLES)
    lines = ["| permission | " + " | ".join(f"{role.value}<br>{LABELS[role]}" for role in roles) + " |"]
    lines.append("|---|" + "---|" * len(roles))
    for permission in Permission:
        marks = " | ".join("yes" if permission in ROLES[role] else "" for role in roles)
        lines.append(f"| `{permission.value}` {PERMISSION_LABELS[permission]} | {marks} |")
    keyed = ", ".join(f"`{role.value}`" for role in roles if role in KEYED)
    below = ", ".join(f"`{role.value}`" for role in roles if role in BELOW)
    notes = [
        "",
        f"Need the office's key: {keyed}. Reach the offices below as well: {below}; none of these can open a report.",
        "Nobody approves what they proposed themselves, whatever roles they hold. Which address of the staff site asks",
        "for which permission: `tests/staff/every_permission.txt`, found out by asking each with every permission.",
        "",
        "## Acts of two people",
        "",
        "No role holds both halves, and nobody is given both for one office (`admin/staff/separation.py`): a role or",
        "an account that would is refused with the reason. Whoever makes accounts could make the second person, so",
        "that `manage-staff` goes with no half of them.",
        "",
        "| act | one person | another one |",
        "|---|---|---|",
        *(f"| {one.act} | `{one.first.value}` | `{one.second.value}` |" for one in TWO_PERSON_ACTS),
        "",
    ]
    return _HEAD + "\n".join([*lines, *notes])


if __name__ == "__main__":
    sys.stdout.write(page())
