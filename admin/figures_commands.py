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

    Small counts are null, and so is what would give them away (docs/formats/figures.md). A month that is not over is
    refused: two counts of it would tell by their difference what came in between. Changes nothing.
    """
    from admin.commands import opened
    from portal.kernel.clock import today
    from portal.kernel.transaction import reading
    from portal.ledger.events import canonical
    from portal.statistics import counting
    from portal.statistics.content import content
    from portal.statistics.suppression import rule_on
    from portal.statistics.values import Month

    try:
        wanted = Month.read(month)
        rule = rule_on(wanted.last)
    except (ValueError, LookupError) as error:
        raise click.UsageError(str(error)) from None
    if wanted.last >= today():
        raise click.UsageError(f"{wanted} is not over")
    with opened(), reading() as session:
        if counting.waiting(session, wanted):
            raise click.ClickException("entries of this month still wait for their place in the ledger; run the worker")
        size = counting.size_of(session)
        try:
            said = canonical(content(wanted, size, counting.count(session, wanted, size), rule))
        except ValueError as error:
            raise click.ClickException(str(error)) from None
    click.echo(said.decode())
    click.echo(hashlib.sha256(said).hexdigest(), err=True)
