"""A draft is written with the rights of the staff process alone; the public process sees none, the worker no words."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError

from portal.exposures.models import ExposureDraft
from portal.kernel.db import Database
from portal.kernel.transaction import reading, transaction
from tests.custody.test_draft_check import Checking
from tests.exposures.conftest import Docket
from tests.exposures.drafts import desk
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]


@pytest.fixture
def database(postgresql_database: Database) -> Database:
    """Rights are PostgreSQL's."""
    return postgresql_database


def test_staff_write_and_submit_and_change_no_version(docket: Docket, as_role: AsRole) -> None:
    at, _people = desk(docket), (docket.editor, docket.publisher)
    as_role("staff")
    at.in_review()
    assert at.exposure.state == "in-review"
    with pytest.raises(ProgrammingError, match="permission denied"), transaction() as session:
        session.execute(update(ExposureDraft).values(sealed=b"another text"))


def test_staff_ask_whether_a_draft_names_the_reporter(docket: Docket, as_role: AsRole) -> None:
    at, _editor = Checking(docket), docket.editor
    as_role("staff")
    at.desk.save()
    assert not at.checked(at.granted()).hit


@pytest.mark.parametrize("process", ["public", "worker"])
def test_nobody_else_reads_a_draft(docket: Docket, as_role: AsRole, process: str) -> None:
    desk(docket).save()
    as_role(process)
    with pytest.raises(ProgrammingError, match="permission denied"), reading() as session:
        session.scalars(select(ExposureDraft.sealed)).all()
