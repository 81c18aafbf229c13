"""Disk full, database gone, lock timeout: 503 in plain words with other ways to report, and nothing half stored."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.benches.deployment import Deployment
from tests.benches.journey import Story, send, to_check
from tests.benches.served import ALONE, PUBLIC, Served, serving
from tests.benches.visitor import Visitor
from tests.faults import book
from tests.postgresql_cluster import Cluster

WORDS = "这些话一个字也不能丢。"
PHONE = "12393"


@contextmanager
def no_room(served: Served, most_bytes: int) -> Iterator[None]:
    """The kernel refuses every worker to write a file beyond *most_bytes*, as a full disk would."""
    workers = [psutil.Process(worker.pid) for worker in served.workers()]
    hard = workers[0].rlimit(resource.RLIMIT_FSIZE)[1]
    for worker in workers:
        worker.rlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        for worker in workers:
            worker.rlimit(resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def gone(cluster: Cluster, name: str) -> Iterator[None]:
    """Nobody can connect to the database, and whoever was connected is thrown out."""
    engine = create_engine(cluster.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(end, {"name": name}).all()
        try:
            yield
        finally:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))


@contextmanager
def locked(deployment: Deployment) -> Iterator[None]:
    """Somebody else holds the lock on the reports and does not let go."""
    with deployment.opened() as database, database.engine.connect() as connection:
        connection.execute(text("LOCK TABLE tip IN EXCLUSIVE MODE" if database.is_postgresql else "SELECT 1"))
        yield
        connection.rollback()


@contextmanager
def served(deployment: Deployment) -> Iterator[Served]:
    """The public site of *deployment*."""
    with serving(PUBLIC, deployment.environment(), deployment.folder / "public.log", options=ALONE) as public:
        yield public


def ready(public: Served) -> Visitor:
    return to_check(Visitor(public.port), Story(WORDS))


def refuses_in_plain_words(visitor: Visitor) -> bool:
    return visitor.status == 503 and PHONE in visitor.words and not visitor.code


def is_sent_after_all(deployment: Deployment, visitor: Visitor) -> bool:
    """The same browser presses again, from the page that holds its draft."""
    send(visitor.get("/report/check/"))
    return book.opened(deployment, visitor.code).words == WORDS and book.reports(deployment) == 1


def nothing_is_stored(deployment: Deployment) -> bool:
    return set(book.rows(deployment).values()) == {0}


def blobs(deployment: Deployment) -> list[Path]:
    return [path for path in (deployment.folder / "blobs").rglob("*") if path.is_file()]


def test_a_lock_that_is_not_let_go_ends_in_503_and_the_report_can_be_sent_later(
    deployment: Deployment, public: Served
) -> None:
    visitor = ready(public)
    with locked(deployment):
        send(visitor)
        assert refuses_in_plain_words(visitor)
    assert nothing_is_stored(deployment)
    assert is_sent_after_all(deployment, visitor)


def test_a_full_disk_under_the_database_stores_nothing_and_acknowledges_nothing(sqlite_deployment: Deployment) -> None:
    with served(sqlite_deployment) as public:
        visitor = ready(public)
        with no_room(public, 4096):
            send(visitor)
            assert refuses_in_plain_words(visitor)
        assert nothing_is_stored(sqlite_deployment)
        assert is_sent_after_all(sqlite_deployment, visitor)
        assert book.faults_of_the_ledger(sqlite_deployment) == []


def test_a_full_disk_under_the_store_keeps_the_report_and_leaves_no_blob(
    deployment: Deployment, public: Served
) -> None:
    photo = b"%PDF-1.4\n" + bytes(300_000)
    visitor = to_check(Visitor(public.port), Story(WORDS, files=(("small.pdf", photo[:2000]),)))
    before = blobs(deployment)
    visitor.get("/report/files/")
    with no_room(public, 100_000):
        visitor.post("/report/files/", files=(("large.pdf", photo),), do="add")
        assert visitor.status == 503 and PHONE in visitor.words
    assert blobs(deployment) == before
    visitor.get("/report/files/").post("/report/files/", files=(("large.pdf", photo),), do="add")
    assert "large.pdf" in visitor.words and len(blobs(deployment)) == 2
    assert is_sent_after_all(deployment, visitor)


@pytest.mark.parametrize("store", ["main", "shred"])
def test_a_database_that_is_gone_is_said_so_and_sent_to_when_it_is_back(
    cluster: Cluster, postgresql_deployment: Deployment, databases: dict[str, str], store: str
) -> None:
    deployment = postgresql_deployment
    with served(deployment) as public:
        visitor = ready(public)
        with gone(cluster, databases[store]):
            send(visitor)
            assert refuses_in_plain_words(visitor)
            newcomer = Visitor(public.port).get("/report/")
            newcomer.post("/report/", who="adult")
            assert refuses_in_plain_words(newcomer)
        assert nothing_is_stored(deployment)
        assert is_sent_after_all(deployment, visitor)
