"""Files that go with a letter to the reporter. Until it is sent the page itself carries their entries, sealed.

No row names such a blob yet: of a letter that is never sent the sweep removes it after two days. The entries are
sealed to the writer's own key and bound to the report, so the page holds no file key in clear and fits no other page.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request

from admin.tips.casework import find, locked
from admin.tips.conversation import WITH_FILES
from admin.tips.reading import keys_for
from admin.web.guard import SignedIn, current_staff
from crypto import opening
from crypto.errors import CryptoError
from crypto.sealing import Padding, seal_to
from portal.attachments import arriving, rules
from portal.attachments.register import delete_unnamed
from portal.attachments.store import is_gone, site_store
from portal.attachments.upload import Room, Taken
from portal.attachments.values import FileEntry
from portal.kernel.errors import NotFound, Refused, Unavailable
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.tips.models import Tip

PURPOSE = "waiting-files"


@dataclass(slots=True)
class Waiting:
    """The files of a letter that is being written."""

    files: list[Taken] = field(default_factory=list, repr=False)
    problems: list[str] = field(default_factory=list)


def room() -> Room:
    """Room for the files of a letter about the report in the address. DomainError: this page takes none."""
    asked = request.view_args or {}
    if asked.get("slug") not in WITH_FILES:
        raise NotFound("no_page", "没有这个页面。")
    me = current_staff()
    with reading() as session:
        tip = find(session, asked["number"], me.actor)
        keys = keys_for(session, tip, me.office_key(tip.office_id))
    return Room(lambda own, file: keys.file(FileEntry(file, "", "", 0, "", own)))


def arrived(me: SignedIn, tip: Tip, carried: str) -> Waiting:
    """What the page carried, less what is to be removed, and what came with this request."""
    waiting = Waiting(_opened(me, tip, carried))
    gone = request.form.get("remove")
    if gone:
        _destroy(me, tip, [one for one in waiting.files if one.entry.id.hex == gone])
        waiting.files = [one for one in waiting.files if one.entry.id.hex != gone]
    taken, waiting.problems = arriving.kept_files()
    for one in taken:
        try:
            rules.check_count(len(waiting.files), site().limits)
            rules.check_size(one.entry.size, sum(kept.entry.size for kept in waiting.files), site().limits)
            waiting.files.append(one)
        except Refused as error:
            arriving.forget([one])
            waiting.problems.append(f"“{one.entry.name}”：{arriving.words_of(error)}")
    return waiting


def sealed(me: SignedIn, tip: Tip, files: Sequence[Taken]) -> str:
    """The entries as the page carries them; "" for none."""
    if not files:
        return ""
    rows = [{"file": one.entry.to_json(), "sealed_size": one.sealed_size} for one in files]
    blob = seal_to(json.dumps(rows).encode(), [me.own_key().public], PURPOSE, tip.id.bytes, Padding.MESSAGE)
    return base64.urlsafe_b64encode(blob).decode()


def all_there(files: Sequence[Taken]) -> None:
    """Refused ("file_gone") when a blob was swept or removed meanwhile: the page stood open for days, or twice; in the
    words of the store when it cannot say."""
    try:
        gone = next((one.entry.name for one in files if is_gone(one.entry.id)), None)
    except Unavailable as error:
        raise Refused(error.code, error.message) from error
    if gone is not None:
        raise Refused("file_gone", f"文件“{gone}”已经移除，或者过了暂存期限。请移除后重新添加。")


def _opened(me: SignedIn, tip: Tip, carried: str) -> list[Taken]:
    """Raises Refused ("files_altered") for what :func:`sealed` did not write for this person and report."""
    if not carried:
        return []
    try:
        blob = base64.urlsafe_b64decode(carried.encode("ascii"))
        rows = json.loads(opening.open_envelope(blob, me.own_key(), PURPOSE, tip.id.bytes))
        return [Taken(FileEntry.from_json(row["file"]), int(row["sealed_size"])) for row in rows]
    except (CryptoError, binascii.Error, ValueError, KeyError) as error:
        raise Refused("files_altered", "页面上的文件记录打不开。请重新打开本页，再添加文件。") from error


def _destroy(me: SignedIn, tip: Tip, files: Sequence[Taken]) -> None:
    """Delete blobs of this page, but none that a letter names: the page may be one that was sent before."""
    with transaction() as session:
        locked(session, tip.number, me.actor)
        delete_unnamed(session, site_store(), [one.entry.id for one in files])
