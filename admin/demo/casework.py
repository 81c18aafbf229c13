"""What the demonstration's staff have done with its reports: every step is the real verb, with the real keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.custody import asking, consenting, opening
from admin.staff.models import Staff, StaffRole
from admin.staff.queries import actor_of
from admin.staff.roles import Permission
from admin.staff.unlocking import open_granted
from admin.tips import conversation, decisions, proposals, transfer, triage
from admin.tips.casework import locked
from admin.tips.reading import keys_for
from crypto.keys import InnerKey, Purpose, inner_from_seed
from portal.custody.models import IdentityRequest
from portal.custody.values import Objection, Use
from portal.directory.models import BoardSeat, Office
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.transaction import transaction
from portal.kernel.values import Fen, Id, TipNumber
from portal.mailbox.reasons import Closing, DeclineReason, ExtensionReason, Outcome
from portal.tips import reporter
from portal.tips.findings import Findings, Grade, Match, Nature, ReporterRelation
from portal.tips.models import Tip
from portal.tips.reporter import OwnTip
from portal.tips.sealing import ReportKeys
from portal.tips.states import Action
from portal.tips.values import SubjectType

Verb = Callable[["Scene"], None]

FOUND = Findings(
    loss_fen=Fen(8_642_000),
    other_loss_fen=Fen(1_215_050),
    fine_fen=Fen(17_284_000),
    subject_type=SubjectType.INSTITUTION,
    nature=Nature.FRAUD,
    grade=Grade.TWO,
    grade_reason="写明了科室和大致月份，有一张结算单照片（虚构）。",
    relation=ReporterRelation.OUTSIDER,
    match=Match.MAIN,
)
"""What the demonstration's one decision found: an invented case."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody's seed, by id, while the demonstration is being made."""

    seeds: Mapping[Id, bytes] = field(repr=False)

    def who_may(self, session: Session, office: Id, *permissions: Permission) -> tuple[Staff, Actor]:
        """Somebody of the office who holds one of *permissions*."""
        there = select(StaffRole.staff_id).where(StaffRole.office_id == office)
        wanted = select(Staff).where(Staff.id.in_(self.seeds), Staff.id.in_(there)).order_by(Staff.sign_in)
        for staff in session.scalars(wanted):
            actor = actor_of(session, staff)
            if any(actor.may(one, office) for one in permissions):
                return staff, actor
        raise LookupError(f"nobody may {permissions} in this office")

    def key_of(self, session: Session, staff: Staff, purpose: Purpose, owner: Id) -> InnerKey:
        """The key of an office or a seat, opened with the person's own."""
        with inner_from_seed(Purpose.STAFF, self.seeds[staff.id]) as own:
            key = open_granted(session, staff, own, purpose, owner)
        if key is None:
            raise LookupError("the key was not granted")
        return key


@dataclass(frozen=True, slots=True)
class Scene:
    """One step on one report: who does it, when, and with which keys."""

    session: Session
    tip: Tip
    actor: Actor
    keys: ReportKeys = field(repr=False)
    now: Utc
    cast: Cast


def play(number: TipNumber, step: str, cast: Cast, now: Utc) -> None:
    """Do one step, in a transaction of its own."""
    verb, permissions = STEPS[step]
    with transaction() as session:
        office = session.scalars(select(Tip.office_id).where(Tip.number == number)).one()
        staff, actor = cast.who_may(session, office, *permissions)
        tip = locked(session, number, actor)
        with cast.key_of(session, staff, Purpose.OFFICE, office) as key:
            verb(Scene(session, tip, actor, keys_for(session, tip, key), now, cast))


def _open(scene: Scene) -> None:
    triage.record_reading(scene.session, scene.tip, scene.actor, scene.now)


def _assign(scene: Scene) -> None:
    handler, _ = scene.cast.who_may(scene.session, scene.tip.office_id, Permission.PROPOSE)
    triage.assign(scene.session, scene.tip, handler.id, scene.actor, scene.now)


def _accept(scene: Scene) -> None:
    triage.accept(scene.session, scene.tip, scene.actor, scene.now, scene.keys)


def _note(scene: Scene) -> None:
    words = "已调取近三个月结算数据，与举报内容比对中。"
    triage.note(scene.session, scene.tip, words, scene.actor, scene.now, scene.keys)


def _ask(scene: Scene) -> None:
    words = "谢谢您的举报。您手里的清单能不能拍照补充一下？姓名可以遮住。"
    conversation.ask(scene.session, scene.tip, words, scene.actor, scene.now, scene.keys)


def _findings(scene: Scene) -> None:
    words = "现场核查：抽查病历二十份，其中六份的治疗次数与收费次数不一致，涉及金额待核。"
    decisions.record_findings(scene.session, scene.tip, words, scene.actor, scene.now, scene.keys)


def _propose_file(scene: Scene) -> None:
    words = "举报内容经初步核实，建议立案调查。"
    proposals.propose(scene.session, scene.tip, Action.FILE, "", words, scene.actor, scene.now, scene.keys)


def _propose_extend(scene: Scene) -> None:
    words, code = "涉及两年数据，需要专家评审。", ExtensionReason.EXPERT.value
    proposals.propose(scene.session, scene.tip, Action.EXTEND, code, words, scene.actor, scene.now, scene.keys)


def _approve(scene: Scene) -> None:
    for proposal in proposals.open_proposals(scene.session, scene.tip):
        proposals.approve(scene.session, scene.tip, proposal.id, scene.actor, scene.now, scene.keys)


