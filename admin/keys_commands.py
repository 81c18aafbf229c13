"""``mingjing keys``: recovery words on paper, printed once and taken back. Operators run it beside the deployment."""

from __future__ import annotations

import sys

import click
from sqlalchemy import select

from admin.commands import opened
from crypto.errors import CryptoError
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.errors import DomainError
from portal.kernel.transaction import transaction


@click.group()
def keys() -> None:
    """Recovery words of offices and custody boards."""


@keys.command()
@click.option("--office", help="Code of an office.")
@click.option("--board", help="Name of a custody board.")
def ceremony(office: str | None, board: str | None) -> None:
    """Make new recovery sheets and print their words, once: nothing remembers them.

    The keys in use are sealed to the new sheets when they are next changed on the staff site; keep the old sheets
    until then.
    """
    from admin.staff.recovering import ceremony as hold
    from admin.staff.recovering import find_owner

    _one_of(office, board)
    with opened(), transaction() as session:
        try:
            sheets = hold(session, find_owner(session, office, board), SYSTEM, now()).sheets
        except DomainError as error:
            raise click.ClickException(error.message) from None
        # Before the commit: sheets that could not be printed must not be the ones that keys are sealed to.
        for number, words in enumerate(sheets.words, start=1):
            click.echo(
                f"{sheets.owner}: sheet {number} of {len(sheets.words)}, any {sheets.threshold} of them open\n{words}\n"
            )


@keys.command()
@click.option("--office", required=True, help="Code of the office whose key nobody can open any more.")
@click.option("--to", "sign_in", required=True, help="Sign-in name of the colleague who gets it.")
def recover(office: str, sign_in: str) -> None:
    """Read recovery sheets, one a line on standard input, and grant the office's key to a colleague.

    Seats of a board are taken back on the staff site by the colleague who was appointed to them.
    """
    from admin.staff.models import Staff
    from admin.staff.recovering import find_owner, recover_office
    from portal.directory.models import Office

    if sys.stdin.isatty():
        click.echo("Type the words of two sheets, one sheet a line, then an empty line.", err=True)
    sheets = [line for line in iter(sys.stdin.readline, "") if line.strip()] if not sys.stdin.isatty() else _typed()
    with opened(), transaction() as session:
        try:
            owner = find_owner(session, office, None)
            assert isinstance(owner, Office)
            staff = session.scalar(select(Staff).where(Staff.sign_in == sign_in.strip().lower()))
            if staff is None:
                raise click.ClickException(f"there is no account {sign_in}")
            given = recover_office(session, owner, sheets, staff, SYSTEM, now())
        except CryptoError as error:
            raise click.ClickException(str(error)) from None
        except DomainError as error:
            raise click.ClickException(error.message) from None
    click.echo(f"{sign_in} holds the key of {office} again ({given} generation{'s' if given > 1 else ''})")


def _one_of(office: str | None, board: str | None) -> None:
    if bool(office) == bool(board):
        raise click.UsageError("say either --office CODE or --board NAME")


def _typed() -> list[str]:
    """Sheets at a terminal, without showing them."""
    sheets: list[str] = []
    while True:
        line = click.prompt("sheet", default="", hide_input=True, show_default=False, err=True)
        if not line.strip():
            return sheets
        sheets.append(line)
