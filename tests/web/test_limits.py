"""Limits count visitors under a key that is gone tomorrow."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.testing import FlaskClient

from portal.kernel import clock
from portal.web import limits
from portal.web.limits import ProcessKey, RedisKey
from portal.web.limits import visitor as key_of_visitor
from tests.web.small_site import small_site


def test_one_visitor_is_slowed_down_and_another_is_not(visitor: FlaskClient) -> None:
    first, second = ({"REMOTE_ADDR": address} for address in ("198.51.100.7", "198.51.100.8"))
    codes = [visitor.get("/followup/limited", environ_base=first).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert visitor.get("/followup/limited", environ_base=second).status_code == 200


def test_a_visitor_is_counted_under_a_hash_that_changes_with_the_day() -> None:
    app = small_site()
    shown = []
    try:
        for day in (28, 28, 29):
            clock.set_source(lambda day=day: datetime(2026, 9, day, 4, tzinfo=UTC))  # type: ignore[misc]
            with app.test_request_context("/", environ_base={"REMOTE_ADDR": "198.51.100.7"}):
                shown.append(key_of_visitor())
    finally:
        clock.set_source(None)
    assert "198.51" not in shown[0]
    assert shown[0] != shown[2]
    assert shown[0] == shown[1] or isinstance(limits._store, ProcessKey)


def test_yesterdays_key_cannot_be_asked_for_again() -> None:
    try:
        clock.set_source(lambda: datetime(2026, 9, 28, 4, tzinfo=UTC))
        store = ProcessKey()
        before = store.key()
        assert store.key() == before
        clock.set_source(lambda: datetime(2026, 9, 29, 4, tzinfo=UTC))
        assert store.key() != before
        assert before not in vars(store).values()
    finally:
        clock.set_source(None)


class OneRedis:
    """As much of a Redis as the key needs."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.expiries: list[int] = []

    def set(self, name: str, value: bytes, nx: bool, ex: int) -> None:
        self.expiries.append(ex)
        if not (nx and name in self.held):
            self.held[name] = value

    def get(self, name: str) -> bytes:
        return self.held[name]


def test_workers_that_share_a_redis_share_the_days_key_and_redis_drops_it() -> None:
    redis = OneRedis()
    assert RedisKey(redis).key() == RedisKey(redis).key()
    assert len(redis.held) == 1 and max(redis.expiries) <= 172800


def test_a_forwarded_address_is_believed_only_from_as_many_proxies_as_were_set() -> None:
    forged = {"X-Forwarded-For": "203.0.113.9"}
    for trusted, expected in ((0, [200, 200, 429]), (1, [200, 200, 200])):
        visitor = small_site(trusted_proxies=trusted).test_client()
        codes = [
            visitor.get("/followup/limited", headers={**forged, "X-Forwarded-For": f"203.0.113.{n}"}).status_code
            for n in range(3)
        ]
        assert codes == expected


def test_a_redis_that_is_gone_closes_no_page_and_the_limit_still_holds() -> None:
    visitor = small_site(redis_url="redis://127.0.0.1:1/0").test_client()
    assert [visitor.get("/followup/limited").status_code for _ in range(3)] == [200, 200, 429]
