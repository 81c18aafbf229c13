"""Taking the original of a file out, as a person does: through the page with the warning."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def token_of(page: TestResponse) -> dict[str, str]:
    """The hidden field of a page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    assert found is not None
    return {"csrf_token": found[1]}


def original(client: FlaskClient, view: str, **how: bool) -> TestResponse:
    """The answer to the second press; *view*: the address of the file's safe view."""
    address = f"{view}original/"
    return client.post(address, data=token_of(client.get(address)), **how)
