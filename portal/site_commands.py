"""``mingjing site``: what is made of the public site as a whole. An entry of the program, as portal.wsgi is one.

Reads the public settings (``MINGJING_SETTINGS``, else ``var/public.toml``) and no key of the staff side.
"""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def site() -> None:
    """The public site as a whole."""


@site.command()
@click.argument("folder", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write all pages of published cases and fund accounts into FOLDER, for a web server or network to hand out.

    FOLDER is new, or holds a copy that was made before, which is replaced at once; after a failure it is as it was.
    """
    from sqlalchemy.exc import DBAPIError

    from portal.app import create_app
    from portal.config import BadSettings, load, settings_path
    from portal.exporting.copying import NotExported
    from portal.exporting.writing import export as write

    try:
        settings = load(settings_path())
        app = create_app(settings)
    except BadSettings as error:
        raise click.ClickException(f"no deployment here: {error}") from error
    try:
        made = write(app, settings.site.address, settings.site.languages, folder.absolute())
    except NotExported as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{folder}: {error.strerror}") from error
    except DBAPIError as error:
        raise click.ClickException(f"the database did not do it: {error.orig}") from None
    click.echo(f"{made.files} files in {folder}; {len(made.gone)} addresses are to be answered 410")
    if not settings.site.address:
        click.echo(
            "web.address is not set: links to other pages of the site hold only at the site's own address", err=True
        )
