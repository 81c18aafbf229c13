"""The page for files: sealed while they arrive, listed, each removable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Flask, g, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import MultipleFileField

from portal.attachments import arriving, rules
from portal.attachments.arriving import incoming
from portal.attachments.register import attach, detach
from portal.attachments.store import site_store
from portal.attachments.upload import Room, Taken, give_room
from portal.attachments.values import FileEntry, size_words
from portal.kernel.clock import now
from portal.kernel.errors import DomainError
from portal.kernel.shred import read_shred_key
from portal.kernel.site import MIB, site
from portal.kernel.transaction import transaction
from portal.tips import drafts, walk
from portal.tips.draftviews import leave_for_later
from portal.tips.forms import Question
from portal.tips.journey import JOURNEY
from portal.tips.sealing import file_key
from portal.tips.walk import Page, report
from portal.web import errors
from portal.web.limits import limiter
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l

SLUG = "files"


class FilesForm(Question):
    """Only draws and explains: the files themselves never pass through a form field."""

    files = MultipleFileField(_l("添加照片、录音、录像或其他文件"))


def room() -> Room:
    """Room for the files of this browser's draft. Raises DomainError when there is no draft to put them in."""
    draft = walk.current_draft()
    shred_key = read_shred_key(draft.tip_id)
    kept = draft.content.files
    return Room(
        lambda key, file: file_key(key, shred_key, file),
        sum(file.size for file in kept),
        len(kept),
        clean=request.args.get("clean") == "1",
    )


@report.record_once
def open_room(state: BlueprintSetupState) -> None:
    give_room(cast("Flask", state.app), f"{report.name}.files", room)


@report.route("/files/", methods=["GET", "POST"])
@limiter.limit("60/minute", methods=["POST"])
def files() -> Page:
    """List and add. Continue with files chosen adds them first."""
    draft = walk.current_draft()
    JOURNEY.step(SLUG, draft.content.answers)
    if request.method == "GET":
        return walk.folded() if g.draft_idle else page(draft)
    if request.form.get("remove"):
        remove(request.form["remove"])
        return redirect(url_for("report.files", **returning()), 303)
    sinks = incoming().sinks
    problems = add()
    if problems:
        return page(g.draft, problems)
    if walk.wants_later():
        return leave_for_later(g.draft)
    if request.form.get("do") == "continue":
        return walk.onwards(SLUG, walk.keep(SLUG, {}, walk.seen_version()))
    if not sinks:
        return page(draft, [_("请先选择文件；没有文件可以直接继续")])
    return redirect(url_for("report.files", **returning()), 303)


def add() -> list[str]:
    """Keep what was sealed and list it in the draft, all or nothing of the kept; returns what to say of the others."""
    taken, problems = arriving.kept_files()
    if taken:
        try:
            g.draft = listed(taken)
        except BaseException:
            arriving.forget(taken)
            raise
    return problems


def listed(taken: list[Taken]) -> drafts.OpenDraft:
    """The draft with the new files in it, stored."""
    with transaction() as session:
        draft = drafts.locked(session, walk.current_draft(), now())
        if draft.content.sent is not None:
            raise walk.AlreadySent
        before = sum(file.size for file in draft.content.files)
        for one in taken:
            rules.check_size(one.entry.size, before, site().limits)  # another tab may have filled the room meanwhile
            before += one.entry.size
            attach(session, draft.tip_id, one, now())
            draft.content.files.append(one.entry)
        drafts.save(session, draft, now())
    return draft


def remove(typed: str) -> None:
    """Take one file out of the draft and destroy it. One that is not there is no error: it was removed already."""
    with transaction() as session:
        draft = drafts.locked(session, walk.current_draft(), now())
        gone = [file.id for file in draft.content.files if file.id.hex == typed]
        if not gone:
            return
        draft.content.files = [file for file in draft.content.files if file.id != gone[0]]
        detach(session, draft.tip_id, gone[0])
        drafts.save(session, draft, now())
    site_store().delete(gone[0])


def page(draft: drafts.OpenDraft, problems: list[str] | None = None, status: int | None = None) -> tuple[str, int]:
    """The page with the files there are, and what is wrong with those that are not."""
    form = FilesForm()
    if problems:
        form.files.errors = problems
    limits = site().limits
    return walk.ask(
        JOURNEY.step(SLUG, draft.content.answers),
        form,
        draft,
        status,
        kept=[row(file) for file in draft.content.files],
        accept=rules.ACCEPT,
        most_file=limits.file_bytes // MIB,
        most_total=limits.total_bytes // MIB,
        most_clean=limits.clean_bytes // MIB,
    )


def row(file: FileEntry) -> dict[str, str]:
    """A file as the list shows it."""
    return {"name": file.name, "size": size_words(file.size), "remove_name": "remove", "remove_value": file.id.hex}


def returning() -> dict[str, Any]:
    """Keeps the way back to the check page across a redirect."""
    return {"return": "check"} if request.args.get("return") == "check" else {}


@report.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Page:
    """More than all files together may be: refused before a byte is read."""
    if request.endpoint != "report.files":
        return errors.answer("too_large")
    return _or_plain(lambda: page(walk.current_draft(), [arriving.too_many_words()], 413), "too_large")


@report.errorhandler(CSRFError)
def untrusted(_error: CSRFError) -> Page:
    """Nothing was changed, so the page may come again with what was typed; a body that broke off lost its token too."""
    if request.endpoint == "report.files" and incoming().upload_broken:
        return _or_plain(lambda: page(walk.current_draft(), [arriving.broken_words()], 400), "csrf")
    if request.endpoint == "report.step":
        return _or_plain(expired_page, "csrf")
    return errors.answer("csrf")


def expired_page() -> tuple[str, int]:
    """The question again with what was typed, to be sent once more."""
    slug = (request.view_args or {}).get("slug", "")
    draft = walk.current_draft()
    asked = JOURNEY.step(slug, draft.content.answers)
    form = walk.form_for(asked, draft, request.form)
    form.form_errors = [_("页面已经到期，您写的内容还在。请再按一次“继续”。")]
    return walk.ask(asked, form, draft, 400)


def _or_plain(draw: Callable[[], tuple[str, int]], name: str) -> tuple[str, int]:
    """A page of the draft, or the plain one without a draft: what an error handler raises nobody answers any more."""
    try:
        return draw()
    except (DomainError, walk.AlreadySent, SQLAlchemyError):
        return errors.answer(name)
