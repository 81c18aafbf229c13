"""Reads for the pages of releases: numbers, sums and payers. Never whom it goes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.payments.ending import LIVE
from admin.staff.models import Staff
from portal.directory.models import BoardSeat, CustodyBoard, Office
from portal.kernel.values import Id
from portal.payments.batch_models import PaymentBatch
from portal.payments.models import PaymentAnswer, PaymentRelease
from portal.payments.values import ReleaseState

RECENT = 100


@dataclass(frozen=True, slots=True)
class NamedRelease:
    """A release with the names that a page shows, and the answers so far, each with the office of the holder."""

    row: PaymentRelease
    batch: PaymentBatch
    office: str
    board: str
    preparer: str
    asker: str
    answers: Sequence[tuple[PaymentAnswer, str]]
    mine: PaymentAnswer | None = None

    @property
    def consents(self) -> int:
        return sum(answer.answer == "consent" for answer, _ in self.answers)

    @property
    def live(self) -> bool:
        """Whether anything can still happen with it."""
        return self.row.state in LIVE


def for_my_seats(session: Session, person: Id) -> list[NamedRelease]:
    """Releases asked of the boards on which *person* has a seat, those that wait for the own answer first."""
    mine = select(BoardSeat.board_id).where(BoardSeat.holder_id == person)
    rows = session.scalars(
        select(PaymentRelease)
        .where(PaymentRelease.board_id.in_(mine))
        .order_by(PaymentRelease.asked_on.desc(), PaymentRelease.id)
        .limit(RECENT)
    ).all()
    found = named(session, rows, person)
    return sorted(found, key=lambda one: one.row.state != ReleaseState.ASKED or one.mine is not None)


def of_batch(session: Session, batch: Id) -> list[NamedRelease]:
    """Every release of a batch, those that can still go on first, then the newest."""
    rows = session.scalars(select(PaymentRelease).where(PaymentRelease.batch_id == batch)).all()
    return named(session, sorted(rows, key=lambda row: (row.state in LIVE, row.asked_on), reverse=True))


def named(session: Session, rows: Sequence[PaymentRelease], person: Id | None = None) -> list[NamedRelease]:
    """Releases with their names; *person*: whose own answer is marked."""
    answers: dict[Id, list[tuple[PaymentAnswer, str]]] = {row.id: [] for row in rows}
    given = session.execute(
        select(PaymentAnswer, Office.name)
        .join(Office, Office.id == PaymentAnswer.office_id)
        .where(PaymentAnswer.release_id.in_(list(answers)))
        .order_by(PaymentAnswer.position)
    )
    for answer, office in given:
        answers[answer.release_id].append((answer, office))
    batches = session.scalars(select(PaymentBatch).where(PaymentBatch.id.in_({row.batch_id for row in rows})))
    of = {batch.id: batch for batch in batches}
    offices, boards, people = (
        _names(session, table, ids)
        for table, ids in (
            (Office, {row.office_id for row in rows}),
            (CustodyBoard, {row.board_id for row in rows}),
            (Staff, {one for row in rows for one in (row.asked_by, row.prepared_by)}),
        )
    )
    return [
        NamedRelease(
            row,
            of[row.batch_id],
            offices[row.office_id],
            boards[row.board_id],
            people.get(row.prepared_by, ""),
            people.get(row.asked_by, ""),
            answers[row.id],
            next((one for one, _ in answers[row.id] if one.holder_id == person), None),
        )
        for row in rows
    ]


def _names(session: Session, table: type[Office | CustodyBoard | Staff], ids: set[Id]) -> Mapping[Id, str]:
    return {row.id: row.name for row in session.execute(select(table.id, table.name).where(table.id.in_(ids)))}
