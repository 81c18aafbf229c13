"""What import contracts cannot see in the sources."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import files, lines_with, text_of

MOST_LINES = 350
COMMITS = Path("portal/kernel/transaction.py")
MIGRATIONS = Path("admin/migrations/versions")  # each is a record of what was done, read once from top to bottom
CLOCK = Path("portal/kernel/clock.py")
CLOCK_READS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
    "func": {"now", "current_timestamp", "current_date", "localtimestamp"},
}
NAMES_THAT_COULD_HOLD_ANYTHING = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "services",
    "service",
    "manager",
    "misc",
}
SOURCES = list(files("*.py"))


def clock_reads(source: str) -> list[str]:
    """``line: call`` of every call in *source* that reads the time of day, whatever the module was imported as."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in CLOCK_READS.get(ast.unparse(node.value).rpartition(".")[2].lower().lstrip("_"), ())
    ]


def test_the_word_commit_stands_in_one_module() -> None:
    assert lines_with(".commit(", iter(SOURCES)) == lines_with(".commit(", iter([COMMITS])) != []


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_a_module_is_one_thing(path: Path) -> None:
    lines = len(text_of(path).splitlines())
    assert lines <= MOST_LINES or path.parent == MIGRATIONS, f"{path} has {lines} lines: it is asking to be two modules"
    assert path.stem not in NAMES_THAT_COULD_HOLD_ANYTHING, f"{path}: a name that could hold anything will"


@pytest.mark.parametrize("path", [path for path in SOURCES if path != CLOCK], ids=str)
def test_nothing_reads_the_time_but_the_clock(path: Path) -> None:
    assert clock_reads(text_of(path)) == []


def test_the_search_for_clock_reads_finds_them() -> None:
    assert clock_reads(text_of(CLOCK)) != []
    assert len(clock_reads("import datetime as d\nd.datetime.now(); d.date.today(); time.time(); func.now()")) == 4
    assert clock_reads("clock.now(); clock.today(); time.monotonic()") == []


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_who_looks_away_says_why(path: Path) -> None:
    reason = r"\s+(?:#|-|—)\s*\S"
    silent = re.compile(
        rf"#\s*type:\s*ignore(?!\[[\w,\s-]+\]{reason})|#\s*noqa(?!: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)*{reason})"
    )
    middleware = re.compile(r"\.wsgi_app = .*  # type: ignore\[[\w, -]+\]$")  # the way Flask documents
    lines = text_of(path).splitlines()
    assert [line for line in lines if silent.search(line) and not middleware.search(line)] == []


@pytest.mark.parametrize("path", list(files("*.py", "*.html", "*.js", "*.css")), ids=str)
def test_nothing_is_promised_for_later(path: Path) -> None:
    assert re.findall(r"\b(?:TODO|FIXME|XXX|HACK|NotImplementedError)\b", text_of(path)) == []
