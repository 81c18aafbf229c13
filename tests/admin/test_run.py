"""Several processes run as one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

SUPERVISOR = """
import json, sys
from admin.run import CannotRun, Child, supervise
children = [Child(name, command, port) for name, command, port in json.loads(sys.argv[1])]
try:
    supervise(children, lambda: "all answer", patience_s=float(sys.argv[2]))
except CannotRun as error:
    print("cannot run:", error, flush=True)
    sys.exit(1)
"""
SITE = """
import http.server, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])  # a worker that does not listen to anybody
print("a site is up", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
Start = Callable[..., subprocess.Popen[str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def site(name: str, port: int) -> tuple[str, list[str], int]:
    return name, [sys.executable, "-c", SITE, str(port)], port


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(*children: tuple[str, list[str], int | None], patience: float = 20) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, json.dumps(children), str(patience)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": os.getcwd()},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with suppress(psutil.NoSuchProcess):
            for left in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
                with suppress(psutil.NoSuchProcess):
                    left.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], words: str) -> list[psutil.Process]:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return psutil.Process(process.pid).children(recursive=True)
    pytest.fail(f"ended without saying {words!r}: {''.join(seen)}")


def assert_gone(processes: list[psutil.Process]) -> None:
    assert processes
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_when_all_answer_and_a_signal_ends_all_of_them_cleanly(start: Start, number: signal.Signals) -> None:
    process = start(site("public", free_port()), site("staff", free_port()))
    family = read_until(process, "all answer")
    assert len(family) == 4
    process.send_signal(number)
    assert process.wait(20) == 0
    assert_gone(family)


def test_lines_are_printed_behind_the_name_of_who_said_them(start: Start) -> None:
    process = start(site("public", free_port()))
    read_until(process, " public | a site is up")


def test_a_child_that_ends_by_itself_ends_all_and_is_named(start: Start) -> None:
    worker = "import time; time.sleep(2); raise SystemExit(7)"
    process = start(site("public", free_port()), ("worker", [sys.executable, "-c", worker], None))
    family = read_until(process, "all answer")
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "worker ended with status 7" in said
    assert_gone(family)


def test_a_taken_port_is_named_before_anything_starts(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(site("staff", port))
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"port {port} for staff cannot be used" in said
    assert "STAFF_PORT=" in said


def test_a_site_that_never_answers_is_given_up_and_ended(start: Start) -> None:
    process = start(("public", [sys.executable, "-c", "import time; time.sleep(600)"], free_port()), patience=1)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "public did not answer" in said


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_no_site_outlives_a_supervisor_that_is_killed_outright(start: Start) -> None:
    process = start(site("public", free_port()))
    family = read_until(process, "all answer")
    leader = next(child for child in family if child.ppid() == process.pid)
    process.kill()
    process.wait()
    assert_gone([leader])
    for orphan in family:  # the planted helper listens to nobody: only its own site could have ended it
        with suppress(psutil.NoSuchProcess):
            orphan.kill()
