"""A throw-away PostgreSQL cluster: made in a temporary folder, reached through a socket there, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Iterator

DURABILITY_OFF = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""A test cluster outlives no crash, and nothing is asked of it after one."""
IN_ITS_FOLDER = ("dynamic_shared_memory_type=mmap",)
"""Whatever it has is gone with its folder: shared memory of its own would stay behind, for it is ended at once."""


ROOM = 4 * 2**30
"""Bytes that must be free in memory before tests keep their files there."""


def in_memory() -> str | None:
    """A folder in memory with room for the tests' databases, or None: a test is about its answers, not about a disk."""
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK) or shutil.disk_usage(shared).free < ROOM:
        return None
    return str(shared)


class NoPostgreSQL(RuntimeError):
    """This machine cannot run a cluster; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server. Every role signs in without a password: it listens only on a socket in a private folder."""

    folder: Path
    pid: int

    def url(self, name: str, user: str = "postgres") -> str:
        """The address of database *name* as *user*, for SQLAlchemy."""
        made = URL.create("postgresql+psycopg", username=user, database=name, query={"host": str(self.folder)})
        return made.render_as_string(hide_password=False)

    def create(self, name: str, template: str = "template0") -> str:
        """Make database *name* as a copy of *template*; returns its address."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove database *name*, whoever is still connected."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))


def find_programs() -> Path:
    """The folder of ``initdb`` and ``postgres``: version 15 if present, else the newest. Raises NoPostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: (path.parts[-3] == "15", path))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise NoPostgreSQL("PostgreSQL is not installed (Debian 12: apt-get install postgresql)")
    return Path(on_path).resolve().parent


def _identity() -> dict[str, Any]:
    """The server refuses to run as root, so root runs it as ``postgres``."""
    if os.geteuid() != 0:
        return {}
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgreSQL("tests run as root need a system account named postgres") from None
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make a cluster, start it, give it, end it by its pid and remove its folder. Raises NoPostgreSQL."""
    programs, identity = find_programs(), _identity()
    folder = Path(tempfile.mkdtemp(prefix="mj-pg-", dir=in_memory() or "/tmp"))  # a socket's path has 107 bytes at most
    try:
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        start: dict[str, Any] = {"env": environment, "cwd": folder, "stdin": subprocess.DEVNULL, **identity}
        data = folder / "data"
        initdb = [f"{programs}/initdb", f"--pgdata={data}", "--username=postgres", "--auth=trust", "--no-sync"]
        subprocess.run([*initdb, "--encoding=UTF8", "--locale=C.UTF-8"], check=True, capture_output=True, **start)
        ours = ("listen_addresses=", "max_connections=200", f"unix_socket_directories={folder}")
        settings = (*ours, *DURABILITY_OFF, *IN_ITS_FOLDER)
        command = [f"{programs}/postgres", "-D", f"{data}", *(part for setting in settings for part in ("-c", setting))]
        with (folder / "log").open("wb") as log:
            output: dict[str, Any] = {"stdout": log, "stderr": log, "start_new_session": True}
            server: subprocess.Popen[bytes] = subprocess.Popen(command, **output, **start)
        try:
            _wait_until_ready(server, Cluster(folder, server.pid), folder / "log")
            yield Cluster(folder, server.pid)
        finally:
            server.send_signal(signal.SIGQUIT)  # nothing in it is needed again: no shutdown checkpoint
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[bytes], cluster: Cluster, log: Path, seconds: float = 30) -> None:
    engine = create_engine(cluster.url("postgres"), poolclass=NullPool)
    for _ in range(int(seconds / 0.05)):
        if server.poll() is not None:
            break
        try:
            engine.connect().close()
            return
        except Exception:  # whatever the driver says while the server starts
            time.sleep(0.05)
    raise NoPostgreSQL(f"the cluster did not start: {log.read_text(errors='replace')[-2000:]}")
