"""The record for those who watch: what was done, on which day, by whom. It names no reporter and shows no word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, Response, render_template, request

from admin.audit import queries, wording
from admin.audit.export import MOST, export
from admin.audit.queries import Wanted
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from portal.kernel.clock import now
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import parse_tip_number
from portal.ledger.proofs import latest_checkpoint
from portal.ledger.sequencer import tree_size
from portal.web.headers import as_download

LAST = 2**63 - 1
"""The highest position that a database can be asked for."""
MOST_NAME = 80

blueprint = Blueprint("audit", __name__, url_prefix="/ledger")


@blueprint.get("/")
@needs(Permission.READ_LEDGER)
def index() -> str:
    """One page of entries, newest first, with the state of the checkpoints above it."""
    return _page(reads=False)


@blueprint.get("/readings/")
@needs(Permission.READ_LEDGER)
def readings() -> str:
    """Who read what: who opened which report or file, printed, exported, or saw an identity."""
    return _page(reads=True)


@blueprint.post("/export/")
@needs(Permission.READ_LEDGER)
def export_found() -> Response:
    """The entries found as JSON lines, each with its proof; on record before it is given."""
    wanted = _wanted(request.form, reads=request.form.get("reads") == "1")
    with transaction() as session:
        made = export(session, wanted, site().checkpoint_vkey, current_staff().actor, now())
    response = Response(made.text, content_type="application/x-ndjson; charset=utf-8")
    as_download(response, f"ledger-{now():%Y%m%d-%H%M}.jsonl")
    return response


def _page(*, reads: bool) -> str:
    wanted = _wanted(request.args, reads=reads)
    with reading() as session:
        page = queries.entries(session, wanted, current_staff().actor)
        size = tree_size(session)
        newest = latest_checkpoint(session, site().checkpoint_vkey)
        posted = latest_checkpoint(session, site().checkpoint_vkey, published=True)
    kinds = {kind: words for kind, words in wording.KINDS.items() if not reads or kind in queries.READS}
    return render_template(
        "audit/index.html", page=page, wanted=wanted, size=size, newest=newest, posted=posted, kinds=kinds,
        actors=wording.ACTORS, searched=_searched(wanted), most=MOST,
    )  # fmt: skip


def _wanted(given: Mapping[str, str], *, reads: bool) -> Wanted:
    """The filters of the address; what cannot be read is left out."""
    kind = given.get("kind", "")
    person = "".join(c for c in given.get("person", "") if c.isprintable()).strip()[:MOST_NAME]
    before = given.get("before", "")
    below = int(before) if before.isascii() and before.isdigit() and len(before) < 20 else None
    return Wanted(
        kind if kind in wording.KINDS else "",
        parse_tip_number(given.get("subject", "")) or "",
        person,
        _day(given.get("since", "")),
        _day(given.get("until", "")),
        below if below is not None and below <= LAST else None,
        reads,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _searched(wanted: Wanted) -> dict[str, str]:
    """The filters as an address or a form repeats them, without the place in the list."""
    said = {
        "kind": wanted.kind,
        "subject": wanted.subject,
        "person": wanted.person,
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
    }
    return {name: value for name, value in said.items() if value}
