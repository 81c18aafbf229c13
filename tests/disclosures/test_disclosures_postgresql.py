"""The rights of the processes: staff publish and never change what is published; the public reads that and no draft."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from admin.disclosures import publishing
from portal.disclosures.models import PublishedDisclosure, PublishedFigure, PublishedPlace, PublishedPromise
from portal.kernel.db import Database
from portal.kernel.transaction import bind, reading, transaction
from tests.disclosures.conftest import Accounts, figure
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
SEEN = (PublishedDisclosure, PublishedFigure, PublishedPlace, PublishedPromise)
FIGURES = ("UPDATE published_figure SET amount = '1'", "DELETE FROM published_figure", "TRUNCATE published_figure")

WORDS = ("UPDATE published_disclosure SET title = 'x'", "DELETE FROM published_disclosure",
         "TRUNCATE published_disclosure CASCADE", "UPDATE published_promise SET days = 1",
         "DELETE FROM published_promise", "UPDATE disclosure_step SET actor_id = NULL", "DELETE FROM disclosure_step",
         "ALTER TABLE published_figure DISABLE TRIGGER ALL", "DROP TABLE published_figure CASCADE",
         "SET session_replication_role = replica")  # fmt: skip
"""What would rewrite who published when and why, or take away what guards the figures."""


def refused(statement: str) -> bool:
    try:
        with transaction() as session:
            session.execute(text(statement))
    except DBAPIError:
        return True
    return False


def test_staff_publish_with_their_own_rights_and_cannot_change_it_afterwards(
    accounts: Accounts, database: Database, as_role: AsRole
) -> None:
    one = accounts.approved(figure())
    as_role("staff")
    accounts.do(one, publishing.publish, accounts.row(one).mark, by=accounts.publisher)
    assert [statement for statement in (*FIGURES, *WORDS) if not refused(statement)] == []
    as_role("public")
    with reading() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in SEEN]
    assert counts == [1, 1, 1, 0]
    drafts = [f"SELECT * FROM {name}" for name in ("disclosure", "disclosure_row", "disclosure_step")]
    changes = [*FIGURES, *WORDS, "DELETE FROM published_disclosure", "UPDATE published_place SET figures = 0"]
    assert [statement for statement in [*drafts, *changes] if not refused(statement)] == []
    bind(database)
