"""People of a test in Chromium: their session carried over, and a passkey device that is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient
from playwright.sync_api import Page

from admin.web import cookies


def carry(client: FlaskClient, shown: Page, root: str) -> None:
    """The client's session into the browser, as if the person had signed in there."""
    kept = client.get_cookie(cookies.SESSION)
    assert kept is not None
    shown.context.add_cookies([{"name": cookies.SESSION, "value": kept.value, "url": root}])


@contextmanager
def virtual_authenticator(shown: Page) -> Iterator[None]:
    """A device with a passkey store that always verifies its owner (Chromium's WebAuthn domain)."""
    session = shown.context.new_cdp_session(shown)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    try:
        yield
    finally:
        session.send("WebAuthn.disable")
