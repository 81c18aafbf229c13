"""A daemon that speaks clamd's protocol (clamd(8)) over a unix socket: no scanner, but what one may answer."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.rendering.samples import EICAR

FRESH = "ClamAV 1.4.3/27800/Sun Sep 27 08:26:45 2026"


class Daemon:
    """Finds the EICAR file wherever it stands, and remembers what it was sent."""

    def __init__(self, address: Path, version: str, answer: str | None, most: int) -> None:
        self.address, self.version, self.answer, self.most = str(address), version, answer, most
        self.got: list[bytes] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.address)
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                asked, _ = self._socket.accept()
            except OSError:
                return
            with asked:
                said = self._answer(asked)
                if said is not None:
                    asked.sendall(said.encode() + b"\0")

    def _answer(self, asked: socket.socket) -> str | None:
        command = b""
        while not command.endswith(b"\0"):
            command += asked.recv(1)
        if command == b"zVERSION\0":
            return self.version
        data = bytearray()
        while size := struct.unpack("!I", self._exactly(asked, 4))[0]:
            data += self._exactly(asked, size)
            if len(data) > self.most:
                return "INSTREAM size limit exceeded. ERROR"
        self.got.append(bytes(data))
        if self.answer is not None:
            return self.answer or None
        return "stream: Eicar-Test-Signature FOUND" if EICAR in data else "stream: OK"

    @staticmethod
    def _exactly(asked: socket.socket, size: int) -> bytes:
        got = b""
        while len(got) < size:
            got += asked.recv(size - len(got))
        return got


@contextmanager
def daemon(
    folder: Path, *, version: str = FRESH, answer: str | None = None, most: int = 10_000_000
) -> Iterator[Daemon]:
    """A running daemon. *answer*: what it says of every file; "" for closing without a word."""
    running = Daemon(folder / "clamd.ctl", version, answer, most)
    try:
        yield running
    finally:
        running.stop()
