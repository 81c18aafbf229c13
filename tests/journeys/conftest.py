"""A small deployment that can seal: a province, a city and a district with keys, one custody board, a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import babel
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from crypto.keys import InnerKey, Purpose, generate_inner
from portal.directory.keys import forget_proofs, publish_key
from portal.directory.models import BoardSeat, CustodyBoard, Office
from portal.kernel.actors import SYSTEM
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import transaction
from portal.kernel.values import Id, new_id
from portal.web.limits import limiter
from tests.conftest import StandingClock
from tests.journeys.reporter import Reporter

OFFICES = {
    "js": ("江苏省医疗保障局（演示）", "province", "320000", "bureau", None),
    "nj": ("南京市医疗保障局（演示）", "city", "320100", "bureau", "js"),
    "gl": ("南京市鼓楼区医疗保障局（演示）", "county", "320106", "bureau", "nj"),
    "jj": ("江苏省纪检监察组（演示）", "province", "320000", "discipline", "js"),
}


class Keys:
    """The private keys of the deployment, by office code and seat id: only a test holds them all together."""

    def __init__(self) -> None:
        self.ids: dict[str, Id] = {}
        self.offices: dict[str, InnerKey] = {}
        self.seats: dict[Id, InnerKey] = {}


@pytest.fixture
def keys(database: Database, site: Site, clock: StandingClock, checkpoint_key: tuple[str, str]) -> Iterator[Keys]:
    """Offices, a board of three seats, and their keys proven under a checkpoint."""
    forget_proofs()
    held = Keys()
    with transaction() as session:
        _offices(session, held)
        _board(session, held)
    with transaction() as session:
        make_checkpoint(session, checkpoint_key[0], clock(), publish=True)
    yield held
    forget_proofs()


def _offices(session: Session, held: Keys) -> None:
    ids = held.ids
    for code, (name, level, region, kind, above) in OFFICES.items():
        ids[code] = new_id()
        superior = ids[above] if above else None
        session.add(
            Office(id=ids[code], code=code, name=name, kind=kind, level=level, region=region, superior_id=superior)
        )
        session.flush()
        held.offices[code] = generate_inner(Purpose.OFFICE)
        publish_key(session, ids[code], held.offices[code].public, SYSTEM, datetime(2026, 9, 1, tzinfo=UTC))


def _board(session: Session, held: Keys) -> None:
    board = CustodyBoard(id=new_id(), name="省级保管组（演示）", k=2)
    session.add(board)
    session.flush()
    holders = ("js", "nj", "jj")
    for position, code in enumerate(holders, 1):
        seat = BoardSeat(id=new_id(), board_id=board.id, position=position, holder_office_id=held.ids[code])
        session.add(seat)
        session.flush()
        held.seats[seat.id] = generate_inner(Purpose.SEAT)
        publish_key(session, seat.id, held.seats[seat.id].public, SYSTEM, datetime(2026, 9, 1, tzinfo=UTC))


@pytest.fixture
def app(public_app: Flask, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The public site, able to seal, with no limits on how often one visitor may ask.

    Nothing it does may read Babel's tables of the world: five megabytes in every worker, for a few names of days.
    """
    monkeypatch.setattr(limiter, "enabled", False)
    monkeypatch.setattr(babel.Locale, "_data", property(_refused))
    monkeypatch.setattr(babel.core, "get_global", _refused)
    for endpoint, rule in (("followup.sign_in", "/followup/"), ("ledger.index", "/ledger/")):
        if endpoint not in public_app.view_functions:
            public_app.add_url_rule(rule, endpoint, lambda: "")
    return public_app


def _refused(*_asked: object) -> None:
    raise AssertionError("a page read a table of Babel")


@pytest.fixture
def reporter(app: Flask) -> Reporter:
    """Somebody with a browser that runs no scripts."""
    return Reporter(app)
