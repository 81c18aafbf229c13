"""My report is in the record: the line of the public ledger that comes from the receipt code, and the proof of it."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from crypto import checkpoints, tree
from portal.followup import visit
from portal.followup.visit import Page, followup
from portal.kernel.clock import now
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.ledger.hours import published_after
from portal.ledger.proofs import latest_checkpoint
from portal.ledger.queries import receipt_proof
from portal.web.headers import as_download
from portal.web.limits import limiter

FILE_NAME = "file.txt"
"""Says nothing to whoever finds it among the downloads, and opens in anything."""


@followup.get("/record/")
def proof() -> Page:
    """Whether the line is published, what that shows and what it does not; "not yet, from when" before."""
    leaf, here = visit.current().held.leaf, site()
    found = proof_of(leaf)
    with reading() as session:
        newest = latest_checkpoint(session, here.checkpoint_vkey, published=True)
    return render_template(
        "followup/proof.html",
        place=checkpoints.parse_proof(found).index + 1 if found else None,
        newest=newest,
        leaf=leaf.hex(),
        vkey=here.checkpoint_vkey,
        next=published_after(now(), here.publish_hours),
    )


@followup.post("/record/")
@limiter.limit("10/minute", methods=["POST"])
def proof_file() -> Page:
    """The proof as a file (C2SP tlog-proof). Asked for by a button, so that no visited address tells of it."""
    found = proof_of(visit.current().held.leaf)
    if found is None:
        return redirect(url_for("followup.proof"), 303)
    response = Response(found, mimetype="text/plain")
    as_download(response, FILE_NAME)
    return response


def proof_of(leaf: bytes) -> str | None:
    """The proof file, which was checked before it is shown; None while no published checkpoint covers the line.

    Raises Tampered when the book does not hold: the page says that something was altered.
    """
    here = site()
    with reading() as session:
        found = receipt_proof(session, leaf, here.checkpoint_vkey, here.witnesses)
    if found is not None:
        checkpoints.verify_proof(found, tree.leaf_hash(leaf), here.checkpoint_vkey)
    return found
