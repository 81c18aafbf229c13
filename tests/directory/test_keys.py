from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from crypto.keys import PublicKey, Purpose, generate_inner
from crypto.signing import generate_signer
from portal.directory.keys import (
    forget_proofs,
    misstated_keys,
    proven_keys,
    publish_key,
    retire_key,
    sealing_keys,
    unproven_keys,
)
from portal.directory.models import SealingKey
from portal.kernel.actors import SYSTEM
from portal.kernel.errors import Unavailable
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import KeyPublished
from portal.ledger.sequencer import sequence

NOW = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
Key = tuple[str, str]
Publish = Callable[..., SealingKey]


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    forget_proofs()
    yield
    forget_proofs()


def fresh(purpose: Purpose = Purpose.OFFICE) -> PublicKey:
    return generate_inner(purpose).public


def sign(session: Session, key: Key, now: datetime = NOW) -> None:
    session.flush()
    sequence(session, now)
    make_checkpoint(session, key[0], now, publish=False)


def test_a_published_key_is_used_once_a_checkpoint_covers_it(session: Session, checkpoint_key: Key) -> None:
    office, public = new_id(), fresh()
    publish_key(session, office, public, SYSTEM, NOW)
    session.flush()
    with pytest.raises(Unavailable) as refused:
        sealing_keys(session, "office", [office], checkpoint_key[1])
    assert refused.value.code == "no_sealing_key"
    sign(session, checkpoint_key)
    row, found = sealing_keys(session, "office", [office], checkpoint_key[1])[office]
    assert (found, row.id) == (public, public.key_id)


def test_one_missing_key_refuses_all(session: Session, checkpoint_key: Key) -> None:
    seats = [new_id(), new_id()]
    publish_key(session, seats[0], fresh(Purpose.SEAT), SYSTEM, NOW)
    sign(session, checkpoint_key)
    with pytest.raises(Unavailable):
        sealing_keys(session, "seat", seats, checkpoint_key[1])
    assert list(proven_keys(session, "seat", seats, checkpoint_key[1])) == [seats[0]]


def test_the_newest_generation_is_used_and_a_retired_one_is_not(session: Session, checkpoint_key: Key) -> None:
    office, old, new = new_id(), fresh(), fresh()
    first = publish_key(session, office, old, SYSTEM, NOW)
    second = publish_key(session, office, new, SYSTEM, NOW, generation=2)
    sign(session, checkpoint_key)
    assert sealing_keys(session, "office", [office], checkpoint_key[1])[office][1] == new
    retire_key(session, second, SYSTEM, NOW)
    session.flush()
    assert sealing_keys(session, "office", [office], checkpoint_key[1])[office][1] == old
    retire_key(session, first, SYSTEM, NOW)
    session.flush()
    with pytest.raises(Unavailable):
        sealing_keys(session, "office", [office], checkpoint_key[1])


@pytest.mark.parametrize("already_used", [False, True])
def test_a_swapped_public_key_is_refused(session: Session, checkpoint_key: Key, already_used: bool) -> None:
    office = new_id()
    row = publish_key(session, office, fresh(), SYSTEM, NOW)
    sign(session, checkpoint_key)
    if already_used:
        sealing_keys(session, "office", [office], checkpoint_key[1])
    session.execute(update(SealingKey).where(SealingKey.id == row.id).values(public=fresh().raw))
    session.expire_all()
    refuse(session, office, checkpoint_key)


def test_a_key_row_of_an_attacker_is_passed_over_however_it_is_made_up(session: Session, checkpoint_key: Key) -> None:
    office, own = new_id(), fresh()
    good = publish_key(session, office, fresh(), SYSTEM, NOW)
    sign(session, checkpoint_key)
    forged = {"purpose": "office", "owner_id": office, "public": own.raw, "since": NOW.date()}
    # the entry of the good key, which names another key
    session.add(SealingKey(id=own.key_id, generation=2, entry_id=good.entry_id, **forged))
    session.flush()
    assert used(session, office, checkpoint_key) == good.id
    # an entry of its own, which no checkpoint covers
    event = KeyPublished("office", str(office), 2, own.key_id.hex())
    entry = append(session, event, SYSTEM, NOW)
    session.execute(update(SealingKey).where(SealingKey.id == own.key_id).values(entry_id=entry))
    session.expire_all()
    assert used(session, office, checkpoint_key) == good.id


