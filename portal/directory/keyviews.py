"""The page of public keys, which the ledger vouches for: one more page of the ledger, standing above the directory."""

from __future__ import annotations

from flask import render_template

from portal.directory.keylist import listed_keys
from portal.kernel.clock import today
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.ledger.views import blueprint

__all__ = ["blueprint", "public_keys"]


@blueprint.get("/keys")
def public_keys() -> str:
    """Every key there ever was, those in use first."""
    with reading() as session:
        keys = listed_keys(session, site().checkpoint_vkey, today())
    return render_template("ledger/keys.html", keys=keys)
