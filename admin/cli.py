"""``mingjing``, the one console script.

A command is loaded when it is called: those that only compute need neither Flask nor SQLAlchemy, no settings and no
working directory. Input and answers are UTF-8 whatever the locale; only answers go to stdout; the exit status is 0, 2
for wrong usage, 1 when something failed.
"""

from __future__ import annotations

import io
import sys
from importlib import import_module

import click

from portal.kernel.loading import loading

COMPUTING = "portal.cli:commands"
"""The group whose commands only compute; they stand at the top level of ``mingjing``."""

WORKING: dict[str, str] = {
    "db": "admin.commands:db",
    "demo": "admin.demo.commands:demo",
    "figures": "admin.figures_commands:figures",
    "keys": "admin.keys_commands:keys",
    "ledger": "admin.commands:ledger",
    "retention": "admin.retention_commands:retention",
    "reward": "admin.reward_commands:reward",
    "setup": "admin.setup:setup",
    "shred": "admin.retention_commands:shred",
    "site": "portal.site_commands:site",
    "worker": "admin.commands:worker",
}
"""Name of a command that works on a deployment → where it is, as ``module:attribute``."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in alphabetical order."""
        return sorted({*_computing().commands, *WORKING})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        return _load(WORKING[cmd_name]) if cmd_name in WORKING else _computing().get_command(ctx, cmd_name)


def _load(place: str) -> click.Command:
    module, attribute = place.split(":")
    with loading():
        command = getattr(import_module(module), attribute)
    if not isinstance(command, click.Command):
        raise TypeError(f"{place} is no command")
    return command


def _computing() -> click.Group:
    group = _load(COMPUTING)
    if not isinstance(group, click.Group):
        raise TypeError(f"{COMPUTING} is no group")
    return group


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def _mingjing() -> None:
    """Mingjing: reports of misuse of the medical-insurance fund, and who answers them."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command named by *arguments* (default: those of this process) and exit."""
    # Bytes that are no UTF-8 arrive as lone surrogates, which the rules for text refuse in words.
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    _mingjing.main(arguments, prog_name="mingjing")


if __name__ == "__main__":
    main()
