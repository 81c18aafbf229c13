"""Commands that only compute: no app, no database, no settings, no working directory. Mounted by ``admin.cli``.

Answers go to stdout as UTF-8 JSON, one object a line; wrong usage exits with 2 and a message on stderr. What a command
needs is imported when it is called, so that ``mingjing --help`` stays quick.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from io import BufferedReader
from typing import BinaryIO

import click

from portal.kernel.errors import DomainError


@click.group()
def commands() -> None:
    """Commands that only compute."""


def _say(answer: dict[str, object]) -> None:
    _print(json.dumps(answer, ensure_ascii=False) + "\n")


def _print(text: str | bytes) -> None:
    sys.stdout.buffer.write(
        text if isinstance(text, bytes) else text.encode()
    )  # the locale has no say in how they read
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
@click.option(
    "--of",
    type=click.Choice(
        [
            "tip",
            "identity-request",
            "shredding",
            "payment-batch",
            "reward",
            "exposure",
            "circular",
            "disclosure",
            "bulletin",
        ]
    ),
    default="tip",
    help="Whose states.",
)
def states(of: str) -> None:
    """Print the page of docs/states/ as the table of states says it must be."""
    from portal.custody.states_page import page as of_request
    from portal.disclosures.states_page import page as of_disclosure
    from portal.exposures.circular_states_page import page as of_circular
    from portal.exposures.states_page import page as of_exposure
    from portal.payments.states_page import page as of_payments
    from portal.retention.states_page import page as of_shredding
    from portal.rewards.states_page import page as of_reward
    from portal.statistics.states_page import page as of_bulletin
    from portal.tips.states_page import page as of_tip

    pages = {
        "tip": of_tip,
        "identity-request": of_request,
        "shredding": of_shredding,
        "payment-batch": of_payments,
        "reward": of_reward,
        "exposure": of_exposure,
        "circular": of_circular,
        "disclosure": of_disclosure,
        "bulletin": of_bulletin,
    }
    _print(pages[of]())


@commands.group()
def tip() -> None:
    """Reports handed in from other systems. Works on the deployment of this folder."""


@tip.command("submit")
@click.argument("lines", type=click.File("rb"), default="-")
def submit(lines: BinaryIO) -> None:
    """Read reports as JSON lines from a file or stdin; answer each with one line on stdout.

    A line that is refused is answered with "refused" and "reason" and stops nothing.
    """
    from portal.config import BadSettings, load, settings_path
    from portal.kernel.db import Database
    from portal.kernel.site import bind_site
    from portal.kernel.transaction import bind
    from portal.tips.batch import MOST_LINE, submit_line

    try:
        settings = load(settings_path())
    except BadSettings as error:
        raise click.UsageError(f"no deployment here: {error}") from error
    bind_site(settings.site)
    database = Database.open(settings.database_url, settings.shred_url, settings.sessions_url)
    bind(database)
    try:
        while line := lines.readline(MOST_LINE + 2):
            line = _whole(line, lines, MOST_LINE)
            if line.strip():
                _say(submit_line(line))
    finally:
        bind(None)
        database.dispose()


@commands.command("redact")
@click.argument("lines", type=click.File("rb"), default="-")
def redact(lines: BufferedReader) -> None:
    """Read texts as JSON lines ("id", "text", perhaps "known") from a file or stdin; answer each with the masked text.

    docs/formats/redaction.md lists the kinds. A line that cannot be read says "error" and "reason" and stops nothing.
    """
    from portal.exposures.redaction.lines import answers

    for said in answers(lines):
        _print(said)


@commands.group()
def reward() -> None:
    """Rewards by the schedules that come with the program."""


@reward.command("assess")
@click.argument("lines", type=click.File("rb"), default="-")
def assess(lines: BufferedReader) -> None:
    """Read cases as JSON lines from a file or stdin; answer each with its reward and the way to it, one line on stdout.

    A line that no rule in force answers says "refused" and "reason" and stops nothing.
    """
    from portal.kernel.clock import today
    from portal.rewards.lines import answers
    from portal.rewards.schedule import shipped

    for said in answers(lines, shipped(), today()):
        _print(said)


@reward.command("schedules")
def schedules() -> None:
    """Print the schedules that come with the program, by region, one JSON object a line. Sums in fen, days as ISO.

    What was adopted on a deployment is not known here.
    """
    from portal.rewards.lines import said_schedule
    from portal.rewards.schedule import shipped

    for one in sorted(shipped().values(), key=lambda one: (one.region, one.id)):
        _say(said_schedule(one))


def _whole(line: bytes, lines: BinaryIO, most: int) -> bytes:
    """The line, or so much of one that is too long that it shows; its tail is read past, not taken for another."""
    while len(line) > most and not line.endswith(b"\n"):
        rest = lines.readline(most)
        line = line[: most + 1] + rest[-1:]
        if not rest:
            break
    return line


@commands.group()
def disclosures() -> None:
    """Fund accounts as files."""


@disclosures.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--check", is_flag=True, help="Read and check; nothing is stored.")
def import_figures(file: BufferedReader, check: bool) -> None:
    """Read figures of the fund from a CSV or XLSX FILE and print one JSON object: rows, errors, checks.

    docs/formats/fund-import.md says what a file may look like. Exit status 1 when anything is wrong with it.
    """
    from portal.directory.tables import MOST_BYTES
    from portal.disclosures.lines import said_reading
    from portal.disclosures.reading import read_figures

    if not check:
        raise click.UsageError("figures are published by two people on the staff site; here they are checked: --check")
    reading = read_figures(file.read(MOST_BYTES + 1), file.name)
    _say(said_reading(reading))
    if reading.errors:
        sys.exit(1)


@disclosures.command("template")
@click.argument("file", type=click.Path(dir_okay=False))
def figures_template(file: str) -> None:
    """Write the table to fill in to a new XLSX FILE. A file that is there already is left as it is."""
    from portal.disclosures.template import template

    try:
        with open(file, "xb") as place:
            place.write(template())
    except OSError as error:
        raise click.UsageError(f"cannot write {_typed(file)}: {error.strerror}") from error
    _say({"written": _typed(file)})
