"""Making the file of a batch that was released: the payees are in clear in the memory of this one request."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.payments.batches import make_file
from admin.payments.consenting import way
from admin.payments.ending import end, overdue
from admin.payments.releasing import payees_of
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from crypto import custody, opening
from crypto.custody import PassedShare
from crypto.keys import InnerKey, PublicKey, Purpose, scrub
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import IllegalMove, NotAllowed, Refused
from portal.kernel.shred import read_shred_key
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.payments.batch_models import PaymentBatch
from portal.payments.events import PayeesOpened
from portal.payments.layout import FileKind, PaymentFile
from portal.payments.models import PassedPayeeShare, PayeeRecord, PayeeShare, PaymentAnswer, PaymentRelease
from portal.payments.sealing import PAYEE, content_of
from portal.payments.values import Payee, PaymentNumber, ReleaseState

NOT_GRANTED = "保管人还没有同意，或者文件已经生成过，或者已经过期。再要一份，请重新申请放行。"


def record_taking(session: Session, release: PaymentRelease, batch: PaymentBatch, actor: Actor, now: Utc) -> None:
    """Put on record that the asker makes the file now. To be committed before :func:`take`.

    ``release`` and ``batch`` are locked. Raises what :func:`_must_be_takeable` raises.
    """
    _must_be_takeable(session, release, batch, actor, now)
    append(session, PayeesOpened(str(release.id), str(batch.id), batch.size), actor, now)


def take(
    session: Session,
    release: PaymentRelease,
    batch: PaymentBatch,
    kind: FileKind,
    own: InnerKey,
    actor: Actor,
    now: Utc,
) -> PaymentFile:
    """The file, once: the release ends with it, and its one-time key is gone.

    ``own``: the asker's own key; ``release`` and ``batch`` are locked. Raises BadShare naming the giver of a wrong
    share, Tampered when a sealed payee was changed, what :func:`admin.payments.batches.make_file` raises, and nothing
    is changed then.
    """
    _must_be_takeable(session, release, batch, actor, now)
    payees = _open(session, release, batch, own)
    file = make_file(session, batch, payees, kind, actor, now)
    end(session, release, ReleaseState.RELEASED, actor, now)
    return file


def _must_be_takeable(session: Session, release: PaymentRelease, batch: PaymentBatch, actor: Actor, now: Utc) -> None:
    """NotAllowed for anybody but the asker, or who prepared the batch; IllegalMove before k seats have consented and
    after the file was made; Refused when it has expired or holds something else by now."""
    actor.must(Permission.PAY_REWARD, release.office_id)
    if release.asked_by != actor.id or release.batch_id != batch.id or is_own(session, batch.made_by, actor):
        raise NotAllowed("not_allowed", "只有申请放行的人可以生成支付文件。")
    if release.state != ReleaseState.GRANTED:
        raise IllegalMove("illegal_move", NOT_GRANTED)
    if overdue(release, now):
        raise Refused("release_expired", "这次放行已经过期，请重新申请。")
    rows = payees_of(session, batch)
    if content_of(batch, [(payment, record.sealed) for payment, record in rows]) != release.content:
        raise Refused("batch_changed", "放行以后，这一批改动过，不能生成文件。请撤回，重新申请放行。")


def _open(session: Session, release: PaymentRelease, batch: PaymentBatch, own: InnerKey) -> dict[PaymentNumber, Payee]:
    """Every payee of the batch, each put together from the shares that were passed on."""
    once_public = PublicKey(Purpose.OPENING, release.once_public or b"")
    passed = _passed(session, release)
    with opening.open_grant(release.once_sealed or b"", own, once_public, release.id.bytes) as once:
        return {
            PaymentNumber(payment.number): _open_one(release, record, passed.get(payment.id, []), once, own)
            for payment, record in payees_of(session, batch)
        }


def _open_one(
    release: PaymentRelease, record: PayeeRecord, passed: list[PassedShare], once: InnerKey, own: InnerKey
) -> Payee:
    shred_key = read_shred_key(record.payment_id)
    payload = b""
    try:
        payload = custody.open_quorum(
            record.sealed,
            passed,
            record.k,
            once,
            own,
            way(release, record.payment_id),
            PAYEE,
            record.payment_id.bytes,
            shred_key,
        )
        return Payee.from_json(payload.decode())
    finally:
        scrub(payload, shred_key)


def _passed(session: Session, release: PaymentRelease) -> dict[Id, list[PassedShare]]:
    """By payment, the shares that were passed on, each with the digest that was recorded when it was made."""
    rows = session.execute(
        select(PassedPayeeShare.payment_id, PaymentAnswer.position, PassedPayeeShare.passed, PayeeShare.digest)
        .join(PaymentAnswer, PaymentAnswer.id == PassedPayeeShare.answer_id)
        .join(
            PayeeShare,
            (PayeeShare.payment_id == PassedPayeeShare.payment_id) & (PayeeShare.seat_id == PaymentAnswer.seat_id),
        )
        .where(PaymentAnswer.release_id == release.id)
        .order_by(PaymentAnswer.position)
    )
    found: dict[Id, list[PassedShare]] = {}
    for payment, position, sealed, digest in rows:
        found.setdefault(payment, []).append(PassedShare(position, sealed, digest))
    return found