def test_while_a_new_generation_waits_for_its_checkpoint_the_one_before_holds(
    session: Session, checkpoint_key: Key
) -> None:
    office = new_id()
    first = publish_key(session, office, fresh(), SYSTEM, NOW)
    sign(session, checkpoint_key)
    second = publish_key(session, office, fresh(), SYSTEM, NOW + timedelta(seconds=1), 2)
    session.flush()
    assert used(session, office, checkpoint_key) == first.id
    sign(session, checkpoint_key, NOW + timedelta(seconds=2))
    assert used(session, office, checkpoint_key) == second.id


def used(session: Session, office: Id, checkpoint_key: Key) -> bytes:
    """The id of the key that would be sealed to."""
    return sealing_keys(session, "office", [office], checkpoint_key[1])[office][0].id


def test_a_checkpoint_of_another_key_vouches_for_nothing(session: Session, checkpoint_key: Key) -> None:
    office, attacker = new_id(), generate_signer("test.example/ledger")
    publish_key(session, office, fresh(), SYSTEM, NOW)
    sign(session, attacker)
    refuse(session, office, checkpoint_key)
    # … and does not hide an earlier one of ours
    assert list(proven_keys(session, "office", [office], attacker[1])) == [office]


def test_a_key_of_one_owner_is_not_the_key_of_another(session: Session, checkpoint_key: Key) -> None:
    office, other = new_id(), new_id()
    row = publish_key(session, office, fresh(), SYSTEM, NOW)
    sign(session, checkpoint_key)
    sealing_keys(session, "office", [office], checkpoint_key[1])
    session.execute(update(SealingKey).where(SealingKey.id == row.id).values(owner_id=other))
    session.expire_all()
    refuse(session, other, checkpoint_key)


def test_keys_that_nothing_vouches_for_are_listed(session: Session, checkpoint_key: Key) -> None:
    covered = publish_key(session, new_id(), fresh(), SYSTEM, NOW)
    sign(session, checkpoint_key)
    fresh_one = publish_key(session, new_id(), fresh(), SYSTEM, NOW + timedelta(seconds=1))
    session.flush()
    assert [row.id for row in unproven_keys(session, checkpoint_key[1])] == [fresh_one.id]
    assert covered.id != fresh_one.id


def test_an_older_key_does_not_come_back_when_the_row_of_the_newer_one_is_deleted(
    session: Session, checkpoint_key: Key
) -> None:
    office = new_id()
    publish_key(session, office, fresh(), SYSTEM, NOW)
    newer = publish_key(session, office, fresh(), SYSTEM, NOW, generation=2)
    sign(session, checkpoint_key)
    sealing_keys(session, "office", [office], checkpoint_key[1])
    session.execute(delete(SealingKey).where(SealingKey.id == newer.id))
    session.expire_all()
    refuse(session, office, checkpoint_key)
    assert [newer.id.hex() in fault for fault in misstated_keys(session)] == [True]


def test_a_retired_key_does_not_come_back_when_its_row_says_otherwise(session: Session, checkpoint_key: Key) -> None:
    office = new_id()
    row = publish_key(session, office, fresh(), SYSTEM, NOW)
    sign(session, checkpoint_key)
    retire_key(session, row, SYSTEM, NOW)
    session.flush()
    assert misstated_keys(session) == []
    session.execute(update(SealingKey).where(SealingKey.id == row.id).values(retired_on=None))
    session.expire_all()
    refuse(session, office, checkpoint_key)
    assert [row.id.hex() in fault for fault in misstated_keys(session)] == [True]


def refuse(session: Session, office: Id, key: Key) -> None:
    with pytest.raises(Unavailable):
        sealing_keys(session, "office", [office], key[1])
