"""Reads for the pages of custody: what can be asked for, what was asked, what waits for one's seat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.models import Staff
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.custody.states import LIVE, RequestState
from portal.custody.values import Use
from portal.directory.models import BoardSeat, CustodyBoard, Office
from portal.exposures.models import Exposure
from portal.kernel.values import Id
from portal.tips.models import IdentityRecord, IdentityShare, Tip


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with the names that a page shows, and the answers so far."""

    request: IdentityRequest
    number: str
    office: str
    board: str
    asker: str
    answers: Sequence[tuple[IdentityAnswer, str]]  # with the office of the holder
    mine: IdentityAnswer | None = None

    @property
    def state(self) -> RequestState:
        return RequestState(self.request.state)

    @property
    def consents(self) -> int:
        return sum(answer.answer == "consent" for answer, _ in self.answers)


def records_of(session: Session, tip: Id) -> Mapping[Use, IdentityRecord]:
    """What is sealed of a report, by what it can be opened for. Contact data of its own goes before the identity's."""
    rows = {row.kind: row for row in session.scalars(select(IdentityRecord).where(IdentityRecord.tip_id == tip))}
    found: dict[Use, IdentityRecord] = {}
    if "identity" in rows:
        found[Use.IDENTITY] = rows["identity"]
    contact = rows.get("contact") or rows.get("identity")
    if contact is not None:
        found[Use.CONTACT] = contact
    drafted = select(Exposure.id).where(Exposure.tip_id == tip, Exposure.version > 0)
    if "identity" in rows and session.scalar(drafted) is not None:
        found[Use.CHECK] = rows["identity"]
    return found


def requests_of(session: Session, tip: Id) -> list[Asked]:
    """Every request about a report, newest first."""
    rows = session.scalars(
        select(IdentityRequest)
        .where(IdentityRequest.tip_id == tip)
        .order_by(IdentityRequest.asked_on.desc(), IdentityRequest.id)
    ).all()
    return _named(session, rows)


def for_my_seats(session: Session, person: Id) -> list[Asked]:
    """Requests to the boards on which *person* has a seat with a share in it, those that wait first."""
    mine = select(BoardSeat.id).where(BoardSeat.holder_id == person)
    rows = session.scalars(
        select(IdentityRequest)
        .join(IdentityShare, IdentityShare.record_id == IdentityRequest.record_id)
        .where(IdentityShare.seat_id.in_(mine))
        .order_by(IdentityRequest.asked_on.desc(), IdentityRequest.id)
        .limit(200)
    ).all()
    found = _named(session, rows, person)
    return sorted(found, key=lambda one: one.state is not RequestState.ASKED or one.mine is not None)


def one_request(session: Session, request: Id, *, lock: bool = False) -> IdentityRequest | None:
    """The request, locked until the transaction ends if asked."""
    query = select(IdentityRequest).where(IdentityRequest.id == request)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def named(session: Session, request: IdentityRequest, person: Id | None = None) -> Asked:
    """One request with its names."""
    return _named(session, [request], person)[0]


def live(one: Asked) -> bool:
    """Whether anything can still happen with it."""
    return one.state in LIVE


def _named(session: Session, rows: Sequence[IdentityRequest], person: Id | None = None) -> list[Asked]:
    if not rows:
        return []
    answers: dict[Id, list[tuple[IdentityAnswer, str]]] = {row.id: [] for row in rows}
    given = session.execute(
        select(IdentityAnswer, Office.name)
        .join(Office, Office.id == IdentityAnswer.office_id)
        .where(IdentityAnswer.request_id.in_(list(answers)))
        .order_by(IdentityAnswer.position)
    )
    for answer, office in given:
        answers[answer.request_id].append((answer, office))
    offices = _names(session, Office, {row.office_id for row in rows})
    boards = _names(session, CustodyBoard, {row.board_id for row in rows})
    people = _names(session, Staff, {row.asked_by for row in rows})
    tips = {row.id: row.number for row in session.execute(
        select(Tip.id, Tip.number).where(Tip.id.in_({row.tip_id for row in rows}))
    )}  # fmt: skip
    return [
        Asked(
            row,
            tips[row.tip_id],
            offices[row.office_id],
            boards[row.board_id],
            people.get(row.asked_by, ""),
            answers[row.id],
            next((one for one, _ in answers[row.id] if one.holder_id == person), None),
        )
        for row in rows
    ]


def _names(session: Session, table: type[Office] | type[CustodyBoard] | type[Staff], ids: set[Id]) -> dict[Id, str]:
    return {row.id: row.name for row in session.execute(select(table.id, table.name).where(table.id.in_(ids)))}
