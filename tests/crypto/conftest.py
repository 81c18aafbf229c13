from __future__ import annotations

import pytest
from hypothesis import settings

from crypto.keys import InnerKey, OwnKey, Purpose, generate_inner, generate_own

# A loaded machine is no bug: examples are judged by what they find, not by how long one of them took.
settings.register_profile("mingjing", deadline=None)
settings.load_profile("mingjing")

RECORD = b"record-of-a-test"


@pytest.fixture
def mailbox() -> OwnKey:
    return generate_own(Purpose.MAILBOX)


@pytest.fixture
def office() -> InnerKey:
    return generate_inner(Purpose.OFFICE)


@pytest.fixture
def staff() -> InnerKey:
    return generate_inner(Purpose.STAFF)


@pytest.fixture
def seats() -> list[InnerKey]:
    return [generate_inner(Purpose.SEAT) for _ in range(3)]
