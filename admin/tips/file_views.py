"""A file of a report: its safe view, the pages of that, and the original behind a warning.

Each reading is recorded before the first byte is opened; the pages of one reading are not recorded one by one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from flask import Blueprint, Response, current_app, render_template, request
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from admin.rendering import looking, scanning
from admin.rendering.protocol import Problem, Trouble
from admin.rendering.values import MOST_PAGES, PAGES_AT_ONCE, Look, RenderingSettings, Scan, ScanState, Walls
from admin.staff.roles import Permission
from admin.tips import filewords
from admin.tips.casework import find, number_of
from admin.tips.evidence import Standing, standing
from admin.tips.files import file_of, stream
from admin.tips.reading import TipView, keys_for, open_tip
from admin.web.altered import record_broken
from admin.web.guard import SignedIn, current_staff, needs
from crypto.errors import CryptoError, Tampered
from portal.attachments.values import FileEntry
from portal.kernel.clock import now
from portal.kernel.errors import NotFound, Refused, Unavailable
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.ledger.events import FileRead
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys
from portal.web.headers import FILE_POLICY, as_download

READING_LASTS = timedelta(hours=1)
"""How long the pages of a file can be asked for after its reading was recorded."""

blueprint = Blueprint("files", __name__, url_prefix="/tips/<number>/files/<uuid:file>")


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that this person may open, and how."""

    view: TipView = field(repr=False)
    entry: FileEntry = field(repr=False)
    keys: ReportKeys = field(repr=False)

    @property
    def tip(self) -> Tip:
        """The report that it belongs to."""
        return self.view.tip

    def pieces(self) -> Iterator[bytes]:
        """Its clear bytes, from the beginning."""
        return stream(self.entry, self.keys)

    def key(self) -> bytes:
        """The key for what is kept of its rendering."""
        return looking.kept_key(self.entry, self.keys.shred_key)


@blueprint.get("/")
@needs(Permission.READ_TIP)
def view(number: str, file: Id) -> str:
    """What the file is, and its pages as pictures of our own making."""
    me, settings = current_staff(), _settings()
    opened = _opened(me, number, file)
    token = request.args.get("reading", "")
    if not _is_reading(me, file, token):
        _record(me, opened)
        token = _token(me, file)
    with _altered_is_said():
        scan = scanning.scan(opened.pieces, settings.clamd, now())
        found = scan.state is ScanState.FOUND
        look = Look() if found else looking.look(opened.entry, opened.pieces, settings, opened.key(), now())
    return _view_page(opened, scan, look, token)


@blueprint.get("/pages/<int:page>/")
@needs(Permission.READ_TIP)
def page_image(number: str, file: Id, page: int) -> Response:
    """One page as a JPEG. Only for a reading that is on record and not long ago."""
    me = current_staff()
    if not _is_reading(me, file, request.args.get("reading", "")) or not 1 <= page <= MOST_PAGES:
        raise NotFound("no_reading", "请从举报页面重新打开这个文件。")
    opened = _opened(me, number, file)
    try:
        with _altered_is_said():
            made = looking.page(opened.entry, opened.pieces, page, _settings(), opened.key(), now())
    except Trouble as trouble:
        kind = Unavailable if trouble.problem is Problem.BUSY else Refused
        raise kind(f"file_{trouble.problem.value}", filewords.PROBLEMS[trouble.problem]) from trouble
    response = Response(made, mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


@blueprint.get("/original/")
@needs(Permission.READ_TIP)
def warned(number: str, file: Id) -> str:
    """What to know before the original is taken out, and whether it is the one that came in; nothing is handed over."""
    opened = _opened(current_staff(), number, file)
    with _altered_is_said():
        scan = scanning.scan(opened.pieces, _settings().clamd, now())
        deque(opened.pieces(), maxlen=0)  # the whole of it, so that its hash is not merely what the manifest says
    booked = _booked(opened)
    return render_template("tips/original.html", opened=opened, tip=opened.tip, scan=scan, booked=booked, w=filewords)


def _booked(opened: OpenFile) -> Standing:
    """What the book says of the file; that it says something else goes on record."""
    with reading() as session:
        found = standing(session, opened.view, opened.entry, opened.keys, site().checkpoint_vkey)
    if found is Standing.CHANGED:
        record_broken(Tampered("the book knows another file"))
    return found


@blueprint.post("/original/")
@needs(Permission.READ_TIP)
def original(number: str, file: Id) -> BaseResponse:
    """The file as it was sent in, decrypted on its way: to be saved, never shown by the browser itself."""
    me, form = current_staff(), FlaskForm()
    if not form.validate():
        raise Refused("bad_answer", "请从文件页面上下载原件。")
    opened = _opened(me, number, file)
    _record(me, opened)
    response = Response(opened.pieces(), mimetype="application/octet-stream")
    response.content_length = opened.entry.size
    as_download(response, opened.entry.name)
    return response


def _view_page(opened: OpenFile, scan: Scan, look: Look, token: str) -> str:
    most = min(look.pages, MOST_PAGES)
    first = max(1, min(request.args.get("from", 1, type=int), most))
    last = min(first + PAGES_AT_ONCE - 1, most)
    return render_template(
        "tips/file.html",
        opened=opened,
        tip=opened.tip,
        scan=scan,
        look=look,
        pages=range(first, last + 1) if look.pages else (),
        before=first - PAGES_AT_ONCE if first > 1 else None,
        after=last + 1 if last < most else None,
        most=most,
        token=token,
        limits_only=_settings().walls is Walls.LIMITS,
        w=filewords,
    )


def _opened(me: SignedIn, number: str, file: Id) -> OpenFile:
    """NotFound for a report or file that is not there or not for this person."""
    with reading() as session:
        tip = find(session, number, me.actor)
        keys = keys_for(session, tip, me.office_key(tip.office_id, session))
        view = open_tip(session, tip, keys)
        return OpenFile(view, file_of(view, file), keys)


def _record(me: SignedIn, opened: OpenFile) -> None:
    read = FileRead(number_of(opened.tip), opened.tip.office_id.hex, opened.entry.id.hex)
    with transaction() as session:
        append(session, read, me.actor, now())


@contextmanager
def _altered_is_said() -> Iterator[None]:
    try:
        yield
    except CryptoError as error:
        record_broken(error)
        raise Refused(
            "file_altered", "这个文件封存以后被改动过，打不开。这件事已经记录。请不要再做别的操作，马上告诉系统管理员。"
        ) from error


def _settings() -> RenderingSettings:
    return cast(RenderingSettings, current_app.extensions["mingjing_rendering"])


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(cast(str, current_app.secret_key), salt="file-reading")


def _token(me: SignedIn, file: Id) -> str:
    """Says that this person's reading of this file is on record; of no use to anybody else."""
    until = int((now() + READING_LASTS).timestamp())
    return str(_serializer().dumps([me.staff.id.hex, file.hex, until]))


def _is_reading(me: SignedIn, file: Id, token: str) -> bool:
    try:
        staff, read, until = _serializer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return False
    return bool(staff == me.staff.id.hex and read == file.hex and now().timestamp() < until)
