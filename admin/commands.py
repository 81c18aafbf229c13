"""Commands of the operator that need the settings: the database's shape, the ledger, the worker.

They read the staff settings (``MINGJING_STAFF_SETTINGS``, else ``var/staff.toml``). ``mingjing db upgrade`` wants a
database address with an owner's rights: see docs/operations.md.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from sqlalchemy.exc import DBAPIError

from admin.audit.witness_commands import witness
from admin.config import StaffSettings, load_staff, refuse_weak_staff, refuse_wrong_signer, staff_settings_path
from portal.config import BadSettings
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import bind_site
from portal.kernel.transaction import bind, reading, transaction


@contextmanager
def opened(*, signing: bool = False) -> Iterator[tuple[StaffSettings, Database]]:
    """Settings read, site and database bound. *signing*: the checkpoint key must be there and be the pinned one."""
    try:
        settings = load_staff(staff_settings_path())
        if signing:
            refuse_weak_staff(settings)
            refuse_wrong_signer(settings)
    except BadSettings as error:
        raise click.ClickException(str(error)) from error
    shared = settings.shared
    database = Database.open(shared.database_url, shared.shred_url, shared.sessions_url)
    bind(database)
    bind_site(settings.site)
    try:
        yield settings, database
    except DBAPIError as error:
        raise click.ClickException(f"the database did not do it: {error.orig}") from None
    finally:
        bind(None)
        bind_site(None)
        database.dispose()


@click.group()
def db() -> None:
    """The shape of the database."""


@db.command()
@click.option("--role-prefix", default="mingjing", show_default=True, help="Names of the PostgreSQL roles start so.")
def upgrade(role_prefix: str) -> None:
    """Bring all stores to the newest shape; makes what is missing."""
    from admin.migrations import upgrade as run

    with opened() as (_, database):
        run(database, role_prefix=role_prefix)
    click.echo("the database is up to date")


@click.group()
def ledger() -> None:
    """The append-only record."""


ledger.add_command(witness)


@ledger.command()
def verify() -> None:
    """Recompute the whole book: every leaf, node, checkpoint and key, and hold every report against it.

    Exit status 1 when anything does not hold.
    """
    from admin.audit.whole import verify_all

    with opened() as (settings, _), reading() as session:
        report = verify_all(session, settings.site.checkpoint_vkey, settings.site.witnesses)
    click.echo(
        f"{report.leaves} leaves ({report.muted} muted), {report.waiting} waiting, {report.signed} checkpoints of this "
        f"origin, {report.foreign} of earlier ones"
    )
    for fault in report.faults:
        click.echo(str(fault))
    click.echo("the book holds" if not report.faults else f"{len(report.faults)} faults")
    sys.exit(1 if report.faults else 0)


@ledger.command()
@click.option("--publish", is_flag=True, help="Pad the tree and put the checkpoint on the public page.")
def checkpoint(publish: bool) -> None:
    """Take in all that waits, sign the tree now, and print the checkpoint."""
    from admin.audit.checkpoints import make_checkpoint
    from portal.ledger.sequencer import sequence

    with opened(signing=True) as (settings, _), transaction() as session:
        moment = now()
        while sequence(session, moment):
            pass
        made = make_checkpoint(session, settings.signer(), moment, publish=publish)
        if made is None:
            raise click.ClickException("the ledger is empty: there is nothing to sign")
        click.echo(made.note, nl=False)


@ledger.group()
def cosignature() -> None:
    """What outside witnesses signed of this ledger."""


@cosignature.command("add")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
def add_cosignature(file: IO[str]) -> None:
    """Take in the cosignature lines in FILE (or on standard input) of witnesses that ledger.witnesses names."""
    from admin.audit.cosignatures import add_cosignatures
    from crypto.checkpoints import MOST_NOTE
    from crypto.errors import CryptoError

    with opened() as (settings, _), transaction() as session:
        here = settings.site
        try:
            found = add_cosignatures(session, file.read(MOST_NOTE), here.checkpoint_vkey, here.witnesses, now())
        except (CryptoError, UnicodeDecodeError) as error:
            raise click.ClickException(f"not taken in: {error}") from None
    for size, one in found:
        click.echo(f"{one.witness} has cosigned {size} leaves")


@ledger.command("new-key")
@click.argument("origin")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def new_key(origin: str, file: Path) -> None:
    """Make a checkpoint key for ORIGIN in a new FILE and print the lines for [ledger] (after a restore, a lost key)."""
    from crypto.errors import CryptoError
    from crypto.signing import generate_signer
    from portal.kernel import secretfiles

    try:
        signer, vkey = generate_signer(origin)
        secretfiles.put(file, signer + "\n")
    except CryptoError as error:
        raise click.BadParameter(str(error), param_hint="ORIGIN") from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(f'origin = "{origin}"\nvkey = "{vkey}"')


@click.command()
def worker() -> None:
    """Run the worker until SIGTERM or Ctrl-C: ledger, checkpoints, jobs, sweeps."""
    from admin.worker import Worker, load_workers, run_until_stopped

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with opened(signing=True) as (settings, _):
        run_until_stopped(Worker(settings.signer(), settings.site.publish_hours, load_workers()))
