"""``mingjing demo prepare`` and ``mingjing demo run``."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import click

from admin.demo import people
from admin.demo.preparing import load_demo, place_in, plan, prepare
from admin.demo.stories import CASE, kept_codes, kept_notes
from admin.installation import rewrite_settings
from admin.run import CannotRun, Child, supervise, web_child
from portal.config import BadSettings
from portal.kernel.clock import now
from portal.kernel.errors import DomainError

FOLDER = Path("var")
OPENED = "opened, and closed again"
_path = click.Path(path_type=Path, file_okay=False)
_folder = click.option("--folder", type=_path, default=FOLDER, show_default=True, help="Where it stands.")


@click.group()
def demo() -> None:
    """A demonstration with invented offices, people and reports."""


@demo.command("prepare")
@_folder
def prepare_command(folder: Path) -> None:
    """Make settings, stores, accounts and invented reports; keeps what is there."""
    logging.basicConfig(level=logging.WARNING)
    try:
        count = prepare(folder, now())
    except (DomainError, BadSettings) as error:
        raise click.ClickException(getattr(error, "message", str(error))) from None
    click.echo(f"the demonstration in {folder} is ready: {count} reports")


@demo.command()
@_folder
@click.option("--public-port", type=int, default=8000, show_default=True)
@click.option("--staff-port", type=int, default=8001, show_default=True)
def run(folder: Path, public_port: int, staff_port: int) -> None:
    """Run the public site, the staff site and the worker until Ctrl-C. Refuses settings that say production."""
    try:
        site = load_demo(folder / "staff.toml").site
        rewrite_settings(place_in(folder, staff_port, public_port), site.checkpoint_vkey)
        supervise(
            (
                web_child("public", "portal.wsgi:app", public_port),
                web_child("staff", "admin.wsgi:app", staff_port),
                Child("worker", (sys.executable, "-m", "admin.cli", "worker")),
            ),
            lambda: _announcement(folder, public_port, staff_port),
            environment={
                "MINGJING_SETTINGS": os.fspath((folder / "public.toml").resolve()),
                "MINGJING_STAFF_SETTINGS": os.fspath((folder / "staff.toml").resolve()),
            },
        )
    except (DomainError, BadSettings, CannotRun) as error:
        raise click.ClickException(getattr(error, "message", str(error))) from None


def _announcement(folder: Path, public_port: int, staff_port: int) -> str:
    codes = [f"  {number}  {code}" for number, code in list(kept_codes(folder).items())[-4:]]
    notes = kept_notes(folder)
    opened = kept_codes(folder).get(notes.get(OPENED, ""), "")
    return "\n".join(
        [
            "",
            f"  public site   http://127.0.0.1:{public_port}/",
            f"  staff site    http://localhost:{staff_port}/",
            "",
            people.sign_ins(plan(), now()),
            "",
            "  receipt codes of some invented reports",
            *codes,
            "",
            "  who reported: a county of three people (gc-all, gc-head, gc-admin) asks the city's board",
            "    gc-all asks (举报人身份, on a report); nj-keeper1, 2 and 3 answer (身份保管); two open it",
            *(f"    {number}  {note}" for note, number in notes.items() if not note.startswith(CASE)),
            f"    what the reporter of the one that was opened reads: code {opened}",
            "",
            "  closed cases on their way to the public (qh-editor writes, qh-publisher approves)",
            *(f"    {number}  {note.removeprefix(CASE)}" for note, number in notes.items() if note.startswith(CASE)),
            "",
            "  a code holds for about a minute and once; `.venv/bin/mingjing demo sign-ins` prints new ones.",
            "  Ctrl-C ends all.",
            "",
        ]
    )


@demo.command("sign-ins")
def sign_ins() -> None:
    """The demonstration's sign-ins with the codes of this moment."""
    click.echo(people.sign_ins(plan(), now()))
