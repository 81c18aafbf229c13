"""A seat's shares are being sealed anew when the process is killed with -9, again and again: no name is lost by it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.client import HTTPException

import pytest
from sqlalchemy import select

from admin.custody import seats
from admin.staff.models import KeyGrant
from crypto import custody
from crypto.errors import WrongKey
from crypto.keys import InnerKey
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.tips.models import IdentityShare
from portal.tips.sealing import IDENTITY
from tests.benches.deployment import KEEPERS, NEWCOMER, Deployment
from tests.benches.keepers import (
    actor,
    covered,
    keys_of_seat,
    named_report,
    opened_by,
    own_key,
    seat_key,
    seat_of,
    staff_of,
)
from tests.benches.served import ALONE, STAFF, Served, serving
from tests.benches.staff_rows import signed_in
from tests.benches.visitor import Visitor
from tests.faults import book

NAMES = [f"虚构人{number:03}" for number in range(420)]
LEAVER, OTHER = KEEPERS[1], KEEPERS[0]
PATIENCE_S = 90.0


@dataclass
class Trouble:
    """Kills every worker a few milliseconds after a press has begun, a little later each time, some times in all."""

    staff: Served
    times: int
    after_s: float = 0.02
    kills: int = 0
    broken: int = 0

    def pressed(self) -> None:
        if self.kills < self.times:
            self.kills += 1
            threading.Timer(self.after_s * self.kills, self.staff.kill_workers).start()


def handed_over(deployment: Deployment) -> tuple[Id, InnerKey]:
    """The leaver passes the seat on, and the newcomer makes it a new key; returns the seat and its key of before."""
    covered(deployment)
    with reading() as session:
        seat, old = seat_of(session, LEAVER).id, seat_key(deployment, session, LEAVER)
        newcomer = staff_of(session, NEWCOMER).id
    assert old is not None
    with transaction() as session:
        row = seats.find_seat(session, seat, lock=True)
        row.next_holder_id = newcomer
        fingerprint = own_key(deployment, NEWCOMER).public.fingerprint
        seats.hand_over(session, row, [old], fingerprint, actor(LEAVER), now())
    with transaction() as session:
        row = seats.find_seat(session, seat, lock=True)
        seats.begin_generation(session, row, own_key(deployment, NEWCOMER).public, actor(NEWCOMER), now())
    covered(deployment)
    return seat, old


def press_until_done(visitor: Visitor, seat: Id, trouble: Trouble) -> None:
    """Press the button until the page says that nothing is left, with workers dying under it."""
    path, until = f"/custody/seats/{seat}/reseal/", time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            if visitor.get(path).status == 200 and "<progress" not in visitor.text:
                return
            trouble.pressed()
            visitor.post(path, do="go", follow=False)
        except (OSError, HTTPException):
            trouble.broken += 1
            time.sleep(0.1)
    raise AssertionError(f"the change of the key never ended; last answer {visitor.status}")


def sealed_to(seat: Id) -> dict[bytes, int]:
    """How many of the seat's shares are sealed to each key."""
    with reading() as session:
        found = list(session.scalars(select(IdentityShare.key_id).where(IdentityShare.seat_id == seat)))
    return {key: found.count(key) for key in found}


def test_resealing_that_is_killed_again_and_again_ends_with_every_name_and_nothing_for_the_old_key(
    deployment: Deployment,
) -> None:
    with deployment.opened():
        tip = named_report(NAMES)
        seat, old = handed_over(deployment)
    with serving(STAFF, deployment.environment(), deployment.folder / "staff.log", options=ALONE) as staff:
        visitor = signed_in(staff, deployment.people[NEWCOMER])
        trouble = Trouble(staff, times=4)
        press_until_done(visitor, seat, trouble)
    assert trouble.broken, "no request was hit: the test showed nothing"
    with deployment.opened():
        assert len(sealed_to(seat)) == 1, "all of them are sealed to one key"
        with reading() as session:
            generations = keys_of_seat(session, seat)
            new, other = seat_key(deployment, session, NEWCOMER), seat_key(deployment, session, OTHER)
            assert new is not None and other is not None
            assert [key.retired_on is None for key in generations] == [False, True]
            assert opened_by(session, tip, [new, other]) == NAMES
            opens_nothing(session_shares(seat), old)
            kept = session.scalars(select(KeyGrant).where(KeyGrant.key_id == old.public.key_id)).all()
            assert kept == [], "neither the leaver nor the paper has the old key any more"
    assert book.faults_of_the_ledger(deployment) == []


def session_shares(seat: Id) -> list[IdentityShare]:
    with reading() as session:
        return list(session.scalars(select(IdentityShare).where(IdentityShare.seat_id == seat)))


def opens_nothing(rows: list[IdentityShare], old: InnerKey) -> None:
    """The key of before, in whose hands ever, opens none of the seat's shares."""
    for share in rows:
        with pytest.raises(WrongKey):
            custody.open_share(share.sealed, old, share.position, share.digest, IDENTITY, share.record_id.bytes)


def test_what_a_kill_leaves_half_done_opens_with_both_keys_and_is_gone_on_with(deployment: Deployment) -> None:
    """Killed once in the middle: a batch is whole or not there, and each share is sealed to one of the two keys."""
    with deployment.opened():
        tip = named_report(NAMES)
        seat, old = handed_over(deployment)
    path = f"/custody/seats/{seat}/reseal/"
    with serving(STAFF, deployment.environment(), deployment.folder / "staff.log", options=ALONE) as staff:
        visitor = signed_in(staff, deployment.people[NEWCOMER])
        visitor.get(path).post(path, do="go", follow=False)
        assert visitor.status == 303
        visitor.get(path)
        Trouble(staff, times=1).pressed()
        with pytest.raises((OSError, HTTPException)):
            visitor.post(path, do="go", follow=False)
        with deployment.opened():
            halves = sealed_to(seat)
            assert sorted(halves.values()) == [seats.BATCH, len(NAMES) - seats.BATCH], "whole batches only"
            with reading() as session:
                keys = [seat_key(deployment, session, NEWCOMER, key) for key in halves]
                other = seat_key(deployment, session, OTHER)
                assert other is not None and all(keys)
        press_until_done(visitor, seat, Trouble(staff, times=0))
    with deployment.opened(), reading() as session:
        new = seat_key(deployment, session, NEWCOMER)
        assert new is not None and opened_by(session, tip, [new, other]) == NAMES
        opens_nothing(session_shares(seat), old)
