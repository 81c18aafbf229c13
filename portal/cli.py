"""Commands that only compute: no app, no database, no settings, no working directory. Mounted by ``admin.cli``.

Answers go to stdout as UTF-8 JSON, one object a line; wrong usage exits with 2 and a message on stderr. What a command
needs is imported when it is called, so that ``mingjing --help`` stays quick.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date

import click

from portal.kernel.errors import DomainError


@click.group()
def commands() -> None:
    """Commands that only compute."""


def _say(answer: dict[str, object]) -> None:
    _print(json.dumps(answer, ensure_ascii=False) + "\n")


def _print(text: str) -> None:
    sys.stdout.buffer.write(text.encode())  # bytes: the locale has no say in how they read
    sys.stdout.buffer.flush()


def _typed(text: str) -> str:
    """An argument as typed, also where the locale made lone surrogates of its bytes."""
    return os.fsencode(text).decode("utf-8", errors="replace")


def _day(_context: click.Context, _parameter: click.Parameter, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # fromisoformat also takes 20260928 and week dates
        raise click.BadParameter("write a day as YYYY-MM-DD, e.g. 2026-09-28")
    return day


@commands.command()
@click.option("--rule", "rule_id", required=True, metavar="RULE", help="A rule such as HR-12.1.")
@click.option("--from", "start", required=True, callback=_day, metavar="YYYY-MM-DD", help="Day of the event.")
def deadline(rule_id: str, start: date) -> None:
    """Print when a legal deadline runs out, as one JSON object.

    Counts by the shipped calendar; days that an administrator set apart on a deployment are not known here.
    """
    from portal.tips.deadlines import deadline as due_day
    from portal.tips.deadlines import rule
    from portal.workdays.calendar import Calendar

    try:
        answer = due_day(rule(_typed(rule_id), start), start, Calendar())
    except DomainError as error:
        raise click.UsageError(f"{error.code}: {error.message}") from error
    provisional = " (provisional: a year that was counted has no published calendar)" if answer.provisional else ""
    _say(
        {
            "rule": answer.rule,
            "from": answer.start.isoformat(),
            "due": answer.due.isoformat(),
            "counted_days": answer.counted_days,
            "unit": answer.unit.value,
            "basis": answer.basis,
            "confidence": answer.confidence,
            "calendar": answer.calendar + provisional,
        }
    )


@commands.group()
def regions() -> None:
    """Administrative divisions down to the county."""


@regions.command("find")
@click.argument("text")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
def find(text: str, limit: int) -> None:
    """Print the divisions whose name or code matches TEXT, best first, one JSON object a line."""
    from portal.directory.regions import regions as known

    for found in known().search(_typed(text), limit):
        path = " ".join(known().path(found.code))
        _say({"code": found.code, "name": found.name, "level": found.level, "path": path, "kind": found.kind})


@commands.group()
def docs() -> None:
    """Pages of docs/ that are made from the code."""


@docs.command("states")
def states() -> None:
    """Print docs/states/tip.md as the table of states says it must be."""
    from portal.tips.states_page import page

    _print(page())
