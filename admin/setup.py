"""``mingjing setup``: the first run of a deployment. Prints, once, what has to be handed to people on paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from admin.asking import ask_origin, ask_plan, checked_origin
from admin.config import load_staff, refuse_weak_staff
from admin.installation import Handed, Place, found, open_stores, refuse_second_run, remove_files, write_files
from admin.plan import Plan, read_plan
from admin.staff.vault import Vault
from portal.config import BadSettings
from portal.kernel.clock import now
from portal.kernel.errors import DomainError
from portal.kernel.site import Mode


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("var"), show_default=True, help="Where it stands."
)
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), help="Offices, people and boards, as TOML."
)
@click.option("--name", default="明镜", show_default=True, help="The name on every page.")
@click.option("--origin", help="The ledger's name, e.g. mingjing.example.gov.cn/2026. It never changes.")
@click.option("--region", default="", help="GB/T 2260 code of the area served.")
@click.option("--body", default="", help="The responsible body, for the footer.")
@click.option("--database", help="Database address; SQLite under the folder when not given.")
@click.option("--shred-database", help="Address of the shred store: another database, backed up for 30 days at most.")
@click.option("--mode", type=click.Choice([Mode.PRODUCTION.value, Mode.TEST.value]), default=Mode.PRODUCTION.value)
@click.option("--http", is_flag=True, help="No TLS in front (tests only; production refuses it).")
def setup(
    folder: Path,
    plan_file: Path | None,
    name: str,
    origin: str | None,
    region: str,
    body: str,
    database: str | None,
    shred_database: str | None,
    mode: str,
    http: bool,
) -> None:
    """First run: secrets, settings, database, offices, keys and people. Asks what the options do not say."""
    if (database is None) != (shred_database is None):
        raise click.UsageError("--database and --shred-database go together")
    place = Place(folder, Mode(mode), name, origin or "", region, not http, body=body)
    if database is not None and shred_database is not None:  # on a server sessions stand beside: no dump holds them
        place = replace(
            place,
            database_url=database,
            shred_url=shred_database,
            public_sessions_url=database,
            staff_sessions_url=database,
        )
    try:
        refuse_second_run(place)
        plan = read_plan(plan_file) if plan_file else ask_plan()
        place = replace(place, origin=checked_origin(place.origin) if place.origin else ask_origin())
        handed = install(place, plan)
    except DomainError as error:
        raise click.ClickException(error.message) from None
    except BadSettings as error:
        raise click.ClickException(str(error)) from None
    except DBAPIError as error:
        raise click.ClickException(f"the database did not do it, and no file was left behind: {error.orig}") from None
    _print(place, plan, handed)


def install(place: Place, plan: Plan) -> Handed:
    """Files, stores, then everything of the plan. What a failed run has made is removed, so that it can be repeated.

    Raises Refused or BadSettings.
    """
    try:
        write_files(place)
        settings = load_staff(place.staff_toml)
        refuse_weak_staff(settings)
        open_stores(settings)
        return found(plan, Vault(settings.passphrase_pepper, settings.passphrase_cost), settings.signer(), now())
    except BaseException:
        remove_files(place)
        raise


def _print(place: Place, plan: Plan, handed: Handed) -> None:
    """Everything secret goes to stdout and nowhere else: to a printer, or to a screen nobody else sees."""
    click.echo("== Set-up passphrases: each is for one person's first sign-in and ends with it ==")
    names = {member.sign_in: member.name for member in plan.members}
    for sign_in, founder in handed.founders.items():
        click.echo(f"{names[sign_in]}\t{sign_in}\t{founder.words}")
    click.echo("\n== Recovery sheets: one sheet each to different people, in different safes; shown this once ==")
    for sheets in handed.sheets:
        for number, words in enumerate(sheets.words, start=1):
            click.echo(
                f"\n{sheets.owner}, sheet {number} of {len(sheets.words)} (any {sheets.threshold} open)\n{words}"
            )
    click.echo(
        f"\nSettings: {place.public_toml} and {place.staff_toml}. Secrets: {place.folder / 'secrets'}.", err=True
    )
    click.echo(
        "Next: a login, an account and a settings file for each process (docs/operations.md, Install).", err=True
    )
