"""``mingjing reward``: what computes from files (:mod:`portal.cli`), and what computes decided rewards again."""

from __future__ import annotations

import click

from portal.cli import reward as computing


@click.group(commands=dict(computing.commands))
def reward() -> None:
    """Rewards: computed from schedules, and computed again."""


@reward.command()
def replay() -> None:
    """Compute every decided reward again, with its own inputs and rule; print each difference as a line of JSON.

    Exits with 1 when there is one. Changes nothing. What was destroyed with its report is counted on stderr.
    """
    from admin.commands import opened
    from admin.rewards.replaying import Replay, differences
    from portal.kernel.transaction import reading

    count, found = Replay(), 0
    with opened(), reading() as session:
        for one in differences(session, count):
            click.echo(one.to_json())
            found += 1
    click.echo(f"{count.computed} computed again, {found} different, {count.destroyed} destroyed", err=True)
    if found:
        raise SystemExit(1)
