"""The locks hold names, versions, markers and hashes: no address, and the tests run on what is shipped."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, text_of

LOCKS = [Path("deploy/requirements") / name for name in ("run.txt", "test.txt", "uv.txt")]
REQUIREMENT = re.compile(r"([a-z0-9][a-z0-9._-]*)==([^\s;]+)(?: ; [^\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
COMMENT = re.compile(r"    # [\w .,\-\[\]]*")
SETTINGS = [path for path in ROOT.rglob(".npmrc") if "node_modules" not in path.parts]
NPM_LOCKS = [path for path in ROOT.rglob("package-lock.json") if not {"node_modules", ".venv"} & set(path.parts)]


def versions(path: Path) -> dict[str, str]:
    """Name → version of every requirement in the lock."""
    found = [REQUIREMENT.fullmatch(line) for line in text_of(path).splitlines()]
    return {match[1]: match[2] for match in found if match}


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_every_line_is_a_requirement_a_hash_or_who_asked_for_it(path: Path) -> None:
    lines = text_of(path).splitlines()
    assert [
        line for line in lines if not (REQUIREMENT.fullmatch(line) or HASH.fullmatch(line) or COMMENT.fullmatch(line))
    ] == []
    bare = [line for line, following in pairwise(lines) if line[0] != " " and not HASH.fullmatch(following)]
    assert bare == [], "a requirement without a hash"


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_no_lock_names_an_address(path: Path) -> None:
    assert re.findall(r"://|--(?:extra-)?index-url|--find-links|--trusted-host", text_of(path)) == []


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    shipped, tested = (versions(path) for path in LOCKS[:2])
    assert len(shipped) > 20
    assert {name: tested.get(name) for name in shipped} == shipped


def test_what_is_asked_for_is_locked() -> None:
    for lock in LOCKS:
        names = re.findall(r"^([A-Za-z][\w.-]*)", text_of(lock.with_suffix(".in")), re.MULTILINE)
        assert names
        assert {re.sub(r"[-_.]+", "-", name).lower() for name in names} <= set(versions(lock))


def test_no_package_lock_of_npm_names_a_host() -> None:
    assert NPM_LOCKS
    for path in NPM_LOCKS:
        packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
        assert [name for name, package in packages.items() if "resolved" in package] == []
        assert "omit-lockfile-registry-resolved=true" in path.with_name(".npmrc").read_text(encoding="utf-8")


def test_no_setting_ties_the_project_to_an_index() -> None:
    named = [
        *SETTINGS,
        ROOT / "pyproject.toml",
        ROOT / "Makefile",
        *(ROOT / "deploy").rglob("*.sh"),
        *(ROOT / ".ci").iterdir(),
    ]
    tie = re.compile(r"(?:^|\s)(?:--)?(?:extra-)?(?:index-url|default-index|registry)\s*[= ]\s*\S*://", re.MULTILINE)
    assert {
        str(path): tie.findall(path.read_text(encoding="utf-8")) for path in named if tie.search(path.read_text())
    } == {}
