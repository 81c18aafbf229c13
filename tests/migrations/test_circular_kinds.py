"""Circulars of before have a kind and a state now; those on the evaluation are not known to what came before them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, text

from admin.migrations import downgrade, upgrade
from portal.exposures.models import Circular, CircularCopy, CircularReceipt
from portal.kernel.db import Database
from portal.kernel.values import new_id
from tests.migrations.samples import fill


def rows(database: Database, what: str) -> list[Any]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(what))]


def test_what_was_sent_before_is_on_a_case_and_sent_and_nothing_of_it_is_lost(database: Database) -> None:
    with database.engine.begin() as connection:
        first = fill(connection)
        office, made_on = first["circular"]["office_id"], first["circular"]["made_on"]
        told = {"id": new_id(), "number": "TB-2222-2222", "kind": "evaluation", "state": "sent", "office_id": office}
        told |= {"period": "2026-Q3", "content": "{}", "made_by": new_id(), "made_on": date(2026, 9, 28)}
        connection.execute(insert(Circular), told | {"approved_by": new_id(), "sent_on": date(2026, 9, 29)})
        copy = {"id": new_id(), "circular_id": told["id"], "office_id": office}
        connection.execute(insert(CircularCopy), copy)
        receipt = {"id": new_id(), "copy_id": copy["id"], "staff_id": new_id(), "read_on": date(2026, 9, 29)}
        connection.execute(insert(CircularReceipt), receipt)
    kept = [(first["circular"]["number"],)], [(first["circular_copy"]["wrapped"],)], [(1,)]
    asked = "SELECT number FROM circular", "SELECT wrapped FROM circular_copy", "SELECT count(*) FROM circular_receipt"
    downgrade(database, "0032")
    assert tuple(rows(database, one) for one in asked) == kept, "the one on the evaluation is gone with its copy"
    upgrade(database)
    assert tuple(rows(database, one) for one in asked) == kept
    (found,) = rows(database, "SELECT kind, state, period, sent_on FROM circular")
    assert found[:3] == ("case", "sent", "") and str(found[3]) == str(made_on)
