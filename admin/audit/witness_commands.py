"""``mingjing ledger witness``: for an outside body. Files and standard input only; no network of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from admin.audit import witness as keeping
from crypto.checkpoints import MOST_NOTE
from crypto.errors import CryptoError
from crypto.witness import OutOfStep
from portal.kernel.clock import now

FOLDER = click.Path(path_type=Path, file_okay=False)


@contextmanager
def _said() -> Iterator[None]:
    """Refusals in one line, exit status 1."""
    try:
        yield
    except OutOfStep as error:
        raise click.ClickException(f"not cosigned: {error}") from None
    except CryptoError as error:
        raise click.ClickException(f"NOT cosigned: {error}") from None
    except UnicodeDecodeError as error:
        raise click.ClickException("NOT cosigned: not UTF-8") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error


@click.group()
def witness() -> None:
    """Cosign a ledger's checkpoints from outside, so that it cannot show two histories (C2SP tlog-witness)."""


@witness.command()
@click.argument("folder", type=FOLDER)
@click.argument("name")
@click.argument("ledger_vkey")
def init(folder: Path, name: str, ledger_vkey: str) -> None:
    """Begin in a new FOLDER, as NAME (e.g. bar.example.org/witness), for the ledger whose key is LEDGER_VKEY.

    Prints the witness's verifier key, which the ledger's operator puts into its settings and which others pin. Compare
    LEDGER_VKEY with more than one source before.
    """
    with _said():
        click.echo(keeping.found(folder, name, ledger_vkey))


@witness.command()
@click.argument("folder", type=FOLDER)
def size(folder: Path) -> None:
    """Print the size of the newest tree cosigned: a request must start from there (/ledger/witness/SIZE)."""
    with _said():
        seen = keeping.remembered(folder)
    click.echo(seen.size if seen else 0)


@witness.command()
@click.argument("folder", type=FOLDER)
@click.argument("request", type=click.File("r", encoding="utf-8"), default="-")
def cosign(folder: Path, request: IO[str]) -> None:
    """Check REQUEST (a file, or standard input) and print the cosignature line.

    Refused, with exit status 1: a checkpoint that the ledger's key has not signed, a smaller tree, another root, or a
    proof that does not continue what was cosigned before. A refusal of that kind is itself evidence: keep the request.
    """
    with _said():
        click.echo(keeping.cosign(folder, request.read(2 * MOST_NOTE), now()), nl=False)
