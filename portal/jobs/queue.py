"""Putting work off: a job is a row of the caller's transaction, so nothing is done for what did not happen."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.jobs.models import Job
from portal.kernel.clock import Utc
from portal.kernel.db import insert_of
from portal.kernel.values import new_id


def enqueue(
    session: Session,
    kind: str,
    arguments: Mapping[str, str],
    now: Utc,
    *,
    key: str | None = None,
    after: Utc | None = None,
) -> None:
    """Have the worker of *kind* called with *arguments* (ids and codes, never words) at *after*, or soon.

    With *key* a repeated enqueue is one job, also when the first is long done. A plain insert without RETURNING: the
    public role may add jobs and not read them.
    """
    values = {
        "id": new_id(),
        "kind": kind,
        "key": key,
        "arguments": json.dumps(dict(arguments), sort_keys=True),
        "run_after": after or now,
        "attempts": 0,
        "state": "waiting",
        "error": "",
    }
    if key is None:
        session.execute(insert(Job).values(**values))
    else:
        once = insert_of(session.get_bind().dialect.name)(Job)
        session.execute(once.values(**values).on_conflict_do_nothing())
