"""Pages of reward schedules: the list, one in words, trying out, proposing, and the second person."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.rewards import schedules, schedules_queries, schedules_wording
from admin.rewards.schedules import MOST_REASON, may_speak_for
from admin.rewards.schedules_forms import REFUSE, DecideForm, NewForm, ScheduleForm, TextForm, TryForm
from admin.rewards.schedules_queries import Held, Named, held, one_version
from admin.rewards.schedules_shapes import Shape, Simple, entry_with, new_entry, simple_of
from admin.rewards.schedules_showing import Shown, of_case, of_schedule
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from admin.web.stepup import Asked, ask_factor
from portal.kernel.clock import now, today
from portal.kernel.errors import DomainError, IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.rewards import ruletelling
from portal.rewards.entries import entry_of, written
from portal.rewards.rules import assess
from portal.rewards.schedule_values import SHIPPED, VersionState
from portal.rewards.standing import schedule_as_of, sound_now
from portal.rewards.values import Assessment, Schedule

Page = Asked | Response
_SHOWN_ABOVE_THE_FORM = (Refused, NotAllowed, IllegalMove, NotFound)
EXAMPLES = {
    Shape.MARGINAL: "分段计算：每一段按那一段的比例，再加起来",
    Shape.FLAT: "按全部金额计算：落在哪一档，全部按那一档的比例",
    Shape.BY_GRADE: "按证据等级：每个等级一个比例",
}

blueprint = Blueprint("schedules", __name__, url_prefix="/rewards/schedules")


@blueprint.get("/")
@needs(Permission.READ_SCHEDULES)
def index() -> str:
    """Every schedule by place, what waits for the second person, and what was altered."""
    with reading() as session:
        found, altered = sound_now(session)
        waiting = schedules_queries.waiting(session)
    listed = schedules_wording.listed(list(found.values()))
    return render_template(
        "schedules/index.html", schedules=listed, waiting=waiting, altered=altered, shapes=EXAMPLES,
        w=schedules_wording,
    )  # fmt: skip


@blueprint.get("/<schedule>/")
@needs(Permission.READ_SCHEDULES)
def one(schedule: str) -> str:
    """One schedule as it holds now: in words, where it jumps, and every version there was."""
    with reading() as session:
        found, versions = _held(session, schedule), schedules_queries.versions(session, schedule)
        proposes = found is not None and _speaks(session, Permission.PROPOSE_SCHEDULE, found.schedule)
    shown, simple = (_shown(found.schedule), simple_of(found.schedule)) if found else ((), None)
    return render_template(
        "schedules/one.html", name=schedule, held=found, curves=shown, simple=simple, versions=versions,
        proposes=proposes, told=ruletelling, w=schedules_wording,
    )  # fmt: skip


@blueprint.route("/<schedule>/<int:version>/try/", methods=["GET", "POST"])
@needs(Permission.READ_SCHEDULES)
def try_out(schedule: str, version: int) -> Page:
    """What a case would come to by a version, decided or not; nothing is kept, and nothing stands in the address."""
    form, status = TryForm(), 200
    found: Assessment | None = None
    with reading() as session:
        tried = _version(session, schedule, version)
    shown: tuple[Shown, ...] = ()
    if form.validate_on_submit():
        case = form.case(today(), tried)
        try:
            found = assess(case, tried, override=True)
        except Refused as error:
            status = _above(form, error)
        shown = of_case(tried, case)
    page = render_template(
        "schedules/try.html", name=schedule, version=version, schedule=tried, form=form, found=found,
        curves=shown or _shown(tried), w=schedules_wording,
    )  # fmt: skip
    return page, 400 if form.errors and status == 200 else status


@blueprint.route("/<schedule>/<int:version>/", methods=["GET", "POST"])
@needs(Permission.READ_SCHEDULES)
def version(schedule: str, version: int) -> Page:
    """A version that was proposed: what it changes, line by line; for the second person, the answer."""
    form, status = DecideForm(), 200
    with reading() as session:
        named, proposed = one_version(session, schedule, version)
        old, old_text = schedules_queries.before(session, named.row)
        mine = is_own(session, named.row.proposed_by, current_staff().actor)
        decides = not mine and _speaks(session, Permission.APPROVE_SCHEDULE, proposed)
    if form.is_submitted() and not decides:
        raise NotAllowed("not_allowed", "这一版要由另一个有权批准的人决定。")
    if form.validate_on_submit():
        try:
            answer = _decide(named, form)
            return answer or redirect(url_for("schedules.version", schedule=schedule, version=version), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    waits = named.row.state == VersionState.PROPOSED
    page = render_template(
        "schedules/version.html", named=named, schedule=proposed, old=old, mine=mine, waits=waits,
        form=form if waits and decides else None, curves=_shown(proposed), w=schedules_wording,
        differences=schedules_wording.differences(old, proposed),
        lines=schedules_wording.compared(old_text, named.row.text), most=MOST_REASON,
    )  # fmt: skip
    return page, 400 if form.errors and status == 200 else status


def _decide(named: Named, form: DecideForm) -> Asked | None:
    name, version = named.row.name, named.row.version
    what = "不批准" if form.answer.data == REFUSE else "批准"
    back = url_for("schedules.version", schedule=name, version=version)
    asked = ask_factor(f"{what}奖励标准 {name} 第 {version} 版", back)
    if asked is not None:
        return asked
    with transaction() as session:
        if form.answer.data == REFUSE:
            schedules.refuse(session, name, version, form.reason.data or "", current_staff().actor, now())
        else:
            schedules.adopt(session, name, version, current_staff().actor, now())
    return None


@blueprint.post("/<schedule>/<int:version>/withdraw/")
@needs(Permission.PROPOSE_SCHEDULE)
def withdraw(schedule: str, version: int) -> Page:
    """The proposer takes it back."""
    with transaction() as session:
        schedules.withdraw(session, schedule, version, current_staff().actor, now())
    return redirect(url_for("schedules.one", schedule=schedule), 303)


# --- proposing


@blueprint.route("/<schedule>/edit/", methods=["GET", "POST"])
@needs(Permission.PROPOSE_SCHEDULE)
def edit(schedule: str) -> Page:
    """The form for a schedule of a common shape; the others are written as JSON."""
    with reading() as session:
        found = held(session, schedule)
        _must_speak(session, found.schedule)
    simple = simple_of(found.schedule)
    if simple is None:
        return redirect(url_for("schedules.text", schedule=schedule), 303)
    form = ScheduleForm()
    form.prepare(simple.shape, found.schedule)
    return _form_page(form, entry_of(found.text), name=schedule, new=None)


@blueprint.route("/<schedule>/text/", methods=["GET", "POST"])
@needs(Permission.PROPOSE_SCHEDULE)
def text(schedule: str) -> Page:
    """The whole schedule as JSON."""
    form, status = TextForm(), 200
    with reading() as session:
        found = _held(session, schedule)
        if found is not None:
            _must_speak(session, found.schedule)
    if found is not None and not form.is_submitted():
        form.text.data = found.text
    if form.validate_on_submit():
        try:
            return _propose(form.text.data, form.why.data)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template(
        "schedules/text.html",
        name=schedule,
        form=form,
        simple=simple_of(found.schedule) if found else None,
        most=MOST_REASON,
    )
    return page, 400 if form.errors and status == 200 else status


@blueprint.route("/new_one/<shape>/", methods=["GET", "POST"])
@needs(Permission.PROPOSE_SCHEDULE)
def new(shape: str) -> Page:
    """A schedule for a place that has none, or a new one beside the old."""
    if shape not in tuple(Shape):
        raise NotFound("no_shape", "没有这种标准。")
    form, called = ScheduleForm(), NewForm()
    form.prepare(Shape(shape), None)
    entry = None
    if form.is_submitted() and called.validate():
        entry = new_entry(called.name.data, called.region.data, called.region_name)
    return _form_page(form, entry, name="", new=called)


def _form_page(form: ScheduleForm, entry: dict[str, object] | None, name: str, new: NewForm | None) -> Page:
    status = 200
    if form.validate_on_submit() and entry is not None:
        try:
            return _propose(written(_typed(form, form.simple(), entry)), form.why.data, is_new=new is not None)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template(
        "schedules/edit.html",
        form=form,
        new=new,
        name=name,
        shape=form.shape,
        words=EXAMPLES[form.shape],
        most=MOST_REASON,
    )
    faulty = form.errors or (new is not None and new.errors)
    return page, 400 if faulty and status == 200 else status


def _typed(form: ScheduleForm, simple: Simple, entry: dict[str, object]) -> dict[str, object]:
    return entry_with(entry, simple, form.changed(), checked=form.checked.data or False)


def _propose(text: str, why: str, *, is_new: bool = False) -> Page:
    with transaction() as session:
        if is_new:
            schedules.must_be_new(session, entry_of(text)["id"])
        row = schedules.propose(session, text, why, current_staff().actor, now())
    return redirect(url_for("schedules.version", schedule=row.name, version=row.version), 303)


# --- showing


def _held(session: Session, name: str) -> Held | None:
    """None where nothing of that name holds: not adopted yet, or altered since. NotFound without any version."""
    try:
        return held(session, name)
    except Refused:
        return None
    except NotFound:
        if not schedules_queries.versions(session, name):
            raise
        return None


def _version(session: Session, name: str, version: int) -> Schedule:
    """A version by its number, whatever became of it; 0 is what came with the program."""
    if version == SHIPPED:
        return schedule_as_of(session, name, SHIPPED)
    return one_version(session, name, version)[1]


def _shown(schedule: Schedule) -> tuple[Shown, ...]:
    return of_schedule(schedule, today())


def _speaks(session: Session, permission: Permission, schedule: Schedule) -> bool:
    return may_speak_for(session, permission, schedule.region, current_staff().actor)


def _must_speak(session: Session, schedule: Schedule) -> None:
    if not _speaks(session, Permission.PROPOSE_SCHEDULE, schedule):
        raise NotAllowed("not_allowed", "这个地方的奖励标准不由您的单位办理。")


def _above(form: TryForm | DecideForm | TextForm | ScheduleForm, error: DomainError) -> int:
    form.form_errors.append(error.message)
    return 422
