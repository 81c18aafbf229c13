"""Seats of custody boards: who is appointed, how the key passes on, and the new generation that a new holder makes.

Nobody but a holder, or the board's paper, can pass a seat's key on: whoever manages the directory appoints and reads
nothing. The new holder then seals the seat's shares anew to a key of the own making, some at a time; no identity is
put together for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from admin.custody.kept import Kept, kept_at, kept_by
from admin.payments.apart import works_on_it
from admin.staff.granting import add_grant
from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.queries import is_own, same_person
from admin.staff.roles import Permission
from crypto import custody, opening
from crypto.keys import InnerKey, PublicKey, Purpose, generate_inner, scrub
from portal.directory.keys import proven_keys, publish_key, retire_key
from portal.directory.models import BoardSeat, CustodyBoard, Office, SealingKey
from portal.directory.values import BoardPurpose
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.site import site
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.ledger.events import StaffChanged

BATCH = 200
"""Shares that are sealed anew in one transaction."""


def appoint(session: Session, seat: BoardSeat, staff: Staff, person_no: str, actor: Actor, now: Utc) -> None:
    """Name who is to hold a seat next. The key comes from the present holder, or from the board's paper.

    ``person_no``: the staff number, by which two accounts of one person are told; the first one given stays. Raises
    NotAllowed without the permission for both the board and the colleague, or for oneself, Refused for one who is no
    keeper of what the board keeps or has a seat of it already, under this or another account; of a payment board, for
    one who works on reports or decides rewards anywhere.
    """
    board = session.get_one(CustodyBoard, seat.board_id)
    kept = kept_by(board)
    office = _keeper_of(session, staff, kept)
    if office is None or staff.state != "active":
        raise Refused("no_custodian", f"这个人还不是{kept.keeper}，或者账号还没有启用。请先给角色，等本人第一次登录。")
    actor.must(Permission.MANAGE_DIRECTORY, office)
    must_manage(session, board.office_id, actor)
    if is_own(session, staff.id, actor):
        raise NotAllowed("same_person", "不能任命自己。请由另一位管理员办理。")
    _number(staff, person_no)
    if seat.holder_id == staff.id:
        raise Refused("holds_it", "这个席位本来就是他的。")
    if any(same_person(staff, other) for other in _others_on(session, seat)):
        raise Refused("one_seat", "这个人在这个保管组已经有一个席位。一个人用两个账号，也只能有一个席位。")
    if board.purpose == BoardPurpose.PAYMENT and works_on_it(session, staff):
        raise Refused("works_on_it", "这个人还办理举报或者审核奖励，不能保管收款信息。请任命别人。")
    seat.next_holder_id = staff.id
    append(session, StaffChanged(str(staff.id), "seat-appointed", role=str(seat.id)), actor, now)


def hand_over(
    session: Session, seat: BoardSeat, keys: Sequence[InnerKey], fingerprint: str, actor: Actor, now: Utc
) -> None:
    """The holder passes the seat's keys to the appointed colleague, whose *fingerprint* the two have compared by voice.

    Raises NotAllowed for anybody but the holder, Refused without an appointment, or when the colleague's key is another
    or not yet under a checkpoint.
    """
    if seat.holder_id != actor.id:
        raise NotAllowed("not_allowed", "只有这个席位现在的保管人可以移交。")
    newcomer, public, _ = appointed(session, seat)
    if public.fingerprint != fingerprint:
        raise Refused("fingerprint_changed", "指纹和刚才显示的不一样。请重新核对，不要继续。")
    _take_over(session, seat, keys, newcomer, public, actor, now)


def take_from_paper(session: Session, seat: BoardSeat, paper: InnerKey, actor: Actor, now: Utc) -> None:
    """The appointed colleague takes the key out of what was sealed to the board's recovery key on paper.

    Raises NotAllowed for anybody but the one appointed, Refused when the sheets are of another board.
    """
    if seat.next_holder_id != actor.id:
        raise NotAllowed("not_allowed", "只有被任命的保管人本人可以用恢复词取得席位。")
    newcomer, public, _ = appointed(session, seat)
    kept = select(KeyGrant, SealingKey).join(SealingKey, SealingKey.id == KeyGrant.key_id).where(
        SealingKey.owner_id == seat.id,
        SealingKey.retired_on.is_(None),
        KeyGrant.holder_key_id == paper.public.key_id,
    )  # fmt: skip
    found = session.execute(kept.order_by(SealingKey.generation)).all()
    if not found:
        raise Refused("other_paper", "这些恢复词不是这个保管组的。")
    with ExitStack() as opened:
        keys = [
            opened.enter_context(
                opening.open_grant(grant.sealed, paper, PublicKey(Purpose.SEAT, row.public), seat.id.bytes)
            )
            for grant, row in found
        ]
        _take_over(session, seat, keys, newcomer, public, actor, now)


def begin_generation(session: Session, seat: BoardSeat, own: PublicKey, actor: Actor, now: Utc) -> None:
    """Make the seat a key that no earlier holder has seen, granted to its holder and to the paper of seat and board.

    Refused while an earlier change is not finished. What is sealed from the next checkpoint on uses the new key.
    """
    if seat.holder_id != actor.id or actor.id is None:
        raise NotAllowed("not_allowed", "只有这个席位的保管人可以更换密钥。")
    if len(generations(session, seat.id)) > 1:
        raise Refused("under_way", "上一次更换还没有完成，请先把剩下的份额重新封存。")
    highest = session.scalar(select(func.max(SealingKey.generation)).where(SealingKey.owner_id == seat.id)) or 0
    papers = papers_of(session, seat)
    staff = session.get_one(Staff, actor.id)
    with generate_inner(Purpose.SEAT) as key:
        publish_key(session, seat.id, key.public, actor, now, highest + 1)
        session.flush()
        add_grant(session, key, seat.id, own, staff, actor, now)
        for _, paper in papers:
            add_grant(session, key, seat.id, paper, None, actor, now)


def papers_of(session: Session, seat: BoardSeat) -> list[tuple[SealingKey, PublicKey]]:
    """The recovery sheets, of the seat and of its board, to which the seat's next key will be sealed."""
    owners = [seat.id, seat.board_id]
    return list(proven_keys(session, Purpose.BOARD_RECOVERY.value, owners, site().checkpoint_vkey).values())


