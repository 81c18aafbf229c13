"""``mingjing retention`` and ``mingjing shred``: what is past its term, schedules, copies of the shred store.

They read the staff settings like the commands of :mod:`admin.commands`; which database login each needs is in
docs/operations.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

import click
from sqlalchemy import select, text

from admin.commands import opened
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now, today
from portal.kernel.errors import DomainError
from portal.kernel.transaction import bound, reading, transaction

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def retention() -> None:
    """How long reports are kept, and which are past their term."""


@retention.command()
def preview() -> None:
    """Count what is past its term, by office, outcome and year. Changes nothing."""
    from admin.retention.facts import in_force
    from admin.retention.queries import preview as look
    from portal.directory.models import Office

    with opened(), reading() as session:
        schedule = in_force(session, today())
        found = look(session, session.scalars(select(Office).order_by(Office.code)).all(), schedule, today())
    click.echo(f"schedule {schedule.version}, in force from {schedule.in_force_from}")
    for (office, outcome, year), count in sorted(found.counts.items()):
        click.echo(f"{office}\t{outcome}\t{year}\t{count}")
    for line in found.kept:
        click.echo(f"kept: {line.number}\t{line.outcome}\t{', '.join(line.waits)}")
    click.echo(f"{len(found.due)} may be proposed{', and there are more' if found.more else ''}")


@retention.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
def adopt(file: IO[str]) -> None:
    """Adopt the retention schedule in FILE (or on standard input) for the day that it names."""
    from admin.retention.adopting import adopt as put_in_force

    with opened(), transaction() as session:
        try:
            row = put_in_force(session, file.read(), SYSTEM, now())
        except (DomainError, UnicodeDecodeError) as error:
            raise click.ClickException(getattr(error, "message", str(error))) from None
    click.echo(f"schedule {row.version} comes into force on {row.in_force_from}")


@click.group()
def shred() -> None:
    """The shred store: copies of at most 30 days, taking one back, and what has to be destroyed again then."""


@shred.command()
@click.argument("folder", type=_FOLDER)
@click.option("--days", default=30, show_default=True, help="Copies this old are deleted; 30 at most.")
def backup(folder: Path, days: int) -> None:
    """Copy the shred store into a file of FOLDER named by day, and delete older copies."""
    from admin.retention.backups import back_up

    with opened():
        try:
            path = back_up(folder, today(), days)
        except DomainError as error:
            raise click.UsageError(error.message) from None
        except OSError as error:
            raise click.ClickException(f"{folder}: {error.strerror}") from error
    click.echo(f"{path.name} is there; no copy in this folder is {days} days old")


@shred.command("restore")
@click.argument("file", type=_FILE)
def restore_command(file: Path) -> None:
    """Take back from FILE the keys that the store lacks. What was destroyed stays so. Afterwards: shred reconcile."""
    from admin.retention.backups import restore

    with opened():
        try:
            taken = restore(file)
        except DomainError as error:
            raise click.ClickException(error.message) from None
    click.echo(f"{taken.keys} keys came back; {taken.destroyed} stay destroyed")
    if taken.other:
        raise click.ClickException(f"{taken.other} keys in the file are other than those here, which were kept")


@shred.command()
def reconcile() -> None:
    """Destroy again what was destroyed, after a restore; name every report that has no key.

    Sites and worker are stopped. Exit status 1 when a report is lost.
    """
    from admin.retention.reconciling import reconcile as run

    with opened():
        found = run(now())
    click.echo(f"{found.keys} keys and {len(found.reports)} reports were destroyed again")
    for number in found.reports:
        click.echo(f"destroyed again: {number}")
    for number in found.lost:
        click.echo(f"lost: {number} has no key and nothing says that it was destroyed")
    sys.exit(1 if found.lost else 0)


@shred.command()
def scrub() -> None:
    """Write the shred store anew, so that no byte of a destroyed key is left in its file. Needs the owner's rights."""
    from portal.kernel.shred import wipe_traces

    with opened():
        engine = bound().shred.execution_options(isolation_level="AUTOCOMMIT")
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:
                connection.execute(text("VACUUM FULL shred_key"))
        elif not wipe_traces():
            raise click.ClickException("somebody reads the store; try again")
    click.echo("the shred store holds no traces of destroyed keys")
