"""Keepers of a whole deployment, with an owner's rights: who holds which key, and which names it opens."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from admin.staff import unlocking
from admin.staff.models import Staff
from admin.staff.queries import actor_of
from crypto import custody, envelope, sealing, shares
from crypto.keys import InnerKey, Purpose, inner_from_seed
from portal.directory.models import BoardSeat, SealingKey
from portal.kernel.actors import REPORTER, Actor
from portal.kernel.clock import now, today
from portal.kernel.shred import create_shred_key, read_shred_key
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.ledger.sequencer import sequence
from portal.tips.intake import Submission, receive_tip, seal_person
from portal.tips.models import IdentityRecord, IdentityShare, Tip
from portal.tips.sealing import IDENTITY
from portal.tips.values import AnswerWay, Channel, Identity, KnownAs, Report, SubjectType
from tests.benches.deployment import Deployment


def covered(deployment: Deployment) -> None:
    """What the worker does: entries into the tree, a checkpoint over it."""
    with transaction() as session:
        while sequence(session, now()):
            pass
        make_checkpoint(session, deployment.settings.signer(), now(), publish=False)


def staff_of(session: Session, name: str) -> Staff:
    return session.scalars(select(Staff).where(Staff.sign_in == name)).one()


def actor(name: str) -> Actor:
    with reading() as session:
        return actor_of(session, staff_of(session, name))


def own_key(deployment: Deployment, name: str) -> InnerKey:
    """The person's own key, as the passphrase opens it."""
    return inner_from_seed(Purpose.STAFF, deployment.people[name].seed)


def seat_of(session: Session, name: str) -> BoardSeat:
    return session.scalars(select(BoardSeat).where(BoardSeat.holder_id == staff_of(session, name).id)).one()


def seat_key(deployment: Deployment, session: Session, name: str, key_id: bytes | None = None) -> InnerKey | None:
    """The key of the seat that a person holds, out of the grant; None without one."""
    seat, own = seat_of(session, name), own_key(deployment, name)
    return unlocking.open_granted(session, staff_of(session, name), own, Purpose.SEAT, seat.id, key_id)


def named_report(names: list[str]) -> Id:
    """One report, with so many names sealed to its board: each by the function that intake uses."""
    tip_id = new_id()
    shred_key = create_shred_key(tip_id, today())
    submission = Submission(
        tip_id=tip_id,
        report=Report(region="320106", words="虚构住院。", target="演示医院", subject_type=SubjectType.INSTITUTION),
        known_as=KnownAs.NO_NAME,
        channel=Channel.WEB,
        answer_way=AnswerWay.NONE,
    )
    with transaction() as session:
        receive_tip(session, submission, REPORTER, now())
        session.flush()
        tip = session.get_one(Tip, tip_id)
        for name in names:
            seal_person(session, tip, "identity", Identity(name=name), shred_key, REPORTER, now())
    return tip_id


def opened_by(session: Session, tip: Id, keys: list[InnerKey]) -> list[str]:
    """Every name of a report, opened with the keys of some seats of its board, in the order of the alphabet."""
    return sorted(_opened(session, record, keys) for record in session.scalars(
        select(IdentityRecord).where(IdentityRecord.tip_id == tip)
    ))  # fmt: skip


def _opened(session: Session, record: IdentityRecord, keys: list[InnerKey]) -> str:
    """By what is stored alone: each key takes the share that is sealed to it."""
    clear = []
    for key in keys:
        share = session.scalars(
            select(IdentityShare).where(IdentityShare.record_id == record.id, IdentityShare.key_id == key.public.key_id)
        ).one()
        clear.append(custody.open_share(share.sealed, key, share.position, share.digest, IDENTITY, record.id.bytes))
    combined = shares.combine(clear, record.k)
    body_key = sealing.quorum_key(combined, read_shred_key(record.tip_id), IDENTITY, record.id.bytes)
    payload = envelope.open_body(record.sealed, body_key, IDENTITY, record.id.bytes)
    return Identity.from_json(payload.decode()).name


def keys_of_seat(session: Session, seat: Id) -> list[SealingKey]:
    """Every generation, oldest first, retired ones too."""
    rows = select(SealingKey).where(SealingKey.owner_id == seat, SealingKey.purpose == "seat")
    return list(session.scalars(rows.order_by(SealingKey.generation)))