def reseal_some(
    session: Session, seat: BoardSeat, old: InnerKey, new: InnerKey, actor: Actor, now: Utc, limit: int = BATCH
) -> int:
    """Seal up to *limit* of the seat's shares anew; with the last one the old key is retired. Returns how many remain.

    May be broken off and called again at any time. Raises Refused until a checkpoint covers the new key, crypto errors,
    and changes nothing, when a share was altered.
    """
    if seat.holder_id != actor.id:
        raise NotAllowed("not_allowed", "只有这个席位的保管人可以重新封存。")
    proven = proven_keys(session, Purpose.SEAT.value, [seat.id], site().checkpoint_vkey).get(seat.id)
    if proven is None or proven[0].id != new.public.key_id:
        raise Refused("key_not_proven", "新密钥还没有记入记录簿的检查点，通常几秒钟就好。请过一会儿再试。")
    kept = kept_at(session, seat)
    waiting = kept.sealed_to(old.public.key_id, seat.id).order_by(kept.table.id).limit(limit)
    for share in session.scalars(waiting.with_for_update()):
        record = kept.record_of(share).bytes
        clear = custody.open_share(share.sealed, old, share.position, share.digest, kept.label, record)
        share.sealed = custody.seal_share(clear, new.public, kept.label, record)
        share.key_id = new.public.key_id
        scrub(clear)
    session.flush()
    left = left_to_reseal(session, seat, old.public.key_id)
    if left == 0:
        _retire(session, old.public.key_id, actor, now)
    return left


def generations(session: Session, seat: Id) -> list[SealingKey]:
    """The keys of a seat that are not retired, oldest first: two while its shares are being sealed anew."""
    return list(
        session.scalars(
            select(SealingKey)
            .where(SealingKey.owner_id == seat, SealingKey.purpose == "seat", SealingKey.retired_on.is_(None))
            .order_by(SealingKey.generation)
        )
    )


def left_to_reseal(session: Session, seat: BoardSeat, key_id: bytes) -> int:
    """How many of the seat's shares are sealed to a key."""
    sealed = kept_at(session, seat).sealed_to(key_id, seat.id)
    return session.scalar(select(func.count()).select_from(sealed.subquery())) or 0


