"""What gunicorn writes down when a request fails: nothing that tells who asked, or what."""

from __future__ import annotations

import gc
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.web import serving

APPLICATION = """
import hashlib, os, time
from portal.kernel.boot import boot_secret

def app(environ, start_response):
    if environ["PATH_INFO"] == "/boot":
        time.sleep(0.05)  # so that one worker alone does not answer them all
        start_response("200 OK", [("Connection", "close")])
        return [f"{os.getpid()} {hashlib.sha256(boot_secret()).hexdigest()}".encode()]
    if environ["PATH_INFO"] != "/":
        word = environ["wsgi.input"].read().decode()
        int(word)  # the exception's text repeats the word
    start_response("200 OK", [])
    return [b"ok"]
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    (tmp_path / "failing.py").write_text(APPLICATION)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "log"
    command = [sys.executable, "-m", "gunicorn", "--config", "python:portal.web.serving"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}", "failing:app"],
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": f"{os.getcwd()}:{tmp_path}", "HOME": str(tmp_path)},
        )
    try:
        _wait(port)
        yield port, log
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    left = {path.name for path in tmp_path.iterdir()} - {"failing.py", "log", "__pycache__"}
    assert left == set(), "no socket, pid or heartbeat file stays behind"


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            assert _ask(port, "GET", "/") == 200
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail("gunicorn did not come up")


def _ask(port: int, method: str, path: str, body: str | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body)
    return connection.getresponse().status


def test_a_failed_request_leaves_the_kind_of_error_and_its_place_but_no_word_path_or_address(
    served: tuple[int, Path],
) -> None:
    port, log = served
    assert _ask(port, "POST", "/secret-path?q=secret-query", "secret-word") == 500
    assert _ask(port, "GET", "/") == 200
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"secret-line without sense\r\n\r\n")
        assert b"400" in raw.recv(1000)
    time.sleep(0.2)
    said = log.read_text()
    assert re.search(r"Error handling a request: ValueError at failing.py:\d+ app", said)
    assert "Invalid request" in said
    assert "secret" not in said
    assert "127.0.0.1" not in re.sub(r"Listening at: http://127\.0\.0\.1:\d+", "", said)


def test_every_worker_of_one_start_holds_the_same_secret(served: tuple[int, Path]) -> None:
    port, _ = served

    def ask(_number: int) -> list[str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/boot")
        return connection.getresponse().read().decode().split()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(64)))
    assert len({pid for pid, _ in answers}) == 2
    assert len({secret for _, secret in answers}) == 1


def test_a_worker_searches_for_garbage_again_once_its_application_is_there() -> None:
    try:
        serving.post_fork(None, None)
        assert not gc.isenabled()
        serving.post_worker_init(None)
        assert gc.isenabled()
    finally:
        gc.enable()
