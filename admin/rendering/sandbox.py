"""Starts the child, feeds it the clear file through a pipe, takes its answer through another, and ends it.

The child never gets a name of a file, an environment or a second chance: one question, one answer, a limited time. Its
walls are built by ``unshare`` (util-linux) and by itself (:mod:`admin.rendering.inside.enclosure`). Where the kernel
does not allow that, nothing is opened, unless the settings say that limits alone will do.
"""

from __future__ import annotations

import io
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from admin.rendering.protocol import WALLS_ARE_UP, Problem, Task, Trouble, header, read_header
from admin.rendering.values import Limits, Walls

CODE = Path(__file__).resolve().parent
OURS = "admin.rendering.inside.main:answer"
IN_MEMORY = "/dev/shm"  # noqa: S108  # a fresh folder of a random name, for this account alone
CHUNK = 64 * 1024
PLACES, WAIT_S = 2, 10.0
"""Children of one process of the site at once, and how long a request waits for a place."""

_START = """
import importlib, sys
sys.path.insert(0, {root!r})
module, _, name = {program!r}.partition(":")
from admin.rendering.inside.main import main
main(None if module == "admin.rendering.inside.main" else getattr(importlib.import_module(module), name))
"""
_APART = (
    "/usr/bin/setpriv",
    "--pdeathsig=KILL",
    "/usr/bin/unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "--net",
    "--ipc",
    "--uts",
    "--pid",
    "--fork",
    "--kill-child=KILL",
    "--",
)
"""The first binds the child's life to ours, --kill-child that of everything in its process namespace to its own."""

_places = threading.BoundedSemaphore(PLACES)


@dataclass(frozen=True, slots=True)
class Question:
    """What one child is asked. ``ending``: the name's ending, one that :mod:`portal.attachments.rules` knows."""

    task: Task
    family: str
    page: int = 0
    ending: str = ""
    office: str = ""
    program: str = OURS  # another one: tests of the walls
    more: tuple[Path, ...] = ()  # and what else it may read for that


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child said. Nothing of it is to be believed before it was checked."""

    words: Mapping[str, Any]
    body: bytes = field(repr=False)


def ask(question: Question, pieces: Iterable[bytes], limits: Limits, walls: Walls) -> Answer:
    """Have the file *pieces* looked at behind *walls*.

    Raises Trouble (TIME, OUTPUT, CRASHED, NOT_ISOLATED, BUSY, and whatever the child names), and what *pieces* raises:
    the child has ended by then and its folder is gone.
    """
    if not _places.acquire(timeout=WAIT_S):
        raise Trouble(Problem.BUSY)
    try:
        with _folder(walls) as work:
            return _answer_of(question, pieces, limits, walls, work)
    finally:
        _places.release()


@contextmanager
def _folder(walls: Walls) -> Iterator[str]:
    """Behind namespaces the child has a root of its own that goes with it; else a folder in memory, removed here."""
    if walls is Walls.NAMESPACES:
        yield ""
        return
    if not os.path.isdir(IN_MEMORY):
        raise Trouble(Problem.NOT_ISOLATED)  # a disk is never the place for clear bytes
    made = tempfile.mkdtemp(prefix="mingjing-", dir=IN_MEMORY)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _answer_of(question: Question, pieces: Iterable[bytes], limits: Limits, walls: Walls, work: str) -> Answer:
    start = _START.format(root=str(CODE.parent.parent), program=question.program)
    apart = _APART if walls is Walls.NAMESPACES else _APART[:2]
    try:
        child = subprocess.Popen(
            [*apart, sys.executable, "-I", "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a parser's complaint may quote the file
            env={},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise Trouble(Problem.NOT_ISOLATED) from error
    try:
        answered = _converse(child, _first(question, limits, walls, work), pieces, limits)
        return _checked(answered, child.wait(timeout=5))
    except subprocess.TimeoutExpired as error:
        raise Trouble(Problem.TIME) from error
    finally:
        _end(child)


def _first(question: Question, limits: Limits, walls: Walls, work: str) -> bytes:
    """The header. Limits that count a whole account (NPROC) are set only where the account is the child's alone."""
    enclosed = walls is Walls.NAMESPACES
    hard = {
        "AS": limits.memory_bytes,
        "CPU": limits.cpu_s,
        "FSIZE": limits.room_bytes,
        "NOFILE": limits.open_files,
        "CORE": 0,
        **({"NPROC": limits.processes} if enclosed else {}),
    }
    return header(
        {
            "task": question.task.value,
            "family": question.family,
            "page": question.page,
            "ending": question.ending,
            "office": question.office,
            "seconds": limits.wall_s - 2,
            "enclosed": enclosed,
            "shown": [str(CODE), *map(str, question.more), *_office_folder(question.office)],
            "work": work,
            "room": limits.room_bytes,
            "limits": hard,
        }
    )