def _take_over(
    session: Session,
    seat: BoardSeat,
    keys: Sequence[InnerKey],
    newcomer: Staff,
    to: PublicKey,
    actor: Actor,
    now: Utc,
) -> None:
    """Grant the keys to the newcomer and to nobody else, and write down whose seat it is now."""
    for key in keys:
        add_grant(session, key, seat.id, to, newcomer, actor, now)
    session.flush()
    of_seat = select(SealingKey.id).where(SealingKey.owner_id == seat.id, SealingKey.purpose == "seat")
    session.execute(
        delete(KeyGrant).where(
            KeyGrant.key_id.in_(of_seat), KeyGrant.staff_id.is_not(None), KeyGrant.staff_id != newcomer.id
        )
    )
    seat.holder_id, seat.next_holder_id = newcomer.id, None
    seat.holder_office_id = _keeper_of(session, newcomer, kept_at(session, seat))
    record_taking(session, seat, newcomer, actor, now)


def record_taking(session: Session, seat: BoardSeat, holder: Staff, actor: Actor, now: Utc) -> None:
    """Say on the ledger whose seat it is now."""
    append(session, StaffChanged(str(holder.id), "seat-taken", role=str(seat.id)), actor, now)


def _retire(session: Session, key_id: bytes, actor: Actor, now: Utc) -> None:
    """The old key protects nothing any more: its row says so and nobody keeps it."""
    retire_key(session, session.get_one(SealingKey, key_id), actor, now)
    session.execute(delete(KeyGrant).where(KeyGrant.key_id == key_id))


def appointed(session: Session, seat: BoardSeat) -> tuple[Staff, PublicKey, Id]:
    """Who is appointed, with the proven key and the office. Refused when it is nobody, or no custodian at work."""
    if seat.next_holder_id is None:
        raise Refused("nobody_appointed", "还没有任命下一位保管人。请联系系统管理员。")
    staff = session.get(Staff, seat.next_holder_id)
    kept = kept_at(session, seat)
    office = _keeper_of(session, staff, kept) if staff is not None and staff.state == "active" else None
    if staff is None or office is None:
        raise Refused("no_custodian", f"被任命的人现在不是{kept.keeper}，或者账号没有启用。")
    proven = proven_keys(session, Purpose.STAFF.value, [staff.id], site().checkpoint_vkey).get(staff.id)
    if proven is None or proven[0].id != staff.key_id:
        raise Refused("key_not_proven", "这位同事的密钥还没有记入记录簿的检查点。请过一会儿再试。")
    return staff, proven[1], office


def _keeper_of(session: Session, staff: Staff, kept: Kept) -> Id | None:
    """The office for which somebody keeps that."""
    return session.scalar(
        select(StaffRole.office_id)
        .where(StaffRole.staff_id == staff.id, StaffRole.role == kept.role.value)
        .order_by(StaffRole.id)
        .limit(1)
    )


def _number(staff: Staff, typed: str) -> None:
    """Keep the staff number with the account, once."""
    number = "".join(typed.split()).upper()
    if not number or len(number) > 40:
        raise Refused("no_person_no", "请填写这个人的工号，最多 40 个字符。")
    if staff.person_no not in ("", number):
        raise Refused("other_person_no", "这个账号登记的是另一个工号。请核对。")
    staff.person_no = number


def _others_on(session: Session, seat: BoardSeat) -> list[Staff]:
    """Those who hold, or are to hold, another seat of the same board."""
    others = select(BoardSeat).where(BoardSeat.board_id == seat.board_id, BoardSeat.id != seat.id)
    people = {one for other in session.scalars(others) for one in (other.holder_id, other.next_holder_id) if one}
    return list(session.scalars(select(Staff).where(Staff.id.in_(people))))


def must_manage(session: Session, office: Id | None, actor: Actor) -> None:
    """The permission for the board's office; for the site's boards, for an office that has no superior."""
    if office is not None:
        actor.must(Permission.MANAGE_DIRECTORY, office)
        return
    managed = actor.offices_with(Permission.MANAGE_DIRECTORY)
    top = select(Office.id).where(Office.id.in_(managed), Office.superior_id.is_(None))
    if session.scalar(top.limit(1)) is None:
        raise NotAllowed("not_allowed", "全站的保管组由最上级单位的管理员办理。")


def find_seat(session: Session, seat: Id, *, lock: bool = False) -> BoardSeat:
    """The seat, locked if asked. NotFound when there is none."""
    found = session.get(BoardSeat, seat, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound("no_seat", "没有这个席位。")
    return found
