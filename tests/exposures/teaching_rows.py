"""An invented published case with one teaching notice as it stands in a state: for tests that only need it there."""

from __future__ import annotations

from admin.exposures.displaying import show
from portal.exposures.generating import propose
from portal.exposures.models import Teaching
from portal.exposures.teaching import Audience, notice_for
from portal.exposures.teaching_states import TeachingState
from portal.exposures.values import SubjectKind
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now, today
from portal.kernel.transaction import transaction
from portal.kernel.values import Id, new_id
from tests.exposures.records import record


def teaching_row(office: Id, state: TeachingState) -> dict[str, object]:
    """Its address: the code of the case, and the audience."""
    content, audience = propose(record(), "演示区医疗保障局", invented=True), Audience(SubjectKind.HOSPITAL)
    with transaction() as session:
        case = show(session, content, office, SYSTEM, now())
        row = Teaching(case_id=case.id, office_id=office, audience=audience.slug, state=state.value, version=1)
        row.content, row.answers = notice_for(content, audience, today()).to_json(), '[["exact-day","今天"]]'
        row.again, row.words = state is TeachingState.DRAFTING, "开头太长（虚构）。"
        row.made_by, row.made_on = new_id(), today()
        session.add(row)
    return {"code": case.code, "audience": audience.slug}
