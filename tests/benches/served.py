"""The two sites under a real gunicorn, started as ``make run`` starts them, on free loopback ports."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from admin.run import HOST, SURROUNDINGS, web_child
from tests.benches.deployment import Deployment

ROOT = Path(__file__).parents[2]
PUBLIC, STAFF = "portal.wsgi:app", "admin.wsgi:app"
ALONE = "--workers 1"
"""For what is not about several workers: each would compile every page for itself."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running gunicorn: its master, its port, and where its words go."""

    master: psutil.Process
    port: int
    log: Path

    def workers(self) -> list[psutil.Process]:
        return self.master.children()

    def cpu_s(self) -> float:
        """Seconds of CPU that the threads of master and workers have used, from the scheduler, which counts in ns."""
        return sum(_ran_s(process.pid) for process in (self.master, *self.workers()))

    def resident_mib(self) -> list[float]:
        """Resident memory of each worker, in MiB."""
        return sorted(worker.memory_info().rss / 2**20 for worker in self.workers())

    def kill_workers(self) -> None:
        """End every worker at once with ``kill -9``; the master starts new ones."""
        for worker in self.workers():
            worker.send_signal(signal.SIGKILL)


def _ran_s(pid: int) -> float:
    """CPU of all threads of another process, to the nanosecond (``clock_getcpuclockid``)."""
    clock = ctypes.c_int()
    failed = ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock))
    if failed:
        raise OSError(failed, os.strerror(failed))
    return time.clock_gettime(clock.value)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    application: str, environment: Mapping[str, str], log: Path, *, options: str = "", health: str = "/"
) -> Iterator[Served]:
    """*application* under gunicorn until the block ends. ``options``: gunicorn's own, over those of the settings."""
    port = free_port()
    command = web_child(application, application, port).command
    surroundings = {**environment, **SURROUNDINGS, "GUNICORN_CMD_ARGS": options}
    with log.open("ab") as output:
        process = subprocess.Popen(
            (sys.executable, *command[1:]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=surroundings,
            cwd=ROOT,
            start_new_session=True,
        )
    try:
        _wait(process, port, health, log)
        yield Served(psutil.Process(process.pid), port, log)
    finally:
        process.terminate()
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def both_sites(deployment: Deployment, *, options: str = "--max-requests 0") -> Iterator[tuple[Served, Served]]:
    """The public site and the staff site of *deployment*. By default no worker is recycled while it is measured."""
    with ExitStack() as stack:
        environment = deployment.environment()
        yield tuple(  # type: ignore[misc]  # two of them
            stack.enter_context(serving(name, environment, deployment.folder / f"{name[:6]}.log", options=options))
            for name in (PUBLIC, STAFF)
        )


def _wait(process: subprocess.Popen[bytes], port: int, health: str, log: Path, patience_s: float = 60) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        connection = HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", health)
            if connection.getresponse().status < 500:
                return
        except (OSError, HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError(f"the site did not answer: {log.read_text('utf-8', 'replace')[-3000:]}")
