"""What a reporter is told of requests for the own identity. Reads only columns that the public role may read."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.custody.states import RequestState
from portal.custody.values import Answer, Opening, Use
from portal.directory.models import Office
from portal.kernel.values import Id

_TIP: BindParameter[Id] = bindparam("tip")
_R = IdentityRequest
_ASKED = (
    select(
        _R.id, _R.use, _R.reason, _R.state, _R.asker_role, _R.asked_on, _R.opened_on, _R.ended_on, _R.k,
        Office.name, Office.name_en,
    )
    .join(Office, Office.id == _R.office_id)
    .where(_R.tip_id == _TIP)
    .order_by(_R.asked_on, _R.id)
)  # fmt: skip
_ANSWERS = select(IdentityAnswer.request_id, IdentityAnswer.answer).where(IdentityAnswer.tip_id == _TIP)


def openings(session: Session, tip: Id) -> tuple[Opening, ...]:
    """Every request for who made this report, oldest first."""
    rows = session.execute(_ASKED, {"tip": tip}).all()
    if not rows:
        return ()
    answers = Counter((row.request_id, row.answer) for row in session.execute(_ANSWERS, {"tip": tip}))
    return tuple(
        Opening(
            Use(row.use),
            row.reason,
            RequestState(row.state),
            row.name,
            row.name_en,
            row.asker_role,
            row.asked_on,
            row.opened_on,
            row.ended_on,
            answers[row.id, Answer.CONSENT.value],
            answers[row.id, Answer.OBJECT.value],
            row.k,
        )
        for row in rows
    )
