"""The conversation: letters and files both ways, and taking away what was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from crypto import own
from portal.attachments import arriving, rules
from portal.attachments.register import attach, attached, delete_unnamed
from portal.attachments.store import is_gone, site_store
from portal.attachments.upload import Room
from portal.attachments.upload import give_room as give_room_to
from portal.attachments.values import FileEntry
from portal.followup import visit
from portal.followup.forms import LETTER_LIMIT, LetterForm
from portal.followup.overview import message, office_name
from portal.followup.views import unsent
from portal.followup.visit import Page, followup
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, NotFound, Refused, Unavailable
from portal.kernel.site import MIB, site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.mailbox.letters import IN
from portal.tips import reporter
from portal.tips.reporter import OwnTip, OwnView
from portal.tips.sealing import FILE
from portal.web.errors import as_usual
from portal.web.headers import as_download
from portal.web.limits import limiter
from portal.web.locale import gettext as _


def opened_view() -> tuple[OwnTip, OwnView]:
    """The report of this visit, opened once a request."""
    visit.current()
    if "followup_view" not in g:
        with reading() as session:
            mine = visit.opened(session)
            g.followup_view = mine, reporter.view(session, mine)
    found: tuple[OwnTip, OwnView] = g.followup_view
    return found


def files_of(view: OwnView) -> list[FileEntry]:
    """Every file of the report and its letters."""
    return [*view.files, *(file for letter in view.letters for file in letter.body.files)]


def room() -> Room:
    """Room for the files of a letter: together with all of this report they stay under the site's limits."""
    mine, view = opened_view()
    waiting = [one.entry for one in visit.current().held.files]
    own_files = [*view.files, *(f for one in view.letters if one.row.direction == IN for f in one.body.files), *waiting]
    return Room(
        lambda key, file: file_key_of(mine, key, file),
        sum(file.size for file in own_files),
        len(own_files),
        clean=request.args.get("clean") == "1",
    )


def file_key_of(mine: OwnTip, key: bytes, file: Id) -> bytes:
    """The stream key of a file that is on its way in."""
    return mine.keys.file(FileEntry(file, "", "", 0, "", key))


@followup.record_once
def open_room(state: BlueprintSetupState) -> None:
    give_room_to(cast(Flask, state.app), f"{followup.name}.conversation", room)


@followup.route("/messages/", methods=["GET", "POST"])
@limiter.limit("30/minute", methods=["POST"])
def conversation() -> Page:
    """Read, write, add files."""
    held = visit.current().held
    if request.method == "GET":
        return conversation_page(LetterForm(data={"text": held.words}))
    if request.form.get("remove"):
        forget_file(request.form["remove"])
        return redirect(url_for("followup.conversation") + "#write", 303)
    form = LetterForm(request.form)
    valid = form.validate()
    problems = take_files()
    form.files.errors = problems
    if valid and not problems:
        try:
            send(form.text.data or "")
            return redirect(url_for("followup.conversation", said="message") + "#last", 303)
        except Refused as error:
            form.text.errors = [_(error.message)]
    return conversation_page(form, 400)


def conversation_page(form: LetterForm, status: int = 200) -> tuple[str, int]:
    """Every letter that was not taken away, and the form for the next."""
    _mine, view = opened_view()
    office = office_name(view.office)
    limits = site().limits
    page = render_template(
        "followup/conversation.html",
        form=form,
        messages=[message(letter, office) for letter in view.letters],
        waiting=[one.entry for one in visit.current().held.files],
        seen=last_position(view),
        said=request.args.get("said", ""),
        limit=LETTER_LIMIT,
        accept=rules.ACCEPT,
        most_file=limits.file_bytes // MIB,
        most_total=limits.total_bytes // MIB,
    )
    return page, status


def last_position(view: OwnView) -> int:
    return max((letter.row.position for letter in view.letters), default=0)


def take_files() -> list[str]:
    """Make what arrived durable and keep it in the session until the letter goes; returns what to say of the rest.

    No row names such a blob yet: of a letter that is never sent the sweep removes them after two days.
    """
    taken, problems = arriving.kept_files()
    if taken:
        held = visit.current().held
        held.files = [*held.files, *taken]
        visit.keep(held)
    return problems