def _office_folder(program: str) -> list[str]:
    """Where LibreOffice lies (``…/libreoffice24.8/program/soffice``), for installations outside /usr."""
    return [str(Path(program).resolve().parent.parent)] if program and os.path.exists(program) else []


def _converse(child: subprocess.Popen[bytes], first: bytes, pieces: Iterable[bytes], limits: Limits) -> bytes:
    """Write and read in turns, whichever the child is ready for, until it closes its end."""
    assert child.stdin is not None and child.stdout is not None
    until = time.monotonic() + limits.wall_s
    source, waiting, got = iter(pieces), memoryview(first), bytearray()
    for pipe in (child.stdin, child.stdout):
        os.set_blocking(pipe.fileno(), False)
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdin, selectors.EVENT_WRITE)
        ready.register(child.stdout, selectors.EVENT_READ)
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise Trouble(Problem.TIME)
            for key, _ in ready.select(left):
                if key.fileobj is child.stdout:
                    new = os.read(child.stdout.fileno(), CHUNK)
                    if not new:
                        return bytes(got)
                    got += new
                    if len(got) > limits.output_bytes:
                        raise Trouble(Problem.OUTPUT)
                elif (rest := _write(child.stdin.fileno(), waiting, source)) is None:
                    ready.unregister(child.stdin)
                    child.stdin.close()
                else:
                    waiting = rest


def _write(pipe: int, waiting: memoryview, source: Iterator[bytes]) -> memoryview | None:
    """Write what fits; what is left of it, or None when all was said or nobody listens any more."""
    while not waiting:
        piece = next(source, None)
        if piece is None:
            return None
        waiting = memoryview(piece)
    try:
        return waiting[os.write(pipe, waiting[:CHUNK]) :]
    except BlockingIOError:
        return waiting
    except BrokenPipeError:
        return None  # what it says, or how it ended, tells why


KILLED = (-signal.SIGKILL, -signal.SIGXCPU, 1)
"""How a child ends whose time ran out; ``unshare`` makes 1 of SIGKILL."""


def _checked(answered: bytes, code: int) -> Answer:
    source = io.BytesIO(answered)
    try:
        if read_header(source) != WALLS_ARE_UP:
            raise Trouble(Problem.NOT_ISOLATED)
    except ValueError as error:
        raise Trouble(Problem.NOT_ISOLATED) from error  # unshare: not permitted
    try:
        words = read_header(source)
        problem = Problem(words["problem"]) if "problem" in words else None
    except (ValueError, TypeError) as error:
        raise Trouble(Problem.TIME if code in KILLED else Problem.CRASHED) from error
    if problem is Problem.MEMORY:
        raise Trouble(problem)
    return Answer(words, answered[source.tell() :])


def _end(child: subprocess.Popen[bytes]) -> None:
    """Nothing of the child is left afterwards: closing the process namespace takes along whatever it started."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, 9)
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
    child.wait()
