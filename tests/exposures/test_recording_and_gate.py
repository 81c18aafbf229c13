"""A closed case is recorded by its handler, and a publisher decides at the gate what becomes of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from admin.exposures import gating
from admin.staff.roles import Role
from admin.tips.reading import open_tip
from portal.exposures.models import Exposure, ExposureGate, ExposureStep
from portal.exposures.values import Manner, Treatment
from portal.kernel.errors import NotAllowed, Refused
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from portal.mailbox.reasons import Closing
from portal.tips.sealing import open_words
from tests.admin_tips.world import DISTRICT
from tests.exposures.conftest import Docket
from tests.exposures.records import record

PUBLISH = (Treatment.PUBLISH, "gate-grave", "性质恶劣（虚构）。")
LIGHT = (Treatment.CIRCULATE, "gate-light", "情节较轻（虚构）。")


def _kinds() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(LedgerEntry.kind)))


def test_a_closed_case_is_recorded_and_a_correction_says_why(docket: Docket) -> None:
    number = docket.recorded(record())
    with pytest.raises(Refused, match="nothing_changed"):
        docket.recorded(record(), number=number)
    with pytest.raises(Refused, match="why_missing"):
        docket.recorded(record(repeated=True), number=number)
    docket.recorded(record(repeated=True), "查到以前的处罚（虚构）。", number)
    versions = docket.versions(number)
    assert [one.version.version for one in versions] == [2, 1]
    assert versions[0].version.record.repeated
    assert versions[0].version.why == "查到以前的处罚（虚构）。"
    assert versions[1].version.record == record()
    assert _kinds().count("case-recorded") == 2


def test_a_case_that_is_not_closed_or_found_nothing_has_no_record(docket: Docket) -> None:
    with pytest.raises(Refused, match="not_closed"):
        docket.recorded(record(), number=docket.decided())
    with pytest.raises(Refused, match="nothing_found"):
        docket.recorded(record(), number=docket.closed(Closing.NO_ACTION))


def test_an_institution_is_named_as_the_register_has_it(docket: Docket) -> None:
    with pytest.raises(Refused, match="not_registered"):
        docket.recorded(record(institution="演示医院"))


def test_a_record_that_contradicts_itself_is_not_kept(docket: Docket) -> None:
    number = docket.closed()
    with pytest.raises(Refused, match="bad_record"):
        docket.recorded(record(bases=()), number=number)
    assert docket.versions(number) == []


def test_only_who_handles_the_case_records_it(docket: Docket) -> None:
    number = docket.closed()
    from admin.exposures.recording import record_case

    with pytest.raises(NotAllowed):
        docket.world.do(number, record_case, record(), by=docket.editor)


def test_the_record_is_not_among_the_notes_of_the_case(docket: Docket) -> None:
    number = docket.recorded(record())
    with docket.world.at(number, docket.handler) as (session, tip, keys):
        view = open_tip(session, tip, keys)
    assert [one.row.kind for one in view.records if "演示第一医院" in one.words] == []


def test_in_public_opens_the_draft_in_the_same_transaction(docket: Docket) -> None:
    number = docket.recorded(record(manner=Manner.FRAUD))
    row = docket.judge(number, gating.decide, *PUBLISH)
    with reading() as session:
        exposure = session.scalars(select(Exposure)).one()
        steps = session.scalars(select(ExposureStep.action)).all()
        kept = session.get_one(ExposureGate, row.id)
        words = open_words(kept.words, docket.world.keys_of(session, docket.world.tip(number)), kept.id)
    assert (exposure.state, exposure.version, steps) == ("drafting", 0, ["open"])
    assert words == "性质恶劣（虚构）。"
    assert {"exposure-gate", "exposure-moved"} <= set(_kinds())


def test_a_later_turn_drops_the_draft_and_another_takes_it_up_again(docket: Docket) -> None:
    number = docket.recorded(record(manner=Manner.FRAUD))
    for turn in (PUBLISH, LIGHT, PUBLISH):
        docket.judge(number, gating.decide, *turn)
    with reading() as session:
        states = session.scalars(select(ExposureStep.state).order_by(ExposureStep.position)).all()
        turns = session.scalars(select(ExposureGate.treatment).order_by(ExposureGate.turn)).all()
    assert states == ["drafting", "dropped", "drafting"]
    assert turns == ["publish", "circulate", "publish"]


@pytest.mark.parametrize("state", ["in-review", "scheduled", "published", "correcting", "withdrawn", "expired"])
def test_once_the_draft_is_under_way_the_gate_does_not_move(docket: Docket, state: str) -> None:
    number = docket.recorded(record(manner=Manner.FRAUD))
    docket.judge(number, gating.decide, *PUBLISH)
    with transaction() as session:
        session.scalars(select(Exposure)).one().state = state
    with pytest.raises(Refused, match="too_late"):
        docket.judge(number, gating.decide, *LIGHT)


def test_without_a_record_nothing_passes_the_gate(docket: Docket) -> None:
    with pytest.raises(Refused, match="no_record"):
        docket.judge(docket.closed(), gating.decide, *LIGHT)


def test_what_would_show_the_reporter_opens_no_draft(docket: Docket) -> None:
    number = docket.recorded(record(manner=Manner.FRAUD, recognisable=True))
    with pytest.raises(Refused, match="barred"):
        docket.judge(number, gating.decide, *PUBLISH)
    with reading() as session:
        assert session.scalar(select(Exposure.id)) is None
        assert session.scalar(select(ExposureGate.id)) is None


@pytest.mark.parametrize("role", [Role.EDITOR, Role.HANDLER, Role.HEAD])
def test_only_a_publisher_decides(docket: Docket, role: Role) -> None:
    number = docket.recorded(record())
    with pytest.raises(NotAllowed):
        docket.judge(number, gating.decide, *LIGHT, by=docket.world.person(DISTRICT, role))


def test_whoever_wrote_the_record_does_not_decide_on_it(docket: Docket) -> None:
    number = docket.recorded(record())
    both = docket.publisher
    author = type(both)(both.kind, docket.handler.id, "", both.permissions)
    with pytest.raises(Refused, match="own_record"):
        docket.judge(number, gating.decide, *LIGHT, by=author)
