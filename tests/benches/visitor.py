"""A browser without scripts for the bench and the fault tests: one kept connection, cookies, forms; nothing else.

It raises nothing for a status: what came back is in ``status`` and ``text``.
"""

from __future__ import annotations

import html
import re
import secrets
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from http.cookies import SimpleCookie
from typing import Self
from urllib.parse import urlencode, urlsplit

HOST = "127.0.0.1"
KEPT_S = 3.0
"""A connection that was silent for longer may be closed by the server at any moment: a new one is opened instead."""
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([\w-]+)"[^>]*value="([^"]*)"')
Files = tuple[tuple[str, bytes], ...]


def any_address() -> str:
    """Somewhere in the world, as a proxy names it."""
    return ".".join(str(1 + secrets.randbelow(250)) for _ in range(4))


class Visitor:
    """Someone at one address with one browser."""

    def __init__(self, port: int, address: str = "", timeout_s: float = 30) -> None:
        self.address = address or any_address()
        self.cookies: dict[str, str] = {}
        self.status, self.path, self.body, self.headers = 0, "/", b"", dict[str, str]()
        self._connection = HTTPConnection(HOST, port, timeout=timeout_s)
        self._used = 0.0

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def words(self) -> str:
        """The page without its tags."""
        return html.unescape(re.sub(r"<[^>]*>", " ", self.text))

    @property
    def code(self) -> str:
        """The 24 digits on the receipt page, or ""."""
        box = re.search(r'id="code"(.*?)</p>', self.text, re.S)
        digits = re.sub(r"\D", "", re.sub(r"<[^>]*>", "", ">" + box[1].partition(">")[2])) if box else ""
        return digits if len(digits) == 24 else ""

    def get(self, path: str, *, follow: bool = True, encoding: str = "identity", seen: str = "") -> Self:
        """*seen*: the ETag of the copy that this browser has already."""
        self._ask("GET", path, None, {"Accept-Encoding": encoding} | ({"If-None-Match": seen} if seen else {}))
        return self._follow() if follow else self

    def post(
        self,
        path: str = "",
        fields: Mapping[str, str] | None = None,
        *,
        follow: bool = True,
        files: Files = (),
        **typed: str | list[str],
    ) -> Self:
        """Send the form of the page that is open, with what is typed."""
        hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(self.text)}
        everything: dict[str, str | list[str]] = {**hidden, **(fields or {}), **typed}
        if files:
            body, kind = _multipart(everything, files)
        else:
            body, kind = urlencode(everything, doseq=True).encode(), "application/x-www-form-urlencoded"
        self._ask("POST", path or self.path, body, {"Content-Type": kind})
        return self._follow() if follow else self

    def follow(self) -> Self:
        """Go where the last answer sent the browser."""
        return self._follow()

    def close(self) -> None:
        self._connection.close()

    def _follow(self) -> Self:
        for _ in range(5):
            if self.status not in (301, 302, 303, 307, 308):
                break
            where = urlsplit(self.headers["location"])
            self._ask("GET", where.path + (f"?{where.query}" if where.query else ""), None, {})
        return self

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        sent = {"X-Forwarded-For": self.address, "Accept-Encoding": "identity", **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if time.monotonic() - self._used > KEPT_S:
            self._connection.close()
        kept = self._connection.sock is not None
        try:
            try:
                answer = self._answer(method, path, body, sent)
            except RemoteDisconnected:
                if not (kept and method == "GET"):
                    raise
                answer = self._answer(method, path, body, sent)  # as browsers do: RFC 9110, 9.2.2
            self.body = answer.read()
        except (OSError, HTTPException):
            self._connection.close()  # the next request opens a new one
            self.status, self.body, self.headers = 0, b"", {}
            raise
        self._used = time.monotonic()
        self.status, self.path = answer.status, path
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self._keep(value)

    def _answer(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> HTTPResponse:
        self._connection.request(method, path, body, headers)
        return self._connection.getresponse()

    def _keep(self, header: str) -> None:
        for name, morsel in SimpleCookie(header).items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


def _multipart(fields: dict[str, str | list[str]], files: Files) -> tuple[bytes, str]:
    boundary = secrets.token_hex(16)
    parts = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n'.encode())
    for name, data in files:
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + data + b"\r\n")
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"
    return body, f"multipart/form-data; boundary={boundary}"
