"""The public side of the ledger: what it is, the signed checkpoints, the leaves, the proofs of growth."""

from __future__ import annotations

import base64
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from crypto.checkpoints import read_vkey
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.ledger.counts import ROUNDED_TO, shown
from portal.ledger.forms import CompareForm
from portal.ledger.queries import (
    LEAVES_A_PAGE,
    MOST_LEAVES,
    cosignatures,
    cosigned_note,
    growth,
    leaf_page,
    published,
    published_counts,
    published_of_size,
    witness_request,
)
from portal.ledger.wording import GROUPS

blueprint = Blueprint("ledger", __name__, url_prefix="/ledger")

SHOWN = 10
MOST_PAGES = 20
"""Links to pages of leaves: a million lines have a thousand of them."""
SCRIPTS = {
    name: Path(__file__).parent / f"check_{kind}.py" for name, kind in (("verify", "proof"), ("growth", "growth"))
}
_FOR_EVER = "public, max-age=31536000, immutable"


@blueprint.get("/")
def index() -> str:
    """What the ledger is, in plain words, with the newest checkpoints; ``before`` continues with smaller ones."""
    return _index(CompareForm())


@blueprint.get("/compare")
def compare() -> BaseResponse | tuple[str, int]:
    """From two sizes to their proof; the page again when there is none."""
    form = CompareForm(request.args)
    if not form.validate():
        return _index(form), 400
    sizes = form.older.size, form.newer.size
    with reading() as session:
        for field, size in zip((form.older, form.newer), sizes, strict=True):
            if published_of_size(session, site().checkpoint_vkey, size) is None:
                field.errors = [_("没有公布过这个行数的校验值，请看下面的表")]
    if not form.errors and not 0 < sizes[0] <= sizes[1]:
        form.older.errors = [_("旧的一份不能比新的一份行数多")]
    if form.errors:
        return _index(form), 404
    return redirect(url_for("ledger.consistency", older=sizes[0], newer=sizes[1]), 303)


def _index(form: CompareForm) -> str:
    here = site()
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before <= MOST_LEAVES:
        before = None
    with reading() as session:
        newest = next(iter(published(session, here.checkpoint_vkey, 1)), None)
        listed = published(session, here.checkpoint_vkey, SHOWN + 1, before)
        signed_by = cosignatures(session, newest, here.witnesses) if newest else []
        counts = published_counts(session, newest) if newest else {}
    size = newest.checkpoint.size if newest else 0
    return render_template(
        "ledger/index.html",
        form=form,
        newest=newest,
        history=listed[:SHOWN],
        older=listed[SHOWN - 1].checkpoint.size if len(listed) > SHOWN else None,
        paged=before is not None,
        size=size,
        signed_by=signed_by,
        witnesses=here.witnesses,
        counts=[(GROUPS[group], count) for group, count in shown(counts, size).items()] if counts else [],
        rounded_to=ROUNDED_TO,
        pages=_shown_pages(size),
        last_page=-(-size // LEAVES_A_PAGE) - 1,
        a_page=LEAVES_A_PAGE,
        vkey=here.checkpoint_vkey,
        name=read_vkey(here.checkpoint_vkey)[0],
    )


def _shown_pages(size: int) -> list[int]:
    """The pages of leaves that are linked to: all of a short ledger; of a long one the first and the newest."""
    last = -(-size // LEAVES_A_PAGE)
    return list(range(last)) if last <= MOST_PAGES else [0, *range(last - MOST_PAGES + 1, last)]


@blueprint.get("/checkpoint")
def checkpoint() -> Response:
    """The newest published checkpoint, word for word (C2SP tlog-checkpoint), with the lines of its witnesses."""
    here = site()
    with reading() as session:
        newest = published(session, here.checkpoint_vkey, 1)
        note = cosigned_note(session, newest[0], here.witnesses) if newest else None
    return _text(note) if note else abort(404)


@blueprint.get("/checkpoint/<int:size>")
def checkpoint_of(size: int) -> Response:
    """The published checkpoint over *size* leaves, with the lines of its witnesses."""
    here = site()
    with reading() as session:
        found = published_of_size(session, here.checkpoint_vkey, size)
        note = cosigned_note(session, found, here.witnesses) if found else None
    return _text(note) if note else abort(404)


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


@blueprint.get("/witness/<int:old>")
def witness(old: int) -> Response:
    """What a witness that remembers *old* leaves cosigns next: proof and checkpoint (C2SP tlog-witness)."""
    with reading() as session:
        asked = witness_request(session, old, site().checkpoint_vkey)
    return _text(asked) if asked else abort(404)


@blueprint.get("/<any(verify, growth):name>.py")
def script(name: str) -> Response:
    """A script that checks without this site, a proof file or the growth: to be read, and to be published elsewhere."""
    return _text(SCRIPTS[name].read_text("utf-8"))


def _text(body: str, *, for_ever: bool = False) -> Response:
    answer = Response(body, content_type="text/plain; charset=utf-8")
    if for_ever:
        answer.headers["Cache-Control"] = _FOR_EVER
    return answer
