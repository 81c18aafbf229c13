"""Circulars: whom one may go to, what it may say, sealing, receipts, and what ends it. On each database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from admin.audit.checkpoints import make_checkpoint
from admin.exposures import circularqueries as queries
from admin.exposures import gating
from admin.exposures.circulating import recipients, send, standing
from admin.exposures.delivering import find, sign
from admin.exposures.recording import record_case
from admin.staff import generations
from admin.staff.models import KeyGrant
from admin.staff.roles import Role
from crypto import opening
from crypto.errors import Tampered
from crypto.keys import InnerKey, PublicKey, Purpose, generate_inner
from portal.directory.keys import publish_key
from portal.directory.models import Office, SealingKey
from portal.exposures.circulars import CircularText, candidates, looked_at, propose_text
from portal.exposures.events import CircularRead, CircularSent
from portal.exposures.models import Circular, CircularCopy, CircularReceipt
from portal.exposures.record import CaseRecord
from portal.exposures.values import SubjectKind, Treatment
from portal.kernel.actors import SYSTEM, Actor, ActorKind
from portal.kernel.clock import now
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.shred import shred_key
from portal.kernel.transaction import bind, bound, reading, transaction
from portal.kernel.values import Id, new_id
from portal.ledger.models import LedgerEntry
from portal.ledger.sequencer import sequence
from portal.routing.choose import forget
from portal.routing.values import OfficeInfo
from portal.tips.models import Tip
from tests.admin_tips.world import CITY, DISCIPLINE, DISTRICT, OTHER, PROVINCE
from tests.exposures.conftest import Docket
from tests.exposures.records import record
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
TITLE, BODY = "关于重复收费的内部通报（虚构）", "某院重复收费，已经退回。\n请对照自查。"
LIGHT = (Treatment.CIRCULATE, "gate-light", "情节较轻（虚构）。")


def gated(docket: Docket, told: CaseRecord | None = None) -> str:
    """A recorded case that the gate wants told inside."""
    number = docket.recorded(told or record())
    docket.judge(number, gating.decide, *LIGHT)
    return number


def sent(docket: Docket, *offices: str, number: str = "", body: str = BODY, **given: Any) -> str:
    """A circular to these offices; its number."""
    ids = [docket.world.offices[one].id for one in offices]
    number = number or gated(docket)
    made: Circular = docket.judge(number, send, TITLE, body, ids, given.pop("answered", ()), **given)
    return made.number


def offered(docket: Docket, number: str) -> dict[str, bool]:
    """The codes of the offices that may get it, and whether each is proposed."""
    tip = docket.world.tip(number)
    with reading() as session:
        kept = standing(session, tip, docket.publisher, now(), docket.world.keys_of(session, tip))
        found = recipients(session, tip, kept, now())
    return {one.office.code: one.proposed for one in found}


def words(docket: Docket, number: str, reader: Actor, key: InnerKey | None = None) -> CircularText:
    with reading() as session:
        circular, copies = find(session, number, reader)
        return queries.opened(session, circular, copies[0], key or docket.world.keys[copies[0].office_id])


def signs(number: str, reader: Actor) -> int:
    with transaction() as session:
        circular, copies = find(session, number, reader)
        return sign(session, circular, [one.office_id for one in copies], reader, now())


def checkpoint(docket: Docket) -> None:
    """Every key published so far stands under a signed checkpoint."""
    with transaction() as session:
        while sequence(session, now()):
            pass
        make_checkpoint(session, docket.world.signer, now(), publish=True)


def kinds(kind: str) -> int:
    with reading() as session:
        wanted = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == kind)
        return session.scalar(wanted) or 0


def test_the_words_are_read_by_an_office_that_got_a_copy_and_by_the_sender(docket: Docket) -> None:
    number = sent(docket, OTHER, CITY)
    for code in (OTHER, CITY, DISTRICT):
        text = words(docket, number, docket.world.person(code, Role.HANDLER))
        assert (text.title, text.paragraphs) == (TITLE, ("某院重复收费，已经退回。", "请对照自查。"))
    assert kinds(CircularSent.kind) == 1


def test_somebody_of_another_office_finds_nothing_as_if_it_were_not_there(docket: Docket) -> None:
    number = sent(docket, OTHER)
    for stranger in (docket.world.person(CITY, Role.HEAD), docket.world.person(OTHER, Role.FINANCE)):
        with pytest.raises(NotFound, match="no_circular"), reading() as session:
            find(session, number, stranger)
    with pytest.raises(NotFound, match="no_circular"), reading() as session:
        find(session, "TB-2222-2222", docket.publisher)


def test_what_stands_beside_and_above_may_get_it_and_is_not_proposed(docket: Docket) -> None:
    assert offered(docket, gated(docket)) == {OTHER: False, CITY: False, PROVINCE: False}, "nothing stands below"


def test_an_accused_office_is_not_offered_and_is_refused(docket: Docket) -> None:
    number = gated(docket)
    with transaction() as session:
        tip = session.scalars(select(Tip).where(Tip.number == number)).one()
        tip.against_office_id = docket.world.offices[CITY].id
    assert offered(docket, number) == {PROVINCE: False}, "nor is what stands below it"
    with pytest.raises(Refused, match="bad_recipient"):
        sent(docket, OTHER, number=number)
    with pytest.raises(Refused, match="bad_recipient"):
        sent(docket, CITY, number=number)


def test_an_office_that_the_record_names_is_not_offered(docket: Docket) -> None:
    told = record(subject=SubjectKind.AGENCY, institution=docket.world.offices[OTHER].name)
    assert offered(docket, gated(docket, told)) == {CITY: False, PROVINCE: False}


def test_somebody_of_the_accused_office_who_also_works_for_a_recipient_sees_nothing(docket: Docket) -> None:
    number = gated(docket)
    circular = sent(docket, PROVINCE, number=number)
    city, province = docket.world.offices[CITY].id, docket.world.offices[PROVINCE].id
    both = docket.world.person(PROVINCE, Role.HANDLER)
    both = Actor(ActorKind.STAFF, both.id, both.name, both.permissions, frozenset({city, province}))
    with transaction() as session:
        tip = session.scalars(select(Tip).where(Tip.number == number)).one()
        tip.against_office_id = city
    with reading() as session:
        assert queries.received(session, both) == []
        with pytest.raises(NotFound):
            find(session, circular, both)


def test_an_office_of_another_line_is_refused(docket: Docket) -> None:
    with pytest.raises(Refused, match="bad_recipient"):
        sent(docket, DISCIPLINE)
    with pytest.raises(Refused, match="no_recipient"):
        sent(docket)


def test_what_must_be_masked_is_refused_and_what_is_unsure_has_to_be_answered(docket: Docket) -> None:
    number = gated(docket)
    for hard in ("赵演示甲", "13900000000"):
        with pytest.raises(Refused, match="named") as refused:
            sent(docket, OTHER, number=number, body=f"院长{hard}重复收费。")
        assert hard in refused.value.message
    unsure = "唯一的夜班药师反映了这件事。"
    with pytest.raises(Refused, match="unanswered"):
        sent(docket, OTHER, number=number, body=unsure)
    asked = [one.key for one in looked_at(TITLE, unsure, ()).asked]
    circular = sent(docket, OTHER, number=number, body=unsure, answered=asked)
    assert words(docket, circular, docket.publisher).kept == tuple(asked)


def test_what_is_proposed_can_be_sent_as_it_stands(docket: Docket) -> None:
    number = gated(docket)
    text = propose_text(record(), "演示甲区医疗保障局")
    made = docket.judge(number, send, text.title, text.body, [docket.world.offices[OTHER].id], ())
    assert "院长赵某" in words(docket, made.number, docket.publisher).body


def test_nothing_is_sent_unless_the_gate_said_so_and_then_once_for_each_decision(docket: Docket) -> None:
    number = docket.recorded(record())
    with pytest.raises(Refused, match="not_circulate"):
        sent(docket, OTHER, number=number)
    docket.judge(number, gating.decide, *LIGHT)
    first = sent(docket, OTHER, number=number)
    with pytest.raises(Refused, match="already_sent") as refused:
        sent(docket, CITY, number=number)
    assert first in refused.value.message
    docket.judge(number, gating.decide, *LIGHT)
    assert sent(docket, CITY, number=number) != first


def test_a_record_that_was_corrected_since_bars_it(docket: Docket) -> None:
    number = gated(docket)
    changed = record(recognisable=True)
    docket.world.do(number, record_case, changed, by=docket.handler, why="会认出举报人（虚构）。")
    with pytest.raises(Refused, match="barred"):
        sent(docket, OTHER, number=number)


def test_neither_an_editor_nor_a_publisher_of_another_office_sends(docket: Docket) -> None:
    number = gated(docket)
    for wrong in (docket.editor, docket.world.person(OTHER, Role.PUBLISHER)):
        with pytest.raises(NotAllowed):
            sent(docket, OTHER, number=number, by=wrong)


def test_the_sender_does_not_send_a_record_of_their_own(docket: Docket) -> None:
    number = gated(docket)
    whoever = docket.handler
    home = docket.world.offices[DISTRICT].id
    also = {home: whoever.permissions[home] | docket.publisher.permissions[home]}
    with pytest.raises(Refused, match="own_record"):
        sent(docket, OTHER, number=number, by=Actor(ActorKind.STAFF, whoever.id, whoever.name, also))


def test_a_person_signs_once_however_often_they_ask(docket: Docket) -> None:
    number, reader = sent(docket, OTHER), docket.world.person(OTHER, Role.HEAD)
    before = kinds(CircularRead.kind)
    assert [signs(number, reader), signs(number, reader)] == [1, 0]
    assert kinds(CircularRead.kind) == before + 1
    assert signs(number, docket.world.person(OTHER, Role.INTAKE)) == 1, "each person for themselves"


def test_two_windows_at_once_leave_one_receipt(docket: Docket) -> None:
    number, reader = sent(docket, OTHER), docket.world.person(OTHER, Role.HEAD)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: signs(number, reader), range(8)))
    assert sorted(made) == [0] * 7 + [1]
    with reading() as session:
        wanted = select(func.count()).where(CircularReceipt.staff_id == reader.id)
        assert session.scalar(wanted) == 1


def test_lists_put_the_unread_first_and_say_which_office_has_not_signed(docket: Docket) -> None:
    old, new = sent(docket, OTHER, CITY), sent(docket, OTHER)
    reader = docket.world.person(OTHER, Role.HANDLER)
    signs(old, reader)
    with reading() as session:
        assert [(one.number, one.mine) for one in queries.received(session, reader)] == [(new, False), (old, True)]
        assert queries.sent(session, reader) == []
        went = {one.number: one for one in queries.sent(session, docket.publisher)}
        assert queries.received(session, docket.publisher) == [], "one's own are no post"
    assert went[old].waiting == ("演示市医疗保障局",)
    assert [[who.name for who in one.receipts] for one in went[old].copies] == [[], [reader.name]]
    assert went[new].waiting == ("演示乙区医疗保障局",)


def test_a_copy_is_read_after_the_office_has_changed_its_key(docket: Docket) -> None:
    number, world = sent(docket, OTHER), docket.world
    reader, office = world.person(OTHER, Role.HEAD), world.offices[OTHER]
    checkpoint(docket)
    with transaction() as session:
        row = generations.rotate(session, session.get_one(Office, office.id), world.keys[office.id], reader, now())
    checkpoint(docket)
    with transaction() as session:
        assert generations.retire_covered(session, now()) == 1
    newest = newest_key(docket, row.id, reader)
    assert words(docket, number, reader, newest).title == TITLE
    later = sent(docket, OTHER)
    assert words(docket, later, reader, newest).title == TITLE, "and what comes now is sealed to the new one"


def newest_key(docket: Docket, key_id: bytes, reader: Actor) -> InnerKey:
    """The key of that generation, out of the grant to *reader*."""
    assert reader.id is not None
    with reading() as session:
        grant = session.scalars(select(KeyGrant).where(KeyGrant.key_id == key_id, KeyGrant.staff_id == reader.id)).one()
        row = session.get_one(SealingKey, key_id)
    public = PublicKey(Purpose.OFFICE, row.public)
    return opening.open_grant(grant.sealed, docket.world.staff_keys[reader.id], public, row.owner_id.bytes)


def test_a_changed_byte_is_not_read(docket: Docket) -> None:
    number = sent(docket, OTHER)
    with transaction() as session:
        row = session.scalars(select(Circular).where(Circular.number == number)).one()
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    with pytest.raises(Tampered):
        words(docket, number, docket.publisher)


def test_the_words_stand_nowhere_in_clear(docket: Docket) -> None:
    sent(docket, OTHER)
    with reading() as session:
        row = session.scalars(select(Circular)).one()
        wrapped = session.scalars(select(CircularCopy.wrapped)).all()
    for blob in (row.sealed, *wrapped):
        assert blob and not any(piece.encode() in blob for piece in ("重复收费", "请对照"))
    assert len(row.sealed) > 4096, "padded, so that its length says little"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_staff_process_sends_and_signs_with_its_own_rights(docket: Docket, as_role: AsRole) -> None:
    number, reader = gated(docket), docket.world.person(OTHER, Role.HANDLER)
    assert docket.publisher.id
    as_role("staff")
    circular = sent(docket, OTHER, number=number)
    assert signs(circular, reader) == 1
    assert words(docket, circular, reader).title == TITLE
    bind(docket.world.database)


def test_without_the_shred_key_of_the_report_no_copy_is_read_not_even_out_of_a_backup(docket: Docket) -> None:
    number, reader = sent(docket, OTHER), docket.world.person(OTHER, Role.HANDLER)
    with bound().shred.begin() as connection:
        connection.execute(delete(shred_key))
    with pytest.raises(NotFound):
        words(docket, number, reader)


def test_a_circular_goes_to_thirty_offices_below(docket: Docket) -> None:
    with transaction() as session:
        for place in range(30):
            office = Office(id=new_id(), code=f"320104-{place:02}", name=f"演示街道{place}号所", kind="agency",
                            level="county", region="320104", superior_id=docket.world.offices[DISTRICT].id,
                            members=2)  # fmt: skip
            session.add(office)
            session.flush()
            docket.world.keys[office.id] = generate_inner(Purpose.OFFICE)
            publish_key(session, office.id, docket.world.keys[office.id].public, SYSTEM, now())
            docket.world.offices[office.code] = office
    checkpoint(docket)
    forget()
    number = gated(docket)
    below = [code for code, proposed in offered(docket, number).items() if proposed]
    assert len(below) == 30
    circular = sent(docket, *below, number=number)
    with reading() as session:
        (went,) = queries.sent(session, docket.publisher)
        assert len(went.waiting) == 30
    assert words(docket, circular, docket.world.person("320104-29", Role.HANDLER)).title == TITLE


def test_where_few_could_know_the_offices_of_the_very_place_are_not_proposed(docket: Docket) -> None:
    """They may still be chosen: the page says why they were not."""
    city, near, far = (Id(int=one) for one in (1, 2, 3))
    offices = {
        one: OfficeInfo(one, str(one.int), f"演示{one.int}局", "bureau", region, "county", above, True, 2, True)
        for one, region, above in ((city, "320100", None), (near, "320104", city), (far, "320105", city))
    }

    def proposed(**given: Any) -> dict[Id, bool]:
        found = candidates(city, offices, (), None, record(**given))
        return {one.office.id: one.proposed for one in found}

    assert proposed() == {near: True, far: True}
    assert proposed(could_know=3) == {near: False, far: True}
    assert proposed(only_source=True) == {near: False, far: True}
    assert proposed(only_source=True, region="320100") == {near: False, far: False}
