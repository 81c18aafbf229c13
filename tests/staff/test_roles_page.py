"""The page about roles says what the code does."""

from __future__ import annotations

from pathlib import Path

from admin.staff.roles_page import page


def test_the_page_of_roles_equals_the_table() -> None:
    written = Path(__file__).parents[2] / "docs" / "roles.md"
    assert written.read_text("utf-8") == page(), "python -m admin.staff.roles_page > docs/roles.md"
