"""``mingjing figures``: how reports were handled in a month, counted from the book, as it may be published."""

from __future__ import annotations

import hashlib

import click


@click.group()
def figures() -> None:
    """Figures on how reports are handled."""


@figures.command("month")
@click.argument("month")
def of_month(month: str) -> None:
    """Count MONTH (2026-09) from the ledger and print one canonical JSON object; its SHA-256 goes to stderr.

    Small counts are null, and so is what would give them away (docs/formats/figures.md). A month is refused until the
    2nd of the next: two counts of it would tell by their difference what came in between. Changes nothing.
    """
    from admin.commands import opened
    from admin.statistics.counted import month_content, rule_of
    from portal.kernel.clock import today
    from portal.kernel.errors import Refused
    from portal.kernel.transaction import reading
    from portal.ledger.events import canonical
    from portal.statistics.values import Month

    try:
        wanted = Month.read(month)
        rule_of(wanted)
    except (ValueError, Refused) as error:
        raise click.UsageError(str(error)) from None
    with opened(), reading() as session:
        try:
            said = canonical(month_content(session, wanted, today()))
        except Refused as error:
            kind = click.UsageError if error.code == "not_over" else click.ClickException
            raise kind(f"{error.code}: {error.message}") from None
    click.echo(said.decode())
    click.echo(hashlib.sha256(said).hexdigest(), err=True)
