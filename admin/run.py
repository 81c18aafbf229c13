"""Runs several processes as one: starts them, waits until they answer, ends them together.

For ``mingjing demo run`` on one machine; a real deployment has a service manager for this (``deploy/systemd``).
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
GRACE_S = 15.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


SURROUNDINGS = {
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # a slow hash takes its memory in ten steps, not in five thousand
}
"""What every process of ours starts with; the units of deploy/systemd say the same for the sites."""


class CannotRun(Exception):
    """The processes could not be started or one of them ended; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to run: its name in the output, its command, and the loopback port it answers on, if any."""

    name: str
    command: Sequence[str]
    port: int | None = None
    health: str = "/"


def web_child(name: str, application: str, port: int) -> Child:
    """A site under gunicorn with the settings of ``portal.web.serving``; *application* is ``module:attribute``."""
    gunicorn = (sys.executable, "-m", "gunicorn", "--config", "python:portal.web.serving", "--log-level", "warning")
    return Child(name, (*gunicorn, "--bind", f"{HOST}:{port}", application), port)


def supervise(
    children: Sequence[Child],
    announce: Callable[[], str],
    *,
    environment: Mapping[str, str] | None = None,
    patience_s: float = 60.0,
    output: TextIO | None = None,
) -> None:
    """Run *children* until Ctrl-C or SIGTERM, then end them all and return.

    Each runs in a process group of its own, so that nothing it started outlives it; its lines are printed behind its
    name. When every port answers, the text of *announce* is printed. Raises CannotRun when a port is taken, when a
    child ends by itself, or when one does not answer within *patience_s* seconds; by then all children have ended.
    """
    screen = output or sys.stdout
    for child in children:
        _refuse_taken_port(child)
    with _signals() as asked_to_stop:
        running: list[tuple[Child, subprocess.Popen[str]]] = []
        try:
            for child in children:
                running.append((child, _start(child, environment)))
            readers = [_relay(child.name, process, screen) for child, process in running]
            if _wait_until_answering(running, asked_to_stop, patience_s):
                print(announce(), file=screen, flush=True)
            while not asked_to_stop.wait(0.2):
                _refuse_dead(running)
        finally:
            _end(running)
    for reader in readers:
        reader.join(2)


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """An event set by Ctrl-C and its like; the handlers before are put back at the end."""
    asked = threading.Event()
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in SIGNALS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _refuse_taken_port(child: Child) -> None:
    if child.port is None:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, child.port))
        except OSError as error:
            raise CannotRun(
                f"port {child.port} for {child.name} cannot be used ({error.strerror}); "
                "choose others: make run PUBLIC_PORT=8100 STAFF_PORT=8101"
            ) from None


def _start(child: Child, environment: Mapping[str, str] | None) -> subprocess.Popen[str]:
    setpriv = shutil.which("setpriv")  # Linux: should this process be killed outright, its children end too
    prefix = (setpriv, "--pdeathsig", "TERM") if setpriv and sys.platform == "linux" else ()
    return subprocess.Popen(
        (*prefix, *child.command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **SURROUNDINGS, **(environment or {})},
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


def _relay(name: str, process: subprocess.Popen[str], screen: TextIO) -> threading.Thread:
    def copy() -> None:
        for line in process.stdout or ():
            with suppress(OSError, ValueError):  # the reader of our output went away: go on reading, print no more
                print(f"{name:>7} | {line.rstrip()}", file=screen, flush=True)

    thread = threading.Thread(target=copy, name=f"output of {name}", daemon=True)
    thread.start()
    return thread


def _refuse_dead(running: Sequence[tuple[Child, subprocess.Popen[str]]]) -> None:
    for child, process in running:
        status = process.poll()
        if status is not None:
            how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
            raise CannotRun(f"{child.name} {how}; its last words stand above")


def _wait_until_answering(
    running: Sequence[tuple[Child, subprocess.Popen[str]]], asked_to_stop: threading.Event, patience_s: float
) -> bool:
    """Whether all ports answer; False when asked to stop before that."""
    deadline = time.monotonic() + patience_s
    waiting = [child for child, _ in running if child.port is not None]
    while waiting:
        _refuse_dead(running)
        waiting = [child for child in waiting if not _answers(child)]
        if waiting and time.monotonic() > deadline:
            raise CannotRun(
                f"{waiting[0].name} did not answer on port {waiting[0].port} within {patience_s:.0f} seconds"
            )
        if waiting and asked_to_stop.wait(0.1):
            return False
    return True


def _answers(child: Child) -> bool:
    connection = http.client.HTTPConnection(HOST, child.port, timeout=5)
    try:
        connection.request("GET", child.health)
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(running: Sequence[tuple[Child, subprocess.Popen[str]]]) -> None:
    """Ask each child to end, wait, then end whatever is left of its group."""
    for _, process in running:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE_S
    for _, process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
