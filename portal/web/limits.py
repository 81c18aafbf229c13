"""How often one visitor may ask. Never a cap over the whole site: a flood must not close the channel for everyone.

What guards a secret (receipt codes, sign-in) is counted in the database by ``portal.signin``; this is for the rest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import Any, Protocol

from flask import Flask, request
from flask_limiter import Limiter
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.kernel import clock
from portal.web.caching import static_copy
from portal.web.settings import WebSettings

ASK_AGAIN_S = 30.0
"""How long a Redis that did not answer is left alone: each try may cost a visitor a second."""


class KeyStore(Protocol):
    """Where the day's key is: in this process, or shared through Redis. Never on a disk of ours."""

    def key(self) -> bytes:
        """32 bytes that are replaced when the day in China changes."""


class ProcessKey:
    """A key per process and day; yesterday's is overwritten and cannot be asked for again."""

    def __init__(self) -> None:
        self._day = clock.today()
        self._key = secrets.token_bytes(32)

    def key(self) -> bytes:
        """The key of today."""
        if clock.today() != self._day:
            self._day, self._key = clock.today(), secrets.token_bytes(32)
        return self._key


class RedisKey:
    """One key for all workers; Redis drops it after two days, whatever happens to us.

    While Redis is gone each worker counts under a key of its own: a limit may then be looser, never a closed door.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._known: tuple[str, bytes] | None = None
        self._own = ProcessKey()
        self._ask_again_at = 0.0

    def key(self) -> bytes:
        """The key of today, made by whichever worker asks first."""
        from redis.exceptions import RedisError  # here: who runs without a Redis does not load its client

        name = f"mingjing:limit-key:{clock.today().isoformat()}"
        if self._known is not None and self._known[0] == name:
            return self._known[1]
        if time.monotonic() >= self._ask_again_at:
            try:
                self._client.set(name, secrets.token_bytes(32), nx=True, ex=172800)
                self._known = (name, bytes(self._client.get(name)))
                return self._known[1]
            except RedisError:
                self._ask_again_at = time.monotonic() + ASK_AGAIN_S
        return self._own.key()


_store: KeyStore = ProcessKey()


def visitor() -> str:
    """Who asks, as a keyed hash that nobody can turn back into an address once the day is over."""
    address = (request.remote_addr or "").encode()
    return hmac.new(_store.key(), address, hashlib.sha256).hexdigest()[:32]


class ViewLimiter(Limiter):
    """Every limit of ours stands on a view, which checks it itself: nothing is left to check before other views."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = ViewLimiter(key_func=visitor, headers_enabled=False, strategy="moving-window")
"""``@limiter.limit("30/minute")`` on a view. Every limit is per visitor."""


@limiter.request_filter
def _of_a_copy() -> bool:
    """A copy of the pages is made by the operator, who asks for all of them; no request from outside can say so."""
    return static_copy()


def init_app(app: Flask, settings: WebSettings) -> None:
    """Counters in memory, or in Redis when it is set; a Redis that is gone falls back to memory, never to a refusal."""
    global _store
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = settings.redis_url is not None
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {} if settings.redis_url is None else {"socket_timeout": 1.0}
    app.config.setdefault("RATELIMIT_ENABLED", True)
    if settings.redis_url is None:
        _store = ProcessKey()
    else:
        import redis

        _store = RedisKey(redis.Redis.from_url(settings.redis_url, socket_timeout=1.0))
    limiter.init_app(app)


def trust_proxies(app: Flask, settings: WebSettings) -> None:
    """Believe forwarded addresses only from as many proxies as the settings name."""
    count = settings.trusted_proxies
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
