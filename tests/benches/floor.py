"""What Flask itself costs here: a word, and a Jinja page with one query, under the same gunicorn.

``FLOOR_DATABASE`` names an SQLite file that :func:`prepare` made.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select
from sqlalchemy.orm import Session

from portal.kernel.db import beginning, make_engine

VARIABLE = "FLOOR_DATABASE"
metadata = MetaData()
line = Table("line", metadata, Column("id", Integer, primary_key=True), Column("words", String(80)))

PAGE = """<!doctype html><html lang="en"><title>{{ title }}</title><h1>{{ title }}</h1><table>
{% for row in rows %}<tr><th>{{ row.id }}</th><td>{{ row.words }}</td></tr>{% endfor %}</table></html>"""


def prepare(path: Path) -> str:
    """Twenty rows in a new file; returns its address."""
    url = f"sqlite:///{path}"
    engine = make_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(line), [{"words": f"row {number}"} for number in range(20)])
    engine.dispose()
    return url


def create_app() -> Flask:
    """The smallest thing that answers, twice."""
    app = Flask("floor", static_folder=None)
    app.jinja_loader = DictLoader({"page.html": PAGE})  # compiled once, as templates are: from a string it is each time
    engine = beginning(make_engine(os.environ[VARIABLE]), "DEFERRED")

    @app.get("/")
    def hello() -> str:
        return "hello"

    @app.get("/page")
    def page() -> str:
        with Session(engine) as session:
            return render_template("page.html", title="Floor", rows=session.execute(select(line)).all())

    return app
