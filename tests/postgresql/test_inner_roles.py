from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from admin.migrations import models, roles
from admin.staff.models import KeyGrant, RecoveryCode, Staff
from admin.worker import load_workers
from crypto.signing import generate_signer
from portal.jobs.queue import enqueue
from portal.jobs.registry import Registry
from portal.jobs.runner import run_one
from portal.kernel.actors import SYSTEM
from portal.kernel.db import Base, Database, SessionBase
from portal.kernel.shred import create_shred_key, drop_shred_keys, read_shred_key, shred_keys_made
from portal.kernel.shred import metadata as shred_tables
from portal.kernel.site import Site
from portal.kernel.transaction import transaction
from portal.kernel.values import new_id
from portal.ledger.book import append
from portal.ledger.events import Notice
from portal.ledger.models import LedgerEntry, LedgerLeaf
from portal.ledger.sequencer import sequence
from portal.mailbox.models import Letter
from portal.signin.models import OpenSession
from portal.tips.models import Clock, Draft, IdentityRecord, IdentityShare, Tip, TipBody, TipKey, TipRecord
from tests.migrations.samples import Rows
from tests.postgresql.conftest import AsRole

NOW = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
VERSIONS = sorted(path.stem for path in (Path(roles.__file__).parent / "versions").glob("[0-9]*.py"))
GRANTED = [getattr(import_module(f"admin.migrations.versions.{name}"), "GRANTS", {}) for name in VERSIONS]


def refused(session: Session, statement: Any) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(statement)
    session.rollback()


def test_every_table_says_who_may_use_it() -> None:
    models.load()
    assert set().union(*GRANTED) == {*Base.metadata.tables, "alembic_version"}
    assert set(roles.STORES) == {*SessionBase.metadata.tables, *shred_tables.tables}


def test_staff_read_reports_and_no_drafts(mine: Rows, as_role: AsRole) -> None:
    with Session(as_role("staff").engine) as session:
        assert session.scalars(select(Tip.id)).all() == [mine["tip"]["id"]]
        assert session.scalars(select(TipKey.id)).all() == [mine["tip_key"]["id"]]
        refused(session, select(Draft.tag))


def test_staff_cannot_rewrite_history(mine: Rows, as_role: AsRole) -> None:
    with Session(as_role("staff").engine) as session:
        for statement in (update(LedgerEntry).values(payload=b""), delete(LedgerEntry), delete(Tip), delete(Letter)):
            refused(session, statement)
        refused(session, update(TipBody).values(report=b""))


SEALED: list[Any] = [
    TipBody.report,
    TipKey.wrapped,
    TipRecord.sealed,
    Letter.sealed,
    IdentityRecord.sealed,
    IdentityShare.sealed,
]
SEALED += [Draft.sealed, Draft.return_wrap, Staff.locked_seed, KeyGrant.sealed, RecoveryCode.digest, OpenSession.sealed]


def test_the_worker_cannot_read_what_is_sealed(mine: Rows, as_role: AsRole) -> None:
    with Session(as_role("worker").engine) as session:
        for column in SEALED:
            refused(session, select(column))


def test_the_worker_keeps_the_ledger(as_role: AsRole) -> None:
    signer, _ = generate_signer("test.example/ledger")
    with Session(as_role("worker").engine) as session:
        append(session, Notice("hello"), SYSTEM, NOW)
        assert sequence(session, NOW) == 1
        assert make_checkpoint(session, signer, NOW, publish=True) is not None
        assert len(session.scalars(select(LedgerLeaf.seq)).all()) == 32


def test_the_worker_runs_jobs(as_role: AsRole) -> None:
    registry, done = Registry(), list[str]()
    registry.job("greet")(lambda _session, arguments, _now: done.append(arguments["name"]))
    as_role("worker")
    with transaction() as session:
        enqueue(session, "greet", {"name": "x"}, NOW, key="one")
    assert run_one(registry, NOW)
    assert done == ["x"]


def test_the_worker_destroys_shred_keys_it_cannot_read(as_role: AsRole) -> None:
    as_role("staff")
    record = new_id()
    create_shred_key(record, NOW.date())
    as_role("worker")
    with pytest.raises(ProgrammingError, match="permission denied"):
        read_shred_key(record)
    assert list(shred_keys_made(NOW.date(), NOW.date(), 10)) == [[record]]
    drop_shred_keys([record])
    assert list(shred_keys_made(NOW.date(), NOW.date(), 10)) == []


def test_every_sweep_works_with_the_worker_s_rights(
    as_role: AsRole, mine: Rows, site: Site, postgresql_database: Database
) -> None:
    with postgresql_database.engine.begin() as connection:
        connection.execute(update(Clock).values(rule="HR-12.1"))
        connection.execute(delete(Draft))
    as_role("worker")
    sweeps = load_workers().sweeps.values()
    assert sweeps
    for periodic in sweeps:
        assert periodic.call(NOW) >= 0, periodic.name


def test_each_site_sees_its_own_sessions_only(postgresql_database: Any, as_role: AsRole) -> None:
    with postgresql_database.sessions.begin() as connection:
        for kind in ("staff", "mailbox"):
            moment = "'2026-09-28T00:00Z'"
            connection.execute(
                text(
                    "INSERT INTO open_session (id, kind, sealed, started_at, seen_at, ends_at) "
                    f"VALUES (:id, :kind, '', {moment}, {moment}, {moment})"
                ),
                {"id": kind.encode(), "kind": kind},
            )
    for role, kind in (("public", "mailbox"), ("staff", "staff")):
        with Session(as_role(role).engine) as session:
            assert session.scalars(select(OpenSession.kind)).all() == [kind]


def test_no_role_may_sign_in_or_get_around_row_security(postgresql_database: Any) -> None:
    with postgresql_database.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles "
                "WHERE rolname LIKE 'mingjing\\_%'"
            )
        ).all()
    assert [any(row) for row in rows] == [False] * 4
