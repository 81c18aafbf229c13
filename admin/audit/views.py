"""The record for those who watch: what was done, on which day, by whom. It names no reporter and shows no word."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from admin.audit import queries, wording
from admin.audit.queries import Wanted
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.kernel.values import parse_tip_number
from portal.ledger.proofs import latest_checkpoint
from portal.ledger.sequencer import tree_size

LAST = 2**63 - 1
"""The highest position that a database can be asked for."""

blueprint = Blueprint("audit", __name__, url_prefix="/ledger")


@blueprint.get("/")
@needs(Permission.READ_LEDGER)
def index() -> str:
    """One page of entries, newest first, with the state of the checkpoints above it."""
    wanted = _wanted()
    with reading() as session:
        page = queries.entries(session, wanted, current_staff().actor)
        size = tree_size(session)
        newest = latest_checkpoint(session, site().checkpoint_vkey)
        posted = latest_checkpoint(session, site().checkpoint_vkey, published=True)
    return render_template(
        "audit/index.html", page=page, wanted=wanted, size=size, newest=newest, posted=posted, kinds=wording.KINDS,
        actors=wording.ACTORS,
    )  # fmt: skip


def _wanted() -> Wanted:
    """The filters of the address; what cannot be read is left out."""
    given = request.args
    number = parse_tip_number(given.get("subject", ""))
    try:
        day = date.fromisoformat(given.get("day", ""))
    except ValueError:
        day = None
    kind = given.get("kind", "")
    before = given.get("before", default=None, type=int)
    if before is not None and not 0 <= before <= LAST:
        before = None
    return Wanted(kind if kind in wording.KINDS else "", number or "", day, before)