def forget_file(typed: str) -> None:
    """Take one waiting file out of the letter and destroy it, unless another window has sent it meanwhile."""
    held = visit.current().held
    gone = [one for one in held.files if one.entry.id.hex == typed]
    if gone:
        held.files = [one for one in held.files if one not in gone]
        visit.keep(held)
        with transaction() as session:
            visit.locked(session)
            delete_unnamed(session, site_store(), [gone[0].entry.id])


def send(text: str) -> None:
    """Post the letter with its waiting files: once, also when the button was pressed twice."""
    held = visit.current().held
    files = tuple(one.entry for one in held.files)
    with transaction() as session:
        mine = visit.locked(session)
        if not is_repeated(reporter.view(session, mine), text, files):
            check_waiting(session, files)
            for one in held.files:
                attach(session, mine.tip.id, one, now())
            reporter.reply(session, mine, text, files, now())
    if held.files or held.words:
        held.files, held.words = [], ""
        visit.keep(held)


def check_waiting(session: Session, files: Sequence[FileEntry]) -> None:
    """Refuse ("files_changed") a letter whose files another window has sent or removed since this one was opened."""
    if attached(session, [file.id for file in files]) or any(is_gone(file.id) for file in files):
        raise Refused(
            "files_changed",
            "这封信的文件在另一个窗口已经发出或者删除，所以信还没有发。请重新打开本页，看看还有哪些文件。",
        )


def is_repeated(view: OwnView, text: str, files: Sequence[FileEntry]) -> bool:
    """Whether the very same letter came in since the page was drawn that this one was written on."""
    typed = request.form.get("seen", "")
    seen = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 10**9
    same = (text, [file.sha256 for file in files])
    return any(
        letter.row.direction == IN
        and letter.row.position > seen
        and (letter.body.text, [file.sha256 for file in letter.body.files]) == same
        for letter in view.letters
    )


@followup.get("/files/<file>/")
def download(file: str) -> Page:
    """One file of the report or of a letter, decrypted on its way out; never opened inside the site's pages."""
    mine, view = opened_view()
    entry = next((one for one in files_of(view) if one.id.hex == file), None)
    if entry is None:
        raise NotFound("no_file", "没有这个文件。")
    source = site_store().open(entry.id)
    pieces = own.open_stream(source, mine.keys.file(entry), FILE, entry.id.bytes, entry.size)
    first = next(pieces, b"")  # a file whose beginning was altered gets a page, not half a download

    def stream() -> Iterator[bytes]:
        with source:
            yield first
            yield from pieces

    response = Response(stream(), mimetype="application/octet-stream")
    response.content_length = entry.size
    as_download(response, entry.name)
    return response


@followup.route("/messages/<int:position>/remove/", methods=["GET", "POST"])
def remove(position: int) -> Page:
    """Take a letter out of the reporter's own view, after asking."""
    if request.method == "POST":
        visit.current()
        with transaction() as session:
            reporter.remove_letter(session, visit.locked(session), position)
        return redirect(url_for("followup.conversation", said="removed"), 303)
    _mine, view = opened_view()
    letter = next((one for one in view.letters if one.row.position == position), None)
    if letter is None:
        raise NotFound("no_letter", "没有这封信。")
    return render_template("followup/remove.html", letter=message(letter, office_name(view.office)))


@followup.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """More than all files together may be: refused before a byte is read."""
    if request.endpoint != "followup.conversation":
        return as_usual(error)
    form = LetterForm()
    form.files.errors = [arriving.too_many_words()]
    return conversation_page(form, 413)


@followup.errorhandler(Unavailable)
@followup.errorhandler(OperationalError)
@followup.errorhandler(PoolTimeout)
def not_now(error: Exception) -> ResponseReturnValue:
    """Nothing was stored: say so, and give back what was typed."""
    words = request.form.get("text", "") if request.method == "POST" and "visit" in g else ""
    if request.endpoint != "followup.conversation" or not words.strip():
        return as_usual(error)
    log_line = error.code if isinstance(error, DomainError) else type(error).__name__
    current_app.logger.error("letter not stored: %s", log_line)
    return unsent(words, _("现在保存不了，这封信没有送达，您写的内容还在这一页。请过一会儿再按一次“发送”。"), 503)
