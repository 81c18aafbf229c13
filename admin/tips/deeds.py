"""Everything a person can do with a report, as one table: the form it needs, and the verb it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips import conversation, decisions, merging, proposals, transfer, triage
from admin.tips import findingforms as ff
from admin.tips import forms as f
from admin.tips.casework import locked
from admin.tips.permitted import PERMISSIONS, PROPOSED, permitted
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import NotFound, Refused
from portal.kernel.values import Id
from portal.mailbox.reasons import Closing, DeclineReason, Outcome, PauseReason, Reopening, Way
from portal.tips.models import Clock, Tip
from portal.tips.sealing import ReportKeys
from portal.tips.states import ACTION_LABEL, Action, State


@dataclass(frozen=True, slots=True)
class Doing:
    """What every deed is given beside the report and its form."""

    session: Session
    tip: Tip
    actor: Actor
    now: Utc
    keys: ReportKeys
    followers: Mapping[Id, ReportKeys]

    @property
    def base(self) -> tuple[Actor, Utc, ReportKeys]:
        return self.actor, self.now, self.keys


@dataclass(frozen=True, slots=True)
class Deed:
    """``words`` name the act on its button, ``follows`` what comes of it. ``leaves``: the report is gone afterwards.

    ``needs``: any one of these permissions suffices; without one there is not even the form.
    """

    slug: str
    words: str
    needs: tuple[Permission, ...]
    form: type[f.ActForm]
    run: Callable[[Doing, Any], object]
    follows: str = ""
    leaves: bool = False


def _assign(it: Doing, form: f.AssignForm) -> None:
    person = Id(form.person.data) if form.person.data else None
    triage.assign(it.session, it.tip, person, it.actor, it.now)


def _decline(it: Doing, form: f.DeclineForm) -> None:
    triage.decline(it.session, it.tip, DeclineReason(form.reason.data), form.text.data or "", *it.base)


def _redirect(it: Doing, form: f.RedirectForm) -> None:
    triage.redirect(it.session, it.tip, Way(form.reason.data), form.text.data or "", *it.base)


def _reopen(it: Doing, form: f.ReopenForm) -> None:
    triage.reopen(it.session, it.tip, Reopening(form.reason.data), form.text.data or "", *it.base)


def _transfer(it: Doing, form: f.TransferForm) -> None:
    transfer.transfer(it.session, it.tip, Id(form.office.data), form.text.data, *it.base, it.followers)


def _escalate(it: Doing, form: f.EscalateForm) -> None:
    transfer.escalate(it.session, it.tip, form.text.data or "", *it.base, it.followers)


def _merge(it: Doing, form: f.MergeForm) -> None:
    try:
        main = locked(it.session, form.main.data, it.actor)
    except NotFound as error:
        raise Refused("bad_main", "请填写本单位正在办理的另一份举报的编号。") from error
    merging.merge(it.session, it.tip, main, *it.base)


def _extend(it: Doing, form: f.ExtendForm) -> None:
    proposals.propose(it.session, it.tip, Action.EXTEND, form.reason.data, form.text.data, *it.base)


def _file(it: Doing, form: f.ReasonForm) -> None:
    proposals.propose(it.session, it.tip, Action.FILE, "", form.text.data, *it.base)


def _police(it: Doing, form: f.PoliceForm) -> None:
    code = proposals.QUIET if form.quiet.data else ""
    proposals.propose(it.session, it.tip, Action.SEND_POLICE, code, form.text.data, *it.base)


def _suspend(it: Doing, form: f.SuspendForm) -> None:
    decisions.suspend(it.session, it.tip, PauseReason(form.reason.data), form.text.data, *it.base)


def _decide(it: Doing, form: ff.OutcomeForm) -> None:
    outcome, stated = Outcome(form.reason.data), (form.findings(), form.why.data or "")
    decisions.decide(it.session, it.tip, outcome, form.text.data, *it.base, it.followers, *stated)


def _close(it: Doing, form: ff.CloseForm) -> None:
    outcome, stated = Closing(form.reason.data), (form.findings(), form.why.data or "")
    decisions.close(it.session, it.tip, outcome, form.text.data or "", *it.base, it.followers, *stated)


def _correct(it: Doing, form: ff.CorrectForm) -> None:
    found = form.findings()
    if found is None:
        raise Refused("findings_missing", "请填写查实的金额和情况。")
    proposals.propose_correction(it.session, it.tip, found, form.text.data, *it.base)


def _move(action: Action, form: type[f.ActForm], run: Callable[[Doing, Any], object], follows: str = "") -> Deed:
    leaves = action in (Action.TRANSFER, Action.ESCALATE)
    return Deed(action.value, ACTION_LABEL[action], PERMISSIONS[action], form, run, follows, leaves)


_WORKS = (Permission.TRIAGE, Permission.HANDLE)
_TO_HEAD = "提交后由负责人决定；不能由同一个人提出和批准。"
_NOTICE = "举报人会收到通知。"

DEEDS: Mapping[str, Deed] = {
    deed.slug: deed
    for deed in (
        _move(Action.ACCEPT, f.ActForm, lambda it, _: triage.accept(it.session, it.tip, *it.base),
              "受理后开始核查，期限从收到举报之日起算，不重新计算。举报人会收到通知。"),
        _move(Action.ASK, f.LetterForm,
              lambda it, form: conversation.ask(it.session, it.tip, form.text.data, *it.base, form.taken),
              "请举报人在 10 个工作日内补充；核查期限不因此停止。"),
        _move(Action.RECORD_FINDINGS, f.WordsForm,
              lambda it, form: decisions.record_findings(it.session, it.tip, form.text.data, *it.base),
              "存入档案，举报人看不到。"),
        _move(Action.FILE, f.ReasonForm, _file, _TO_HEAD),
        _move(Action.NOT_FILE, f.WordsForm,
              lambda it, form: decisions.not_file(it.session, it.tip, form.text.data, *it.base, it.followers), _NOTICE),
        _move(Action.AGREE, f.AgreeForm,
              lambda it, form: decisions.agree(it.session, it.tip, form.agency.data, form.text.data, *it.base),
              _NOTICE),
        _move(Action.SEND_POLICE, f.PoliceForm, _police, _TO_HEAD),
        _move(Action.POLICE_RETURN, f.WordsForm,
              lambda it, form: decisions.police_return(it.session, it.tip, form.text.data, *it.base)),
        _move(Action.SUSPEND, f.SuspendForm, _suspend, "中止期间期限停止计算。举报人会收到通知。"),
        _move(Action.RESUME, f.ActForm, lambda it, _: decisions.resume(it.session, it.tip, *it.base),
              "期限接着计算，扣除中止的天数。"),
        _move(Action.DECIDE, ff.OutcomeForm, _decide, "举报人和并案的举报人会收到处理结果。"),
        _move(Action.CLOSE, ff.CloseForm, _close, _NOTICE),
        _move(Action.CORRECT, ff.CorrectForm, _correct, _TO_HEAD),
        _move(Action.EXTEND, f.ExtendForm, _extend, _TO_HEAD),
        _move(Action.DECLINE, f.DeclineForm, _decline, "举报人会看到所选的原因。"),
        _move(Action.REDIRECT, f.RedirectForm, _redirect, "举报人会看到应该走的途径。"),
        _move(Action.MERGE, f.MergeForm, _merge, "各份举报保留自己的收到日期和回执码，结果会分别通知。"),
        _move(Action.TRANSFER, f.TransferForm, _transfer,
              "移交后本单位不能再打开。收到日期不变，接收单位的期限从今天起算。"),
        _move(Action.REFER, f.ReferForm,
              lambda it, form: transfer.refer(it.session, it.tip, form.authority.data, form.text.data, *it.base),
              "向举报人发出《举报移送告知书》；材料另行移送，不含举报人身份。"),
        _move(Action.REOPEN, f.ReopenForm, _reopen, "核查期限从今天起重新计算。"),
        Deed("assign", "分派", (Permission.ASSIGN,), f.AssignForm, _assign),
        Deed("note", "写备注", _WORKS, f.WordsForm,
             lambda it, form: triage.note(it.session, it.tip, form.text.data, *it.base),
             "给同事看，举报人看不到。"),
        Deed("letter", "写信给举报人", _WORKS, f.LetterForm,
             lambda it, form: conversation.write(it.session, it.tip, form.text.data, *it.base, form.taken)),
        Deed("told", "记录已回电或者回信", _WORKS, f.WordsForm,
             lambda it, form: decisions.record_told(it.session, it.tip, form.text.data, *it.base),
             "写明什么时候、怎样告知的。"),
        _move(Action.ESCALATE, f.EscalateForm, _escalate,
              "确认后，举报立即转给上级或者纪检监察机构，本单位的密钥被删除，本单位任何人不能再看到它。"),
    )
}  # fmt: skip
"""By slug, in the order in which a page offers them."""


def offered(tip: Tip, actor: Actor, clocks: Sequence[Clock], *, mailbox: bool, proposed: frozenset[str]) -> list[Deed]:
    """What this person may do with this report now: the state table, their permissions and the facts together."""
    slugs = {action.value for action in permitted(State(tip.state), actor, tip.office_id)}
    slugs -= {action.value for action in PROPOSED if action.value in proposed}
    if not mailbox:
        slugs.discard(Action.ASK.value)
    if not any(clock.state == "running" for clock in clocks):
        slugs.discard(Action.EXTEND.value)
    office = tip.office_id
    works = any(actor.may(one, office) for one in _WORKS)
    if works:
        slugs |= {"note", "letter"} if mailbox else {"note"}
    if works and any(clock.rule == decisions.TELL and clock.state == "running" for clock in clocks):
        slugs.add("told")
    if actor.may(Permission.ASSIGN, office):
        slugs.add("assign")
    return [deed for slug, deed in DEEDS.items() if slug in slugs]


def deed_of(slug: str) -> Deed:
    """The deed of an address. NotFound for an unknown one."""
    deed = DEEDS.get(slug)
    if deed is None:
        raise NotFound("no_page", "没有这个页面。")
    return deed
