"""What import contracts cannot see in the sources."""

from __future__ import annotations

import ast
import re
from pathlib import Path

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
READS = {name for names in CLOCK_READS.values() for name in names}
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
_REASON = r"\s+(?:#|-|—)\s*\S"
_SILENT = re.compile(
    rf"#\s*type:\s*ignore(?!\[[\w,\s-]+\]{_REASON})|#\s*noqa(?!: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)*{_REASON})"
)
_MIDDLEWARE = re.compile(r"\.wsgi_app = .*  # type: ignore\[[\w, -]+\]$")  # the way Flask documents


def clock_reads(source: str) -> list[str]:
    """``line: call`` of every call in *source* that reads the time of day, whatever the module was imported as."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in READS  # most are not: the rest is dear
        and node.attr in CLOCK_READS.get(ast.unparse(node.value).rpartition(".")[2].lower().lstrip("_"), ())
    ]


def test_the_word_commit_stands_in_one_module() -> None:
    assert lines_with(".commit(", iter(SOURCES)) == lines_with(".commit(", iter([COMMITS])) != []


def test_a_module_is_one_thing() -> None:
    lines = {path: len(text_of(path).splitlines()) for path in SOURCES if path.parent != MIGRATIONS}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}, "asking to be two modules"


def test_no_module_has_a_name_that_could_hold_anything() -> None:
    assert [path for path in SOURCES if path.stem in NAMES_THAT_COULD_HOLD_ANYTHING] == []


def test_nothing_reads_the_time_but_the_clock() -> None:
    assert {path: found for path in SOURCES if path != CLOCK and (found := clock_reads(text_of(path)))} == {}


def test_the_search_for_clock_reads_finds_them() -> None:
    assert clock_reads(text_of(CLOCK)) != []
    assert len(clock_reads("import datetime as d\nd.datetime.now(); d.date.today(); time.time(); func.now()")) == 4
    assert clock_reads("clock.now(); clock.today(); time.monotonic()") == []


def looks_away(line: str) -> bool:
    """Does *line* silence a check without a reason?"""
    return bool(_SILENT.search(line)) and not _MIDDLEWARE.search(line)


def test_who_looks_away_says_why() -> None:
    found = {path: [line for line in text_of(path).splitlines() if looks_away(line)] for path in SOURCES}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_search_for_who_looks_away_finds_them() -> None:
    assert all(
        map(looks_away, ("a = b  # type: " + "ignore", "a = b  # type: " + "ignore[misc]", "import a  # " + "noqa"))
    )
    assert not looks_away("a = b  # type: " + "ignore[misc]  # the library has no types")


def test_nothing_is_promised_for_later() -> None:
    promise = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|NotImplementedError)\b")
    found = {path: promise.findall(text_of(path)) for path in files("*.py", "*.html", "*.js", "*.css")}
    assert {path: words for path, words in found.items() if words} == {}


def test_no_function_is_a_coroutine() -> None:
    """Flask would have to be asked for it at each step: :class:`portal.web.application.Application` does not ask."""
    found = {path: re.findall(r"^\s*async def (\w+)", text_of(path), re.M) for path in SOURCES}
    assert {path: names for path, names in found.items() if names} == {}