def _not_file(scene: Scene) -> None:
    words = "经核查没有发现违法使用医保基金的事实。"
    decisions.not_file(scene.session, scene.tip, words, scene.actor, scene.now, scene.keys)


def _decline(scene: Scene) -> None:
    reason, words = DeclineReason.OUT_OF_SCOPE, "属于咨询，已由热线当场答复。"
    triage.decline(scene.session, scene.tip, reason, words, scene.actor, scene.now, scene.keys)


def _decide(scene: Scene) -> None:
    words = "退回违法使用的医保基金，并处罚款。"
    decide_on = (scene.session, scene.tip, Outcome.PENALTY, words, scene.actor, scene.now, scene.keys)
    decisions.decide(*decide_on, findings=FOUND)


def _close(scene: Scene) -> None:
    words, paid = "退款和罚款已经到账。", replace(FOUND, recovered_fen=Fen(FOUND.loss_fen + FOUND.other_loss_fen))
    close_with = (scene.session, scene.tip, Closing.PERFORMED, words, scene.actor, scene.now, scene.keys)
    decisions.close(*close_with, findings=paid, why="违法使用的基金已经全部退回（虚构）。")


def _transfer_up(scene: Scene) -> None:
    superior = scene.session.get_one(Office, scene.tip.office_id).superior_id
    if superior is None:
        raise LookupError("this office has no superior")
    reason = "涉及两个区，由市局统一办理。"
    transfer.transfer(scene.session, scene.tip, superior, reason, scene.actor, scene.now, scene.keys)


def _escalate(scene: Scene) -> None:
    transfer.escalate(scene.session, scene.tip, "举报提到本局工作人员。", scene.actor, scene.now, scene.keys)


def _ask_identity(scene: Scene) -> None:
    words = "需要请举报人当面辨认结算单，核对日子（虚构）。"
    if scene.actor.id is None:
        raise LookupError("nobody asks")
    with inner_from_seed(Purpose.STAFF, scene.cast.seeds[scene.actor.id]) as own:
        asking.ask(scene.session, scene.tip, Use.IDENTITY, "facts", words, own.public, scene.actor, scene.now)


def _answered_by(position: int, *, consent: bool) -> Verb:
    """The holder of a seat of the board answers to the request."""

    def answer_it(scene: Scene) -> None:
        request = _request(scene)
        seat = scene.session.scalars(
            select(BoardSeat).where(BoardSeat.board_id == request.board_id, BoardSeat.position == position)
        ).one()
        keeper = scene.session.get_one(Staff, seat.holder_id)
        actor = actor_of(scene.session, keeper)
        if not consent:
            consenting.object_to(scene.session, request, Objection.UNCLEAR, actor, scene.now)
            return
        with scene.cast.key_of(scene.session, keeper, Purpose.SEAT, seat.id) as key:
            consenting.consent(scene.session, request, key, actor, scene.now)

    return answer_it


def _look(scene: Scene) -> None:
    opening.record_opening(scene.session, scene.tip, _request(scene), scene.actor, scene.now, scene.keys)


def _request(scene: Scene) -> IdentityRequest:
    query = select(IdentityRequest).where(IdentityRequest.tip_id == scene.tip.id)
    return scene.session.scalars(query.with_for_update()).one()


STEPS: Mapping[str, tuple[Verb, tuple[Permission, ...]]] = {
    "open": (_open, (Permission.TRIAGE,)),
    "assign": (_assign, (Permission.ASSIGN,)),
    "accept": (_accept, (Permission.TRIAGE,)),
    "note": (_note, (Permission.HANDLE,)),
    "ask": (_ask, (Permission.HANDLE,)),
    "findings": (_findings, (Permission.HANDLE,)),
    "propose_file": (_propose_file, (Permission.PROPOSE,)),
    "propose_extend": (_propose_extend, (Permission.PROPOSE,)),
    "approve": (_approve, (Permission.APPROVE,)),
    "not_file": (_not_file, (Permission.HANDLE,)),
    "decline": (_decline, (Permission.TRIAGE,)),
    "decide": (_decide, (Permission.HANDLE,)),
    "close": (_close, (Permission.HANDLE,)),
    "transfer_up": (_transfer_up, (Permission.TRANSFER,)),
    "escalate": (_escalate, (Permission.ESCALATE,)),
    "ask_identity": (_ask_identity, (Permission.ASK_IDENTITY,)),
    "first_consents": (_answered_by(1, consent=True), (Permission.ASK_IDENTITY,)),
    "second_consents": (_answered_by(2, consent=True), (Permission.ASK_IDENTITY,)),
    "first_objects": (_answered_by(1, consent=False), (Permission.ASK_IDENTITY,)),
    "third_objects": (_answered_by(3, consent=False), (Permission.ASK_IDENTITY,)),
    "look": (_look, (Permission.ASK_IDENTITY,)),
}
"""Step of a story → its verb and the permissions of which its doer holds one. ``answer`` is the reporter's, ``week``
lets a week go by."""


def answer(session: Session, mine: OwnTip, now: Utc) -> None:
    """The reporter's reply."""
    reporter.reply(session, mine, "清单在这里：理疗三十次，我们实际做了八次，有陪护记录。", (), now)


def next_moment(now: Utc, latest: Utc) -> Utc:
    """A day later, but never in the future."""
    return min(now + timedelta(days=1), latest)
