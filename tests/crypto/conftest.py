from __future__ import annotations

import pytest

from crypto.keys import InnerKey, OwnKey, Purpose, generate_inner, generate_own

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
