"""The public side of the ledger: what it is, the signed checkpoints, the leaves, the proofs of growth."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, abort, render_template

from crypto.checkpoints import read_vkey
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.ledger.queries import LEAVES_A_PAGE, growth, leaf_page, published, published_of_size

blueprint = Blueprint("ledger", __name__, url_prefix="/ledger")

SHOWN = 10
_FOR_EVER = "public, max-age=31536000, immutable"


@blueprint.get("/")
def index() -> str:
    """What the ledger is, in plain words, with the newest checkpoints."""
    vkey = site().checkpoint_vkey
    with reading() as session:
        history = published(session, vkey, SHOWN)
    size = history[0].checkpoint.size if history else 0
    pages = range(-(-size // LEAVES_A_PAGE))
    name = read_vkey(vkey)[0]
    return render_template(
        "ledger/index.html", history=history, size=size, pages=pages, a_page=LEAVES_A_PAGE, vkey=vkey, name=name
    )


@blueprint.get("/checkpoint")
def checkpoint() -> Response:
    """The newest published checkpoint, word for word (C2SP tlog-checkpoint)."""
    with reading() as session:
        newest = published(session, site().checkpoint_vkey, 1)
    if not newest:
        abort(404)
    return _text(newest[0].note)


@blueprint.get("/checkpoint/<int:size>")
def checkpoint_of(size: int) -> Response:
    """The published checkpoint over *size* leaves."""
    with reading() as session:
        found = published_of_size(session, site().checkpoint_vkey, size)
    return _text(found.note, for_ever=True) if found else abort(404)


@blueprint.get("/leaves/<int:number>")
def leaves(number: int) -> Response:
    """A page of leaves in hex, one a line, in order: as far as the newest published checkpoint goes."""
    with reading() as session:
        newest = published(session, site().checkpoint_vkey, 1)
        size = newest[0].checkpoint.size if newest else 0
        if number * LEAVES_A_PAGE >= size:
            abort(404)
        found = leaf_page(session, number, size)
    lines = "".join(f"{leaf.hex()}\n" for leaf in found)
    return _text(lines, for_ever=len(found) == LEAVES_A_PAGE)


@blueprint.get("/consistency/<int:older>/<int:newer>")
def consistency(older: int, newer: int) -> Response:
    """The hashes (base64, one a line) that show one published checkpoint to be a prefix of another (RFC 9162)."""
    vkey = site().checkpoint_vkey
    with reading() as session:
        first, last = published_of_size(session, vkey, older), published_of_size(session, vkey, newer)
        if first is None or last is None or not 0 < older <= newer:
            abort(404)
        path = growth(session, first, last)
    return _text("".join(f"{base64.b64encode(step).decode()}\n" for step in path), for_ever=True)


def _text(body: str, *, for_ever: bool = False) -> Response:
    answer = Response(body, content_type="text/plain; charset=utf-8")
    if for_ever:
        answer.headers["Cache-Control"] = _FOR_EVER
    return answer
