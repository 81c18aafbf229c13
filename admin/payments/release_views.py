"""Pages of releases: asking from a batch, answering for a seat, making the file. Payees are in the file alone."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.payments import batches, consenting, release_queries, release_wording, releasing, taking
from admin.payments.ending import overdue
from admin.payments.release_forms import AnswerReleaseForm, AskReleaseForm, TakeFileForm
from admin.staff.boards import weak_among
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.web.altered import record_broken
from admin.web.guard import SignedIn, current_staff, needs
from admin.web.stepup import take_factor
from crypto.errors import BadShare, Tampered
from portal.custody.values import Answer
from portal.directory.models import BoardSeat
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, IllegalMove, NotAllowed, NotFound, Refused, Throttled
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.payments.batch_models import PaymentBatch
from portal.payments.layout import MEDIA_TYPES, FileKind, PaymentFile
from portal.payments.models import PaymentRelease
from portal.payments.values import ReleaseState, Unreleased
from portal.web.headers import as_download

Page = str | tuple[str, int] | Response
_SHOWN_ABOVE_THE_FORM = (Refused, NotAllowed, IllegalMove, Throttled)

blueprint = Blueprint("releases", __name__, url_prefix="/payments")


@blueprint.get("/releases/")
@needs(Permission.PAYMENT_SEAT)
def index() -> str:
    """Releases asked of the boards on which this person has a seat."""
    me = current_staff()
    with reading() as session:
        asked = release_queries.for_my_seats(session, me.staff.id)
        weak = weak_among(session, me.staff.id)
    return render_template("payments/releases.html", asked=asked, weak=weak, w=release_wording)


@blueprint.route("/releases/<uuid:release_id>/", methods=["GET", "POST"])
@needs(Permission.PAYMENT_SEAT)
def answer(release_id: Id) -> Page:
    """One release: which sums, who prepared it, who asks, and this seat's answer."""
    me, form, status, refused = current_staff(), AnswerReleaseForm(), 200, None
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            _answer(me, release_id, form)
            return redirect(url_for("releases.index"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status, refused = _above(form, error), error
    with reading() as session:
        release, _ = _mine(session, me, release_id)
        asked = release_queries.named(session, [release], me.staff.id)[0]
        rows = batches.rows_of(session, asked.batch)
        closed = overdue(release, now()) or release.state != ReleaseState.ASKED
    if refused is not None and (closed or asked.mine):
        raise refused  # the page has no form any more above which it could be said
    page = render_template(
        "payments/release.html", asked=asked, rows=rows, form=None if closed or asked.mine else form, w=release_wording
    )
    return page, 400 if form.errors and status == 200 else status


def _answer(me: SignedIn, release_id: Id, form: AnswerReleaseForm) -> None:
    with transaction() as session:
        release, seat = _mine(session, me, release_id, lock=True)
        if form.answer.data == Answer.CONSENT.value:
            consenting.consent(session, release, lambda key: me.seat_key(seat.id, session, key), me.actor, now())
        else:
            consenting.object_to(session, release, Unreleased(form.reason.data), me.actor, now())


def _mine(session: Session, me: SignedIn, release_id: Id, *, lock: bool = False) -> tuple[PaymentRelease, BoardSeat]:
    release = releasing.locked_release(session, release_id) if lock else session.get(PaymentRelease, release_id)
    seat = consenting.my_seat(session, release, me.actor) if release else None
    if release is None or seat is None:
        raise NotFound("no_release", "没有找到这次放行。")
    return release, seat


@blueprint.route("/batches/<uuid:payment_batch_id>/release/", methods=["GET", "POST"])
@needs(Permission.PAY_REWARD)
def of_batch(payment_batch_id: Id) -> Page:
    """How far the release of a batch has come: ask for it, or make the file once enough keepers agreed."""
    me, status = current_staff(), 200
    batch, granted = _standing(me, payment_batch_id)
    form = TakeFileForm() if granted else AskReleaseForm()
    if isinstance(form, TakeFileForm):
        form.prepare(batch.file_kind)
    if request.method == "POST" and form.validate():
        try:
            take_factor(form.code.data)
            if isinstance(form, TakeFileForm):
                return _download(_take(me, payment_batch_id, FileKind(form.kind.data)))
            if "kind" in request.form:  # pressed twice: that is no new request
                raise IllegalMove("illegal_move", taking.NOT_GRANTED)
            _ask(me, payment_batch_id)
            return redirect(url_for("releases.of_batch", payment_batch_id=payment_batch_id), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    return _of_batch(me, payment_batch_id, form), 400 if form.errors and status == 200 else status


def _of_batch(me: SignedIn, batch_id: Id, form: TakeFileForm | AskReleaseForm) -> str:
    batch, _ = _standing(me, batch_id)
    with reading() as session:
        asked = release_queries.of_batch(session, batch_id)
        rows = batches.rows_of(session, batch)
        own = is_own(session, batch.made_by, me.actor)
    return render_template(
        "payments/batch_release.html", batch=batch, asked=asked, rows=rows, form=form, own=own,
        takes=isinstance(form, TakeFileForm), me_id=me.actor.id, w=release_wording,
    )  # fmt: skip


def _standing(me: SignedIn, batch_id: Id) -> tuple[PaymentBatch, bool]:
    """The batch, and whether this person may make its file now. NotFound where the person does not pay."""
    with reading() as session:
        batch = session.get(PaymentBatch, batch_id)
        if batch is None or not me.actor.may(Permission.PAY_REWARD, batch.office_id):
            raise NotFound("no_batch", "没有找到这一批。")
        release = releasing.live_release(session, batch_id)
    mine = release is not None and release.asked_by == me.actor.id and release.state == ReleaseState.GRANTED
    return batch, mine and release is not None and not overdue(release, now())


def _ask(me: SignedIn, batch_id: Id) -> None:
    with transaction() as session:
        batch = batches.locked_batch(session, batch_id, me.actor)
        releasing.end_overdue(session, batch, now())
        releasing.ask(session, batch, me.own_key().public, me.actor, now())


def _take(me: SignedIn, batch_id: Id, kind: FileKind) -> PaymentFile:
    """On record first, then the payees are opened, in a transaction of its own."""
    with transaction() as session:
        release, batch = _both(session, me, batch_id)
        taking.record_taking(session, release, batch, me.actor, now())
    try:
        with transaction() as session:
            release, batch = _both(session, me, batch_id)
            return taking.take(session, release, batch, kind, me.own_key(), me.actor, now())
    except BadShare as error:
        record_broken(error)
        raise Refused("bad_share", f"第 {error.position} 号席位交来的份额不对，打不开。请报告审计人员。") from error
    except Tampered as error:
        record_broken(error)
        raise Refused("altered", "封存的内容被改动过，打不开。请报告审计人员。") from error


def _both(session: Session, me: SignedIn, batch_id: Id) -> tuple[PaymentRelease, PaymentBatch]:
    """The live release of a batch and the batch, both locked, in the order in which everybody locks them."""
    batch = batches.locked_batch(session, batch_id, me.actor)
    release = releasing.live_release(session, batch_id)
    if release is None:
        raise IllegalMove("illegal_move", taking.NOT_GRANTED)
    return releasing.locked_release(session, release.id), batch


def _download(file: PaymentFile) -> Response:
    """The file, to this browser and nowhere else."""
    response = Response(file.content, content_type=MEDIA_TYPES[file.kind])
    as_download(response, file.name)
    return response


@blueprint.post("/batches/<uuid:payment_batch_id>/release/drop/")
@needs(Permission.PAY_REWARD)
def drop(payment_batch_id: Id) -> Response:
    """Take one's own request back."""
    me = current_staff()
    with transaction() as session:
        release, _ = _both(session, me, payment_batch_id)
        releasing.drop(session, release, me.actor, now())
    return redirect(url_for("releases.of_batch", payment_batch_id=payment_batch_id), 303)


def _above(form: AnswerReleaseForm | AskReleaseForm | TakeFileForm, error: DomainError) -> int:
    form.form_errors.append(error.message)
    return 429 if isinstance(error, Throttled) else 422
