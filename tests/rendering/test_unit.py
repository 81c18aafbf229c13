"""The unit that is shipped lets the staff site build the walls, and nobody else."""

from __future__ import annotations

import pytest

from admin.rendering import sandbox
from tests.architecture.tree import ROOT

UNITS = ROOT / "deploy" / "systemd"
NAMES = {"--user": "user", "--mount": "mnt", "--net": "net", "--ipc": "ipc", "--uts": "uts", "--pid": "pid"}
"""What unshare calls a namespace, and what systemd calls it."""


def setting(unit: str, name: str) -> set[str]:
    lines = (UNITS / f"mingjing-{unit}.service").read_text("utf-8").splitlines()
    (found,) = [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]
    return set(found.split())


def test_the_staff_site_may_make_exactly_the_namespaces_of_the_child() -> None:
    asked = {NAMES[one] for one in sandbox._APART if one in NAMES}
    assert setting("staff", "RestrictNamespaces") == asked == set(NAMES.values())
    assert "@mount" in setting("staff", "SystemCallFilter")


@pytest.mark.parametrize("unit", ["public", "worker"])
def test_the_other_processes_make_none(unit: str) -> None:
    assert setting(unit, "RestrictNamespaces") == {"yes"}
    assert "@mount" not in setting(unit, "SystemCallFilter")
