"""Circulars on a case: whom one may go to, and sending it. Receipts: :mod:`admin.exposures.delivering`.

Sealed once under a key that comes from one of its own and from the shred key of the report, so that destroying the
report destroys it in every backup. Its own key is wrapped to the key of each office, the sender's among them:
docs/decisions/0021-a-circular-dies-with-its-report.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.exposures.delivering import deliver
from admin.exposures.gating import gate_of
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.tips.casework import number_of
from admin.tips.transfer import kept_from
from crypto.keys import PublicKey
from crypto.sealing import Padding, derive, new_key, seal, wrap
from portal.directory.keys import proven_keys
from portal.directory.models import SealingKey
from portal.exposures.circular_states import CircularKind, CircularState
from portal.exposures.circulars import Candidate, CircularText, candidates, checked, new_circular_number
from portal.exposures.events import CircularSent
from portal.exposures.gates import check_choice
from portal.exposures.models import Circular, CircularCopy, ExposureGate
from portal.exposures.records_kept import KeptRecord, versions_of
from portal.exposures.values import Treatment
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.kernel.shred import read_shred_key
from portal.kernel.site import site
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.routing.choose import directory
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys

CIRCULAR, CIRCULAR_KEY = "circular", "circular-key"
"""What the sealed words and the wrapped key are bound to."""


def recipients(session: Session, tip: Tip, kept: KeptRecord, now: Utc) -> list[Candidate]:
    """The offices that may get a circular of this case."""
    offices = directory(session, now, site().checkpoint_vkey).offices
    barred = kept_from(session, tip, offices)
    return candidates(tip.office_id, offices, barred, tip.against_office_id, kept.version.record)


def standing(session: Session, tip: Tip, actor: Actor, now: Utc, keys: ReportKeys) -> KeptRecord:
    """The record that a circular may be written from, when one may be sent now.

    Refused: "not_circulate" (the gate did not say so), "own_record", "already_sent" (one for each decision of the gate
    that says so), and what :func:`portal.exposures.gates.check_choice` refuses, the record having changed since.
    """
    actor.must(Permission.PUBLISH_EXPOSURE, tip.office_id)
    gate, kept = gate_of(session, tip), versions_of(session, tip, keys)
    if gate is None or gate.treatment != Treatment.CIRCULATE or not kept:
        raise Refused("not_circulate", "分类处置没有决定内部通报，请先作出这项决定。")
    if is_own(session, kept[0].by, actor):
        raise Refused("own_record", "案件记录是您自己登记的，请由另一位审批人决定。")
    if not waits(session, tip):
        numbers = "、".join(sent_of(session, tip))
        raise Refused(
            "already_sent", f"这个案件的内部通报已经发出（{numbers}）。要再发的，请先在分类处置里再决定一次。"
        )
    check_choice(kept[0].version.record, Treatment.CIRCULATE, gate.rule, day_of(now))
    return kept[0]


def waits(session: Session, tip: Tip) -> bool:
    """Whether the gate's newest decision asks for a circular that was not sent yet."""
    gate = gate_of(session, tip)
    asked = gate is not None and gate.treatment == Treatment.CIRCULATE
    return asked and len(sent_of(session, tip)) < _decided(session, tip)


def sent_of(session: Session, tip: Tip) -> Sequence[str]:
    """The numbers of the circulars that were sent of this case."""
    return session.scalars(select(Circular.number).where(Circular.tip_id == tip.id).order_by(Circular.number)).all()


def _decided(session: Session, tip: Tip) -> int:
    wanted = select(func.count()).where(
        ExposureGate.tip_id == tip.id, ExposureGate.treatment == Treatment.CIRCULATE.value
    )
    return session.scalar(wanted) or 0


def send(
    session: Session,
    tip: Tip,
    title: str,
    body: str,
    offices: Collection[Id],
    answered: Collection[str],
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
) -> Circular:
    """Seal the words once and their key to each of *offices* and to the sender's own; the sender has read it.

    Refused: what :func:`standing` and :func:`portal.exposures.circulars.checked` refuse, "no_recipient",
    "bad_recipient" (an office that may not get it, whatever the page offered), "no_office_key".
    """
    kept = standing(session, tip, actor, now, keys)
    text = checked(title, body, kept.version.record.names, answered)
    chosen = set(offices)
    if not chosen:
        raise Refused("no_recipient", "请至少选择一个接收单位。")
    if not chosen <= {one.office.id for one in recipients(session, tip, kept, now)}:
        raise Refused("bad_recipient", "所选的单位里有不能接收这份通报的，请重新选择。")
    circular = _sealed(session, tip, text, _keys_of(session, chosen | {tip.office_id}), actor, now)
    told = tuple(sorted(one.hex for one in chosen))
    append(session, CircularSent(number_of(tip), circular.number, told), actor, now)
    deliver(session, circular, actor, now)
    return circular


def _keys_of(session: Session, offices: Collection[Id]) -> Mapping[Id, tuple[SealingKey, PublicKey]]:
    found = proven_keys(session, "office", sorted(offices), site().checkpoint_vkey)
    if len(found) < len(offices):
        raise Refused("no_office_key", "所选的单位里有密钥暂时不能用的，请过一会儿再试，或者先不选它。")
    return found


def _sealed(
    session: Session,
    tip: Tip,
    text: CircularText,
    keys: Mapping[Id, tuple[SealingKey, PublicKey]],
    actor: Actor,
    now: Utc,
) -> Circular:
    key, circular_id = new_key(), new_id()
    under = derive(key, read_shred_key(tip.id), CIRCULAR, circular_id.bytes)
    circular = Circular(
        id=circular_id,
        number=new_circular_number(),
        kind=CircularKind.CASE.value,
        state=CircularState.PROPOSED.value,
        tip_id=tip.id,
        office_id=tip.office_id,
        sealed=seal(text.to_json().encode(), under, CIRCULAR, circular_id.bytes, Padding.REPORT),
        made_by=actor.id,
        made_on=day_of(now),
    )
    session.add(circular)
    session.flush()
    session.add_all(
        CircularCopy(
            circular_id=circular.id,
            office_id=office,
            key_id=row.id,
            wrapped=wrap(key, public, CIRCULAR_KEY, circular_id.bytes),
        )
        for office, (row, public) in keys.items()
    )
    session.flush()
    return circular
